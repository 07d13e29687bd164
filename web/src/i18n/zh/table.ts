import type { Messages } from '../en';

export const differences: Messages['differences'] = {
  title: (headers) => `${headers} 个响应头在各城市之间不一致`,
};

import type { Target } from '../api/types';
import { FAMILY_WORDS } from './connection-words';

/** How a URL was asked for, where it was not simply by a cold GET: "POST, HTTP/2, 5 warm samples". */
export function describeTarget(target: Target): string {
  const { method, http_version, family, reuse, samples } = target;
  const kind = reuse === 'cold' ? '' : `${reuse} `;
  return [
    method === 'GET' ? '' : method,
    http_version === 'auto' ? '' : `HTTP/${http_version}`,
    family === 'any' ? '' : FAMILY_WORDS[family],
    samples === 1 ? kind.trim() : `${samples} ${kind}samples`,
  ]
    .filter((part) => part !== '')
    .join(', ');
}

import type { Measurement } from '../api/types';
import { isRedirect } from './http-status';

/** Where a redirect leads, if that can be asked for; `url` is what it is the answer to. */
export function redirectTarget(result: Measurement, url: string | null): string | null {
  if (!isRedirect(result.status)) return null;
  const location = result.headers.find(([name]) => name === 'location')?.[1];
  if (location === undefined || url === null) return null;
  try {
    const target = new URL(location, url);
    return /^https?:$/.test(target.protocol) ? target.href : null;
  } catch {
    return null;
  }
}

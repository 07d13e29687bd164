import type { CityResult } from '../api/types';
import { isRedirect } from './http-status';

/** Where a redirect leads, if that can be tested next; `url` is what was asked for. */
export function redirectTarget(result: CityResult, url: string): string | null {
  if (!isRedirect(result.status)) return null;
  const location = result.headers.find(([name]) => name === 'location')?.[1];
  if (location === undefined) return null;
  try {
    const target = new URL(location, url);
    return /^https?:$/.test(target.protocol) ? target.href : null;
  } catch {
    return null;
  }
}

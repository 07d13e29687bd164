import type { Family, Measurement, Reuse } from '../api/types';

export const FAMILY_WORDS: Record<Family, string> = {
  any: 'any',
  ipv4: 'IPv4',
  ipv6: 'IPv6',
  both: 'IPv4 and IPv6',
};

export const REUSE_WORDS: Record<Reuse, string> = {
  cold: 'cold: a new connection',
  resumed: 'resumed: a new connection with an earlier TLS session',
  warm: 'warm: an earlier connection',
};

/** The address family that was used; where none was reached, the one that was asked for. */
export function familyOf({ family, remote_ip }: Measurement): string | null {
  if (remote_ip !== null) return FAMILY_WORDS[remote_ip.includes(':') ? 'ipv6' : 'ipv4'];
  return family && FAMILY_WORDS[family];
}

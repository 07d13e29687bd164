import type { Measurement } from '../api/types';
import { messages } from '../i18n/language.svelte';

/** The address family that was used; where none was reached, the one that was asked for. */
export function familyOf({ family, remote_ip }: Measurement): string | null {
  const { families } = messages();
  if (remote_ip !== null) return families[remote_ip.includes(':') ? 'ipv6' : 'ipv4'];
  return family && families[family];
}

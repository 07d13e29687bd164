import type { Phase } from '../api/types';

/** What the page calls each phase. */
export const PHASE_WORDS: Record<Phase, string> = {
  dns: 'DNS',
  connect: 'Connect',
  tls: 'TLS',
  wait: 'Wait',
  transfer: 'Transfer',
};

export const PHASE_HINTS: Record<Phase, string> = {
  dns: "From the query's leaving to the answer",
  connect: 'From the SYN to the SYN-ACK',
  tls: "From the ClientHello to the server's last word of the handshake, each turn by itself",
  wait: 'From the request to the first byte of the response',
  transfer: 'From the first byte to the last; at most 64 KiB of the body are read',
};

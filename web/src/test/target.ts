import { USUAL_TARGET } from '../api/complete';
import { PHASES, type Expectations, type Target } from '../api/types';
import { formatBytes, formatCount } from '../format';
import { FAMILY_WORDS } from './connection-words';
import { PHASE_WORDS } from './phases';

/** How a URL was asked for, where it was not simply by a cold GET: "POST, HTTP/2, 5 warm samples". */
export function describeTarget(target: Target): string {
  const { http_version, family, connect_to, resolver, timeout_ms, limits_ms } = target;
  return [
    describeRequest(target),
    http_version === 'auto' ? '' : `HTTP/${http_version}`,
    family === 'any' ? '' : FAMILY_WORDS[family],
    connect_to === null ? '' : `dialled ${connect_to}`,
    resolver === null ? '' : `resolver ${resolver}`,
    describeCount(target.max_redirects, 'redirect', 'follows up to '),
    describeSamples(target),
    timeout_ms === USUAL_TARGET.timeout_ms ? '' : `timeout ${timeout_ms / 1000} s`,
    ...PHASES.map((phase) =>
      limits_ms[phase] === null ? '' : `${PHASE_WORDS[phase]} limit ${limits_ms[phase]} ms`,
    ),
    describeExpectations(target.expect),
  ]
    .filter((part) => part !== '')
    .join(', ');
}

/** The headers are only counted: their values may be long. */
function describeRequest({ method, body, request_headers }: Target): string {
  const size = body === null ? '' : ` of ${formatBytes(new TextEncoder().encode(body).length)}`;
  return [
    method === 'GET' ? '' : method + size,
    describeCount(request_headers.length, 'request header'),
  ]
    .filter((part) => part !== '')
    .join(', ');
}

function describeSamples({ reuse, samples }: Target): string {
  const kind = reuse === 'cold' ? '' : `${reuse} `;
  return samples === 1 ? kind.trim() : `${samples} ${kind}samples`;
}

function describeExpectations(expected: Expectations): string {
  const { status, headers, certificate_days, ttfb_ms } = expected;
  const parts = [
    status === null ? '' : `status ${Array.isArray(status) ? status.join('–') : status}`,
    describeCount(Object.keys(headers).length, 'response header'),
    describeCount(certificate_days ?? 0, 'day', 'a certificate for another '),
    ttfb_ms === null ? '' : `TTFB up to ${ttfb_ms} ms`,
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : `expects ${parts.join(' and ')}`;
}

/** Nothing of none. */
function describeCount(count: number, singular: string, before = ''): string {
  return count === 0 ? '' : before + formatCount(count, singular, `${singular}s`);
}

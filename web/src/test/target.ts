import { USUAL_TARGET } from '../api/complete';
import { PHASES, type Expectations, type Target } from '../api/types';
import { formatBytes } from '../format';
import { messages } from '../i18n/language.svelte';

/** How a URL was asked for, where it was not simply by a cold GET: "POST, HTTP/2, 5 warm samples". */
export function describeTarget(target: Target): string {
  const { families, format, phases, target: words } = messages();
  const { http_version, family, connect_to, resolver, timeout_ms, limits_ms } = target;
  const parts = [
    describeRequest(target),
    http_version === 'auto' ? '' : `HTTP/${http_version}`,
    family === 'any' ? '' : families[family],
    connect_to === null ? '' : words.connectTo(connect_to),
    resolver === null ? '' : words.resolver(resolver),
    describeCount(target.max_redirects, words.redirects),
    describeSamples(target),
    timeout_ms === USUAL_TARGET.timeout_ms ? '' : words.timeout(timeout_ms / 1000),
    ...PHASES.map((phase) => {
      const limit = limits_ms[phase];
      return limit === null ? '' : words.limit(phases[phase], limit);
    }),
    describeExpectations(target.expect),
  ];
  return format.list(parts.filter((part) => part !== ''));
}

/** The headers are only counted: their values may be long. */
function describeRequest({ method, body, request_headers }: Target): string {
  const { format, target } = messages();
  const sent =
    body === null
      ? method
      : target.body(method, formatBytes(new TextEncoder().encode(body).length));
  return format.list(
    [
      method === 'GET' ? '' : sent,
      describeCount(request_headers.length, target.requestHeaders),
    ].filter((part) => part !== ''),
  );
}

function describeSamples({ reuse, samples }: Target): string {
  const { reuse: kinds, target } = messages();
  if (samples === 1) return reuse === 'cold' ? '' : kinds[reuse];
  return reuse === 'cold' ? target.samples(samples) : target.samplesOf(samples, kinds[reuse]);
}

function describeExpectations(expected: Expectations): string {
  const { target } = messages();
  const { status, headers, certificate_days, ttfb_ms } = expected;
  const parts = [
    status === null ? '' : target.status(Array.isArray(status) ? status.join('–') : `${status}`),
    describeCount(Object.keys(headers).length, target.responseHeaders),
    describeCount(certificate_days ?? 0, target.certificateDays),
    ttfb_ms === null ? '' : target.ttfb(ttfb_ms),
  ].filter((part) => part !== '');
  return parts.length === 0 ? '' : target.expects(parts);
}

/** Nothing of none. */
function describeCount(count: number, describe: (count: number) => string): string {
  return count === 0 ? '' : describe(count);
}

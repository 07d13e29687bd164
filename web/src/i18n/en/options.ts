import { count } from './count';

export const options = {
  title: 'Options',
  /** Chosen cities of all there are. */
  citiesOf: (chosen: number, all: string) => `${chosen} of ${all}`,
  notLoaded: 'The options could not be loaded. Close and open them to try again.',

  method: 'Method',
  body: 'Body',
  httpVersion: 'HTTP version',
  autoVersion: 'as the server agrees',
  family: 'Address family',
  anyFamily: 'any: IPv4, else IPv6',
  bothFamilies: 'both, side by side',
  samples: 'Samples',
  reuse: 'Reuse',
  cold: 'cold: nothing',
  resumed: 'resumed: the TLS session',
  warm: 'warm: the connection',
  redirects: 'Redirects to follow',
  timeout: 'Timeout (ms)',
  resolver: 'Resolver (IP or IP:PORT)',
  ownResolver: "the agent's own",
  connectTo: 'Connect to (IP or IP:PORT)',
  lookedUp: 'as DNS says',

  requestHeaders: 'Request headers',
  responseHeaders: 'Response headers',
  headerName: 'Name',
  headerValue: 'Value',
  anyValue: 'any',
  addHeader: 'Add a header',
  removeHeader: (name: string) => `Remove the header ${name}`,
  secrets:
    'Values of Authorization, Cookie and of names that end in -key, -secret or -token go to the ' +
    'agents only: nobody is shown them, and a later test needs them typed again.',
  notKept: 'This value is not kept: type it again, or remove the header.',
  twice: (name: string) => `the header ${name} is expected twice`,
  typeAgain: (name: string) =>
    `the value of ${name} is not kept: type it again, or remove the header`,

  limits: 'Limits of single phases (ms)',
  expectations: 'Expectations: else the probe fails',
  status: 'Status',
  statusExample: '200 or 200-299',
  certificateDays: 'Days left of the certificate, at least',
  ttfb: 'TTFB, at most (ms)',

  cities: 'Cities',
  all: 'All',
  none: 'None',
  allOf: (region: string) => `All: ${region}`,
  noneOf: (region: string) => `None: ${region}`,
  region: (region: string) => region,
  elsewhere: 'Not known here',

  cost: (samples: number) => `Counts as ${count(samples, 'sample')}.`,
  left: (samples: number, limit: number) =>
    `After the last test ${samples} of ${limit} a minute were left.`,
  reset: 'Reset options',
  link: 'Copy link to this form',
  ignored: (options: string[]) =>
    `These options in the address of this page are not valid and were left out: ${options.join(', ')}.`,
};

export const header = {
  claim: 'How fast each city gets the first byte, and which edge sent it.',
};

export const footer = {
  about:
    'Unless a test asks for more, each city makes one cold request: no cached name, no open ' +
    'connection, no resumed TLS. TTFB runs from the start to the first byte of the response. The ' +
    "phases are timed by the kernel's stamps on the packets; where a stamp is missing the agent's " +
    'own clock stands in, and the phase is marked. What the agent itself spent is shown apart.',
  vantage:
    'Cities are vantage points in data centres, not homes: what lies between a visitor and the ' +
    'internet comes on top.',
  data: 'Data',
  testAsJson: 'This test as JSON',
  api: 'API',
  signOut: 'Sign out',
};

export const form = {
  url: 'URL',
  start: 'Start test',
  again: 'Run again',
  testing: 'Testing…',
  badPort: 'the port must be between 1 and 65535',
  badUrl: 'this is not a valid URL; it should look like https://example.com/',
};

export const signIn = {
  title: 'This collector is not public',
  about:
    'Sign in with an API token that may `read`, or `tests:run` to start tests as well. The ' +
    'operator makes one with `firstbyte-collector tokens create`. It is not kept in this browser; ' +
    'you stay signed in for twelve hours.',
  token: 'API token',
  signIn: 'Sign in',
  signingIn: 'Signing in…',
};

export const missing = {
  title: 'This test cannot be shown',
  beforeStartPage:
    'A test lives on the collector that ran it: check the address, or start a new test above. The ',
  startPage: 'start page',
  afterStartPage: ' shows the cities.',
};

export const statusBar = {
  citiesDone: 'Cities done',
  progress: (answered: number, cities: string) => `${answered} of ${cities}`,
  loading: 'Loading…',
  reconnecting: 'connection lost, reconnecting…',
  ended: (progress: string) => `Live updates were lost; the last found ${progress} done.`,
  restarted: 'The collector was restarted during this test, and went on with it.',
};

export const copyLink = {
  copy: 'Copy link',
  copied: 'Link copied',
  permanent: 'Permanent link',
};

/** Why the collector gave no answer of its own. */
export const collector = {
  silent: (seconds: number) => `The collector did not answer within ${seconds} seconds.`,
  unreachable: 'The collector could not be reached.',
  notUnderstood: 'The collector answered with something this page does not understand.',
  status: (status: string) => `The collector answered ${status}.`,
};

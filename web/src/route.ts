/** What an address of the page shows. */
export interface Route {
  /** A test, with the one that was run before it, if that is known. */
  test: { id: string; before: string | null } | null;
  comparison: { before: string; after: string } | null;
  /** The tests of a URL; empty where the address names none. */
  history: { url: string } | null;
}

const NOTHING: Route = { test: null, comparison: null, history: null };

/** `address` is a path with its query: "/tests/ID?before=ID". Nothing of these is the start page. */
export function routeOf(address: string): Route {
  const { pathname, searchParams } = new URL(address, 'http://page');
  const [kind, ...ids] = pathname.replace(/\/$/, '').split('/').slice(1).map(decode);
  const [first, second] = ids;
  if (kind === 'tests' && first && ids.length === 1) {
    return { ...NOTHING, test: { id: first, before: searchParams.get('before') } };
  }
  if (kind === 'compare' && first && second && ids.length === 2) {
    return { ...NOTHING, comparison: { before: first, after: second } };
  }
  if (kind === 'history' && ids.length === 0) {
    return { ...NOTHING, history: { url: searchParams.get('url') ?? '' } };
  }
  return NOTHING;
}

/** A test's permanent address. */
export function pathOf(testId: string, before: string | null = null): string {
  const query = before === null ? '' : `?${new URLSearchParams({ before })}`;
  return `/tests/${encodeURIComponent(testId)}${query}`;
}

export function pathOfComparison(before: string, after: string): string {
  return `/compare/${encodeURIComponent(before)}/${encodeURIComponent(after)}`;
}

export function pathOfHistory(url: string): string {
  return `/history?${new URLSearchParams({ url })}`;
}

/** The city that the address's fragment names; empty where it names none. */
export function cityIdOf(hash: string): string {
  return hash.replace(/^#/, '');
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}

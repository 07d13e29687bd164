/** The id in a test's permanent address; null elsewhere. */
export function testIdOf(path: string): string | null {
  const id = /^\/tests\/([^/]+)\/?$/.exec(path)?.[1];
  if (id === undefined) return null;
  try {
    return decodeURIComponent(id);
  } catch {
    return id;
  }
}

export function pathOf(testId: string): string {
  return `/tests/${encodeURIComponent(testId)}`;
}

/** The city that the address's fragment names; empty where it names none. */
export function cityIdOf(hash: string): string {
  return hash.replace(/^#/, '');
}

/** What stays in the address from one test to the next. */
const STICKY = ['present'];

/** `path` with what is to stay of the address before it, "?present" say. */
export function carried(path: string, before: string): string {
  const kept = new URLSearchParams(before);
  return STICKY.filter((name) => kept.has(name)).reduce(
    (address, name) => withMember(address, name, kept.get(name) ?? ''),
    path,
  );
}

export function isPresent(search: string): boolean {
  return new URLSearchParams(search).has('present');
}

/** An address of this page with or without the member that makes it a presentation. */
export function presented(address: string, on: boolean): string {
  return withMember(address, 'present', on ? '' : null);
}

/** What has it already keeps what it has. */
function withMember(address: string, name: string, value: string | null): string {
  const { pathname, search, hash } = new URL(address, 'http://page');
  const query = new URLSearchParams(search);
  if (value === null) query.delete(name);
  else if (!query.has(name)) query.set(name, value);
  // A member without a value is written without "=", as people write it.
  const text = query.toString().replace(/=(?=&|$)/g, '');
  return pathname + (text === '' ? '' : `?${text}`) + hash;
}

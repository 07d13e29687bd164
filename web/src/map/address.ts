/** Whether an address' query asks for the map. */
export function isMapOpen(search: string): boolean {
  return new URLSearchParams(search).get('view') === 'map';
}

/** The query with the map asked for or not, and all else that it says left as it is. */
export function searchWithMap(search: string, open: boolean): string {
  const query = new URLSearchParams(search);
  query.delete('view');
  if (open) query.set('view', 'map');
  const said = query.toString();
  return said === '' ? '' : `?${said}`;
}

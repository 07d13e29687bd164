/** What a file that was taken along is called: by its test, or by both that were compared. */
export function fileName(ids: readonly string[], suffix: string): string {
  return `firstbyte-${ids.map((id) => id.replace(/[^\w-]/g, '_')).join('-')}${suffix}`;
}

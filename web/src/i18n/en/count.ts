export function count(of: number, singular: string, plural = `${singular}s`): string {
  return `${of} ${of === 1 ? singular : plural}`;
}

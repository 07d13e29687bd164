/** Gives the reader a file, as a download. */
export function save(content: Blob, name: string): void {
  const address = URL.createObjectURL(content);
  const link = document.createElement('a');
  link.href = address;
  link.download = name;
  link.click();
  // Not before the browser has taken it up, which it does after the click.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

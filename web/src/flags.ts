/** The address of a country's flag; null for what is not a country code. */
export function flagAddress(country: string): string | null {
  const code = country.toUpperCase();
  return /^[A-Z]{2}$/.test(code) ? `${__FLAGS_FOLDER__}/${code}.svg` : null;
}

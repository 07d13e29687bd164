/** What a field gives its control, so that label and error belong to it. */
export interface Control {
  id: string;
  invalid: 'true' | undefined;
  describedBy: string | undefined;
}

/** The element's id for a place in the request: "/limits_ms/dns" is "option-limits_ms-dns". */
export function idOf(place: string): string {
  return `option${place.replaceAll('/', '-')}`;
}

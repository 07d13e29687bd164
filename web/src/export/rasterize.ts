import { toCanvas } from 'html-to-image';

/** What styles give to the elements of a drawing, which the library copies without their styles. */
const DRAWN = [
  'color',
  'display',
  'dominant-baseline',
  'fill',
  'fill-opacity',
  'font-family',
  'font-size',
  'font-weight',
  'opacity',
  'paint-order',
  'stroke',
  'stroke-dasharray',
  'stroke-linecap',
  'stroke-linejoin',
  'stroke-opacity',
  'stroke-width',
  'text-anchor',
  'transform',
  'transform-box',
  'transform-origin',
  'vector-effect',
  'visibility',
];

/** A part of the page as it is shown, so many times as sharp. */
export async function rasterize(part: HTMLElement, scale: number): Promise<HTMLCanvasElement> {
  const restore = inlineDrawings(part);
  try {
    const { backgroundColor } = getComputedStyle(document.body);
    // The page's fonts are the system's, so none has to be looked for and fetched.
    return await toCanvas(part, { pixelRatio: scale, backgroundColor, skipFonts: true });
  } finally {
    restore();
  }
}

/**
 * Writes on the elements of each drawing what the page's styles give them, which changes nothing on
 * screen. By the style object: a strict policy refuses what is parsed.
 */
function inlineDrawings(part: HTMLElement): () => void {
  const drawn = [...part.querySelectorAll<SVGElement>('svg *')].map((element) => {
    const style = getComputedStyle(element);
    const values = DRAWN.map((name) => [name, style.getPropertyValue(name)] as const);
    return { element, values, before: element.style.cssText };
  });
  // All of them are read before the first is written, which would have the next computed anew.
  for (const { element, values } of drawn) {
    for (const [name, value] of values) element.style.setProperty(name, value);
  }
  return () => {
    for (const { element, before } of drawn) element.style.cssText = before;
  };
}

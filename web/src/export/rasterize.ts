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

/** What a picture does not show, or says of another direction what it says already. */
const UNSEEN =
  /^(--|anchor|animation|break|caret|contain|counter|cursor|hyphen|interest|offset|overscroll|page|pointer|position-|reading|ruby|scroll|speak|text-emphasis|timeline|touch|transition|trigger|user|view|will)|^(column|row)-rule|^mask|^-webkit-(?!line-clamp|box-orient)|(^|-)(block|inline)(-|$)|^(border|corner)-(start|end)-/;

/** A part of the page as it is shown, so many times as sharp. */
export async function rasterize(part: HTMLElement, scale: number): Promise<HTMLCanvasElement> {
  const restore = inlineDrawings(part);
  try {
    return await toCanvas(part, {
      pixelRatio: scale,
      // The page's fonts are the system's, so none has to be looked for and fetched.
      skipFonts: true,
      // Each of them is copied for each element, which for two hundred cities are many.
      includeStyleProperties: [...getComputedStyle(part)].filter((name) => !UNSEEN.test(name)),
    });
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

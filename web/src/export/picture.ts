import { rasterize } from './rasterize';

const SCALE = 2;
const MARGIN = 20;
const LINE = 20;
/** Of one text beneath the picture: an address may have 2048 characters. */
const MOST_LINES = 3;

/** A part of the page as it is shown, twice as sharp, with lines beneath that say what it is. */
export async function pictureOf(part: HTMLElement, caption: readonly string[]): Promise<Blob> {
  const { backgroundColor, color, fontFamily } = getComputedStyle(document.body);
  const shown = await rasterize(part, SCALE);

  const context = document.createElement('canvas').getContext('2d');
  if (context === null) throw new Error('this browser draws no pictures');
  const { canvas } = context;
  const width = shown.width / SCALE;
  const fits = (text: string) => context.measureText(text).width <= width;
  const font = (weight: number) => `${weight} 14px ${fontFamily}`;
  // As the first of them is drawn, which is the widest way.
  context.font = font(600);
  const lines = caption.map((text) => linesOf(text, fits, MOST_LINES));
  const height = shown.height / SCALE + lines.flat().length * LINE + 2.5 * MARGIN;

  canvas.width = (width + 2 * MARGIN) * SCALE;
  canvas.height = height * SCALE;
  context.scale(SCALE, SCALE);
  context.fillStyle = backgroundColor;
  context.fillRect(0, 0, width + 2 * MARGIN, height);
  context.drawImage(shown, MARGIN, MARGIN, width, shown.height / SCALE);

  context.fillStyle = color;
  context.textBaseline = 'top';
  context.direction = 'ltr';
  let top = shown.height / SCALE + 1.5 * MARGIN;
  lines.forEach((parts, index) => {
    context.font = font(index === 0 ? 600 : 400);
    for (const part of parts) {
      context.fillText(part, MARGIN, top);
      top += LINE;
    }
  });
  return blobOf(canvas);
}

/** A text in lines that fit, broken at blanks where there are any; of the last a rest is cut off. */
export function linesOf(text: string, fits: (text: string) => boolean, most: number): string[] {
  const lines: string[] = [];
  let rest = text;
  while (!fits(rest) && lines.length < most - 1) {
    const length = Math.max(1, longest(rest, fits));
    const blank = rest.slice(0, length + 1).lastIndexOf(' ');
    const end = blank > 0 ? blank : length;
    lines.push(rest.slice(0, end));
    rest = rest.slice(end).trimStart();
  }
  if (fits(rest)) return [...lines, rest];
  return [
    ...lines,
    `${rest.slice(
      0,
      longest(rest, (start) => fits(`${start}…`)),
    )}…`,
  ];
}

/** How long the longest beginning is that fits. */
function longest(text: string, fits: (text: string) => boolean): number {
  let [least, most] = [0, text.length];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (fits(text.slice(0, middle))) least = middle;
    else most = middle - 1;
  }
  return least;
}

function blobOf(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    // Null where the picture is larger than the browser can hold.
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture is too large'))));
  });
}

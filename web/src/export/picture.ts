import { rasterize } from './rasterize';

const SCALE = 2;
const MARGIN = 20;
const LINE = 20;

/** A part of the page as it is shown, twice as sharp, with lines beneath that say what it is. */
export async function pictureOf(part: HTMLElement, caption: readonly string[]): Promise<Blob> {
  const { backgroundColor, color, fontFamily } = getComputedStyle(document.body);
  const shown = await rasterize(part, SCALE);

  const canvas = document.createElement('canvas');
  canvas.width = shown.width + 2 * MARGIN * SCALE;
  canvas.height = shown.height + (2.5 * MARGIN + LINE * caption.length) * SCALE;
  const context = canvas.getContext('2d');
  if (context === null) throw new Error('this browser draws no pictures');
  context.fillStyle = backgroundColor;
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(shown, MARGIN * SCALE, MARGIN * SCALE);

  context.scale(SCALE, SCALE);
  context.fillStyle = color;
  context.textBaseline = 'top';
  context.direction = 'ltr';
  const width = canvas.width / SCALE - 2 * MARGIN;
  let top = shown.height / SCALE + 1.5 * MARGIN;
  caption.forEach((line, index) => {
    context.font = `${index === 0 ? 600 : 400} 14px ${fontFamily}`;
    const cut = cutToFit(line, (text) => context.measureText(text).width <= width);
    context.fillText(cut, MARGIN, top);
    top += LINE;
  });
  return blobOf(canvas);
}

/** The longest beginning that fits, with an ellipsis where the rest was cut off. */
export function cutToFit(line: string, fits: (text: string) => boolean): string {
  if (fits(line)) return line;
  let [least, most] = [0, line.length];
  while (least < most) {
    const middle = Math.ceil((least + most) / 2);
    if (fits(`${line.slice(0, middle)}…`)) least = middle;
    else most = middle - 1;
  }
  return `${line.slice(0, least)}…`;
}

function blobOf(canvas: HTMLCanvasElement): Promise<Blob> {
  return new Promise((resolve, reject) => {
    // Null where the picture is larger than the browser can hold.
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error('the picture is too large'))));
  });
}

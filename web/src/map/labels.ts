import type { Point } from './spread';

export interface Label extends Point {
  anchor: 'start' | 'middle' | 'end';
}

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

interface Sheet {
  width: number;
  height: number;
  /** Of the letters. */
  size: number;
  /** Of what the labels belong to. */
  radius: number;
}

/** East Asian letters are as wide as they are high, others about half. */
const widthOf = (text: string, size: number) =>
  [...text].reduce((sum, letter) => sum + (letter > '\u2e80' ? 1 : 0.58), 0) * size;

/**
 * Where each text stands beside its point: the first ones first, none over another, over a point or
 * beyond the sheet. Null where there is no room.
 */
export function placeLabels(
  marks: readonly (Point & { text: string })[],
  { width, height, size, radius }: Sheet,
): (Label | null)[] {
  const taken: Box[] = marks.map(({ x, y }) => boxAround(x, y, radius, radius));
  const gap = radius + size * 0.3;
  return marks.map(({ x, y, text }) => {
    const half = widthOf(text, size) / 2;
    const candidates: (Label & { middle: number })[] = [
      { x: x + gap, y, anchor: 'start', middle: x + gap + half },
      { x: x - gap, y, anchor: 'end', middle: x - gap - half },
      { x, y: y - gap - size / 2, anchor: 'middle', middle: x },
      { x, y: y + gap + size / 2, anchor: 'middle', middle: x },
    ];
    for (const { middle, ...label } of candidates) {
      const box = boxAround(middle, label.y, half, size * 0.55);
      const within = box.left >= 0 && box.right <= width && box.top >= 0 && box.bottom <= height;
      if (!within || taken.some((other) => overlap(box, other))) continue;
      taken.push(box);
      return label;
    }
    return null;
  });
}

function boxAround(x: number, y: number, half: number, halfHeight: number): Box {
  return { left: x - half, right: x + half, top: y - halfHeight, bottom: y + halfHeight };
}

function overlap(one: Box, other: Box): boolean {
  return (
    one.left < other.right &&
    other.left < one.right &&
    one.top < other.bottom &&
    other.top < one.bottom
  );
}

export interface Point {
  x: number;
  y: number;
}

const ROUNDS = 40;

/** Moves points that would cover each other apart, each as little as it takes; the others stay. */
export function spread(points: readonly Point[], least: number): Point[] {
  const spread = points.map(({ x, y }) => ({ x, y }));
  for (let round = 0; round < ROUNDS; round++) {
    let moved = false;
    for (const [index, one] of spread.entries()) {
      for (const other of spread.slice(index + 1)) {
        const [dx, dy] = [other.x - one.x, other.y - one.y];
        const distance = Math.hypot(dx, dy);
        // What rounding leaves is no reason for another round.
        if (distance > least - 1e-3) continue;
        moved = true;
        const push = (least - distance) / 2;
        // Of two at one place the later goes to the right.
        const [ux, uy] = distance === 0 ? [1, 0] : [dx / distance, dy / distance];
        one.x -= ux * push;
        one.y -= uy * push;
        other.x += ux * push;
        other.y += uy * push;
      }
    }
    if (!moved) break;
  }
  return spread;
}

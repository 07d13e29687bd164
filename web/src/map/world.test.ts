import { expect, test } from 'vitest';
import { HEIGHT, LAND, pointOf, wayOf, WIDTH } from './world';

const LONDON = { latitude: 51.5, longitude: -0.13 };
const NEW_YORK = { latitude: 40.71, longitude: -74.01 };
const SYDNEY = { latitude: -33.87, longitude: 151.21 };
const LOS_ANGELES = { latitude: 34.05, longitude: -118.24 };

test('north is up, east is to the right, and all of it is on the sheet', () => {
  const [london, newYork, sydney] = [LONDON, NEW_YORK, SYDNEY].map(pointOf);
  expect(newYork!.x).toBeLessThan(london!.x);
  expect(sydney!.x).toBeGreaterThan(london!.x);
  expect(sydney!.y).toBeGreaterThan(newYork!.y);
  for (const { x, y } of [london!, newYork!, sydney!]) {
    expect(x).toBeGreaterThan(0);
    expect(x).toBeLessThan(WIDTH);
    expect(y).toBeGreaterThan(0);
    expect(y).toBeLessThan(HEIGHT);
  }
});

test('there is land, and no pole', () => {
  expect(LAND.length).toBeGreaterThan(10_000);
  const heights = [...LAND.matchAll(/[ML]-?[\d.]+,(-?[\d.]+)/g)].map(([, y]) => Number(y));
  expect(Math.min(...heights)).toBeGreaterThanOrEqual(0);
  expect(Math.max(...heights)).toBeLessThanOrEqual(HEIGHT);
});

test('a way bends towards the pole, as the shortest one does', () => {
  const heights = [...wayOf(NEW_YORK, LONDON).matchAll(/,(-?[\d.]+)/g)].map(([, y]) => Number(y));
  expect(Math.min(...heights)).toBeLessThan(Math.min(pointOf(LONDON).y, pointOf(NEW_YORK).y));
});

test('across the Pacific a way leaves at one side and goes on at the other', () => {
  expect(wayOf(SYDNEY, LOS_ANGELES).match(/M/g)).toHaveLength(2);
});

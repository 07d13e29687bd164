import { geoEqualEarth, geoPath } from 'd3-geo';
import { feature } from 'topojson-client';
import type { GeometryCollection, Topology } from 'topojson-specification';
import atlas from 'world-atlas/land-110m.json';
import type { Place } from './scene';
import type { Point } from './spread';

/** Of the drawing, in its own units. */
export const WIDTH = 1000;
/** Nobody is probed from farther north or south than this. */
const NORTH = 76;
const SOUTH = -55;
/** The map's edge lies in the Bering Strait, where it cuts no land in two. */
const MIDDLE = 11;

const projection = geoEqualEarth().rotate([-MIDDLE, 0]).fitWidth(WIDTH, { type: 'Sphere' });
const latitudeY = (latitude: number) => projection([MIDDLE, latitude])![1];
const top = latitudeY(NORTH);
export const HEIGHT = Math.round(latitudeY(SOUTH) - top);
const [x, y] = projection.translate();
projection.translate([x, y - top]).clipExtent([
  [0, 0],
  [WIDTH, HEIGHT],
]);

const draw = geoPath(projection).digits(1);
const topology = atlas as unknown as Topology<{ land: GeometryCollection }>;

/** All land, as an SVG path. */
export const LAND = draw(feature(topology, topology.objects.land)) ?? '';

export function pointOf({ longitude, latitude }: Place): Point {
  const [x, y] = projection([longitude, latitude])!;
  return { x, y };
}

/** The shortest way on the globe, as an SVG path; past the map's edge it goes on at the other side. */
export function wayOf(from: Place, to: Place): string {
  const ends = [from, to].map(({ longitude, latitude }) => [longitude, latitude]);
  return draw({ type: 'LineString', coordinates: ends }) ?? '';
}

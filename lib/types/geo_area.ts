/**
 * Areas to search for places: circles and boxes around one, and the cells that
 * cover them.
 *
 * A cell of about the size of the area, and its eight neighbours without those that
 * the area does not reach, are ranges of scores; what is in them is measured.
 */

import {
  axisCell,
  axisDegree,
  circleLongitudes,
  degreesOf,
  greatCircle,
  interleave,
  LATITUDE_MAX,
  latitudeDistance,
  latitudeOf,
  LONGITUDE_MAX,
  longitudeDegreesOf,
  longitudeOf,
  type Place,
  STEPS_MAX,
} from "./geohash.ts";

/** Half of the earth's circumference on Mercator's map, in metres. */
const MERCATOR_MAX_M = 20037726.37;
/** More than what is lost in rounding: of a distance or an angle, and of metres or degrees. */
const ROUNDING = 1e-7;
/** Latitudes from which on cells are narrower. */
const NARROW_LATITUDE = 66, NARROWER_LATITUDE = 80;
/** A score has bits for so many halvings of both axes. */
const SCORE_BITS = 2 * STEPS_MAX;
/** North and east of the neighbours, in Redis's order, which the results of ANY show. */
const NEIGHBOURS: readonly (readonly [number, number])[] = [
  [0, 0],
  [1, 0],
  [-1, 0],
  [0, 1],
  [0, -1],
  [1, 1],
  [1, -1],
  [-1, 1],
  [-1, -1],
];

/** What is searched; lengths are in the unit of the command. */
export interface Area {
  readonly center: Place;
  /** Metres in a unit. */
  readonly unitM: number;
  /** Of a circle; undefined for a box. */
  readonly radius?: number;
  readonly width: number;
  readonly height: number;
}

/** Scores from `min` on and below `max`. */
export interface ScoreRange {
  readonly min: number;
  readonly max: number;
}

/** Degrees of longitude from a circle's center behind which no place of it can be; Infinity for other areas. */
export function longitudeReach({ center, unitM, radius }: Area): number {
  if (radius === undefined) return Infinity;
  const reach = circleLongitudes(radius * unitM, center.latitude);
  return reach * (1 + ROUNDING) + ROUNDING;
}

/**
 * Metres from an area's center to a place in it; -1 for one outside.
 *
 * @param reach the area's `longitudeReach`.
 */
export function measure(area: Area, reach: number, score: number): number {
  const { center, unitM, radius } = area;
  const latitude = latitudeOf(score);
  const northM = latitudeDistance(latitude, center.latitude);
  if (radius !== undefined) {
    // No way is shorter than the one along the meridian, but for what is lost in rounding.
    if (northM > radius * unitM * (1 + ROUNDING) + ROUNDING) return -1;
    const longitude = longitudeOf(score);
    const east = Math.abs(longitude - center.longitude);
    if (east > reach && east < 2 * LONGITUDE_MAX - reach) return -1;
    const distanceM = distanceTo(center, longitude, latitude);
    return distanceM > radius * unitM ? -1 : distanceM;
  }
  if (northM > area.height * unitM / 2) return -1;
  const longitude = longitudeOf(score);
  const eastM = greatCircle(longitude, latitude, center.longitude, latitude);
  if (eastM > area.width * unitM / 2) return -1;
  return distanceTo(center, longitude, latitude);
}

function distanceTo(center: Place, longitude: number, latitude: number) {
  return greatCircle(center.longitude, center.latitude, longitude, latitude);
}

/** The ranges of scores in which an area's places are, in the order in which to look at them. */
export function scoreRanges(area: Area): ScoreRange[] {
  const { center, unitM, radius } = area;
  const reachM = unitM *
    (radius ?? Math.sqrt((area.width / 2) ** 2 + (area.height / 2) ** 2));
  const bounds = boundsOf(area);
  let steps = stepsFor(reachM, center.latitude);
  if (steps > 1 && isTooFine(center, steps, bounds)) steps--;
  const latitude = axisCell(center.latitude, LATITUDE_MAX, steps);
  const longitude = axisCell(center.longitude, LONGITUDE_MAX, steps);
  const isInside = steps < 2
    ? undefined
    : reachOf(latitude, longitude, steps, bounds);
  const scale = 2 ** (SCORE_BITS - 2 * steps), mask = 2 ** steps - 1;
  const ranges: ScoreRange[] = [];
  let last = -1;
  NEIGHBOURS.forEach(([north, east], index) => {
    if (isInside !== undefined && !isInside(north, east)) return;
    const cell = interleave(
      north === 0 ? latitude : (latitude + north) & mask,
      east === 0 ? longitude : (longitude + east) & mask,
    );
    // Around a very large area neighbours are the same; Redis skips those that follow each other.
    if (index > 0 && cell === last) return;
    if (index > 0) last = cell;
    ranges.push({ min: cell * scale, max: (cell + 1) * scale });
  });
  return ranges;
}

/** The box around an area, in degrees. */
interface Bounds {
  readonly west: number;
  readonly east: number;
  readonly south: number;
  readonly north: number;
}

function boundsOf({ center, unitM, radius, width, height }: Area): Bounds {
  const { longitude, latitude } = center;
  const northM = unitM * (radius ?? height / 2);
  const eastM = unitM * (radius ?? width / 2);
  const north = degreesOf(northM);
  const east = longitudeDegreesOf(
    eastM,
    latitude < 0 ? latitude - north : latitude + north,
  );
  return {
    west: longitude - east,
    east: longitude + east,
    south: latitude - north,
    north: latitude + north,
  };
}

/** Halvings that make cells of about the size of an area. */
function stepsFor(reachM: number, latitude: number): number {
  if (reachM === 0) return STEPS_MAX;
  let steps = -1;
  for (; reachM < MERCATOR_MAX_M; reachM *= 2) steps++;
  if (Math.abs(latitude) > NARROW_LATITUDE) steps--;
  if (Math.abs(latitude) > NARROWER_LATITUDE) steps--;
  return Math.min(STEPS_MAX, Math.max(1, steps));
}

/** Whether the cells around the center do not reach the bounds. */
function isTooFine(center: Place, steps: number, bounds: Bounds): boolean {
  const mask = 2 ** steps - 1;
  const latitude = axisCell(center.latitude, LATITUDE_MAX, steps);
  const longitude = axisCell(center.longitude, LONGITUDE_MAX, steps);
  const north = ((latitude + 1) & mask) + 1, south = (latitude - 1) & mask;
  const east = ((longitude + 1) & mask) + 1, west = (longitude - 1) & mask;
  return axisDegree(north, LATITUDE_MAX, steps) < bounds.north ||
    axisDegree(south, LATITUDE_MAX, steps) > bounds.south ||
    axisDegree(east, LONGITUDE_MAX, steps) < bounds.east ||
    axisDegree(west, LONGITUDE_MAX, steps) > bounds.west;
}

/** Whether the area reaches a neighbour of a cell. */
function reachOf(
  latitude: number,
  longitude: number,
  steps: number,
  bounds: Bounds,
): (north: number, east: number) => boolean {
  // Bounds around a pole or without end are no numbers, and leave nothing out.
  const noSouth = axisDegree(latitude, LATITUDE_MAX, steps) < bounds.south;
  const noNorth = axisDegree(latitude + 1, LATITUDE_MAX, steps) > bounds.north;
  const noWest = axisDegree(longitude, LONGITUDE_MAX, steps) < bounds.west;
  const noEast = axisDegree(longitude + 1, LONGITUDE_MAX, steps) > bounds.east;
  return (north, east) =>
    !(north < 0 && noSouth) && !(north > 0 && noNorth) &&
    !(east < 0 && noWest) && !(east > 0 && noEast);
}

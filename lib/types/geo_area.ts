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
  RADIANS,
  STEPS_MAX,
} from "./geohash.ts";

/** Half of the earth's circumference on Mercator's map, in metres. */
const MERCATOR_MAX_M = 20037726.37;
/** More than what is lost in rounding: of a distance or an angle, and of metres or degrees. */
const ROUNDING = 1e-7;
/** Latitudes from which on cells are narrower. */
const NARROW_LATITUDE = 66, NARROWER_LATITUDE = 80;
/** The bits of latitudes and of longitudes in either half of a score. */
const EVEN_BITS = 0x15555555, ODD_BITS = 0x2aaaaaaa;
const TWO_26 = 2 ** 26, TWO_52 = 2 ** 52;
/**
 * Half of what an area may reach, in radians, for the first terms of series: so
 * little that those suffice, and so much that rounding is small beside it.
 */
const SMALL_ANGLE_MIN = 1e-6, SMALL_ANGLE_MAX = 0.05;
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

/**
 * A search for places in an area: where to look, and what is inside. One serves
 * one search after the other.
 *
 * Most places near an area are outside. In a score the bits of both axes alternate,
 * so without those of the other axis scores are in the order of one: two comparisons
 * with the sides of a box around the area say so, before a place is decoded.
 */
export class AreaSearch {
  /** Ranges of scores in which an area's places are, in the order in which to look at them. */
  rangeCount = 0;
  /** Where each begins, and before which score it ends. */
  readonly mins = new Float64Array(NEIGHBOURS.length);
  readonly maxs = new Float64Array(NEIGHBOURS.length);

  #area!: Area;
  #wantsDistances = true;
  /** Squares of half chords below and above which a place is inside or outside of a small circle for sure. */
  #surelyInside = 0;
  #surelyOutside = 0;
  /** Of the center's latitude. */
  #cosine = 0;
  #sine = 0;
  /** The sides of the box, as scores that have only one axis. */
  #south = 0;
  #north = 0;
  #west = 0;
  #east = 0;

  /** Begins with an area; without `wantsDistances` any distance of places inside will do. */
  begin(area: Area, wantsDistances = true): void {
    this.#area = area;
    this.#wantsDistances = wantsDistances;
    const latitude = area.center.latitude * RADIANS;
    this.#cosine = Math.cos(latitude);
    this.#sine = Math.sin(latitude);
    this.#findSides();
    this.#findRanges();
  }

  /** Metres from the area's center to a place that is in one of the ranges; -1 for one outside of the area. */
  measure(score: number): number {
    const high = (score / TWO_26) | 0, low = (score - high * TWO_26) | 0;
    const northing = (high & EVEN_BITS) * TWO_26 + (low & EVEN_BITS);
    if (northing < this.#south || northing > this.#north) return -1;
    const easting = (high & ODD_BITS) * TWO_26 + (low & ODD_BITS);
    if (easting < this.#west || easting > this.#east) return -1;
    const { center, unitM, radius, width, height } = this.#area;
    const latitude = latitudeOf(score), longitude = longitudeOf(score);
    if (radius === undefined) {
      const northM = latitudeDistance(latitude, center.latitude);
      if (northM > height * unitM / 2) return -1;
      const { longitude: middle } = center;
      const eastM = greatCircle(longitude, latitude, middle, latitude);
      if (eastM > width * unitM / 2) return -1;
    }
    if (!this.#wantsDistances) {
      const chord = this.#chord(longitude, latitude);
      if (chord > this.#surelyOutside) return -1;
      if (chord < this.#surelyInside) return 0;
    }
    const distanceM = greatCircle(
      center.longitude,
      center.latitude,
      longitude,
      latitude,
      this.#cosine,
    );
    return radius !== undefined && distanceM > radius * unitM ? -1 : distanceM;
  }

  /**
   * The square of half a chord between the center and a place near by, of the sphere
   * with radius 1, with an error below ROUNDING of it: greatCircle without calls.
   */
  #chord(longitude: number, latitude: number): number {
    const { center } = this.#area;
    const u = (latitude - center.latitude) * (RADIANS / 2);
    const v = (longitude - center.longitude) * (RADIANS / 2);
    const north = sineSquared(u), east = sineSquared(v), uu = 4 * u * u;
    const sineOfTwoU = 2 * u * (1 - uu / 6 * (1 - uu / 20));
    const cosine = this.#cosine * (1 - 2 * north) - this.#sine * sineOfTwoU;
    return north + this.#cosine * cosine * east;
  }

  #findSides(): void {
    const { center, unitM, radius, height } = this.#area;
    const north = degreesOf(unitM * (radius ?? height / 2));
    const northReach = north * (1 + ROUNDING) + ROUNDING;
    const south = cellNear(center.latitude - northReach, LATITUDE_MAX, -1);
    this.#south = interleave(south, 0);
    this.#north = interleave(
      cellNear(center.latitude + northReach, LATITUDE_MAX, 1),
      0,
    );
    const reach = longitudeReach(this.#area);
    const west = center.longitude - reach, east = center.longitude + reach;
    // Over the date line the inside is outside, and the other way round.
    const isWhole = west >= -LONGITUDE_MAX && east <= LONGITUDE_MAX;
    this.#west = isWhole ? interleave(0, cellNear(west, LONGITUDE_MAX, -1)) : 0;
    this.#east = isWhole
      ? interleave(0, cellNear(east, LONGITUDE_MAX, 1))
      : Infinity;
    const angle = north * (RADIANS / 2);
    const widest = Math.max(northReach, reach) * (RADIANS / 2);
    const isSmall = radius !== undefined && isWhole &&
      angle > SMALL_ANGLE_MIN && widest < SMALL_ANGLE_MAX;
    // Comparisons with NaN are false: every place is measured.
    const chord = isSmall ? sineSquared(angle) : NaN;
    this.#surelyInside = chord * (1 - ROUNDING);
    this.#surelyOutside = chord * (1 + ROUNDING);
  }

  #findRanges(): void {
    const { center, unitM, radius, width, height } = this.#area;
    const reachM = unitM *
      (radius ?? Math.sqrt((width / 2) ** 2 + (height / 2) ** 2));
    const bounds = boundsOf(this.#area);
    let steps = stepsFor(reachM, center.latitude);
    if (steps > 1 && isTooFine(center, steps, bounds)) steps--;
    const latitude = axisCell(center.latitude, LATITUDE_MAX, steps);
    const longitude = axisCell(center.longitude, LONGITUDE_MAX, steps);
    const norths = sidesInside(
      latitude,
      steps,
      LATITUDE_MAX,
      bounds.south,
      bounds.north,
    );
    const easts = sidesInside(
      longitude,
      steps,
      LONGITUDE_MAX,
      bounds.west,
      bounds.east,
    );
    const cells = 1 << steps, mask = cells - 1;
    const scale = TWO_52 / (cells * cells);
    let last = -1;
    this.rangeCount = 0;
    for (let i = 0; i < NEIGHBOURS.length; i++) {
      const [north, east] = NEIGHBOURS[i];
      if (((norths >> (north + 1)) & (easts >> (east + 1)) & 1) === 0) continue;
      const cell = interleave(
        north === 0 ? latitude : (latitude + north) & mask,
        east === 0 ? longitude : (longitude + east) & mask,
      );
      // Around a very large area neighbours are the same; Redis skips those that follow each other.
      if (i > 0 && cell === last) continue;
      if (i > 0) last = cell;
      this.mins[this.rangeCount] = cell * scale;
      this.maxs[this.rangeCount++] = (cell + 1) * scale;
    }
  }
}

/** Of a small angle. */
function sineSquared(angle: number): number {
  const square = angle * angle;
  return square * (1 - square / 3 * (1 - square * (2 / 15)));
}

/** The cell of a score where an axis from -max to max has a degree, or the one beside it; the first or last one for what is beyond. */
function cellNear(degree: number, max: number, side: -1 | 1): number {
  const cell = axisCell(degree, max, STEPS_MAX) + side;
  return Math.min(TWO_26, Math.max(0, cell));
}

/** Degrees of longitude from a circle's center behind which no place of it can be; Infinity for other areas. */
function longitudeReach({ center, unitM, radius }: Area): number {
  if (radius === undefined) return Infinity;
  const reach = circleLongitudes(radius * unitM, center.latitude);
  return reach * (1 + ROUNDING) + ROUNDING;
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
  const mask = (1 << steps) - 1;
  const latitude = axisCell(center.latitude, LATITUDE_MAX, steps);
  const longitude = axisCell(center.longitude, LONGITUDE_MAX, steps);
  const north = ((latitude + 1) & mask) + 1, south = (latitude - 1) & mask;
  const east = ((longitude + 1) & mask) + 1, west = (longitude - 1) & mask;
  return axisDegree(north, LATITUDE_MAX, steps) < bounds.north ||
    axisDegree(south, LATITUDE_MAX, steps) > bounds.south ||
    axisDegree(east, LONGITUDE_MAX, steps) < bounds.east ||
    axisDegree(west, LONGITUDE_MAX, steps) > bounds.west;
}

/** Of the cells before, at and behind one on an axis those that an area from `low` to `high` reaches, as bits from the lowest on. */
function sidesInside(
  cell: number,
  steps: number,
  max: number,
  low: number,
  high: number,
): number {
  if (steps < 2) return 7;
  // Bounds around a pole or without end are no numbers, and leave nothing out.
  const noBefore = axisDegree(cell, max, steps) < low;
  const noBehind = axisDegree(cell + 1, max, steps) > high;
  return 7 & ~(noBefore ? 1 : 0) & ~(noBehind ? 4 : 0);
}

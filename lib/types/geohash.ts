/**
 * Places on earth as numbers of cells, and distances between them.
 *
 * Longitude and latitude are cut in half `step` times each, and the bits that say
 * in which half a place is are interleaved, longitude first. With 26 steps that is
 * a cell of 52 bits, which a double holds: a sorted set's score. Cells of fewer
 * steps are ranges of scores. Latitudes end at 85.05112878°, where the map of the
 * Mercator projection is a square.
 * {@link https://en.wikipedia.org/wiki/Geohash}
 */

/** Halvings of each axis in a score. */
export const STEPS_MAX = 26;
export const LONGITUDE_MAX = 180;
export const LATITUDE_MAX = 85.05112878;
const HALF_BITS = 13;
const HALF_MASK = (1 << HALF_BITS) - 1;
const TWO_26 = 2 ** 26;
const TWO_53 = 2 ** 53;
/** In a degree. */
export const RADIANS = Math.PI / 180;
/** Quadratic mean radius of WGS-84. */
export const EARTH_RADIUS_M = 6372797.560856;

/** A place in degrees. */
export interface Place {
  longitude: number;
  latitude: number;
}

/** Spreads 14 bits so that there is a bit between each two. */
function spread(bits: number): number {
  bits = (bits | (bits << 8)) & 0x00ff00ff;
  bits = (bits | (bits << 4)) & 0x0f0f0f0f;
  bits = (bits | (bits << 2)) & 0x33333333;
  return (bits | (bits << 1)) & 0x55555555;
}

/** Takes every other bit of 32 together. */
function gather(bits: number): number {
  bits &= 0x55555555;
  bits = (bits | (bits >>> 1)) & 0x33333333;
  bits = (bits | (bits >>> 2)) & 0x0f0f0f0f;
  bits = (bits | (bits >>> 4)) & 0x00ff00ff;
  return (bits | (bits >>> 8)) & 0x0000ffff;
}

/** The cell at these places of both axes; of up to 27 bits each. */
export function interleave(latitude: number, longitude: number): number {
  const low = spread(latitude & HALF_MASK) |
    (spread(longitude & HALF_MASK) << 1);
  const high = spread(latitude >>> HALF_BITS) +
    spread(longitude >>> HALF_BITS) * 2;
  return high * TWO_26 + low;
}

/** How far along an axis from -max to max a degree is, as a whole number of 2^steps. */
export function axisCell(degree: number, max: number, steps: number): number {
  return Math.floor((degree + max) / (max + max) * (1 << steps));
}

/** Where on an axis from -max to max a cell of 2^steps begins. */
export function axisDegree(cell: number, max: number, steps: number): number {
  return -max + cell / (1 << steps) * (max + max);
}

/** The score of a place. */
export function encodePlace(longitude: number, latitude: number): number {
  return interleave(
    axisCell(latitude, LATITUDE_MAX, STEPS_MAX),
    axisCell(longitude, LONGITUDE_MAX, STEPS_MAX),
  );
}

/** The middle of the cell that a score stands for. */
export function decodePlace(score: number): Place {
  return { longitude: longitudeOf(score), latitude: latitudeOf(score) };
}

/** The longitude of a score's place. */
export function longitudeOf(score: number): number {
  if (!isCell(score)) return middle(anyCell(score, 1), LONGITUDE_MAX);
  const high = Math.floor(score / TWO_26), low = score - high * TWO_26;
  const cell = gather(high >>> 1) * (HALF_MASK + 1) + gather(low >>> 1);
  return middle(cell, LONGITUDE_MAX);
}

/** The latitude of a score's place. */
export function latitudeOf(score: number): number {
  if (!isCell(score)) return middle(anyCell(score, 0), LATITUDE_MAX);
  const high = Math.floor(score / TWO_26), low = score - high * TWO_26;
  return middle(gather(high) * (HALF_MASK + 1) + gather(low), LATITUDE_MAX);
}

function isCell(score: number): boolean {
  return score >= 0 && score < TWO_53;
}

/** What the conversion to 64 bits makes of a score that is no cell: the bits of one axis, from `shift` on. */
function anyCell(score: number, shift: 0 | 1): number {
  let bits = 0n;
  if (score < -(2 ** 63)) bits = 1n << 63n;
  else if (score < 2 ** 64) {
    bits = BigInt.asUintN(64, BigInt(Math.trunc(score)));
  }
  const high = Number(bits >> 32n), low = Number(bits & 0xffffffffn);
  return gather(high >>> shift) * 65536 + gather(low >>> shift);
}

function middle(cell: number, max: number): number {
  // As axisDegree has it, without a power for each.
  const from = -max + cell / TWO_26 * (max + max);
  const to = -max + (cell + 1) / TWO_26 * (max + max);
  const degree = (from + to) / 2;
  return Math.min(max, Math.max(-max, degree));
}

/** Metres between two latitudes on one meridian. */
export function latitudeDistance(latitude: number, other: number): number {
  return EARTH_RADIUS_M * Math.abs(other * RADIANS - latitude * RADIANS);
}

/** Metres between two places, along a great circle. */
export function placeDistance(place: Place, other: Place): number {
  return greatCircle(
    place.longitude,
    place.latitude,
    other.longitude,
    other.latitude,
  );
}

/** Metres between two places that are given in degrees; `cosine` is that of the first latitude. */
export function greatCircle(
  longitude: number,
  latitude: number,
  otherLongitude: number,
  otherLatitude: number,
  cosine = Math.cos(latitude * RADIANS),
): number {
  const v = Math.sin((otherLongitude * RADIANS - longitude * RADIANS) / 2);
  if (v === 0) return latitudeDistance(latitude, otherLatitude);
  const from = latitude * RADIANS, to = otherLatitude * RADIANS;
  const u = Math.sin((to - from) / 2);
  const a = u * u + cosine * Math.cos(to) * v * v;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.sqrt(a));
}

/** Degrees of latitude, or of longitude on the equator, that so many metres are. */
export function degreesOf(metres: number): number {
  return metres / EARTH_RADIUS_M / RADIANS;
}

/** Degrees of longitude that a circle reaches to either side of its center; Infinity for one that reaches a pole. */
export function circleLongitudes(radiusM: number, latitude: number): number {
  const angle = radiusM / EARTH_RADIUS_M, middle = Math.abs(latitude) * RADIANS;
  if (!(angle + middle < Math.PI / 2)) return Infinity;
  return Math.asin(Math.sin(angle) / Math.cos(middle)) / RADIANS;
}

/** Degrees of longitude that so many metres are at a latitude. */
export function longitudeDegreesOf(metres: number, latitude: number): number {
  return metres / EARTH_RADIUS_M / Math.cos(latitude * RADIANS) / RADIANS;
}

const ALPHABET = "0123456789bcdefghjkmnpqrstuvwxyz";
const TEXT_LENGTH = 11;
const NORTH_POLE = 90;

/** The standard geohash of a score's place, whose latitudes end at the poles: 10 characters and a 0. */
export function geohashText(score: number): string {
  const { longitude, latitude } = decodePlace(score);
  const cell = BigInt(interleave(
    axisCell(latitude, NORTH_POLE, STEPS_MAX),
    axisCell(longitude, LONGITUDE_MAX, STEPS_MAX),
  ));
  let text = "";
  for (let i = 1; i < TEXT_LENGTH; i++) {
    text += ALPHABET[Number((cell >> BigInt(52 - 5 * i)) & 31n)];
  }
  return `${text}0`;
}

/** Coordinates, units and distances as the geo commands take and answer them. */

import type { Args } from "../router/args.ts";
import { CommandError } from "../router/command_error.ts";
import { writeInteger } from "../router/number_text.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { LATITUDE_MAX, LONGITUDE_MAX, type Place } from "../types/geohash.ts";

const BAD_UNIT = new CommandError(
  "ERR unsupported unit provided. please use M, KM, FT, MI",
);
const NO_RADIUS = new CommandError("ERR need numeric radius");
const NEGATIVE_RADIUS = new CommandError("ERR radius cannot be negative");
const NO_WIDTH = new CommandError("ERR need numeric width");
const NO_HEIGHT = new CommandError("ERR need numeric height");
const NEGATIVE_SIDE = new CommandError(
  "ERR height or width cannot be negative",
);
const COORDINATE_DECIMALS = 17;
/** Distances are answered with four decimals. */
const DISTANCE_SCALE = 10_000;
/** Room for a distance: no double that is one has more digits. */
const distanceBytes = new Uint8Array(32);
const ZERO = 48, POINT = 46;
/** A number that is half way between two of COORDINATE_DECIMALS has no more than these. */
const EXACT_DECIMALS = 60;
/** From here on `toFixed` answers exponents. */
const FIXED_MAX = 1e21;

/** A longitude at an argument and the latitude behind it. @throws {CommandError} `ERR invalid longitude,latitude pair …` */
export function readPlace(args: Args, index: number): Place {
  const longitude = args.float(index), latitude = args.float(index + 1);
  const isValid = Math.abs(longitude) <= LONGITUDE_MAX &&
    Math.abs(latitude) <= LATITUDE_MAX;
  if (isValid) return { longitude, latitude };
  throw new CommandError(
    `ERR invalid longitude,latitude pair ${sixDecimals(longitude)},${
      sixDecimals(latitude)
    }`,
  );
}

function sixDecimals(value: number): string {
  if (!Number.isFinite(value)) return value < 0 ? "-inf" : "inf";
  if (Object.is(value, -0)) return "-0.000000";
  if (Math.abs(value) < FIXED_MAX) return fixedText(value, 6);
  return `${BigInt(value)}.000000`;
}

/** A number with so many decimals; unlike with `toFixed`, a half is rounded to even, as in C. */
function fixedText(value: number, decimals: number): string {
  const fixed = value.toFixed(decimals);
  // What is half way has one bit more than it has decimals.
  if (!Number.isInteger(value * 2 ** (decimals + 1))) return fixed;
  const exact = value.toFixed(EXACT_DECIMALS);
  const kept = exact.slice(0, decimals - EXACT_DECIMALS);
  const isHalf = /^50*$/.test(exact.slice(decimals - EXACT_DECIMALS));
  const isEven = Number(kept.at(-1)) % 2 === 0;
  return isHalf && isEven ? kept : fixed;
}

/** Metres in the unit at an argument. */
export function readUnit(args: Args, index: number): number {
  if (args.is(index, "m")) return 1;
  if (args.is(index, "km")) return 1000;
  if (args.is(index, "ft")) return 0.3048;
  if (args.is(index, "mi")) return 1609.34;
  throw BAD_UNIT;
}

/** A radius at an argument and its unit behind it. */
export function readRadius(
  args: Args,
  index: number,
): { radius: number; unitM: number } {
  const radius = args.float(index, NO_RADIUS);
  if (radius < 0) throw NEGATIVE_RADIUS;
  return { radius, unitM: readUnit(args, index + 1) };
}

/** A width at an argument, the height and their unit behind it. */
export function readBox(
  args: Args,
  index: number,
): { width: number; height: number; unitM: number } {
  const width = args.float(index, NO_WIDTH);
  const height = args.float(index + 1, NO_HEIGHT);
  if (width < 0 || height < 0) throw NEGATIVE_SIDE;
  return { width, height, unitM: readUnit(args, index + 2) };
}

/** Answers a place as two numbers of up to 17 decimals. */
export function replyPlace(
  reply: ReplyWriter,
  { longitude, latitude }: Place,
): void {
  reply.array(2);
  replyCoordinate(reply, longitude);
  replyCoordinate(reply, latitude);
}

function replyCoordinate(reply: ReplyWriter, degree: number): void {
  const fixed = fixedText(degree, COORDINATE_DECIMALS);
  let end = fixed.length;
  while (fixed.charCodeAt(end - 1) === ZERO) end--;
  if (fixed.charCodeAt(end - 1) === POINT) end--;
  const trimmed = fixed.slice(0, end), text = trimmed === "-0" ? "0" : trimmed;
  if (reply.protocol === 2) return reply.bulkText(text);
  reply.raw(bytesOfText(`,${text}\r\n`), 0, text.length + 3);
}

/** Answers a distance with four decimals, halves rounded to even. */
export function replyDistance(reply: ReplyWriter, distance: number): void {
  const scaled = distance * DISTANCE_SCALE;
  const floor = Math.floor(scaled), rest = scaled - floor;
  const isUp = rest > 0.5 || (rest === 0.5 && floor % 2 === 1);
  const digits = isUp ? floor + 1 : floor;
  const whole = Math.floor(digits / DISTANCE_SCALE);
  const pointAt = writeInteger(distanceBytes, 0, whole);
  // The decimals as those of a number from 10000 on, whose 1 becomes the point.
  const decimals = digits - whole * DISTANCE_SCALE + DISTANCE_SCALE;
  const end = writeInteger(distanceBytes, pointAt, decimals);
  distanceBytes[pointAt] = POINT;
  reply.bulkRange(distanceBytes, 0, end);
}

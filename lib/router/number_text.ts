/**
 * Numbers as Redis reads and writes them.
 *
 * Reading floats follows strtod: decimal and hexadecimal, `inf` and `infinity` in
 * any case, with a sign; NaN, spaces and trailing bytes are refused.
 */

import { textOfBytes } from "../resp/byte_text.ts";
import { DIGITS, digitsPower, findDigits } from "./float_digits.ts";

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const HEXADECIMAL = /^([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)(?:p([+-]?\d+))?$/i;
const INFINITE = /^([+-]?)inf(inity)?$/i;
/** Whole numbers up to here are printed as integers. */
const WHOLE_MAX = 2 ** 62;
/** Integers are written in parts of this many digits, each of which fits 31 bits. */
const PART_DIGITS = 9;
const PART_SIZE = 1e9;
/** Zeros that are written rather than an exponent, at most one less than this. */
const PLAIN_ZEROS_MAX = 7;
/** The longest text of a double: a sign, 17 digits, a point and zeros or an exponent. */
export const FLOAT_BYTES_MAX = 32;
/** Longest decimal that is read without a string: those of 17 digits below 0.001 have so many characters. */
const PLAIN_LENGTH_MAX = 23;
/** So many digits are a number that a double holds. */
const EXACT_DIGITS = 15;
/** Those that doubles hold. */
const POWERS_OF_TEN = Float64Array.from(
  { length: PLAIN_LENGTH_MAX },
  (_, power) => Number(`1e${power}`),
);
/** 2^27 + 1: times this, less what that is more than itself, a double keeps its upper 26 bits. */
const SPLITTER = 134217729;
/** How much more than computed what is missing may be; far more than it is. */
const DOUBT = 1 + 2 ** -20;
const ZERO = 48, POINT = 46, MINUS = 45, PLUS = 43, EXPONENT = 101;
const scratch = new Uint8Array(FLOAT_BYTES_MAX);

/** The double that a text stands for, or undefined when it is none or overflows. */
export function parseFloatStrict(text: string): number | undefined {
  if (DECIMAL.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : undefined;
  }
  const infinite = INFINITE.exec(text);
  if (infinite !== null) return infinite[1] === "-" ? -Infinity : Infinity;
  const hex = HEXADECIMAL.exec(text);
  if (hex === null || hex[2].length + hex[3].length === 0) return undefined;
  const digits = Number(BigInt(`0x${hex[2]}${hex[3]}`));
  const value = digits * 2 ** (Number(hex[4] ?? 0) - 4 * hex[3].length);
  if (!Number.isFinite(value)) return undefined;
  return hex[1] === "-" ? -value : value;
}

/** `parseFloatStrict` of plain decimals of at most 23 characters; NaN for anything else, and for a number half way between two doubles. */
export function parsePlainFloat(
  bytes: Uint8Array,
  offset: number,
  length: number,
): number {
  const end = offset + length, isNegative = bytes[offset] === MINUS;
  let at = isNegative ? offset + 1 : offset, pointAt = end;
  let value = 0, digits = 0, rest = 0, restDigits = 0;
  if (length === 0 || length > PLAIN_LENGTH_MAX) return NaN;
  for (; at < end; at++) {
    const digit = bytes[at] - ZERO;
    if (digit >= 0 && digit <= 9) {
      if (digits < EXACT_DIGITS) {
        value = value * 10 + digit;
        if (value > 0) digits++;
      } else {
        rest = rest * 10 + digit;
        restDigits++;
      }
    } else if (bytes[at] === POINT && pointAt === end) pointAt = at;
    else return NaN;
  }
  if (pointAt >= end - 1 && !(bytes[end - 1] >= ZERO)) return NaN;
  const divisor = POWERS_OF_TEN[Math.max(0, end - 1 - pointAt)];
  // With both numbers exact, what the division gives is the nearest double.
  if (restDigits === 0) value /= divisor;
  else value = nearestOf(value, POWERS_OF_TEN[restDigits], rest, divisor);
  return isNegative ? -value : value;
}

/** The double nearest to `(value * factor + rest) / divisor`; NaN when another one is as near. */
function nearestOf(
  value: number,
  factor: number,
  rest: number,
  divisor: number,
): number {
  const product = value * factor;
  const sum = product + rest,
    low = productError(value, factor, product) +
      (rest - (sum - product));
  const quotient = sum / divisor, back = quotient * divisor;
  const left = (sum - back) - productError(quotient, divisor, back) + low;
  const correction = left / divisor;
  const nearest = quotient + correction;
  const missing = correction - (nearest - quotient);
  return nearest + missing * DOUBT === nearest ? nearest : NaN;
}

/** What a product of two doubles is more than `product`, the double that it gives (Dekker's algorithm). */
function productError(one: number, other: number, product: number): number {
  const oneScaled = one * SPLITTER, otherScaled = other * SPLITTER;
  const oneHigh = oneScaled - (oneScaled - one), oneLow = one - oneHigh;
  const otherHigh = otherScaled - (otherScaled - other);
  const otherLow = other - otherHigh;
  return oneLow * otherLow -
    (((product - oneHigh * otherHigh) - oneLow * otherHigh) -
      oneHigh * otherLow);
}

/**
 * A double as Redis 7.2 prints it in replies: `inf`, `-inf`, `nan`, `-0`; whole
 * numbers up to 2^62 with all their digits; others plain while that is short
 * (`0.0000015`, `12000000000000000000`) and else as `1e+30`, `1.5e-7`.
 */
export function formatFloat(value: number): string {
  if (value === Infinity) return "inf";
  if (value === -Infinity) return "-inf";
  if (Number.isNaN(value)) return "nan";
  if (Object.is(value, -0)) return "-0";
  if (Math.abs(value) <= WHOLE_MAX && Number.isInteger(value)) {
    return Number.isSafeInteger(value) ? `${value}` : `${BigInt(value)}`;
  }
  return formatShortest(value);
}

/** A finite double in the fewest digits, as fpconv_dtoa has it: whole numbers, too, with an exponent where that is shorter. */
export function formatShortest(value: number): string {
  return textOfBytes(scratch.subarray(0, writeShortest(scratch, 0, value)));
}

/** Writes what `formatFloat` says, at most FLOAT_BYTES_MAX; returns the place behind it. */
export function writeFloat(
  bytes: Uint8Array,
  at: number,
  value: number,
): number {
  if (Number.isSafeInteger(value) && !Object.is(value, -0)) {
    return writeInteger(bytes, at, value);
  }
  if (Number.isFinite(value) && !Number.isInteger(value)) {
    return writeShortest(bytes, at, value);
  }
  const text = formatFloat(value);
  for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
  return at;
}

/** Writes what `formatShortest` says; returns the place behind it. */
function writeShortest(bytes: Uint8Array, at: number, value: number): number {
  if (value < 0 || Object.is(value, -0)) {
    bytes[at++] = MINUS;
    value = -value;
  }
  if (value === 0) {
    bytes[at++] = ZERO;
    return at;
  }
  const count = findDigits(value), power = digitsPower();
  // Power of ten of the first digit.
  const exponent = power + count - 1, exponentSize = Math.abs(exponent);
  if (power >= 0 && exponentSize < count + PLAIN_ZEROS_MAX) {
    at = copyDigits(bytes, at, 0, count);
    return writeZeros(bytes, at, power);
  }
  if (power < 0 && (power > -PLAIN_ZEROS_MAX || exponentSize < 4)) {
    const whole = count + power;
    if (whole > 0) at = copyDigits(bytes, at, 0, whole);
    else bytes[at++] = ZERO;
    bytes[at++] = POINT;
    if (whole < 0) at = writeZeros(bytes, at, -whole);
    return copyDigits(bytes, at, Math.max(0, whole), count);
  }
  bytes[at++] = DIGITS[0];
  if (count > 1) {
    bytes[at++] = POINT;
    at = copyDigits(bytes, at, 1, count);
  }
  bytes[at++] = EXPONENT;
  bytes[at++] = exponent < 0 ? MINUS : PLUS;
  return writeInteger(bytes, at, exponentSize);
}

function copyDigits(
  bytes: Uint8Array,
  at: number,
  from: number,
  end: number,
): number {
  while (from < end) bytes[at++] = DIGITS[from++];
  return at;
}

function writeZeros(bytes: Uint8Array, at: number, count: number): number {
  for (; count > 0; count--) bytes[at++] = ZERO;
  return at;
}

/** Characters of an integer in decimal, its sign included; exact up to 2^53. */
export function integerLength(value: number): number {
  const sign = value < 0 ? 1 : 0;
  const size = value < 0 ? -value : value;
  return size < PART_SIZE
    ? sign + digitCount(size)
    : sign + PART_DIGITS + digitCount(Math.floor(size / PART_SIZE));
}

/** Writes an integer in decimal, exact up to 2^53; returns the place behind it. */
export function writeInteger(
  bytes: Uint8Array,
  at: number,
  value: number,
): number {
  let size = value;
  if (value < 0) {
    bytes[at++] = 45;
    size = -value;
  }
  if (size < PART_SIZE) return writeDigits(bytes, at, size, digitCount(size));
  const high = Math.floor(size / PART_SIZE);
  at = writeDigits(bytes, at, high, digitCount(high));
  return writeDigits(bytes, at, size - high * PART_SIZE, PART_DIGITS);
}

/** Writes a number below 2^31 with just `count` digits; returns the place behind them. */
export function writeDigits(
  bytes: Uint8Array,
  at: number,
  value: number,
  count: number,
): number {
  const end = at + count;
  let rest = value | 0;
  for (let i = end - 1; i >= at; i--) {
    const tens = (rest / 10) | 0;
    bytes[i] = 48 + rest - tens * 10;
    rest = tens;
  }
  return end;
}

/** Decimal digits of a number from 0 to 2^31. */
function digitCount(value: number): number {
  if (value < 100000) {
    return value < 100
      ? (value < 10 ? 1 : 2)
      : value < 1000
      ? 3
      : value < 10000
      ? 4
      : 5;
  }
  if (value < 10000000) return value < 1000000 ? 6 : 7;
  return value < 100000000 ? 8 : value < 1000000000 ? 9 : 10;
}

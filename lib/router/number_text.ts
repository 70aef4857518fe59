/**
 * Numbers as Redis reads and writes them.
 *
 * Reading floats follows strtod: decimal and hexadecimal, `inf` and `infinity` in
 * any case, with a sign; NaN, spaces and trailing bytes are refused.
 */

import { floatDigits } from "./float_digits.ts";

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
  if (value === 0) return Object.is(value, -0) ? "-0" : "0";
  const { digits, power } = floatDigits(Math.abs(value));
  return (value < 0 ? "-" : "") + placePoint(digits, power);
}

/** `digits * 10^power` with a decimal point or an exponent. */
function placePoint(digits: string, power: number): string {
  const count = digits.length;
  // Power of ten of the first digit.
  const exponent = power + count - 1;
  const exponentSize = Math.abs(exponent);
  if (power >= 0 && exponentSize < count + PLAIN_ZEROS_MAX) {
    return digits + "0".repeat(power);
  }
  if (power < 0 && (power > -PLAIN_ZEROS_MAX || exponentSize < 4)) {
    const whole = count + power;
    return whole > 0
      ? `${digits.slice(0, whole)}.${digits.slice(whole)}`
      : `0.${"0".repeat(-whole)}${digits}`;
  }
  const point = count > 1 ? "." : "";
  const sign = exponent < 0 ? "-" : "+";
  return `${digits[0]}${point}${digits.slice(1)}e${sign}${exponentSize}`;
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

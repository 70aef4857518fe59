/**
 * Signed 64-bit integers in decimal, to and from their two halves: a double does not
 * hold 64 bits, and a bigint is an object that takes ten times as long.
 */

import { writeDigits, writeInteger } from "../router/number_text.ts";

const TWO_16 = 65536, TWO_32 = 4294967296;
/** Decimal digits that are handled together. */
const PART_DIGITS = 9;
const PART_SIZE = 1e9;
/** Longest text: a sign and 19 digits. */
export const WIDE_TEXT_MAX = 20;
const DIGITS_MAX = 19;
const MINUS = 45, ZERO = 48;
/** High half of 2^63, which is no integer any more unless it is negative. */
const HIGH_END = 0x80000000;

/** The halves that {@linkcode parseWide} read: 32 bits each, signed. */
export const wide = { high: 0, low: 0 };

/** Reads an integer in Redis's canonical form (no sign +, no leading zeros) into `wide`; false when it is none. */
export function parseWide(
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  const end = offset + length;
  const isNegative = length > 0 && bytes[offset] === MINUS;
  const start = isNegative ? offset + 1 : offset, digits = end - start;
  if (digits < 1 || digits > DIGITS_MAX) return false;
  if (bytes[start] === ZERO && (digits > 1 || isNegative)) return false;
  // The digits before the last nine, and those.
  let upper = 0, lower = 0;
  const middle = Math.max(start, end - PART_DIGITS);
  for (let at = start; at < end; at++) {
    const digit = bytes[at] - ZERO;
    if (digit < 0 || digit > 9) return false;
    if (at < middle) upper = upper * 10 + digit;
    else lower = lower * 10 + digit;
  }
  // upper * 10^9 + lower, in products of less than 2^53.
  const product = Math.floor(upper / TWO_16) * PART_SIZE;
  let low = (product % TWO_16) * TWO_16 + (upper % TWO_16) * PART_SIZE + lower;
  let high = Math.floor(product / TWO_16) + Math.floor(low / TWO_32);
  low %= TWO_32;
  if (high >= HIGH_END && !(isNegative && high === HIGH_END && low === 0)) {
    return false;
  }
  if (isNegative) {
    low = -low | 0;
    high = ~high + (low === 0 ? 1 : 0);
  }
  wide.high = high | 0;
  wide.low = low | 0;
  return true;
}

/** Writes an integer given as two halves; returns the place behind it. */
export function writeWideInteger(
  bytes: Uint8Array,
  at: number,
  high: number,
  low: number,
): number {
  let upper = high | 0, lower = low | 0;
  if (upper < 0) {
    bytes[at++] = MINUS;
    lower = -lower | 0;
    upper = ~upper + (lower === 0 ? 1 : 0);
  }
  // Divided by 10^9 in steps of 16 bits; the first is less than the divisor.
  const first = (upper >>> 0) % PART_SIZE;
  const second = first * TWO_16 + (lower >>> 16);
  const third = (second % PART_SIZE) * TWO_16 + (lower & 0xffff);
  const part = third % PART_SIZE;
  const rest = Math.floor((upper >>> 0) / PART_SIZE) * TWO_32 +
    Math.floor(second / PART_SIZE) * TWO_16 + Math.floor(third / PART_SIZE);
  if (rest === 0) return writeInteger(bytes, at, part);
  at = writeInteger(bytes, at, rest);
  return writeDigits(bytes, at, part, PART_DIGITS);
}

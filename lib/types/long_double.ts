/**
 * The 80-bit floating point numbers of x86 (C's `long double` there), with which
 * Redis computes INCRBYFLOAT and HINCRBYFLOAT.
 *
 * A double would not do: results are printed with 17 decimals, which shows the
 * difference at once (0.1 + 0.2 is 0.3 here). So a number is kept exactly, as a
 * whole mantissa of at most 64 bits times a power of two, and every result is
 * rounded to that as the hardware does: to nearest, ties to even, with the
 * hardware's smallest and largest exponents.
 */

import { textOfBytes } from "../resp/byte_text.ts";

/** A finite number `mantissa * 2^exponent`, or an infinity of the mantissa's sign. */
export interface LongDouble {
  readonly mantissa: bigint;
  /** `Infinity` for an infinity. */
  readonly exponent: number;
}

const MANTISSA_BITS = 64;
/** Exponent of the last bit of the smallest numbers. */
const EXPONENT_MIN = -16445;
/** Numbers from 2 to this power on are infinite. */
const OVERFLOW_EXPONENT = 16384;
/** Below it, a mantissa of 64 bits cannot be infinite. */
const LARGE_EXPONENT = OVERFLOW_EXPONENT - MANTISSA_BITS;
/** Longest text that Redis reads as a number, in bytes. */
const TEXT_MAX = 5 * 1024 - 1;
/** Beyond this power of ten, no number of TEXT_MAX digits is neither infinite nor zero. */
const DECIMAL_POWER_MAX = 20_000;
/** The same for a power of two. */
const BINARY_POWER_MAX = 80_000;
const DECIMALS = 17;
const TEN_TO_DECIMALS = 10n ** 17n;

/** Digits that a double holds exactly, and the powers of ten up to as many. */
const PLAIN_DIGITS_MAX = 15;
const TENS = Array.from({ length: 16 }, (_, power) => 10n ** BigInt(power));
const TWO_64 = 1n << 64n;
const MINUS = 45, POINT = 46, ZERO = 48;

const DECIMAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d+))?$/i;
const HEXADECIMAL = /^([+-]?)0x([0-9a-f]*)(?:\.([0-9a-f]*))?(?:p([+-]?\d+))?$/i;
const INFINITE = /^([+-]?)inf(inity)?$/i;

export const LONG_DOUBLE_ZERO: LongDouble = { mantissa: 0n, exponent: 0 };

/**
 * The number that a text stands for, as `strtold` reads it; `undefined` when it
 * is none, is not a number, or is too large or too small to be represented.
 */
export function parseLongDouble(bytes: Uint8Array): LongDouble | undefined {
  if (bytes.length > TEXT_MAX) return undefined;
  return parsePlain(bytes) ?? parseAny(textOfBytes(bytes));
}

/** A number of up to 15 digits without an exponent, as most are. */
function parsePlain(bytes: Uint8Array): LongDouble | undefined {
  const isNegative = bytes[0] === MINUS;
  let size = 0, digits = 0, point = -1;
  for (let at = isNegative ? 1 : 0; at < bytes.length; at++) {
    const digit = bytes[at] - ZERO;
    if (digit >= 0 && digit <= 9) {
      size = size * 10 + digit;
      digits++;
    } else if (bytes[at] === POINT && point < 0) point = digits;
    else return undefined;
  }
  if (digits === 0 || digits > PLAIN_DIGITS_MAX) return undefined;
  const decimals = point < 0 ? 0 : digits - point;
  const mantissa = BigInt(isNegative ? -size : size);
  if (decimals === 0 || size === 0) return { mantissa, exponent: 0 };
  return withSign(round(BigInt(size), TENS[decimals], 0), isNegative);
}

function parseAny(text: string): LongDouble | undefined {
  const decimal = DECIMAL.exec(text);
  if (decimal !== null) return readParts(decimal, decimalValue);
  const hexadecimal = HEXADECIMAL.exec(text);
  if (hexadecimal !== null) return readParts(hexadecimal, hexadecimalValue);
  const infinite = INFINITE.exec(text);
  if (infinite === null) return undefined;
  return { mantissa: infinite[1] === "-" ? -1n : 1n, exponent: Infinity };
}

/** The sum, rounded; `undefined` when it is infinite or not a number. */
export function addLongDoubles(
  first: LongDouble,
  second: LongDouble,
): LongDouble | undefined {
  if (first.exponent === Infinity || second.exponent === Infinity) {
    return undefined;
  }
  const exponent = Math.min(first.exponent, second.exponent);
  const sum = (first.mantissa << BigInt(first.exponent - exponent)) +
    (second.mantissa << BigInt(second.exponent - exponent));
  const size = sum < 0n ? -sum : sum;
  return size < TWO_64 && exponent < LARGE_EXPONENT
    ? { mantissa: sum, exponent }
    : withSign(round(size, 1n, exponent), sum < 0n);
}

/** A finite number with up to 17 decimals, without needless zeros: C's `%.17Lf`, trimmed. */
export function formatLongDouble({ mantissa, exponent }: LongDouble): string {
  const size = mantissa < 0n ? -mantissa : mantissa;
  const scaled = scaleToDecimals(size, exponent);
  const digits = scaled.toString().padStart(DECIMALS + 1, "0");
  const whole = digits.slice(0, -DECIMALS);
  const decimals = digits.slice(-DECIMALS).replace(/0+$/, "");
  const text = decimals === "" ? whole : `${whole}.${decimals}`;
  return mantissa < 0n && text !== "0" ? `-${text}` : text;
}

/** `size * 2^exponent * 10^17`, rounded to a whole number. */
function scaleToDecimals(size: bigint, exponent: number): bigint {
  const scaled = size * TEN_TO_DECIMALS;
  return divideShifted(scaled, 1n, -exponent);
}

/** Reads what DECIMAL and HEXADECIMAL have matched: sign, whole digits, fraction digits, power. */
function readParts(
  [, sign, whole, fraction = "", power = "0"]: readonly string[],
  valueOf: (digits: string, fractionDigits: number, power: number) =>
    | LongDouble
    | undefined,
): LongDouble | undefined {
  const digits = whole + fraction;
  if (digits === "") return undefined;
  if (/^0+$/.test(digits)) return LONG_DOUBLE_ZERO;
  return withSign(
    valueOf(digits, fraction.length, Number(power)),
    sign === "-",
  );
}

function decimalValue(
  digits: string,
  fractionDigits: number,
  power: number,
): LongDouble | undefined {
  if (Math.abs(power) > DECIMAL_POWER_MAX) return undefined;
  const shift = power - fractionDigits;
  const ten = 10n ** BigInt(Math.abs(shift));
  return shift < 0
    ? positive(round(BigInt(digits), ten, 0))
    : positive(round(BigInt(digits) * ten, 1n, 0));
}

function hexadecimalValue(
  digits: string,
  fractionDigits: number,
  power: number,
): LongDouble | undefined {
  if (Math.abs(power) > BINARY_POWER_MAX) return undefined;
  return positive(
    round(BigInt(`0x${digits}`), 1n, power - 4 * fractionDigits),
  );
}

/** A number that was not zero in the text must not have become it. */
function positive(value: LongDouble | undefined): LongDouble | undefined {
  return value?.mantissa === 0n ? undefined : value;
}

function withSign(
  value: LongDouble | undefined,
  isNegative: boolean,
): LongDouble | undefined {
  return value === undefined || !isNegative
    ? value
    : { mantissa: -value.mantissa, exponent: value.exponent };
}

/** `numerator / denominator * 2^exponent` rounded to a mantissa of 64 bits; `undefined` when too large. */
function round(
  numerator: bigint,
  denominator: bigint,
  exponent: number,
): LongDouble | undefined {
  let shift = Math.max(
    bitLength(numerator) - bitLength(denominator) - MANTISSA_BITS,
    EXPONENT_MIN - exponent,
  );
  let mantissa = divideShifted(numerator, denominator, shift);
  if (mantissa >= TWO_64) {
    shift++;
    mantissa = divideShifted(numerator, denominator, shift);
  }
  exponent += shift;
  const isLarge = exponent >= LARGE_EXPONENT &&
    exponent + bitLength(mantissa) > OVERFLOW_EXPONENT;
  return isLarge ? undefined : { mantissa, exponent };
}

/** `numerator / denominator / 2^shift`, rounded to nearest, ties to even. */
function divideShifted(
  numerator: bigint,
  denominator: bigint,
  shift: number,
): bigint {
  const dividend = shift < 0 ? numerator << BigInt(-shift) : numerator;
  const divisor = shift > 0 ? denominator << BigInt(shift) : denominator;
  if (divisor === 1n) return dividend;
  const quotient = dividend / divisor;
  const twice = (dividend - quotient * divisor) << 1n;
  const isUp = twice > divisor ||
    (twice === divisor && (quotient & 1n) === 1n);
  return isUp ? quotient + 1n : quotient;
}

/** Bits of a number; 0 for 0. */
function bitLength(value: bigint): number {
  const digits = value.toString(16), first = digits.charCodeAt(0);
  // "0" to "9" are 48 to 57, "a" to "f" 97 to 102.
  const nibble = first < 97 ? first - 48 : first - 87;
  return digits.length * 4 - (Math.clz32(nibble) - 28);
}

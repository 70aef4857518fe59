/**
 * The decimal digits of a double, as Redis 7.2 finds them: by Grisu2.
 *
 * Grisu2 gives digits that always read back as the same double and that are
 * nearly always, but not always, the fewest: about one double in a thousand gets
 * one more than JavaScript's `String(value)` prints. To answer byte for byte what
 * Redis answers takes the same algorithm with the same 64-bit roundings.
 *
 * Halfway to a double's neighbours are the bounds between which every decimal
 * reads back as the double. Bounds and double are scaled by a power of ten into a
 * range where the integer part has 32 bits:
 *
 * ```
 *   lower ──────── value ──────── upper         all times 10^-k, 64 bits each
 *                    |── rest ──|               digits of `upper` are cut off
 *   |────────── gap ────────────|               where the rest is inside the gap
 * ```
 *
 * Then the last digit is lowered while that brings the decimal nearer to the
 * double.
 *
 * Florian Loitsch, "Printing Floating-Point Numbers Quickly and Accurately with
 * Integers", PLDI 2010.
 */

/** `fraction * 2^exponent`, the fraction unsigned in 64 bits. */
interface Scaled {
  readonly fraction: bigint;
  readonly exponent: number;
}

/** A decimal number `digits * 10^power`. */
export interface DecimalDigits {
  readonly digits: string;
  readonly power: number;
}

const FRACTION_BITS = 52;
const HIDDEN_BIT = 2 ** FRACTION_BITS;
const TWO_32 = 2 ** 32;
const LOW_MASK = 0xffff_ffffn;
/** Exponent of a double's fraction as an integer, when its exponent bits are 0. */
const EXPONENT_BIAS = 1023 + FRACTION_BITS;
/** The scaled upper bound has its binary point so many bits from its right end. */
const SCALED_EXPONENT_MIN = -60;
const SCALED_EXPONENT_MAX = -32;
/** The powers of ten at hand are 10^-348, 10^-340, … 10^340. */
const POWER_FIRST = -348;
const POWER_STEP = 8;
const POWER_COUNT = 87;
const LOG10_OF_2 = 0.30102999566398114;
/** Decimal digits of a number of 32 bits, and the power of ten of the first. */
const WHOLE_DIGITS = 10;
const UNIT_MAX = 1e9;
const GUARD_BITS = 128;

const POWERS: readonly Scaled[] = Array.from(
  { length: POWER_COUNT },
  (_, index) => powerOfTen(POWER_FIRST + index * POWER_STEP),
);

/** The digits of a positive, finite double. */
export function floatDigits(value: number): DecimalDigits {
  const { fraction, exponent } = decompose(value);
  const shift = 64 - bitLength(fraction);
  const scaledFraction = BigInt(fraction) << BigInt(shift);
  // A bound is half a unit away; below a power of two, doubles are twice as dense.
  const half = 1n << BigInt(shift - 1);
  const halfBelow = fraction === HIDDEN_BIT ? half >> 1n : half;
  const upperExponent = exponent - shift;
  const powerIndex = findPower(upperExponent);
  const power = POWERS[powerIndex];
  const scaledValue = multiply(scaledFraction, power.fraction);
  // One off inwards, since the products are rounded.
  const lower = multiply(scaledFraction - halfBelow, power.fraction) + 1n;
  const upper = multiply(scaledFraction + half, power.fraction) - 1n;
  const made = makeDigits(
    upper,
    upper - scaledValue,
    upper - lower,
    -(upperExponent + power.exponent + 64),
  );
  return {
    digits: made.digits,
    power: made.power - (POWER_FIRST + powerIndex * POWER_STEP),
  };
}

/** A double as `fraction * 2^exponent`, the fraction a whole number up to 2^53. */
function decompose(value: number): { fraction: number; exponent: number } {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  const high = view.getUint32(0), exponent = high >>> 20;
  const fraction = (high & 0xfffff) * TWO_32 + view.getUint32(4);
  return exponent === 0
    ? { fraction, exponent: 1 - EXPONENT_BIAS }
    : { fraction: fraction + HIDDEN_BIT, exponent: exponent - EXPONENT_BIAS };
}

/** Index of the power of ten that brings a number with this exponent into range. */
function findPower(exponent: number): number {
  const estimate = Math.trunc(-(exponent + POWER_COUNT) * LOG10_OF_2);
  let index = Math.trunc((estimate - POWER_FIRST) / POWER_STEP);
  while (true) {
    const scaled = exponent + POWERS[index].exponent + 64;
    if (scaled < SCALED_EXPONENT_MIN) index++;
    else if (scaled > SCALED_EXPONENT_MAX) index--;
    else return index;
  }
}

/** The upper 64 bits of a product, rounded. */
function multiply(first: bigint, second: bigint): bigint {
  return (first * second + (1n << 63n)) >> 64n;
}

/**
 * Cuts digits off `upper`, whose lowest `pointBits` bits are its fraction, until
 * what is left is at most `gap`. `rest` is how far the double is below `upper`.
 */
function makeDigits(
  upper: bigint,
  rest: bigint,
  gap: bigint,
  pointBits: number,
): DecimalDigits {
  const bits = BigInt(pointBits);
  const one = 1n << bits;
  const part = upper & (one - 1n);
  const isGapWide = gap >= one;
  let whole = Number(upper >> bits);
  let digits = "", power = WHOLE_DIGITS;
  for (let unit = UNIT_MAX; power > 0; unit /= 10) {
    const digit = Math.floor(whole / unit);
    whole -= digit * unit;
    power--;
    if (digit > 0 || digits !== "") digits += digit;
    if (whole > 0 && !isGapWide) continue;
    const left = (BigInt(whole) << bits) + part;
    if (left <= gap) {
      const unitBits = BigInt(unit) << bits;
      return { digits: approach(digits, gap, left, unitBits, rest), power };
    }
  }
  return makeFractionDigits(digits, part, rest, gap, pointBits);
}

/** Goes on with the digits behind the point, in halves of 32 bits: they are most of the work. */
function makeFractionDigits(
  digits: string,
  part: bigint,
  rest: bigint,
  gap: bigint,
  pointBits: number,
): DecimalDigits {
  const digitShift = pointBits - 32, mask = 2 ** digitShift - 1;
  let high = Number(part >> 32n), low = Number(part & LOW_MASK);
  let gapHigh = Number(gap >> 32n), gapLow = Number(gap & LOW_MASK);
  let power = 0;
  do {
    low *= 10;
    const carry = Math.floor(low / TWO_32);
    low -= carry * TWO_32;
    high = high * 10 + carry;
    gapLow *= 10;
    const gapCarry = Math.floor(gapLow / TWO_32);
    gapLow -= gapCarry * TWO_32;
    gapHigh = gapHigh * 10 + gapCarry;
    power--;
    const digit = high >>> digitShift;
    if (digit > 0 || digits !== "") digits += digit;
    high &= mask;
  } while (high > gapHigh || (high === gapHigh && low >= gapLow));
  const made = approach(
    digits,
    joinHalves(gapHigh, gapLow),
    joinHalves(high, low),
    1n << BigInt(pointBits),
    rest * 10n ** BigInt(-power),
  );
  return { digits: made, power };
}

function joinHalves(high: number, low: number): bigint {
  return (BigInt(high) << 32n) + BigInt(low);
}

/** Lowers the last digit while that is inside the gap and nearer to the double. */
function approach(
  digits: string,
  gap: bigint,
  left: bigint,
  unit: bigint,
  rest: bigint,
): string {
  let lowered = 0;
  while (
    left < rest && gap - left >= unit &&
    (left + unit < rest || rest - left > left + unit - rest)
  ) {
    lowered++;
    left += unit;
  }
  if (lowered === 0) return digits;
  const last = digits.charCodeAt(digits.length - 1) - 48;
  return digits.slice(0, -1) + (last - lowered);
}

/** A power of ten, normalized and rounded to 64 bits. */
function powerOfTen(power: number): Scaled {
  const ten = 10n ** BigInt(Math.abs(power));
  const tenBits = ten.toString(2).length;
  // So many bits more than the result needs that its rounding is right.
  const extra = power < 0 ? 2 * tenBits + GUARD_BITS : GUARD_BITS;
  const scaled = power < 0 ? (1n << BigInt(extra)) / ten : ten << BigInt(extra);
  const shift = scaled.toString(2).length - 64;
  const half = 1n << BigInt(shift - 1);
  return {
    fraction: (scaled + half) >> BigInt(shift),
    exponent: shift - extra,
  };
}

/** Bits of a whole number up to 2^53. */
function bitLength(value: number): number {
  return value < TWO_32
    ? 32 - Math.clz32(value)
    : 64 - Math.clz32(value / TWO_32);
}

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
 * Numbers of 64 bits are in two halves, `High` and `Low`, whole numbers below
 * 2^32 each: big integers would take most of the time of a reply with scores.
 *
 * Florian Loitsch, "Printing Floating-Point Numbers Quickly and Accurately with
 * Integers", PLDI 2010.
 */

const FRACTION_BITS = 52;
const HIDDEN_HIGH = 2 ** (FRACTION_BITS - 32);
const TWO_31 = 2 ** 31;
const TWO_32 = 2 ** 32;
const ZERO = 48;
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
/** The first digit of a number of 32 bits counts so many. */
const UNIT_MAX = 1e9;
const WHOLE_DIGITS = 10;
const GUARD_BITS = 128;
/** Bits of the parts in which fractions are multiplied, and parts of a fraction. */
const PART_BITS = 16;
const PARTS = 4;

/** The powers of ten: `fraction * 2^exponent`, the fraction in parts, the lowest first. */
const powerParts = new Float64Array(POWER_COUNT * PARTS);
const powerExponents = new Int32Array(POWER_COUNT);
for (let index = 0; index < POWER_COUNT; index++) {
  notePower(index, POWER_FIRST + index * POWER_STEP);
}

const convertView = new DataView(new ArrayBuffer(8));
/** The digits that were found last, in ASCII; one array for all. */
export const DIGITS: Uint8Array = new Uint8Array(24);
let count = 0;
/** The power of ten that the last of DIGITS counts. */
let power = 0;
/** The numbers that digits are made of. In an array, since variables of a module hold doubles as objects. */
const numbers = new Float64Array(6);
const PRODUCT_HIGH = 0, PRODUCT_LOW = 1;
const REST_HIGH = 2, REST_LOW = 3, GAP_HIGH = 4, GAP_LOW = 5;

/** The power of ten that the last digit of DIGITS counts. */
export function digitsPower(): number {
  return power;
}

/** Finds the digits of a positive, finite double. Returns how many there are in DIGITS. */
export function findDigits(value: number): number {
  convertView.setFloat64(0, value);
  const top = convertView.getUint32(0), low = convertView.getUint32(4);
  const bits = top >>> 20;
  const high = (top & (HIDDEN_HIGH - 1)) + (bits === 0 ? 0 : HIDDEN_HIGH);
  // So that the fraction's first bit is that of 2^63.
  const shift = high !== 0 ? Math.clz32(high) : 32 + Math.clz32(low);
  const exponent = (bits === 0 ? 1 : bits) - EXPONENT_BIAS - shift;
  const index = findPower(exponent);
  let fractionHigh: number, fractionLow: number;
  if (shift < 32) {
    fractionHigh = ((high << shift) | (low >>> (32 - shift))) >>> 0;
    fractionLow = (low << shift) >>> 0;
  } else {
    fractionHigh = (low << (shift - 32)) >>> 0;
    fractionLow = 0;
  }
  // A bound is half a unit away; below a power of two, doubles are twice as dense.
  const half = 2 ** (shift - 1);
  const isPowerOfTwo = high === HIDDEN_HIGH && low === 0;
  const below = isPowerOfTwo ? half / 2 : half;
  multiply(fractionHigh, fractionLow + half, index);
  // Bounds are one off inwards, since the products are rounded.
  let upperHigh = numbers[PRODUCT_HIGH];
  let upperLow = numbers[PRODUCT_LOW] - 1;
  if (upperLow < 0) {
    upperLow += TWO_32;
    upperHigh--;
  }
  multiply(fractionHigh, fractionLow, index);
  noteBelow(REST_HIGH, upperHigh, upperLow);
  multiply(fractionHigh, fractionLow - below, index);
  noteBelow(GAP_HIGH, upperHigh, upperLow - 1);
  count = 0;
  makeDigits(upperHigh, upperLow, -(exponent + powerExponents[index] + 64));
  power -= POWER_FIRST + index * POWER_STEP;
  return count;
}

/** Notes how far the product is below a number. */
function noteBelow(at: number, high: number, low: number): void {
  const difference = low - numbers[PRODUCT_LOW];
  const borrow = difference < 0 ? 1 : 0;
  numbers[at] = high - numbers[PRODUCT_HIGH] - borrow;
  numbers[at + 1] = difference + borrow * TWO_32;
}

/** Index of the power of ten that brings a number with this exponent into range. */
function findPower(exponent: number): number {
  const estimate = Math.trunc(-(exponent + POWER_COUNT) * LOG10_OF_2);
  let index = Math.trunc((estimate - POWER_FIRST) / POWER_STEP);
  while (true) {
    const scaled = exponent + powerExponents[index] + 64;
    if (scaled < SCALED_EXPONENT_MIN) index++;
    else if (scaled > SCALED_EXPONENT_MAX) index--;
    else return index;
  }
}

/**
 * Multiplies with a power of ten; the product is the upper 64 bits, rounded. The
 * low half may be negative or over 2^32, as long as the whole is one of 64 bits.
 */
function multiply(high: number, low: number, index: number): void {
  const carry = Math.floor(low / TWO_32);
  low -= carry * TWO_32;
  high += carry;
  const at = index * PARTS;
  const a0 = low & 0xffff, a1 = low / 65536 | 0;
  const a2 = high & 0xffff, a3 = high / 65536 | 0;
  const b0 = powerParts[at], b1 = powerParts[at + 1];
  const b2 = powerParts[at + 2], b3 = powerParts[at + 3];
  // Sums of products by what they count: 2^0 and 2^16, 2^32 and 2^48, and so on.
  const first = a0 * b0 + (a0 * b1 + a1 * b0) * 65536;
  const second = Math.floor(first / TWO_32) +
    a0 * b2 + a1 * b1 + a2 * b0 +
    (a0 * b3 + a1 * b2 + a2 * b1 + a3 * b0) * 65536 + TWO_31;
  const third = Math.floor(second / TWO_32) +
    a1 * b3 + a2 * b2 + a3 * b1 + (a2 * b3 + a3 * b2) * 65536;
  const over = Math.floor(third / TWO_32);
  numbers[PRODUCT_LOW] = third - over * TWO_32;
  numbers[PRODUCT_HIGH] = over + a3 * b3;
}

/**
 * Cuts digits off the upper bound, whose lowest `pointBits` bits are its fraction,
 * until what is left is at most the gap.
 */
function makeDigits(high: number, low: number, pointBits: number): void {
  // The low half is fraction only.
  const one = 2 ** (pointBits - 32);
  const gapHigh = numbers[GAP_HIGH], gapLow = numbers[GAP_LOW];
  let whole = Math.floor(high / one);
  const part = high - whole * one;
  const isGapWide = gapHigh >= one;
  power = WHOLE_DIGITS;
  for (let unit = UNIT_MAX; power > 0; unit /= 10) {
    const digit = Math.floor(whole / unit);
    whole -= digit * unit;
    power--;
    if (digit > 0 || count > 0) DIGITS[count++] = ZERO + digit;
    if (whole > 0 && !isGapWide) continue;
    const left = whole * one + part;
    if (isLess(gapHigh, gapLow, left, low)) continue;
    const restHigh = numbers[REST_HIGH], restLow = numbers[REST_LOW];
    return approach(gapHigh, gapLow, restHigh, restLow, left, low, unit * one);
  }
  makeFractionDigits(part, low, pointBits - 32);
}

/** Goes on with the digits behind the point, which are those of a fraction with `shift` + 32 bits. */
function makeFractionDigits(high: number, low: number, shift: number): void {
  const one = 2 ** shift, mask = one - 1;
  let gapHigh = numbers[GAP_HIGH], gapLow = numbers[GAP_LOW];
  let restHigh = numbers[REST_HIGH], restLow = numbers[REST_LOW];
  do {
    low *= 10;
    const carry = Math.floor(low / TWO_32);
    low -= carry * TWO_32;
    high = high * 10 + carry;
    gapLow *= 10;
    const gapCarry = Math.floor(gapLow / TWO_32);
    gapLow -= gapCarry * TWO_32;
    gapHigh = gapHigh * 10 + gapCarry;
    restLow *= 10;
    const restCarry = Math.floor(restLow / TWO_32);
    restLow -= restCarry * TWO_32;
    restHigh = restHigh * 10 + restCarry;
    power--;
    const digit = high >>> shift;
    if (digit > 0 || count > 0) DIGITS[count++] = ZERO + digit;
    high &= mask;
  } while (!isLess(high, low, gapHigh, gapLow));
  approach(gapHigh, gapLow, restHigh, restLow, high, low, one);
}

/** Lowers the last digit, which counts `unit` times 2^32, while what is left stays inside the gap and comes nearer to the double. */
function approach(
  gapHigh: number,
  gapLow: number,
  restHigh: number,
  restLow: number,
  left: number,
  leftLow: number,
  unit: number,
): void {
  while (
    isLess(left, leftLow, restHigh, restLow) &&
    !isLess(gapHigh, gapLow, left + unit, leftLow) &&
    (isLess(left + unit, leftLow, restHigh, restLow) ||
      (restHigh - left) * 2 - unit > (leftLow - restLow) * 2 / TWO_32)
  ) {
    DIGITS[count - 1]--;
    left += unit;
  }
}

function isLess(
  high: number,
  low: number,
  otherHigh: number,
  otherLow: number,
): boolean {
  return high < otherHigh || (high === otherHigh && low < otherLow);
}

/** Puts a power of ten, normalized and rounded to 64 bits, among those at hand. */
function notePower(index: number, power: number): void {
  const ten = 10n ** BigInt(Math.abs(power));
  const tenBits = ten.toString(2).length;
  // So many bits more than the result needs that its rounding is right.
  const extra = power < 0 ? 2 * tenBits + GUARD_BITS : GUARD_BITS;
  const scaled = power < 0 ? (1n << BigInt(extra)) / ten : ten << BigInt(extra);
  const shift = scaled.toString(2).length - 64;
  const half = 1n << BigInt(shift - 1);
  const fraction = (scaled + half) >> BigInt(shift);
  for (let part = 0; part < PARTS; part++) {
    const bits = BigInt.asUintN(
      PART_BITS,
      fraction >> BigInt(part * PART_BITS),
    );
    powerParts[index * PARTS + part] = Number(bits);
  }
  powerExponents[index] = shift - extra;
}

/**
 * HyperLogLogs in the bytes in which Redis keeps them: how many different elements
 * were added, in 12 KiB at most.
 *
 * The hash of an element chooses one of 16,384 registers with its lowest 14 bits;
 * the register keeps the longest run of zeros, plus one, seen in the other 50.
 *
 * ```
 * "HYLL" | encoding (0 dense, 1 sparse) | 3 bytes | cardinality (8 bytes, little-endian) | registers
 * ```
 *
 * The cardinality is the last one computed; its highest bit is set when elements
 * came since. Dense registers have 6 bits, from the lowest bit of each byte up.
 * Sparse ones are runs:
 *
 * ```
 * 00nnnnnn            n+1 registers of 0
 * 01nnnnnn nnnnnnnn   n+1 registers of 0
 * 1vvvvvnn            n+1 registers of v+1
 * ```
 *
 * Changes of sparse ones are in sparse_hyperloglog.ts. Functions take the bytes of
 * a value, where it begins and where it ends.
 *
 * {@link https://arxiv.org/abs/1702.01284}
 */

import { MurmurHash } from "./murmur_hash.ts";

export const REGISTER_COUNT = 16384;
/** Bytes before the registers. */
export const HEAD_BYTES = 16;
export const DENSE_BYTES = HEAD_BYTES + REGISTER_COUNT * 6 / 8;
export const DENSE = 0;
export const SPARSE = 1;
/** Where in the head the encoding and the cardinality are. */
const ENCODING_AT = 4;
const CARDINALITY_AT = 8;
const CARDINALITY_LAST = 15;
const IS_STALE = 0x80;

/** Bits of a hash that count zeros; the largest value of a register is one more. */
const ZERO_BITS = 50;
const REGISTER_VALUES = 64;
const INDEX_BITS = 14;
const SEED = 0xadc83b19;
/** 0.5 / ln 2, as Redis has it. */
const ALPHA = 0.7213475204444817;
const INT64_MIN = -(2n ** 63n);

/** Finds the register of an element and what it puts there. */
export class ElementPlace {
  index = 0;
  value = 0;
  readonly #hash = new MurmurHash(SEED);

  /** Looks at `length` bytes; `view` may be read up to 7 bytes further. */
  find(view: DataView, offset: number, length: number): void {
    const hash = this.#hash;
    hash.hash(view, offset, length);
    const { low, high } = hash;
    this.index = low & (REGISTER_COUNT - 1);
    const lower = (low >>> INDEX_BITS) | (high << (32 - INDEX_BITS));
    // A bit above the last one ends the longest run.
    const upper = (high >>> INDEX_BITS) | (1 << (ZERO_BITS - 32));
    this.value = lower !== 0
      ? trailingZeros(lower) + 1
      : trailingZeros(upper) + 33;
  }
}

function trailingZeros(word: number): number {
  return 31 - Math.clz32(word & -word);
}

/** Whether a value looks like a HyperLogLog: sparse registers are not read for that. */
export function isHyperLogLog(
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  if (end - start < HEAD_BYTES) return false;
  // "HYLL"
  if (bytes[start] !== 0x48 || bytes[start + 1] !== 0x59) return false;
  if (bytes[start + 2] !== 0x4c || bytes[start + 3] !== 0x4c) return false;
  const encoding = bytes[start + ENCODING_AT];
  return encoding === SPARSE ||
    (encoding === DENSE && end - start === DENSE_BYTES);
}

/** Writes the head of one without elements. */
export function writeHead(bytes: Uint8Array, encoding: number): void {
  bytes.fill(0, 0, HEAD_BYTES);
  bytes.set([0x48, 0x59, 0x4c, 0x4c, encoding]);
}

export function encodingAt(bytes: Uint8Array, start: number): number {
  return bytes[start + ENCODING_AT];
}

/** Notes that the cardinality is to be computed anew. */
export function markStale(bytes: Uint8Array, start: number): void {
  bytes[start + CARDINALITY_LAST] |= IS_STALE;
}

/** The cardinality that was computed last, or undefined when elements came since. Only a damaged head has one beyond 2^53. */
export function keptCardinality(
  bytes: Uint8Array,
  start: number,
): number | bigint | undefined {
  if ((bytes[start + CARDINALITY_LAST] & IS_STALE) !== 0) return undefined;
  let value = 0;
  for (let at = CARDINALITY_LAST; at >= CARDINALITY_AT; at--) {
    value = value * 256 + bytes[start + at];
  }
  return Number.isSafeInteger(value)
    ? value
    : viewOf(bytes, start).getBigInt64(CARDINALITY_AT, true);
}

export function keepCardinality(
  bytes: Uint8Array,
  start: number,
  cardinality: bigint,
): void {
  viewOf(bytes, start).setBigInt64(CARDINALITY_AT, cardinality, true);
}

function viewOf(bytes: Uint8Array, start: number): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset + start);
}

/** A dense register; `registers` is where the first one begins. */
export function denseRegister(
  bytes: Uint8Array,
  registers: number,
  index: number,
): number {
  const bit = index * 6, at = registers + (bit >>> 3), shift = bit & 7;
  const value = bytes[at] >>> shift;
  return (shift <= 2 ? value : value | (bytes[at + 1] << (8 - shift))) & 63;
}

/** Sets a dense register to a value of 6 bits. */
export function setDenseRegister(
  bytes: Uint8Array,
  registers: number,
  index: number,
  value: number,
): void {
  const bit = index * 6, at = registers + (bit >>> 3), shift = bit & 7;
  bytes[at] = (bytes[at] & ~(63 << shift)) | (value << shift);
  if (shift <= 2) return;
  const left = 8 - shift;
  bytes[at + 1] = (bytes[at + 1] & ~(63 >>> left)) | (value >>> left);
}

/** Raises a dense register to a value; false when it is as high already. */
export function raiseDenseRegister(
  bytes: Uint8Array,
  registers: number,
  index: number,
  value: number,
): boolean {
  if (denseRegister(bytes, registers, index) >= value) return false;
  setDenseRegister(bytes, registers, index, value);
  return true;
}

/** Walks the runs of a sparse value between two places; a second byte beyond the end counts as 0. */
export class SparseRuns {
  /** Value of the run's registers and how many they are. */
  value = 0;
  count = 0;
  /** Bytes of the run: 1 or 2. */
  lengthBytes = 0;

  /** @param at where the first run begins. */
  constructor(
    private readonly bytes: Uint8Array,
    private at: number,
    private readonly end: number,
  ) {}

  /** Goes to the next run, first to the first one; false when there is none. */
  next(): boolean {
    const at = this.at += this.lengthBytes;
    if (at >= this.end) return false;
    const code = this.bytes[at];
    this.lengthBytes = 1;
    if ((code & 0x80) !== 0) {
      this.value = ((code >>> 2) & 31) + 1;
      this.count = (code & 3) + 1;
      return true;
    }
    this.value = 0;
    this.count = (code & 63) + 1;
    if ((code & 0x40) !== 0) {
      this.lengthBytes = 2;
      const low = at + 1 < this.end ? this.bytes[at + 1] : 0;
      this.count = (((code & 63) << 8) | low) + 1;
    }
    return true;
  }
}

/**
 * Raises each of `registers` (a byte each) to what a HyperLogLog has there; false
 * when that is broken.
 */
export function mergeInto(
  registers: Uint8Array,
  bytes: Uint8Array,
  start: number,
  end: number,
): boolean {
  const first = start + HEAD_BYTES;
  let index = 0;
  if (encodingAt(bytes, start) === DENSE) {
    for (let at = first; index < REGISTER_COUNT; index += 4, at += 3) {
      const four = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
      raiseTo(registers, index, four & 63);
      raiseTo(registers, index + 1, (four >>> 6) & 63);
      raiseTo(registers, index + 2, (four >>> 12) & 63);
      raiseTo(registers, index + 3, four >>> 18);
    }
    return true;
  }
  const runs = new SparseRuns(bytes, first, end);
  while (runs.next()) {
    const { value, count } = runs;
    if (value === 0) {
      index += count;
      continue;
    }
    if (index + count > REGISTER_COUNT) break;
    for (const last = index + count; index < last; index++) {
      raiseTo(registers, index, value);
    }
  }
  return index === REGISTER_COUNT;
}

/** Raises a register of a byte to a value. */
function raiseTo(registers: Uint8Array, index: number, value: number): void {
  if (value > registers[index]) registers[index] = value;
}

/** The cardinality of a HyperLogLog; undefined when it is broken. */
export function cardinalityOf(
  bytes: Uint8Array,
  start: number,
  end: number,
): bigint | undefined {
  const histogram = new Int32Array(REGISTER_VALUES);
  const first = start + HEAD_BYTES;
  if (encodingAt(bytes, start) === DENSE) {
    countDense(histogram, bytes, first);
    return estimate(histogram);
  }
  const runs = new SparseRuns(bytes, first, end);
  let total = 0;
  while (runs.next()) {
    histogram[runs.value] += runs.count;
    total += runs.count;
  }
  return total === REGISTER_COUNT ? estimate(histogram) : undefined;
}

/** Counts dense registers by their values: four of them in three bytes. */
function countDense(
  histogram: Int32Array,
  bytes: Uint8Array,
  first: number,
): void {
  const end = first + DENSE_BYTES - HEAD_BYTES;
  for (let at = first; at < end; at += 3) {
    const four = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16);
    histogram[four & 63]++;
    histogram[(four >>> 6) & 63]++;
    histogram[(four >>> 12) & 63]++;
    histogram[four >>> 18]++;
  }
}

/** The cardinality that registers of a byte each stand for. */
export function cardinalityOfRegisters(registers: Uint8Array): bigint {
  const histogram = new Int32Array(REGISTER_VALUES);
  for (let i = 0; i < REGISTER_COUNT; i++) histogram[registers[i]]++;
  return estimate(histogram);
}

/** Ertl's improved raw estimator, in the order of operations that Redis has. */
function estimate(histogram: Int32Array): bigint {
  const m = REGISTER_COUNT;
  let z = m * tau((m - histogram[ZERO_BITS + 1]) / m);
  for (let value = ZERO_BITS; value >= 1; value--) {
    z += histogram[value];
    z *= 0.5;
  }
  z += m * sigma(histogram[0] / m);
  const rounded = BigInt(Math.round(ALPHA * m * m / z));
  // What does not fit 64 bits becomes what x86 makes of it.
  return rounded >= -INT64_MIN ? INT64_MIN : rounded;
}

function sigma(x: number): number {
  if (x === 1) return Infinity;
  let y = 1, z = x, before: number;
  do {
    x *= x;
    before = z;
    z += x * y;
    y += y;
  } while (before !== z);
  return z;
}

function tau(x: number): number {
  if (x === 0 || x === 1) return 0;
  let y = 1, z = 1 - x, before: number;
  do {
    x = Math.sqrt(x);
    before = z;
    y *= 0.5;
    z -= (1 - x) * (1 - x) * y;
  } while (before !== z);
  return z / 3;
}

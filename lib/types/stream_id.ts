/**
 * IDs of stream entries: a moment in ms and a number within it, 64 bits each.
 *
 * Both are kept as two halves of 32 bits, because a double does not hold 64 bits
 * and a bigint would be an object per ID. The halves are signed, because the engine
 * keeps those in the ID object itself; they mean unsigned ones. An ID object is a place that is written
 * again and again; who keeps one makes a copy.
 */

import { writeInteger } from "../router/number_text.ts";
import { textOfBytes } from "../resp/byte_text.ts";

const TWO_32 = 4294967296;
/** All 32 bits of a half. */
const ALL_ONES = -1;
const UINT64_MAX = (1n << 64n) - 1n;
/** High halves below this make numbers that a double holds exactly. */
const EXACT_HIGH = 1 << 21;
/** Digits that a double holds exactly, whatever they are. */
const EXACT_DIGITS = 15;
/** Longest text that can be an ID. */
const TEXT_MAX = 127;
/** Bytes of an ID, where it is no text. */
export const ID_BYTES = 16;
/** Most bytes of an ID's text. */
export const ID_TEXT_BYTES = 41;

const MINUS = 45, ZERO = 48;

/** See the top of the file. */
export class StreamId {
  private ms1: number;
  private ms0: number;
  private seq1: number;
  private seq0: number;

  constructor(msHigh = 0, msLow = 0, seqHigh = 0, seqLow = 0) {
    this.ms1 = msHigh | 0;
    this.ms0 = msLow | 0;
    this.seq1 = seqHigh | 0;
    this.seq0 = seqLow | 0;
  }

  /** The halves, from 0 on. */
  get msHigh(): number {
    return this.ms1 >>> 0;
  }

  get msLow(): number {
    return this.ms0 >>> 0;
  }

  get seqHigh(): number {
    return this.seq1 >>> 0;
  }

  get seqLow(): number {
    return this.seq0 >>> 0;
  }

  static of(ms: number | bigint, seq: number | bigint): StreamId {
    const id = new StreamId();
    setWide(id, BigInt(ms), BigInt(seq));
    return id;
  }

  get isZero(): boolean {
    return (this.ms1 | this.ms0 | this.seq1 | this.seq0) === 0;
  }

  get isMax(): boolean {
    return (this.ms1 & this.ms0 & this.seq1 & this.seq0) ===
      ALL_ONES;
  }

  get hasMaxSeq(): boolean {
    return (this.seq1 & this.seq0) === ALL_ONES;
  }

  /** Becomes the one whose ID_BYTES, big-endian, are there. */
  readBytes(view: DataView, at: number): void {
    this.set(
      view.getInt32(at),
      view.getInt32(at + 4),
      view.getInt32(at + 8),
      view.getInt32(at + 12),
    );
  }

  /** Writes its ID_BYTES there, big-endian. */
  writeBytes(view: DataView, at: number): void {
    view.setInt32(at, this.ms1);
    view.setInt32(at + 4, this.ms0);
    view.setInt32(at + 8, this.seq1);
    view.setInt32(at + 12, this.seq0);
  }

  set(msHigh: number, msLow: number, seqHigh: number, seqLow: number): void {
    this.ms1 = msHigh | 0;
    this.ms0 = msLow | 0;
    this.seq1 = seqHigh | 0;
    this.seq0 = seqLow | 0;
  }

  copyFrom(other: StreamId): void {
    this.ms1 = other.ms1;
    this.ms0 = other.ms0;
    this.seq1 = other.seq1;
    this.seq0 = other.seq0;
  }

  copy(): StreamId {
    return new StreamId(this.ms1, this.ms0, this.seq1, this.seq0);
  }

  setMax(): void {
    this.set(ALL_ONES, ALL_ONES, ALL_ONES, ALL_ONES);
  }

  /** Sets the number to the highest. */
  setMaxSeq(): void {
    this.seq1 = this.seq0 = ALL_ONES;
  }

  /** Sets the moment, exact up to 2^53, and the number to 0. */
  setMoment(ms: number): void {
    this.set(Math.floor(ms / TWO_32), ms, 0, 0);
  }

  /** -1, 0 or 1, as this ID is before, at or behind the other. */
  compare(other: StreamId): number {
    if (this.ms1 !== other.ms1) {
      return compareHalves(this.ms1, other.ms1);
    }
    if (this.ms0 !== other.ms0) {
      return compareHalves(this.ms0, other.ms0);
    }
    if (this.seq1 !== other.seq1) {
      return compareHalves(this.seq1, other.seq1);
    }
    return compareHalves(this.seq0, other.seq0);
  }

  hasMomentOf(other: StreamId): boolean {
    return this.ms0 === other.ms0 && this.ms1 === other.ms1;
  }

  /** Makes this the next ID; false, and 0-0, when it was the last one. */
  increment(): boolean {
    this.seq0 = (this.seq0 + 1) | 0;
    if (this.seq0 !== 0) return true;
    this.seq1 = (this.seq1 + 1) | 0;
    if (this.seq1 !== 0) return true;
    this.ms0 = (this.ms0 + 1) | 0;
    if (this.ms0 !== 0) return true;
    this.ms1 = (this.ms1 + 1) | 0;
    return this.ms1 !== 0;
  }

  /** Makes this the ID before; false, and the last one, when it was the first. */
  decrement(): boolean {
    this.seq0 = (this.seq0 - 1) | 0;
    if (this.seq0 !== ALL_ONES) return true;
    this.seq1 = (this.seq1 - 1) | 0;
    if (this.seq1 !== ALL_ONES) return true;
    this.ms0 = (this.ms0 - 1) | 0;
    if (this.ms0 !== ALL_ONES) return true;
    this.ms1 = (this.ms1 - 1) | 0;
    return this.ms1 !== ALL_ONES;
  }

  /** The moment, exact up to 2^53. */
  get ms(): number | bigint {
    return wide(this.ms1, this.ms0);
  }

  get seq(): number | bigint {
    return wide(this.seq1, this.seq0);
  }

  toString(): string {
    return `${this.ms}-${this.seq}`;
  }

  /** Writes the text, at most {@linkcode ID_TEXT_BYTES}; returns the place behind it. */
  write(bytes: Uint8Array, at: number): number {
    at = writeWide(bytes, at, this.ms1, this.ms0);
    bytes[at] = MINUS;
    return writeWide(bytes, at + 1, this.seq1, this.seq0);
  }
}

/** The first and the last ID there can be; they are never changed. */
export const MIN_ID = new StreamId();
export const MAX_ID = new StreamId(ALL_ONES, ALL_ONES, ALL_ONES, ALL_ONES);

/** What a text may be beside `ms` and `ms-seq`. */
export const ID_EDGES = 1; // "-" and "+"
export const ID_AUTO_SEQ = 2; // "ms-*"

/** What a text is. */
export const NOT_ID = 0;
export const WHOLE_ID = 1;
/** `ms-*`: the number is to be found; it is 0 for now. */
export const OPEN_ID = 2;

/**
 * Reads an ID into `id`.
 *
 * @param seqMissing the number of an ID that is just a moment: 0, or the highest when true.
 * @param allowed some of ID_EDGES and ID_AUTO_SEQ.
 */
export function parseStreamId(
  bytes: Uint8Array,
  offset: number,
  length: number,
  id: StreamId,
  seqMissing = false,
  allowed = 0,
): number {
  const end = offset + length;
  let at = digitsEnd(bytes, offset, end);
  if (at === offset || at - offset > EXACT_DIGITS) {
    return parseUnusual(bytes, offset, length, id, seqMissing, allowed);
  }
  const ms = numberOf(bytes, offset, at);
  if (at === end) {
    id.setMoment(ms);
    if (seqMissing) id.setMaxSeq();
    return WHOLE_ID;
  }
  const start = ++at;
  at = digitsEnd(bytes, start, end);
  if (
    bytes[start - 1] !== MINUS || at !== end || at === start ||
    at - start > EXACT_DIGITS
  ) return parseUnusual(bytes, offset, length, id, seqMissing, allowed);
  const seq = numberOf(bytes, start, at);
  id.set(Math.floor(ms / TWO_32), ms, Math.floor(seq / TWO_32), seq);
  return WHOLE_ID;
}

/** Everything that is not just a few digits; it takes what strtoull takes, as Redis does. */
function parseUnusual(
  bytes: Uint8Array,
  offset: number,
  length: number,
  id: StreamId,
  seqMissing: boolean,
  allowed: number,
): number {
  if (length > TEXT_MAX) return NOT_ID;
  const all = textOfBytes(bytes.subarray(offset, offset + length));
  // A null byte ends it.
  const text = all.split("\0", 1)[0];
  if (text === "-" || text === "+") {
    if ((allowed & ID_EDGES) === 0) return NOT_ID;
    id.copyFrom(text === "-" ? MIN_ID : MAX_ID);
    return WHOLE_ID;
  }
  const dash = text.indexOf("-");
  const ms = parseUint64(dash < 0 ? text : text.slice(0, dash));
  if (ms === undefined) return NOT_ID;
  const rest = text.slice(dash + 1);
  if (dash >= 0 && rest === "*" && (allowed & ID_AUTO_SEQ) !== 0) {
    setWide(id, ms, 0n);
    return OPEN_ID;
  }
  const seq = dash >= 0 ? parseUint64(rest) : seqMissing ? UINT64_MAX : 0n;
  if (seq === undefined) return NOT_ID;
  setWide(id, ms, seq);
  return WHOLE_ID;
}

/** What C's strtoull reads, but no canonical negative number. */
function parseUint64(text: string): bigint | undefined {
  const match = /^[ \t-\r]*([+-]?)([0-9]+)$/.exec(text);
  if (match === null || /^-[1-9]/.test(text)) return undefined;
  const value = BigInt(match[2]);
  if (value > UINT64_MAX) return undefined;
  return match[1] === "-" ? BigInt.asUintN(64, -value) : value;
}

function setWide(id: StreamId, ms: bigint, seq: bigint): void {
  id.set(
    Number(ms >> 32n),
    Number(ms & 0xffffffffn),
    Number(seq >> 32n),
    Number(seq & 0xffffffffn),
  );
}

function wide(high: number, low: number): number | bigint {
  return high >>> 0 < EXACT_HIGH
    ? high * TWO_32 + (low >>> 0)
    : (BigInt(high >>> 0) << 32n) + BigInt(low >>> 0);
}

/** Writes 64 bits in decimal; returns the place behind them. */
export function writeWide(
  bytes: Uint8Array,
  at: number,
  high: number,
  low: number,
): number {
  const whole = wide(high, low);
  if (typeof whole === "number") return writeInteger(bytes, at, whole);
  const text = `${whole}`;
  for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
  return at;
}

function compareHalves(one: number, other: number): number {
  return one === other ? 0 : one >>> 0 < other >>> 0 ? -1 : 1;
}

function digitsEnd(bytes: Uint8Array, at: number, end: number): number {
  while (at < end && bytes[at] >= ZERO && bytes[at] < ZERO + 10) at++;
  return at;
}

function numberOf(bytes: Uint8Array, at: number, end: number): number {
  let value = 0;
  for (; at < end; at++) value = value * 10 + bytes[at] - ZERO;
  return value;
}

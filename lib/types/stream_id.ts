/**
 * IDs of stream entries: a moment in ms and a number within it, 64 bits each.
 *
 * Both are kept as two halves of 32 bits, because a double does not hold 64 bits
 * and a bigint would be an object per ID. An ID object is a place that is written
 * again and again; who keeps one makes a copy.
 */

import { writeInteger } from "../router/number_text.ts";
import { textOfBytes } from "../resp/byte_text.ts";

const TWO_32 = 4294967296;
const UINT32_MAX = 0xffffffff;
const UINT64_MAX = (1n << 64n) - 1n;
/** High halves below this make numbers that a double holds exactly. */
const EXACT_HIGH = 1 << 21;
/** Digits that a double holds exactly, whatever they are. */
const EXACT_DIGITS = 15;
/** Longest text that can be an ID. */
const TEXT_MAX = 127;
/** Most bytes of an ID's text. */
export const ID_TEXT_BYTES = 41;

const MINUS = 45, ZERO = 48;

/** See the top of the file. All halves are from 0 to 2^32 - 1. */
export class StreamId {
  constructor(
    public msHigh = 0,
    public msLow = 0,
    public seqHigh = 0,
    public seqLow = 0,
  ) {}

  static of(ms: number | bigint, seq: number | bigint): StreamId {
    const id = new StreamId();
    setMs(id, BigInt(ms));
    setSeq(id, BigInt(seq));
    return id;
  }

  get isZero(): boolean {
    return (this.msHigh | this.msLow | this.seqHigh | this.seqLow) === 0;
  }

  get isMax(): boolean {
    return (this.msHigh & this.msLow & this.seqHigh & this.seqLow) === -1;
  }

  get hasMaxSeq(): boolean {
    return this.seqHigh === UINT32_MAX && this.seqLow === UINT32_MAX;
  }

  set(msHigh: number, msLow: number, seqHigh: number, seqLow: number): void {
    this.msHigh = msHigh;
    this.msLow = msLow;
    this.seqHigh = seqHigh;
    this.seqLow = seqLow;
  }

  copyFrom(other: StreamId): void {
    this.msHigh = other.msHigh;
    this.msLow = other.msLow;
    this.seqHigh = other.seqHigh;
    this.seqLow = other.seqLow;
  }

  copy(): StreamId {
    return new StreamId(this.msHigh, this.msLow, this.seqHigh, this.seqLow);
  }

  setMax(): void {
    this.set(UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX);
  }

  /** Sets the moment, exact up to 2^53, and the number to 0. */
  setMoment(ms: number): void {
    this.set(Math.floor(ms / TWO_32), ms >>> 0, 0, 0);
  }

  /** Negative, 0 or positive, as this ID is before, at or behind the other. */
  compare(other: StreamId): number {
    return this.msHigh - other.msHigh || this.msLow - other.msLow ||
      this.seqHigh - other.seqHigh || this.seqLow - other.seqLow;
  }

  hasMomentOf(other: StreamId): boolean {
    return this.msLow === other.msLow && this.msHigh === other.msHigh;
  }

  /** Makes this the next ID; false, and 0-0, when it was the last one. */
  increment(): boolean {
    if (this.seqLow !== UINT32_MAX) {
      this.seqLow++;
      return true;
    }
    this.seqLow = 0;
    if (this.seqHigh !== UINT32_MAX) {
      this.seqHigh++;
      return true;
    }
    this.seqHigh = 0;
    if (this.msLow !== UINT32_MAX) {
      this.msLow++;
      return true;
    }
    this.msLow = 0;
    if (this.msHigh !== UINT32_MAX) {
      this.msHigh++;
      return true;
    }
    this.msHigh = 0;
    return false;
  }

  /** Makes this the ID before; false when it was the first one. */
  decrement(): boolean {
    if (this.isZero) {
      this.setMax();
      return false;
    }
    if (this.seqLow-- !== 0) return true;
    this.seqLow = UINT32_MAX;
    if (this.seqHigh-- !== 0) return true;
    this.seqHigh = UINT32_MAX;
    if (this.msLow-- !== 0) return true;
    this.msLow = UINT32_MAX;
    this.msHigh--;
    return true;
  }

  /** The moment, exact up to 2^53. */
  get ms(): number | bigint {
    return wide(this.msHigh, this.msLow);
  }

  get seq(): number | bigint {
    return wide(this.seqHigh, this.seqLow);
  }

  toString(): string {
    return `${this.ms}-${this.seq}`;
  }

  /** Writes the text, at most {@linkcode ID_TEXT_BYTES}; returns the place behind it. */
  write(bytes: Uint8Array, at: number): number {
    at = writeWide(bytes, at, this.msHigh, this.msLow);
    bytes[at] = MINUS;
    return writeWide(bytes, at + 1, this.seqHigh, this.seqLow);
  }
}

/** The first and the last ID there can be. */
export const MIN_ID: Readonly<StreamId> = Object.freeze(new StreamId());
export const MAX_ID: Readonly<StreamId> = Object.freeze(
  new StreamId(UINT32_MAX, UINT32_MAX, UINT32_MAX, UINT32_MAX),
);

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
    if (seqMissing) id.seqHigh = id.seqLow = UINT32_MAX;
    return WHOLE_ID;
  }
  const start = ++at;
  at = digitsEnd(bytes, start, end);
  if (
    bytes[start - 1] !== MINUS || at !== end || at === start ||
    at - start > EXACT_DIGITS
  ) return parseUnusual(bytes, offset, length, id, seqMissing, allowed);
  const seq = numberOf(bytes, start, at);
  id.set(
    Math.floor(ms / TWO_32),
    ms >>> 0,
    Math.floor(seq / TWO_32),
    seq >>> 0,
  );
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
    setMs(id, ms);
    setSeq(id, 0n);
    return OPEN_ID;
  }
  const seq = dash >= 0 ? parseUint64(rest) : seqMissing ? UINT64_MAX : 0n;
  if (seq === undefined) return NOT_ID;
  setMs(id, ms);
  setSeq(id, seq);
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

function setMs(id: StreamId, ms: bigint): void {
  id.msHigh = Number(ms >> 32n);
  id.msLow = Number(ms & 0xffffffffn);
}

function setSeq(id: StreamId, seq: bigint): void {
  id.seqHigh = Number(seq >> 32n);
  id.seqLow = Number(seq & 0xffffffffn);
}

function wide(high: number, low: number): number | bigint {
  return high < EXACT_HIGH
    ? high * TWO_32 + low
    : (BigInt(high) << 32n) + BigInt(low);
}

function writeWide(
  bytes: Uint8Array,
  at: number,
  high: number,
  low: number,
): number {
  if (high < EXACT_HIGH) return writeInteger(bytes, at, high * TWO_32 + low);
  const text = `${wide(high, low)}`;
  for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
  return at;
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

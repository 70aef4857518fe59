/**
 * Small sets of integers as they are in the records of their keys: in ascending
 * order, of 2 or 4 bytes each, little-endian, behind the head that
 * inline_entries.ts describes.
 *
 * Integers that need more are kept as texts, as other members are.
 */

import type { ByteMap } from "../keyspace/byte_map.ts";
import type { ByteSource } from "../keyspace/record_store.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import { parseSmallInteger } from "../router/args.ts";
import { writeInteger } from "../router/number_text.ts";
import type { Elements } from "./elements.ts";
import {
  INLINE_HEAD_BYTES,
  inlineCount,
  inlineEnd,
  inlineStart,
} from "./inline_entries.ts";

const NARROW = 2, WIDE = 4;
const text = new Uint8Array(16);

/** A text as an integer of up to 32 bits; NaN when it is none. */
export function parseMember(
  { bytes }: ByteSource,
  offset: number,
  length: number,
): number {
  const value = parseSmallInteger(bytes, offset, length);
  return value === (value | 0) ? value : NaN;
}

/** Bytes that an integer needs. */
export function widthOf(value: number): number {
  return value === (value << 16) >> 16 ? NARROW : WIDE;
}

/** Bytes of each of `count` members that end at `end` of what begins with a head. */
export function memberWidth(end: number, count: number): number {
  return count === 0 ? NARROW : (end - INLINE_HEAD_BYTES) / count;
}

/** The member at a place. */
export function memberAt(
  bytes: Uint8Array,
  at: number,
  width: number,
): number {
  const low = bytes[at] | (bytes[at + 1] << 8);
  return width === NARROW
    ? (low << 16) >> 16
    : low | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
}

/** Writes a member at a place. */
export function writeMember(
  bytes: Uint8Array,
  at: number,
  width: number,
  value: number,
): void {
  for (const end = at + width; at < end; at++, value >>= 8) bytes[at] = value;
}

/** Where the first member is that is not lower than `value`; `end` when all are. */
export function placeOfMember(
  bytes: Uint8Array,
  start: number,
  end: number,
  width: number,
  value: number,
): number {
  let from = 0, to = (end - start) / width;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (memberAt(bytes, start + middle * width, width) < value) {
      from = middle + 1;
    } else to = middle;
  }
  return start + from * width;
}

/** Whether an integer is among those in a record; NaN never is. */
export function hasInteger(map: ByteMap, ref: number, value: number): boolean {
  const bytes = map.arena.bytes[ref >>> 20];
  const start = inlineStart(map, ref), end = inlineEnd(map, ref);
  const width = (end - start) / inlineCount(map, ref);
  const at = placeOfMember(bytes, start, end, width, value);
  return at < end && memberAt(bytes, at, width) === value;
}

/** The members of a set of integers; an element is the place of one. */
export class IntegerMembers implements Elements {
  readonly #width: number;

  constructor(
    readonly size: number,
    private readonly bytes: Uint8Array,
    private readonly start: number,
    private readonly end: number,
  ) {
    this.#width = (end - start) / size;
  }

  /** Those in bytes that begin with a head. */
  static in(bytes: Uint8Array, end = bytes.length): IntegerMembers {
    const count = bytes[1] | (bytes[2] << 8);
    return new IntegerMembers(count, bytes, INLINE_HEAD_BYTES, end);
  }

  /** Those in a record. */
  static at(map: ByteMap, ref: number): IntegerMembers {
    return new IntegerMembers(
      inlineCount(map, ref),
      map.arena.bytes[ref >>> 20],
      inlineStart(map, ref),
      inlineEnd(map, ref),
    );
  }

  first(): number {
    return this.start < this.end ? this.start : 0;
  }

  next(at: number): number {
    return at + this.#width < this.end ? at + this.#width : 0;
  }

  random(random: () => number): number {
    return this.start + Math.floor(random() * this.size) * this.#width;
  }

  key(at: number): Uint8Array {
    return bytesOfText(String(this.#value(at)));
  }

  /** Writes a member's text to the beginning of a buffer; its length. */
  writeKey(bytes: Uint8Array, at: number): number {
    return writeInteger(bytes, 0, this.#value(at));
  }

  replyKey(reply: ReplyWriter, at: number): void {
    reply.bulkRange(text, 0, this.writeKey(text, at));
  }

  /** Sets have no values. */
  replyValue(): void {}

  #value(at: number): number {
    return memberAt(this.bytes, at, this.#width);
  }
}

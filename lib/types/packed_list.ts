/**
 * A short list: elements of a listpack (listpack.ts) behind their number. So it
 * takes no more memory than in Redis, and its length is what Redis's thresholds
 * are about.
 *
 * ```
 * count (2 bytes, little-endian) | element | element | …
 * ```
 *
 * A {@linkcode PackedList} is a window on such bytes: on those in the record of the
 * list's key, where they are read and changed as long as there is room, or on a
 * buffer of its own, into which they are taken to grow. See list_value.ts.
 */

import { RECORD_VALUE_MAX } from "../keyspace/record.ts";
import type { ByteSource } from "../keyspace/record_store.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { LISTPACK_EMPTY_BYTES, listpackEntryBytes } from "./list_encoding.ts";
import {
  ELEMENT_OVERHEAD_BYTES,
  ListpackText,
  nextElement,
  previousElement,
  SHORT_TEXT,
  SHORT_TEXT_HEAD,
  writeTextElement,
} from "./listpack.ts";

/** Longest bytes of a list that are kept in its key's record, their number included. */
export const PACKED_LIST_MAX_BYTES = RECORD_VALUE_MAX;
/** What stands before the elements. */
export const COUNT_BYTES = 2;
/** Where elements are put in the buffer: with room for the most of them on either side. */
const OWN_START = PACKED_LIST_MAX_BYTES + COUNT_BYTES;
const OWN_BYTES = 3 * OWN_START;

/** An element that is searched for, as it would be in a list. */
const NEEDLE = new Uint8Array(PACKED_LIST_MAX_BYTES + ELEMENT_OVERHEAD_BYTES);

/** See the top of the file. */
export class PackedList implements ByteSource {
  /** A list that has become a quicklist is no packed one. */
  readonly isQuicklist = false;
  readonly #own = sourceOfLength(OWN_BYTES);
  bytes = this.#own.bytes;
  view = this.#own.view;
  /** Number of elements. */
  length = 0;
  /** Where the elements are. */
  start = OWN_START;
  end = OWN_START;
  /** The elements can move down to here. */
  #floor = COUNT_BYTES;
  #foundAt = 0;
  readonly #text = new ListpackText();

  /** Whether the window is on the record that it was opened on. */
  get isInRecord(): boolean {
    return this.bytes !== this.#own.bytes;
  }

  /** Bytes of the listpack that Redis would have. */
  get listpackBytes(): number {
    return this.end - this.start + LISTPACK_EMPTY_BYTES;
  }

  /** Bytes of the whole, the number of elements included. */
  get packedBytes(): number {
    return this.end - this.start + COUNT_BYTES;
  }

  /** Where the whole begins. */
  get packedStart(): number {
    return this.start - COUNT_BYTES;
  }

  /** A copy of the whole. */
  toBytes(): Uint8Array {
    const { packedStart } = this;
    return this.bytes.slice(packedStart, packedStart + this.packedBytes);
  }

  /** Becomes a window on a list. */
  open(
    bytes: Uint8Array,
    view: DataView,
    offset: number,
    length: number,
  ): void {
    this.bytes = bytes;
    this.view = view;
    this.length = packedCount(bytes, offset);
    this.#floor = this.start = offset + COUNT_BYTES;
    this.end = offset + length;
  }

  /** Becomes an empty list in the buffer. */
  clear(): void {
    this.bytes = this.#own.bytes;
    this.view = this.#own.view;
    this.length = 0;
    this.#floor = COUNT_BYTES;
    this.start = this.end = OWN_START;
  }

  /** Makes room for `size` bytes more: in place before `roomEnd`, or in the buffer. */
  makeRoom(size: number, roomEnd: number): void {
    if (!this.isInRecord || this.end + size <= roomEnd) return;
    const { bytes, start, end, length } = this;
    this.clear();
    this.bytes.set(bytes.subarray(start, end), this.start);
    this.end += end - start;
    this.length = length;
  }

  /** Writes the number of elements before them; in a record, moves all to where they began. */
  seal(): void {
    const { bytes, length } = this;
    if (this.isInRecord && this.start !== this.#floor) {
      bytes.copyWithin(this.#floor, this.start, this.end);
      this.end -= this.start - this.#floor;
      this.start = this.#floor;
    }
    bytes[this.start - 2] = length;
    bytes[this.start - 1] = length >>> 8;
  }

  pushHead(source: Uint8Array, offset: number, length: number): void {
    this.#insert(this.start, source, offset, length);
  }

  pushTail(source: Uint8Array, offset: number, length: number): void {
    this.end = writeTextElement(this.bytes, this.end, source, offset, length);
    this.length++;
  }

  seekHead(): void {
    this.#foundAt = this.start;
  }

  seekTail(): void {
    this.#foundAt = previousElement(this.bytes, this.end);
  }

  /** Finds the element that `index` others are before; there must be one. */
  seek(index: number): void {
    this.#foundAt = this.#offsetOf(index);
  }

  dropHead(count: number): void {
    this.start = this.#offsetOf(count);
    this.length -= count;
  }

  dropTail(count: number): void {
    this.end = this.#offsetOf(this.length - count);
    this.length -= count;
  }

  /** Sets the element that `index` others are before; there must be one. */
  set(index: number, source: Uint8Array, offset: number, length: number): void {
    const { bytes } = this, at = this.#offsetOf(index);
    const after = nextElement(bytes, at);
    const newAfter = at + listpackEntryBytes(source, offset, length);
    if (newAfter !== after) bytes.copyWithin(newAfter, after, this.end);
    this.end += newAfter - after;
    writeTextElement(bytes, at, source, offset, length);
  }

  /** Puts an element before the one that was sought last, or behind it. */
  insertFound(
    isAfter: boolean,
    source: Uint8Array,
    offset: number,
    length: number,
  ): void {
    const at = this.#foundAt;
    const place = isAfter ? nextElement(this.bytes, at) : at;
    this.#insert(place, source, offset, length);
  }

  /** Removes the elements with these bytes, at most `most`, from the tail on if `isFromTail`. */
  remove(
    source: Uint8Array,
    offset: number,
    length: number,
    most: number,
    isFromTail: boolean,
  ): number {
    const { bytes, end } = this;
    const size = needleOf(source, offset, length);
    let skip = isFromTail ? this.#countNeedle(size) - most : 0;
    let to = this.start, removed = 0;
    for (let at = this.start; at < end;) {
      const after = nextElement(bytes, at);
      if (
        removed < most && isNeedle(bytes, at, after, size) && skip-- <= 0
      ) removed++;
      else {
        if (to !== at) bytes.copyWithin(to, at, after);
        to += after - at;
      }
      at = after;
    }
    this.end = to;
    this.length -= removed;
    return removed;
  }

  /** Answers `count` elements from `start` on, one behind the other. */
  replyRange(reply: ReplyWriter, start: number, count: number): void {
    const { bytes } = this;
    for (let at = this.#offsetOf(start); count > 0; count--) {
      this.#replyAt(reply, at);
      at = nextElement(bytes, at);
    }
  }

  /** Answers the last `count` elements, the last one first. */
  replyTailReversed(reply: ReplyWriter, count: number): void {
    for (let at = this.end; count > 0; count--) {
      at = previousElement(this.bytes, at);
      this.#replyAt(reply, at);
    }
  }

  /** Answers the element that was sought last. */
  replyFound(reply: ReplyWriter): void {
    this.#replyAt(reply, this.#foundAt);
  }

  /** The bytes of the element that was sought last, valid until the next change. */
  found(): Uint8Array {
    this.#text.read(this.bytes, this.#foundAt);
    return this.#text.slice();
  }

  /** Seeks the first element with these bytes; false when there is none. */
  seekEqual(source: Uint8Array, offset: number, length: number): boolean {
    const { bytes, end } = this;
    const size = needleOf(source, offset, length);
    for (let at = this.start; at < end;) {
      const after = nextElement(bytes, at);
      if (isNeedle(bytes, at, after, size)) {
        this.#foundAt = at;
        return true;
      }
      at = after;
    }
    return false;
  }

  /**
   * Tells `onMatch` the places of the elements with these bytes, among the first
   * `lengthMax` from the one end or the other, until it returns false.
   */
  findEqual(
    source: Uint8Array,
    offset: number,
    length: number,
    isFromTail: boolean,
    lengthMax: number,
    onMatch: (index: number) => boolean,
  ): void {
    const { bytes } = this;
    const size = needleOf(source, offset, length);
    const most = Math.min(this.length, lengthMax);
    let at = isFromTail ? this.end : this.start;
    for (let seen = 0; seen < most; seen++) {
      const other = isFromTail
        ? previousElement(bytes, at)
        : nextElement(bytes, at);
      const from = isFromTail ? other : at, to = isFromTail ? at : other;
      const index = isFromTail ? this.length - 1 - seen : seen;
      if (isNeedle(bytes, from, to, size) && !onMatch(index)) return;
      at = other;
    }
  }

  /** The elements from the head on; each is valid until the next change. */
  values(): Generator<Uint8Array> {
    return packedValues(this.bytes, this.packedStart, this.packedBytes);
  }

  #insert(
    at: number,
    source: Uint8Array,
    offset: number,
    length: number,
  ): void {
    const { bytes } = this;
    const size = listpackEntryBytes(source, offset, length);
    const isNearHead = at - this.start < this.end - at;
    if (isNearHead && this.start - size >= this.#floor) {
      if (at > this.start) {
        bytes.copyWithin(this.start - size, this.start, at);
      }
      this.start -= size;
      at -= size;
    } else {
      bytes.copyWithin(at + size, at, this.end);
      this.end += size;
    }
    writeTextElement(bytes, at, source, offset, length);
    this.length++;
  }

  /** Where the element is that `index` others are before, or the end. */
  #offsetOf(index: number): number {
    const { bytes } = this;
    let at: number;
    if (index * 2 < this.length) {
      at = this.start;
      for (; index > 0; index--) at = nextElement(bytes, at);
    } else {
      at = this.end;
      for (; index < this.length; index++) at = previousElement(bytes, at);
    }
    return at;
  }

  #replyAt(reply: ReplyWriter, at: number): void {
    const { bytes } = this, head = bytes[at];
    if ((head & (0xff ^ (SHORT_TEXT - 1))) === SHORT_TEXT_HEAD) {
      reply.bulkRange(bytes, at + 1, head & (SHORT_TEXT - 1));
    } else {
      this.#text.read(bytes, at);
      reply.bulkRange(this.#text.bytes, this.#text.offset, this.#text.length);
    }
  }

  #countNeedle(size: number): number {
    const { bytes, end } = this;
    let count = 0;
    for (let at = this.start; at < end;) {
      const after = nextElement(bytes, at);
      if (isNeedle(bytes, at, after, size)) count++;
      at = after;
    }
    return count;
  }
}

/** Number of elements of the list whose bytes begin at `offset`. */
export function packedCount(bytes: Uint8Array, offset: number): number {
  return bytes[offset] | bytes[offset + 1] << 8;
}

/** The elements of the list of `length` bytes at `offset`. */
export function* packedValues(
  bytes: Uint8Array,
  offset: number,
  length: number,
): Generator<Uint8Array> {
  const text = new ListpackText(), end = offset + length;
  for (let at = offset + COUNT_BYTES; at < end; at = nextElement(bytes, at)) {
    text.read(bytes, at);
    // The digits of an integer are made for the moment.
    yield text.bytes === bytes ? text.slice() : text.slice().slice();
  }
}

/** Makes an element of what is searched for; its size, or 0 when no list can have it. */
function needleOf(source: Uint8Array, offset: number, length: number): number {
  return length > PACKED_LIST_MAX_BYTES
    ? 0
    : writeTextElement(NEEDLE, 0, source, offset, length);
}

/** Whether an element is the one that is searched for: equal texts are equal bytes. */
function isNeedle(
  bytes: Uint8Array,
  at: number,
  after: number,
  size: number,
): boolean {
  if (after - at !== size) return false;
  for (let i = 0; i < size; i++) {
    if (bytes[at + i] !== NEEDLE[i]) return false;
  }
  return true;
}

function sourceOfLength(length: number): ByteSource {
  const bytes = new Uint8Array(length);
  return { bytes, view: new DataView(bytes.buffer) };
}

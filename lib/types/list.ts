/**
 * A list as an object: its elements in chunks, and the encoding that Redis would
 * have given it by now.
 *
 * Elements are kept as the bulk strings in which they are sent, so that a range is
 * a few copies of memory.
 */

import type { Collection } from "../keyspace/collection.ts";
import type { EncodingLimits } from "../keyspace/encoding_limits.ts";
import { LEND_LENGTH_MIN, type ReplyWriter } from "../resp/reply_writer.ts";
import { type Chunk, nextFrame, PACKED_LENGTH_MAX } from "./list_chunk.ts";
import { FrozenList } from "./frozen_list.ts";
import { ListChain } from "./list_chain.ts";
import {
  LISTPACK_EMPTY_BYTES,
  LISTPACK_ENTRY_MIN_BYTES,
  listpackBytesMax,
  listpackCountMax,
  listpackEntryBytes,
} from "./list_encoding.ts";

/** How many times larger an element may be here than in a listpack; at most 3.7. */
const FRAME_RATIO_MAX = 4;
/** Nobody counts the listpack bytes of a list that has grown beyond this. */
const COUNTED_BYTES_MAX = 65536 * FRAME_RATIO_MAX;
const NOT_COUNTED = -1;

/** See the top of the file. */
export class List extends ListChain implements Collection {
  isQuicklist = false;
  /** Bytes that a listpack of the elements takes, once somebody wanted to know. */
  #listpackBytes = NOT_COUNTED;

  /** A list of these elements. */
  static of(values: Iterable<Uint8Array>): List {
    const list = new List();
    for (const value of values) list.pushTail(value, 0, value.length);
    return list;
  }

  get encoding(): string {
    return this.isQuicklist ? "quicklist" : "listpack";
  }

  copy(): List {
    const copy = new List();
    copy.copyFrom(this);
    copy.isQuicklist = this.isQuicklist;
    return copy;
  }

  /** The elements as they are now, to be read while the list changes. */
  freeze(): FrozenList {
    return new FrozenList(this.length, this.head);
  }

  override pushTail(source: Uint8Array, offset: number, length: number): void {
    if (this.#listpackBytes >= 0) this.#countOne(source, offset, length, 1);
    super.pushTail(source, offset, length);
  }

  override pushHead(source: Uint8Array, offset: number, length: number): void {
    if (this.#listpackBytes >= 0) this.#countOne(source, offset, length, 1);
    super.pushHead(source, offset, length);
  }

  override insertAt(
    chunk: Chunk,
    at: number,
    source: Uint8Array,
    offset: number,
    length: number,
  ): void {
    if (this.#listpackBytes >= 0) this.#countOne(source, offset, length, 1);
    super.insertAt(chunk, at, source, offset, length);
  }

  /** Puts an element before the one that was sought last, or behind it. */
  insertFound(
    isAfter: boolean,
    source: Uint8Array,
    offset: number,
    length: number,
  ): void {
    const { foundChunk: chunk, foundAt } = this;
    const at = isAfter ? chunk.after(foundAt) : foundAt;
    this.insertAt(chunk, at, source, offset, length);
  }

  override dropHead(count: number): void {
    if (this.#listpackBytes >= 0) {
      this.seekHead();
      this.#countDropped(count);
    }
    super.dropHead(count);
  }

  override dropTail(count: number): void {
    if (this.#listpackBytes >= 0) {
      this.seekTail();
      this.#countDropped(count);
    }
    super.dropTail(count);
  }

  /** Sets the element that `index` others are before; there must be one. */
  set(index: number, source: Uint8Array, offset: number, length: number): void {
    this.#listpackBytes = NOT_COUNTED;
    this.seek(index);
    this.replaceAt(this.foundChunk, this.foundAt, source, offset, length);
  }

  /** Removes the elements with these bytes, at most `most`, from the tail on if `isFromTail`. */
  remove(
    source: Uint8Array,
    offset: number,
    length: number,
    most: number,
    isFromTail: boolean,
  ): number {
    let removed = 0;
    for (
      let chunk = isFromTail ? this.tail : this.head;
      chunk !== undefined && removed < most;
    ) {
      const following = isFromTail ? chunk.previous : chunk.next;
      const left = most - removed;
      const skip = isFromTail && left < chunk.count
        ? Math.max(0, countEqual(chunk, source, offset, length) - left)
        : 0;
      const before = chunk.count;
      const here = this.removeEqual(chunk, source, offset, length, skip, left);
      removed += here;
      if (here > 0 && here < before) {
        // What this chunk is joined with has been searched already.
        const first = isFromTail ? chunk : chunk.previous;
        if (first !== undefined) this.joinNext(first);
      }
      chunk = following;
    }
    if (removed > 0) this.#listpackBytes = NOT_COUNTED;
    return removed;
  }

  /** Answers `count` elements from `start` on, one behind the other. */
  replyRange(reply: ReplyWriter, start: number, count: number): void {
    this.seek(start);
    let chunk = this.foundChunk, at = this.foundAt;
    for (;;) {
      if (chunk.isLarge) {
        replyLarge(reply, chunk.bytes);
        count--;
      } else {
        const { bytes } = chunk;
        let end = chunk.end;
        if (at === chunk.start && chunk.count <= count) count -= chunk.count;
        else {
          const chunkEnd = end;
          for (end = at; count > 0 && end < chunkEnd; count--) {
            end = nextFrame(bytes, end);
          }
        }
        reply.raw(bytes, at, end - at);
      }
      if (count === 0) return;
      chunk = chunk.next!;
      at = chunk.start;
    }
  }

  /** Answers the last `count` elements, the last one first. */
  replyTailReversed(reply: ReplyWriter, count: number): void {
    for (let chunk = this.tail; count > 0; chunk = chunk!.previous) {
      const starts = startsOf(chunk!);
      for (let i = starts.length - 1; i >= 0 && count > 0; i--, count--) {
        this.#replyAt(reply, chunk!, starts[i]);
      }
    }
  }

  /** Answers the element that was sought last. */
  replyFound(reply: ReplyWriter): void {
    this.#replyAt(reply, this.foundChunk, this.foundAt);
  }

  /** The bytes of the element that was sought last, valid until the next change. */
  found(): Uint8Array {
    const { foundChunk: chunk, foundAt } = this;
    const from = chunk.dataStart(foundAt);
    return chunk.bytes.subarray(from, from + chunk.dataLength(foundAt));
  }

  /** Seeks the first element with these bytes; false when there is none. */
  seekEqual(source: Uint8Array, offset: number, length: number): boolean {
    for (let chunk = this.head; chunk !== undefined; chunk = chunk.next) {
      for (let at = chunk.start; at < chunk.end; at = chunk.after(at)) {
        if (!chunk.isEqual(at, source, offset, length)) continue;
        this.foundChunk = chunk;
        this.foundAt = at;
        return true;
      }
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
    const isMatch = (chunk: Chunk, at: number) =>
      chunk.isEqual(at, source, offset, length);
    const most = Math.min(lengthMax, this.length);
    let seen = 0;
    if (!isFromTail) {
      for (let chunk = this.head; seen < most; chunk = chunk!.next) {
        const { start, end } = chunk!;
        for (let at = start; at < end && seen < most; at = chunk!.after(at)) {
          if (isMatch(chunk!, at) && !onMatch(seen)) return;
          seen++;
        }
      }
      return;
    }
    for (let chunk = this.tail; seen < most; chunk = chunk!.previous) {
      const starts = startsOf(chunk!);
      for (let i = starts.length - 1; i >= 0 && seen < most; i--) {
        seen++;
        const index = this.length - seen;
        if (isMatch(chunk!, starts[i]) && !onMatch(index)) return;
      }
    }
  }

  /** The elements from the head on; each is valid until the next change. */
  *values(): Generator<Uint8Array> {
    for (let chunk = this.head; chunk !== undefined; chunk = chunk.next) {
      for (let at = chunk.start; at < chunk.end; at = chunk.after(at)) {
        const from = chunk.dataStart(at);
        yield chunk.bytes.subarray(from, from + chunk.dataLength(at));
      }
    }
  }

  /** Before it grows: notes how, and whether Redis would leave the listpack behind. */
  noteGrowth(
    limits: EncodingLimits,
    addedCount: number,
    addedBytes: number,
  ): void {
    this.packedLengthMax = Math.min(
      limits.listPackedLengthMax,
      PACKED_LENGTH_MAX,
    );
    if (this.isQuicklist) return;
    if (this.length + addedCount > listpackCountMax(limits)) {
      this.isQuicklist = true;
      return;
    }
    const bytesMax = listpackBytesMax(limits) - addedBytes;
    // A listpack's entries are never longer than frames.
    if (this.byteCount + LISTPACK_EMPTY_BYTES <= bytesMax) return;
    this.isQuicklist = this.#countListpack() > bytesMax;
  }

  /** After it shrank: notes whether Redis would make it a listpack again. */
  noteShrinking(limits: EncodingLimits): void {
    if (!this.isQuicklist || this.byteCount > COUNTED_BYTES_MAX) return;
    const isCounted = limits.listMaxListpackSize >= 0;
    const countMax = isCounted
      ? Math.floor(listpackCountMax(limits) / 2)
      : Infinity;
    const bytesMax = isCounted
      ? listpackBytesMax(limits)
      : listpackBytesMax(limits) / 2;
    if (
      this.length > countMax ||
      this.length * LISTPACK_ENTRY_MIN_BYTES + LISTPACK_EMPTY_BYTES >
        bytesMax ||
      this.byteCount > bytesMax * FRAME_RATIO_MAX
    ) return;
    this.isQuicklist = this.#countListpack() > bytesMax;
  }

  /** Whether Redis would have it as a listpack, of at most `bytesMax`. */
  isListpackUpTo(bytesMax: number): boolean {
    return !this.isQuicklist && this.byteCount <= bytesMax * FRAME_RATIO_MAX &&
      this.#countListpack() <= bytesMax;
  }

  #replyAt(reply: ReplyWriter, chunk: Chunk, at: number): void {
    if (chunk.isLarge) replyLarge(reply, chunk.bytes);
    else reply.raw(chunk.bytes, at, chunk.after(at) - at);
  }

  #countListpack(): number {
    if (this.#listpackBytes >= 0) return this.#listpackBytes;
    let bytes = LISTPACK_EMPTY_BYTES;
    for (let chunk = this.head; chunk !== undefined; chunk = chunk.next) {
      for (let at = chunk.start; at < chunk.end; at = chunk.after(at)) {
        bytes += listpackEntryBytes(
          chunk.bytes,
          chunk.dataStart(at),
          chunk.dataLength(at),
        );
      }
    }
    return this.#listpackBytes = bytes;
  }

  #countOne(
    source: Uint8Array,
    offset: number,
    length: number,
    sign: number,
  ): void {
    if (this.byteCount > COUNTED_BYTES_MAX) this.#listpackBytes = NOT_COUNTED;
    else {this.#listpackBytes += sign *
        listpackEntryBytes(source, offset, length);}
  }

  /** Counts the element that was sought out, if it alone is dropped. */
  #countDropped(count: number): void {
    const { foundChunk: chunk, foundAt } = this;
    if (count > 1) this.#listpackBytes = NOT_COUNTED;
    else if (count === 1) {
      const from = chunk.dataStart(foundAt);
      this.#countOne(chunk.bytes, from, chunk.dataLength(foundAt), -1);
    }
  }
}

function replyLarge(reply: ReplyWriter, bytes: Uint8Array): void {
  if (bytes.length < LEND_LENGTH_MIN) reply.bulk(bytes);
  else reply.bulkLent(bytes);
}

function countEqual(
  chunk: Chunk,
  source: Uint8Array,
  offset: number,
  length: number,
): number {
  let count = 0;
  for (let at = chunk.start; at < chunk.end; at = chunk.after(at)) {
    if (chunk.isEqual(at, source, offset, length)) count++;
  }
  return count;
}

/** Where the elements of a chunk begin. */
export function startsOf(chunk: Chunk): number[] {
  const starts: number[] = [];
  for (let at = chunk.start; at < chunk.end; at = chunk.after(at)) {
    starts.push(at);
  }
  return starts;
}

/**
 * The chunks of a list, doubly linked: what holds elements, knows where the n-th
 * is, and gives and takes elements anywhere. What Redis would call their encoding
 * is the business of {@linkcode List}.
 *
 * Linked chunks make every operation on an end O(1), whatever the length: there
 * is no directory that would have to be copied once in a while. An element in
 * the middle is reached by skipping chunks from the nearer end.
 *
 * Frames cannot be read backwards: see frame_starts.ts for how the tail is popped.
 */

import {
  Chunk,
  chunkBytesMax,
  frameBytes,
  largeChunk,
  nextFrame,
  PACKED_LENGTH_MAX,
  writeFrame,
} from "./list_chunk.ts";
import { FrameStarts } from "./frame_starts.ts";

/** Buffers of chunks begin with this, or a quarter of the list, and grow by halves. */
const FIRST_CHUNK_BYTES = 512;
/** What the runtime takes for a chunk beside its bytes, roughly. */
const CHUNK_OVERHEAD_BYTES = 200;

/** See the top of the file. */
export class ListChain {
  head: Chunk | undefined;
  tail: Chunk | undefined;
  /** Longest element that shares a chunk with others, PACKED_LENGTH_MAX at most. */
  packedLengthMax = PACKED_LENGTH_MAX;
  /** Number of elements. */
  length = 0;
  /** Bytes of all elements with their frames. */
  byteCount = 0;
  chunkCount = 0;
  /** Size of all buffers. */
  capacityBytes = 0;
  /** Where `seek` found an element. */
  foundChunk!: Chunk;
  foundAt = 0;
  /** An emptied chunk, for the next one that is needed. */
  #spare: Chunk | undefined;
  /** Of the tail chunk, when it was popped. */
  readonly #starts = new FrameStarts();

  get memoryBytes(): number {
    return this.capacityBytes + (this.#spare?.bytes.length ?? 0) +
      this.#starts.memoryBytes +
      (this.chunkCount + 1) * CHUNK_OVERHEAD_BYTES;
  }

  pushTail(source: Uint8Array, offset: number, length: number): void {
    if (length > this.packedLengthMax) {
      const bytes = source.slice(offset, offset + length);
      return this.#linkLarge(bytes, this.tail, undefined);
    }
    const size = frameBytes(length);
    let chunk = this.tail;
    if (chunk === undefined || chunk.end + size > chunk.bytes.length) {
      chunk = this.#roomAtTail(size);
    }
    if (this.#starts.of === chunk) this.#starts.push(chunk.end);
    chunk.thaw();
    chunk.end = writeFrame(chunk.bytes, chunk.end, source, offset, length);
    this.#added(chunk, size);
  }

  pushHead(source: Uint8Array, offset: number, length: number): void {
    if (length > this.packedLengthMax) {
      const bytes = source.slice(offset, offset + length);
      return this.#linkLarge(bytes, undefined, this.head);
    }
    const size = frameBytes(length);
    let chunk = this.head;
    if (chunk === undefined || chunk.isLarge || chunk.start < size) {
      chunk = this.#roomAtHead(size);
    }
    if (this.#starts.of === chunk) this.#starts.forgetStale(chunk.start);
    chunk.thaw();
    chunk.start -= size;
    writeFrame(chunk.bytes, chunk.start, source, offset, length);
    this.#added(chunk, size);
  }

  /** Finds the element at the head, which must be there. */
  seekHead(): void {
    this.foundChunk = this.head!;
    this.foundAt = this.head!.start;
  }

  /** Finds the element at the tail, which must be there. */
  seekTail(): void {
    const chunk = this.foundChunk = this.tail!;
    this.foundAt = chunk.isLarge ? chunk.start : this.#starts.last(chunk);
  }

  /** Finds the element that `index` others are before; there must be one. */
  seek(index: number): void {
    if (index === this.length - 1) return this.seekTail();
    let chunk: Chunk;
    if (index * 2 < this.length) {
      chunk = this.head!;
      while (index >= chunk.count) {
        index -= chunk.count;
        chunk = chunk.next!;
      }
    } else {
      chunk = this.tail!;
      let first = this.length - chunk.count;
      while (index < first) {
        chunk = chunk.previous!;
        first -= chunk.count;
      }
      index -= first;
    }
    this.foundChunk = chunk;
    this.foundAt = chunk.offsetAt(index);
  }

  /** Removes the first `count` elements. */
  dropHead(count: number): void {
    while (count > 0) {
      const chunk = this.head!;
      if (count >= chunk.count) {
        count -= chunk.count;
        this.#unlink(chunk);
        continue;
      }
      const start = count === 1
        ? nextFrame(chunk.bytes, chunk.start)
        : chunk.offsetAt(count);
      this.#removed(chunk, count, start - chunk.start);
      chunk.start = start;
      return;
    }
  }

  /** Removes the last `count` elements. */
  dropTail(count: number): void {
    while (count > 0) {
      const chunk = this.tail!;
      if (count >= chunk.count) {
        count -= chunk.count;
        this.#unlink(chunk);
        continue;
      }
      let end: number;
      if (count === 1) {
        end = this.#starts.last(chunk);
        this.#starts.pop();
      } else {
        end = chunk.offsetAt(chunk.count - count);
        this.#starts.forget();
      }
      this.#removed(chunk, count, chunk.end - end);
      chunk.end = end;
      return;
    }
  }

  /** Puts an element before what is at `at` of a chunk, which may be its end. */
  insertAt(
    chunk: Chunk,
    at: number,
    source: Uint8Array,
    offset: number,
    length: number,
  ): void {
    if (length > this.packedLengthMax) {
      const [before, after] = this.#split(chunk, at);
      const bytes = source.slice(offset, offset + length);
      return this.#linkLarge(bytes, before, after);
    }
    const size = frameBytes(length);
    this.#starts.forget();
    const before = at - chunk.start;
    if (chunk.roomBytes >= size || this.#grow(chunk, size, false)) {
      at = chunk.openGap(chunk.start + before, size);
    } else {
      const [before, after] = this.#split(chunk, at);
      if (before !== undefined && before.roomBytes >= size) {
        chunk = before;
        at = before.openGap(before.end, size);
      } else if (after !== undefined && after.roomBytes >= size) {
        chunk = after;
        at = after.openGap(after.start, size);
      } else {
        chunk = this.#linkNew(size, before, after);
        at = chunk.openGap(chunk.end, size);
      }
    }
    writeFrame(chunk.bytes, at, source, offset, length);
    this.#added(chunk, size);
  }

  /** Removes the element at `at` of a chunk. */
  removeAt(chunk: Chunk, at: number): void {
    if (chunk.count === 1) return this.#unlink(chunk);
    const after = chunk.after(at), size = after - at;
    this.#starts.forget();
    this.#removed(chunk, 1, size);
    chunk.closeGap(at, after);
    this.joinNext(chunk);
  }

  /** Gives the element at `at` of a chunk other bytes. */
  replaceAt(
    chunk: Chunk,
    at: number,
    source: Uint8Array,
    offset: number,
    length: number,
  ): void {
    const size = chunk.after(at) - at;
    if (!chunk.isLarge && size === frameBytes(length)) {
      chunk.thaw();
      writeFrame(chunk.bytes, at, source, offset, length);
      return;
    }
    const { next, previous } = chunk, isOnly = chunk.count === 1;
    if (!isOnly) {
      this.removeAtKeeping(chunk, at, size);
      return this.insertAt(chunk, at, source, offset, length);
    }
    this.#unlink(chunk);
    if (length > this.packedLengthMax) {
      const bytes = source.slice(offset, offset + length);
      return this.#linkLarge(bytes, previous, next);
    }
    const made = this.#linkNew(frameBytes(length), previous, next);
    this.insertAt(made, made.end, source, offset, length);
  }

  /** Removes `size` bytes, an element, at `at`; what follows it is there then. */
  removeAtKeeping(chunk: Chunk, at: number, size: number): void {
    this.#starts.forget();
    chunk.thaw();
    chunk.bytes.copyWithin(at, at + size, chunk.end);
    chunk.end -= size;
    this.#removed(chunk, 1, size);
  }

  /**
   * Removes the elements of a chunk that have these bytes, of those all but the
   * first `skip`, at most `most`. Returns how many.
   */
  removeEqual(
    chunk: Chunk,
    source: Uint8Array,
    offset: number,
    length: number,
    skip: number,
    most: number,
  ): number {
    let removed = 0, to = chunk.start, kept = 0;
    chunk.thaw();
    const { bytes, end } = chunk;
    for (let at = chunk.start; at < end;) {
      const after = chunk.after(at);
      const isMeant = removed < most &&
        chunk.isEqual(at, source, offset, length) && skip-- <= 0;
      if (isMeant) removed++;
      else {
        if (to !== at) bytes.copyWithin(to, at, after);
        to += after - at;
        kept++;
      }
      at = after;
    }
    if (removed === 0) return 0;
    if (kept === 0) {
      this.#unlink(chunk);
      return removed;
    }
    this.#starts.forget();
    this.#removed(chunk, removed, end - to);
    chunk.end = to;
    return removed;
  }

  /** Closes gaps that removing left: joins a chunk with the one behind it when both fit half of one. */
  joinNext(chunk: Chunk): void {
    const { next } = chunk;
    if (next === undefined || next.isLarge || chunk.isLarge) return;
    const used = chunk.usedBytes + next.usedBytes;
    if (used * 2 > chunkBytesMax(this.chunkCount)) return;
    this.#starts.forget();
    if (used <= chunk.bytes.length) chunk.moveTo(0);
    else if (!this.#grow(chunk, next.usedBytes, false)) return;
    chunk.thaw();
    chunk.bytes.set(next.bytes.subarray(next.start, next.end), chunk.end);
    chunk.end += next.usedBytes;
    chunk.count += next.count;
    this.length += next.count;
    this.byteCount += next.usedBytes;
    this.#unlink(next);
  }

  /** Takes copies of another chain's chunks. */
  copyFrom(other: ListChain): void {
    for (let chunk = other.head; chunk !== undefined; chunk = chunk.next) {
      // The bytes of large elements never change.
      const copy = chunk.isLarge
        ? largeChunk(chunk.bytes)
        : new Chunk(chunk.bytes.slice(chunk.start, chunk.end), 0, false);
      copy.end = copy.bytes.length;
      copy.count = chunk.count;
      this.#link(copy, this.tail, undefined);
    }
    this.length = other.length;
    this.byteCount = other.byteCount;
  }

  #added(chunk: Chunk, size: number): void {
    chunk.count++;
    this.length++;
    this.byteCount += size;
  }

  #removed(chunk: Chunk, count: number, size: number): void {
    chunk.count -= count;
    this.length -= count;
    this.byteCount -= size;
  }

  /** The chunk in which an element of `size` bytes goes to the tail. */
  #roomAtTail(size: number): Chunk {
    const chunk = this.tail;
    if (chunk !== undefined && chunk.isWorthMoving(size)) {
      this.#starts.forget();
      chunk.moveTo(0);
      return chunk;
    }
    if (chunk !== undefined && this.#grow(chunk, size, false)) return chunk;
    const made = this.#linkNew(size, chunk, undefined);
    made.start = made.end = 0;
    return made;
  }

  #roomAtHead(size: number): Chunk {
    const chunk = this.head;
    if (chunk !== undefined && chunk.isWorthMoving(size)) {
      this.#starts.forget();
      chunk.moveTo(chunk.bytes.length - chunk.usedBytes);
      return chunk;
    }
    if (chunk !== undefined && this.#grow(chunk, size, true)) return chunk;
    const made = this.#linkNew(size, undefined, chunk);
    made.start = made.end = made.bytes.length;
    return made;
  }

  /**
   * Gives a chunk a larger buffer, with room for `size` bytes at one end, as long
   * as it is smaller than chunks may be; false when it is not.
   */
  #grow(chunk: Chunk, size: number, isAtHead: boolean): boolean {
    const max = chunkBytesMax(this.chunkCount), { length } = chunk.bytes;
    const needed = chunk.usedBytes + size;
    if (chunk.isLarge || length >= max || needed > max) return false;
    const capacity = Math.min(max, Math.max(needed, length + (length >>> 1)));
    this.#starts.forget();
    const start = isAtHead ? capacity - chunk.usedBytes : 0;
    chunk.moveInto(new Uint8Array(capacity), start);
    this.capacityBytes += capacity - length;
    return true;
  }

  /** Parts a chunk at an element; the parts, undefined where there is nothing. */
  #split(
    chunk: Chunk,
    at: number,
  ): [before: Chunk | undefined, after: Chunk | undefined] {
    if (at === chunk.start) return [chunk.previous, chunk];
    if (at === chunk.end) return [chunk, chunk.next];
    this.#starts.forget();
    const length = chunk.end - at;
    const capacity = Math.max(length, Math.min(2 * length, chunk.bytes.length));
    const made = this.#linkSized(capacity, chunk, chunk.next);
    made.start = (made.bytes.length - length) >>> 1;
    made.end = made.start + length;
    made.bytes.set(chunk.bytes.subarray(at, chunk.end), made.start);
    for (let from = made.start; from < made.end; made.count++) {
      from = nextFrame(made.bytes, from);
    }
    chunk.count -= made.count;
    chunk.end = at;
    return [chunk, made];
  }

  #linkLarge(
    bytes: Uint8Array,
    previous: Chunk | undefined,
    next: Chunk | undefined,
  ): void {
    this.#starts.forget();
    const chunk = largeChunk(bytes);
    this.#link(chunk, previous, next);
    this.length++;
    this.byteCount += chunk.usedBytes;
  }

  /** Links an empty chunk with room for at least `size` bytes. */
  #linkNew(
    size: number,
    previous: Chunk | undefined,
    next: Chunk | undefined,
  ): Chunk {
    const usual = Math.max(FIRST_CHUNK_BYTES, this.byteCount >>> 2);
    const capacity = Math.max(
      size,
      Math.min(usual, chunkBytesMax(this.chunkCount)),
    );
    return this.#linkSized(capacity, previous, next);
  }

  /** Links an empty chunk whose buffer has at least `capacity` bytes. */
  #linkSized(
    capacity: number,
    previous: Chunk | undefined,
    next: Chunk | undefined,
  ): Chunk {
    let chunk = this.#spare;
    if (chunk !== undefined && chunk.bytes.length >= capacity) {
      this.#spare = undefined;
    } else chunk = new Chunk(new Uint8Array(capacity), 0, false);
    chunk.start = chunk.end = chunk.bytes.length >>> 1;
    this.#link(chunk, previous, next);
    return chunk;
  }

  #link(
    chunk: Chunk,
    previous: Chunk | undefined,
    next: Chunk | undefined,
  ): void {
    chunk.previous = previous;
    chunk.next = next;
    if (previous === undefined) this.head = chunk;
    else previous.next = chunk;
    if (next === undefined) this.tail = chunk;
    else next.previous = chunk;
    this.chunkCount++;
    this.capacityBytes += chunk.bytes.length;
  }

  #unlink(chunk: Chunk): void {
    const { previous, next } = chunk;
    if (previous === undefined) this.head = next;
    else previous.next = next;
    if (next === undefined) this.tail = previous;
    else next.previous = previous;
    this.chunkCount--;
    this.capacityBytes -= chunk.bytes.length;
    this.length -= chunk.count;
    this.byteCount -= chunk.usedBytes;
    if (this.#starts.of === chunk) this.#starts.forget();
    if (chunk.isLarge || chunk.frozen !== undefined) return;
    chunk.reset();
    if (this.byteCount >= chunk.bytes.length) this.#spare = chunk;
  }
}

/** The elements of a list as they were at one moment. */

import { Freeze } from "./freeze.ts";
import { type Chunk, frameLength, nextFrame } from "./list_chunk.ts";

/** A chunk, and what it was. */
interface Part {
  readonly chunk: Chunk;
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly isLarge: boolean;
}

/** See the top of the file; `next` goes to the next element. */
export class FrozenList {
  /** The current element. */
  bytes!: Uint8Array;
  at = 0;
  length = 0;

  readonly #freeze = new Freeze();
  readonly #parts: Part[] = [];
  #part = 0;
  #next = -1;

  /** @param size number of elements. */
  constructor(readonly size: number, head: Chunk | undefined) {
    for (let chunk = head; chunk !== undefined; chunk = chunk.next) {
      // Somebody else may have frozen it before, and gets no more than a copy.
      chunk.thaw();
      chunk.frozen = this.#freeze;
      const { bytes, start, end, isLarge } = chunk;
      this.#parts.push({ chunk, bytes, start, end, isLarge });
    }
  }

  /** Goes to the next element; false at the end, where the memory is given free. */
  next(): boolean {
    for (; this.#part < this.#parts.length; this.#part++, this.#next = -1) {
      const part = this.#parts[this.#part];
      if (this.#read(part)) return true;
      // Left to the collector, memory that only this had would stay for a while.
      if (part.chunk.bytes === part.bytes) part.chunk.frozen = undefined;
      else (part.bytes.buffer as ArrayBuffer).transfer(0);
    }
    this.#freeze.isOver = true;
    this.#parts.length = 0;
    return false;
  }

  /** Reads the element that comes next; false when the chunk has no more. */
  #read({ bytes, start, end, isLarge }: Part): boolean {
    const at = this.#next < 0 ? start : this.#next;
    if (at >= end && !(isLarge && this.#next < 0)) return false;
    this.bytes = bytes;
    this.length = isLarge ? end - start : frameLength(bytes, at);
    this.#next = isLarge ? end : nextFrame(bytes, at);
    this.at = isLarge ? start : this.#next - 2 - this.length;
    return true;
  }
}

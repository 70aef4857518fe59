/**
 * Where the elements of one chunk begin, so that its last one can be taken off
 * again and again: frames cannot be read backwards.
 *
 * Noted when the last element is asked for first, and kept up to date by what
 * happens at that end of the chunk. Elements that leave at the other end leave
 * stale entries at the bottom. Those are not reached while nothing is put in
 * their place; when that happens, all is forgotten.
 */

import { type Chunk, FRAME_MIN_BYTES, nextFrame } from "./list_chunk.ts";

/** What most lists have: their tails are never popped. */
const NO_STARTS = new Uint16Array(0);

/** See the top of the file. */
export class FrameStarts {
  /** Whose elements they are. */
  of: Chunk | undefined;
  #starts = NO_STARTS;
  #count = 0;

  get memoryBytes(): number {
    return this.#starts.byteLength;
  }

  forget(): void {
    this.of = undefined;
  }

  /** An element is going to be put before the one at `start`, which is the first. */
  forgetStale(start: number): void {
    if (this.#count > 0 && this.#starts[0] < start) this.of = undefined;
  }

  /** Notes an element behind the last one. */
  push(at: number): void {
    this.#starts[this.#count++] = at;
  }

  /** Where the last element of a chunk begins. */
  last(chunk: Chunk): number {
    if (this.of !== chunk || this.#count === 0) this.#note(chunk);
    return this.#starts[this.#count - 1];
  }

  /** The last element is gone. */
  pop(): void {
    this.#count--;
  }

  #note(chunk: Chunk): void {
    const { bytes, end } = chunk;
    const most = Math.ceil(bytes.length / FRAME_MIN_BYTES);
    if (this.#starts.length < most) this.#starts = new Uint16Array(most);
    const starts = this.#starts;
    let count = 0;
    for (let at = chunk.start; at < end; at = nextFrame(bytes, at)) {
      starts[count++] = at;
    }
    this.of = chunk;
    this.#count = count;
  }
}

/** A growing sequence of byte strings in one buffer, so that many of them are few objects. */

const INITIAL_BYTES = 1024;
const INITIAL_COUNT = 64;

/** See the top of the file. */
export class ByteStrings {
  #bytes = new Uint8Array(INITIAL_BYTES);
  /** Where each string ends; it begins where the one before ends. */
  #ends = new Float64Array(INITIAL_COUNT);
  #count = 0;

  get length(): number {
    return this.#count;
  }

  /** Adds a copy of a string. */
  push(string: Uint8Array): void {
    const start = this.#startOf(this.#count), end = start + string.length;
    if (end > this.#bytes.length) {
      const grown = new Uint8Array(Math.max(end, this.#bytes.length * 2));
      grown.set(this.#bytes);
      this.#bytes = grown;
    }
    if (this.#count === this.#ends.length) {
      const grown = new Float64Array(this.#count * 2);
      grown.set(this.#ends);
      this.#ends = grown;
    }
    this.#bytes.set(string, start);
    this.#ends[this.#count++] = end;
  }

  /** A string, valid until the next `push`. */
  get(index: number): Uint8Array {
    return this.#bytes.subarray(this.#startOf(index), this.#ends[index]);
  }

  /** Below, at or above 0 as one string comes before another, byte by byte, the shorter one first. */
  compare(index: number, other: number): number {
    const bytes = this.#bytes;
    let at = this.#startOf(index), place = this.#startOf(other);
    const length = this.#ends[index] - at;
    const otherLength = this.#ends[other] - place;
    for (const end = at + Math.min(length, otherLength); at < end; at++) {
      const difference = bytes[at] - bytes[place++];
      if (difference !== 0) return difference;
    }
    return length - otherLength;
  }

  #startOf(index: number): number {
    return index === 0 ? 0 : this.#ends[index - 1];
  }
}

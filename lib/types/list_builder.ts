/** Makes lists of elements that come one after the other. */

import type { EncodingLimits } from "../keyspace/encoding_limits.ts";
import { INLINE_COLLECTION_MAX } from "../keyspace/record.ts";
import { List } from "./list.ts";
import { frameBytes } from "./list_chunk.ts";
import { Packed } from "./packed.ts";

const NO_BYTES = new Uint8Array(0);

/** See the top of the file. One builder makes one list at a time. */
export class ListBuilder {
  /** What small lists are made in. */
  readonly #small = new List();
  readonly #packed = new Packed();
  #list = this.#small;

  /** Begins an empty list. */
  begin(): void {
    this.#list = this.#small;
    this.#small.clear();
    this.#small.load(NO_BYTES, 0, 0);
  }

  get length(): number {
    return this.#list.length;
  }

  /** Adds an element at the tail. */
  add(bytes: Uint8Array, offset: number, length: number): void {
    const size = this.#list.byteCount + frameBytes(length);
    if (this.#list === this.#small && size > INLINE_COLLECTION_MAX) {
      this.#list = this.#outgrown();
    }
    this.#list.pushTail(bytes, offset, length);
  }

  /** The list as Redis would keep it when it loads it: frames, valid until `begin`, or an object. */
  take(limits: EncodingLimits): Packed | List {
    this.#list.noteGrowth(limits, 0, 0);
    if (this.#list !== this.#small) return this.#list;
    if (this.#small.isQuicklist) return this.#outgrown();
    const { bytes, start, usedBytes } = this.#small.head!;
    this.#packed.load(bytes, start, usedBytes);
    return this.#packed;
  }

  #outgrown(): List {
    const list = new List();
    list.isQuicklist = this.#small.isQuicklist;
    if (this.#small.length === 0) return list;
    const { bytes, start, usedBytes } = this.#small.head!;
    list.load(bytes, start, usedBytes, usedBytes);
    return list;
  }
}

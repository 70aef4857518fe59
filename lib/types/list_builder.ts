/** Makes lists of elements that come one after the other. */

import type { EncodingLimits } from "../keyspace/encoding_limits.ts";
import { List } from "./list.ts";
import { isQuicklistSize, listpackStringBytes } from "./list_encoding.ts";
import { PACKED_LIST_MAX_BYTES, PackedList } from "./packed_list.ts";

/** See the top of the file. One builder makes one list at a time. */
export class ListBuilder {
  /** What short lists are made in. */
  readonly #short = new PackedList();
  #long: List | undefined;

  /** Begins an empty list. */
  begin(): void {
    this.#long = undefined;
    this.#short.clear();
  }

  get length(): number {
    return (this.#long ?? this.#short).length;
  }

  /** Adds an element at the tail. */
  add(bytes: Uint8Array, offset: number, length: number): void {
    if (
      this.#long === undefined &&
      this.#short.packedBytes + listpackStringBytes(length) >
        PACKED_LIST_MAX_BYTES
    ) this.#long = List.of(this.#short.values());
    (this.#long ?? this.#short).pushTail(bytes, offset, length);
  }

  /** The list as Redis would keep it when it loads it: a packed one, valid until `begin`, or an object. */
  take(limits: EncodingLimits): PackedList | List {
    const short = this.#short;
    if (isQuicklistSize(limits, short.length, short.listpackBytes)) {
      this.#long ??= List.of(short.values());
    }
    this.#long?.noteGrowth(limits, 0, 0);
    if (this.#long !== undefined) return this.#long;
    short.seal();
    return short;
  }
}

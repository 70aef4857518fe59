/**
 * Changes to a hash, a set or a sorted set, small or large, one after the other:
 * begin or open, change, take the result.
 *
 * A small one is worked on as a copy of its bytes (inline_entries.ts); when it
 * outgrows its record it becomes an object on the way. An object is changed in
 * place. One edit serves all collections of a server: it is not to be used for two
 * at a time.
 */

import type { Collection, StoredValue } from "../keyspace/collection.ts";
import type { ByteMap } from "../keyspace/byte_map.ts";
import type { EncodingLimits } from "../keyspace/encoding_limits.ts";
import type { ByteSource } from "../keyspace/record_store.ts";
import { INLINE_HEAD_BYTES } from "./inline_entries.ts";
import { Packed } from "./packed.ts";

/** 2^32 over the golden ratio: spreads what differs in a few bits over all of them. */
const GOLDEN_RATIO = 0x9e3779b1 | 0;

/** A collection that is an object, and what OBJECT ENCODING answers for it as its type numbers that. */
export interface EditedObject extends Collection {
  kind: number;
  readonly size: number;
}

/** See the top of the file. */
export abstract class CollectionEdit<T extends EditedObject> {
  /** The collection, while it is small. */
  readonly packed = new Packed();
  /** The collection, when it is an object. */
  object: T | undefined;
  /** As the object's. */
  kind = 0;
  /** Elements in `packed`. */
  protected count = 0;
  protected limits!: EncodingLimits;
  /** A filter of 64 bits: a name was never looked for unless its bit is set. */
  #seenLow = 0;
  #seenHigh = 0;

  /** The object for a small collection's bytes. */
  protected abstract unpack(bytes: Uint8Array): T;

  /** Begins a new one, of this kind. */
  begin(limits: EncodingLimits, kind = 0): void {
    this.limits = limits;
    this.#seenLow = this.#seenHigh = 0;
    this.object = undefined;
    this.kind = kind;
    this.count = 0;
    this.packed.length = INLINE_HEAD_BYTES;
  }

  /** Goes on with the one at `ref`. */
  open(map: ByteMap, ref: number, limits: EncodingLimits): void {
    if (map.isObject(ref)) {
      const object = map.object(ref) as T;
      this.begin(limits);
      this.object = object;
      this.kind = object.kind;
      return;
    }
    const { packed } = this;
    const bytes = map.arena.bytes[ref >>> 20], at = map.stringOffset(ref);
    this.limits = limits;
    this.mayHaveAny();
    this.object = undefined;
    packed.load(bytes, at, map.stringLength(ref));
    this.kind = packed.bytes[0];
    this.count = packed.bytes[1] | (packed.bytes[2] << 8);
  }

  /** Number of elements. */
  get size(): number {
    return this.object === undefined ? this.count : this.object.size;
  }

  /** The collection as an object, which it becomes if it was none. */
  toObject(): T {
    if (this.object === undefined) {
      this.seal();
      this.object = this.unpack(
        this.packed.bytes.subarray(0, this.packed.length),
      );
      this.kind = this.object.kind;
    }
    return this.object;
  }

  /** Makes the bytes complete, which `packed` holds up to its length. */
  seal(): void {
    const { bytes } = this.packed;
    bytes[0] = this.kind;
    bytes[1] = this.count & 255;
    bytes[2] = this.count >> 8;
  }

  /** The result, for keeps. */
  take(): StoredValue {
    if (this.object !== undefined) return this.object;
    this.seal();
    return this.packed.toBytes();
  }

  /**
   * Where in `packed` the element is that has this name, of all entries or every
   * second one; -1 when there is none. Who adds elements looks for them before.
   */
  protected findPacked(
    source: ByteSource,
    offset: number,
    length: number,
    step: 1 | 2,
  ): number {
    const mixed = Math.imul(endOf(source.bytes, offset, length), GOLDEN_RATIO);
    const bit = 1 << (mixed >>> 27), isHigh = (mixed & 1 << 26) !== 0;
    const seen = isHigh ? this.#seenHigh : this.#seenLow;
    if ((seen & bit) === 0) {
      if (isHigh) this.#seenHigh |= bit;
      else this.#seenLow |= bit;
      return -1;
    }
    return this.packed.find(source, offset, length, step, INLINE_HEAD_BYTES);
  }

  /** Elements are there that nobody looked for. */
  protected mayHaveAny(): void {
    this.#seenLow = this.#seenHigh = -1;
  }

  /** Makes it another kind. */
  protected become(kind: number): void {
    this.kind = kind;
    if (this.object !== undefined) this.object.kind = kind;
  }
}

/** A number made of a name's length and last bytes: there, names differ most often. */
function endOf(bytes: Uint8Array, offset: number, length: number): number {
  if (length < 2) return length === 0 ? 0 : bytes[offset];
  const last = offset + length - 1;
  return bytes[last] + 31 * bytes[last - 1] + 17 * length;
}

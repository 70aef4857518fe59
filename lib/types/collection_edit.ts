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
import { INLINE_HEAD_BYTES } from "./inline_entries.ts";
import { Packed } from "./packed.ts";

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

  /** The object for a small collection's bytes. */
  protected abstract unpack(bytes: Uint8Array): T;

  /** Begins a new one, of this kind. */
  begin(limits: EncodingLimits, kind = 0): void {
    this.limits = limits;
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

  /** Makes it another kind. */
  protected become(kind: number): void {
    this.kind = kind;
    if (this.object !== undefined) this.object.kind = kind;
  }
}

/**
 * What the keyspace asks of the values that keys hold: the seam between keys and
 * the types in lib/types.
 *
 * A small collection is bytes in its key's record, like a short string; a large
 * one is an object that implements {@linkcode Collection}. Which it is, is its
 * type's business, and independent of the encoding that OBJECT ENCODING answers.
 */

import { parseInt64 } from "../router/args.ts";
import type { Warmable } from "./warm_pass.ts";
import { VALUE_TYPES } from "../types/value_types.ts";
import type { ByteMap } from "./byte_map.ts";
import {
  IS_NOT_INTEGER,
  IS_RAW,
  KEY_INLINE_MAX,
  LargeString,
  TYPE_STRING,
} from "./record.ts";

/** Longest string that Redis keeps together with its header. */
const EMBEDDED_LENGTH_MAX = 44;

/** A list, set, sorted set, hash or stream that is an object. */
export interface Collection {
  /** How Redis would keep it, as OBJECT ENCODING answers. */
  readonly encoding: string;
  /** Memory that it takes, in bytes; an estimate where the runtime does not tell. */
  readonly memoryBytes: number;
  /** What its elements are found in by their names, if that is how they are kept. */
  readonly table?: Warmable;
  /** A deep copy, for COPY. */
  copy(): Collection;
}

/** A collection to store: bytes of at most RECORD_VALUE_MAX, or an object. */
export type StoredValue = Uint8Array | Collection;

/** What is done to a value whatever its type; one per type, in lib/types. */
export interface ValueType {
  /** What OBJECT ENCODING answers for a collection that is bytes in its record. */
  inlineEncoding(map: ByteMap, ref: number): string;
  /** The object for a collection's bytes, where they may not be in the record. */
  unpack(bytes: Uint8Array): Collection;
  /** Mixes the contents into a digest as redis-server does. */
  digest(mixer: DigestMixer, map: ByteMap, ref: number): void;
}

/** A digest that values are mixed into: in order, or in any order. */
export interface DigestMixer {
  /** Mixes bytes in; the order of calls counts. */
  mix(bytes: Uint8Array): void;
  /** Mixes bytes in; the order of calls does not count. */
  xor(bytes: Uint8Array): void;
  /** Mixes in the digest of `mixEntry`, whose own order counts while that of the calls does not. */
  xorEntry(mixEntry: (entry: DigestMixer) => void): void;
}

/** A copy of a record's object that shares nothing with it that can change. */
export function copyValue(object: LargeString | Collection): unknown {
  return object instanceof LargeString
    ? new LargeString(object.bytes.slice())
    : object.copy();
}

/** What the elements of a collection are found in; undefined for a small one, and without one. */
export function tableAt(map: ByteMap, ref: number): Warmable | undefined {
  return ref !== 0 && map.isObject(ref)
    ? (map.object(ref) as Collection).table
    : undefined;
}

/**
 * What a record's value is under a key of so many bytes: its object, or one that is
 * made because the key fits no record; undefined for bytes in the record.
 */
export function valueUnder(
  map: ByteMap,
  ref: number,
  keyLength: number,
): unknown {
  if (map.isObject(ref)) return map.object(ref);
  return keyLength <= KEY_INLINE_MAX
    ? undefined
    : VALUE_TYPES[map.typeOf(ref)]?.unpack(map.string(ref));
}

/** What OBJECT ENCODING answers for a record. */
export function encodingOf(map: ByteMap, ref: number): string {
  const type = map.typeOf(ref);
  if (type !== TYPE_STRING) {
    return map.isObject(ref)
      ? (map.object(ref) as Collection).encoding
      : VALUE_TYPES[type]!.inlineEncoding(map, ref);
  }
  const header = map.headerOf(ref);
  const isRaw = (header & IS_RAW) !== 0;
  if (isRaw || map.stringLength(ref) > EMBEDDED_LENGTH_MAX) return "raw";
  const isInteger = (header & IS_NOT_INTEGER) === 0 &&
    parseInt64(map.string(ref)) !== undefined;
  return isInteger ? "int" : "embstr";
}

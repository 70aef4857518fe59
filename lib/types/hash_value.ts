/**
 * Hashes: what a key of type hash holds, and how it is read.
 *
 * A small hash is bytes in its key's record (inline_entries.ts), a field and its
 * value in turn; a large one, and one with fields that expire, is a
 * {@linkcode HashObject}. Changes are made by hash_edit.ts.
 *
 * A field whose time is over is as good as gone: what reads by field (hash_field.ts)
 * does not see it, though it counts until it is removed.
 */

import type {
  DigestMixer,
  StoredValue,
  ValueType,
} from "../keyspace/collection.ts";
import type { ByteMap } from "../keyspace/byte_map.ts";
import type { EncodingLimits } from "../keyspace/encoding_limits.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import { NO_EXPIRY } from "../keyspace/record_store.ts";
import { HashEdit } from "./hash_edit.ts";
import { HASH_TABLE, type HashObject, unpackHash } from "./hash_object.ts";
import {
  entryBytes,
  inlineCount,
  inlineEnd,
  inlineKind,
  inlineStart,
  nextEntry,
  ScratchSource,
} from "./inline_entries.ts";

/** Number of fields. */
export function hashSize(map: ByteMap, ref: number): number {
  return map.isObject(ref)
    ? (map.object(ref) as HashObject).table.size
    : inlineCount(map, ref);
}

/** All fields with their values and when they expire (ms since 1970, or -1). */
export function* hashEntries(
  map: ByteMap,
  ref: number,
): Generator<[Uint8Array, Uint8Array, number]> {
  if (map.isObject(ref)) {
    const { table } = map.object(ref) as HashObject;
    for (let at = table.first(); at !== 0; at = table.next(at)) {
      yield [table.key(at), table.value(at), table.expiresAt(at)];
    }
    return;
  }
  const bytes = map.arena.bytes[ref >>> 20], end = inlineEnd(map, ref);
  for (let at = inlineStart(map, ref); at < end;) {
    const value = nextEntry(bytes, at);
    yield [entryBytes(bytes, at), entryBytes(bytes, value), NO_EXPIRY];
    at = nextEntry(bytes, value);
  }
}

/** What the digest of a field that expires contains, as in Redis 7.4. */
const EXPIRE_MARK = bytesOfText("!!hexpire!!");
const edit = new HashEdit();
const fieldSource = new ScratchSource();
const valueSource = new ScratchSource();

/** A hash of these fields, values and moments at which they expire; -1 or none for never. */
export function hashFrom(
  entries: Iterable<readonly [Uint8Array, Uint8Array, number?]>,
  limits: EncodingLimits,
): StoredValue {
  edit.begin(limits);
  for (const [field, value, expiresAt = NO_EXPIRY] of entries) {
    fieldSource.hold(field);
    valueSource.hold(value);
    edit.set(
      fieldSource,
      0,
      field.length,
      valueSource,
      0,
      value.length,
      expiresAt,
    );
  }
  return edit.take();
}

/** What is done to hashes as to values of any type. */
export const HASH_VALUE_TYPE: ValueType = {
  inlineEncoding(map, ref) {
    return inlineKind(map, ref) === HASH_TABLE ? "hashtable" : "listpack";
  },
  unpack: unpackHash,
  digest(mixer: DigestMixer, map: ByteMap, ref: number) {
    for (const [field, value, expiresAt] of hashEntries(map, ref)) {
      mixer.xorEntry((entry) => {
        entry.mix(field);
        entry.mix(value);
        if (expiresAt !== NO_EXPIRY) entry.xor(EXPIRE_MARK);
      });
    }
  },
};

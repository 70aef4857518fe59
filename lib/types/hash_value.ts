/**
 * Hashes: what a key of type hash holds, and how it is read.
 *
 * A small hash is bytes in its key's record (inline_entries.ts), a field and its
 * value in turn; a large one, and one with fields that expire, is a
 * {@linkcode HashObject}. Changes are made by hash_edit.ts.
 *
 * A field whose time is over is as good as gone: what reads by field does not see
 * it, though it counts until it is removed.
 */

import type {
  DigestMixer,
  StoredValue,
  ValueType,
} from "../keyspace/collection.ts";
import type { ByteMap } from "../keyspace/byte_map.ts";
import type { EncodingLimits } from "../keyspace/encoding_limits.ts";
import { type ByteSource, NO_EXPIRY } from "../keyspace/record_store.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { HashEdit } from "./hash_edit.ts";
import { HASH_TABLE, type HashObject, unpackHash } from "./hash_object.ts";
import {
  entryBytes,
  entryLength,
  entryStart,
  findInline,
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

/** Answers a field's value; false, with nothing answered, when it is not there. */
export function replyField(
  reply: ReplyWriter,
  map: ByteMap,
  ref: number,
  source: ByteSource,
  offset: number,
  length: number,
  nowMs: number,
): boolean {
  if (map.isObject(ref)) {
    const hash = map.object(ref) as HashObject;
    const at = hash.findLive(source, offset, length, nowMs);
    if (at !== 0) hash.table.replyValue(reply, at);
    return at !== 0;
  }
  const bytes = map.arena.bytes[ref >>> 20];
  const found = findInlineField(map, ref, source, offset, length);
  if (found < 0) return false;
  const at = nextEntry(bytes, found);
  reply.bulkRange(bytes, entryStart(bytes, at), entryLength(bytes, at));
  return true;
}

/** Length of a field's value; -1 when the field is not there. */
export function fieldLength(
  map: ByteMap,
  ref: number,
  source: ByteSource,
  offset: number,
  length: number,
  nowMs: number,
): number {
  if (map.isObject(ref)) {
    const hash = map.object(ref) as HashObject;
    const at = hash.findLive(source, offset, length, nowMs);
    return at === 0 ? -1 : hash.table.valueLength(at);
  }
  const bytes = map.arena.bytes[ref >>> 20];
  const found = findInlineField(map, ref, source, offset, length);
  return found < 0 ? -1 : entryLength(bytes, nextEntry(bytes, found));
}

/** The value of a field, valid until the next write; undefined when it is not there. */
export function fieldValue(
  map: ByteMap,
  ref: number,
  source: ByteSource,
  offset: number,
  length: number,
  nowMs: number,
): Uint8Array | undefined {
  if (map.isObject(ref)) {
    const hash = map.object(ref) as HashObject;
    const at = hash.findLive(source, offset, length, nowMs);
    return at === 0 ? undefined : hash.table.value(at);
  }
  const bytes = map.arena.bytes[ref >>> 20];
  const found = findInlineField(map, ref, source, offset, length);
  return found < 0 ? undefined : entryBytes(bytes, nextEntry(bytes, found));
}

/** When a field expires, in ms since 1970; -1 when it does not, or is not there. */
export function fieldExpiry(
  map: ByteMap,
  ref: number,
  source: ByteSource,
  offset: number,
  length: number,
  nowMs: number,
): number {
  if (!map.isObject(ref)) return NO_EXPIRY;
  const hash = map.object(ref) as HashObject;
  const at = hash.findLive(source, offset, length, nowMs);
  return at === 0 ? NO_EXPIRY : hash.table.expiresAt(at);
}

/** Where a field is in the chunk of an inline hash; -1 when it is not there. */
export function findInlineField(
  map: ByteMap,
  ref: number,
  source: ByteSource,
  offset: number,
  length: number,
): number {
  return findInline(map, ref, source, offset, length, 2);
}

/** What is done to hashes as to values of any type. */
export const HASH_VALUE_TYPE: ValueType = {
  inlineEncoding(map, ref) {
    return inlineKind(map, ref) === HASH_TABLE ? "hashtable" : "listpack";
  },
  unpack: unpackHash,
  digest(mixer: DigestMixer, map: ByteMap, ref: number) {
    for (const [field, value] of hashEntries(map, ref)) {
      mixer.xorEntry((entry) => {
        entry.mix(field);
        entry.mix(value);
      });
    }
  },
};

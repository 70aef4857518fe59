/**
 * Writes values in the RDB format: in one go, or for large ones in parts between
 * which other work may be done.
 *
 * The type numbers are the oldest that keep a value compact, so that Redis 7.0
 * reads what is written. What is bytes in its record becomes a listpack or an
 * intset, but for hashes and sorted sets beyond the limits of listpacks: those, and
 * what is an object, have their elements one by one, and Redis chooses by their
 * number and sizes how it keeps them.
 */

import type { ByteMap } from "../keyspace/byte_map.ts";
import { encodingOf } from "../keyspace/collection.ts";
import {
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STREAM,
  TYPE_STRING,
  TYPE_ZSET,
} from "../keyspace/record.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import { HASH_TABLE, type HashObject } from "../types/hash_object.ts";
import {
  entryLength,
  entryStart,
  inlineCount,
  inlineEnd,
  inlineKind,
  inlineStart,
  nextEntry,
} from "../types/inline_entries.ts";
import { readScore } from "../types/inline_score.ts";
import { COUNT_BYTES, packedCount } from "../types/packed_list.ts";
import { SET_INTSET } from "../types/set_object.ts";
import { hashEntries, hashSize } from "../types/hash_value.ts";
import { listLength, listValues } from "../types/list_value.ts";
import { setMembers, setSize } from "../types/set_value.ts";
import { SORTED_SET_SKIPLIST } from "../types/sorted_set_object.ts";
import { sortedSetEntries, sortedSetSize } from "../types/sorted_set_value.ts";
import { streamOf } from "../types/stream.ts";
import { ListpackBuilder } from "./listpack_builder.ts";
import { packIntset } from "./intset.ts";
import {
  QUICKLIST_PACKED,
  RDB_TYPE_HASH,
  RDB_TYPE_HASH_LISTPACK,
  RDB_TYPE_HASH_METADATA,
  RDB_TYPE_LIST,
  RDB_TYPE_LIST_QUICKLIST_2,
  RDB_TYPE_SET,
  RDB_TYPE_SET_INTSET,
  RDB_TYPE_STREAM_LISTPACKS_2,
  RDB_TYPE_STRING,
  RDB_TYPE_ZSET_2,
  RDB_TYPE_ZSET_LISTPACK,
} from "./rdb_format.ts";
import { writtenExpiringFields } from "./rdb_hash_expiry.ts";
import { streamParts } from "./rdb_stream.ts";
import type { RdbWriter } from "./rdb_writer.ts";

/** A part of a large value ends after about so many bytes. */
const PART_BYTES = 64 * 1024;

const listpack = new ListpackBuilder();

/** The type number of the form in which a record's value is written. */
export function rdbTypeOf(map: ByteMap, ref: number): number {
  const type = map.typeOf(ref), isObject = map.isObject(ref);
  switch (type) {
    case TYPE_STRING:
      return RDB_TYPE_STRING;
    case TYPE_LIST:
      return isObject ? RDB_TYPE_LIST : RDB_TYPE_LIST_QUICKLIST_2;
    case TYPE_SET:
      return isIntset(map, ref) ? RDB_TYPE_SET_INTSET : RDB_TYPE_SET;
    case TYPE_HASH:
      if (isListpack(map, ref)) return RDB_TYPE_HASH_LISTPACK;
      return expiringHash(map, ref) === undefined
        ? RDB_TYPE_HASH
        : RDB_TYPE_HASH_METADATA;
    case TYPE_ZSET:
      return isListpack(map, ref) ? RDB_TYPE_ZSET_LISTPACK : RDB_TYPE_ZSET_2;
    case TYPE_STREAM:
      return RDB_TYPE_STREAM_LISTPACKS_2;
    default:
      throw new Error(`no RDB form of type ${type}`);
  }
}

/** Writes a record's value, without its type. */
export function writeValue(
  writer: RdbWriter,
  map: ByteMap,
  ref: number,
): void {
  if (map.typeOf(ref) === TYPE_STRING) return writeString(writer, map, ref);
  if (isWrittenInPlace(map, ref)) return writeInline(writer, map, ref);
  // Read to its end, a value in parts is a value as a whole.
  const parts = valueParts(writer, map, ref);
  while (parts.next().done !== true);
}

/** Whether `writeInline` is for it. */
function isWrittenInPlace(map: ByteMap, ref: number): boolean {
  if (map.isObject(ref)) return false;
  const type = map.typeOf(ref);
  return type === TYPE_LIST || type === TYPE_SET || isListpack(map, ref);
}

/** Whether a hash or sorted set is a listpack: Redis takes one as it is, whatever the sizes of its elements. */
function isListpack(map: ByteMap, ref: number): boolean {
  if (map.isObject(ref)) return false;
  const kind = inlineKind(map, ref);
  return map.typeOf(ref) === TYPE_HASH
    ? kind !== HASH_TABLE
    : kind !== SORTED_SET_SKIPLIST;
}

/** Writes the value of a record in parts; pauses after each. */
export function* valueParts(
  writer: RdbWriter,
  map: ByteMap,
  ref: number,
): Generator<void> {
  if (isIntset(map, ref)) return writeIntset(writer, map, ref);
  let partEnd = writer.length + PART_BYTES;
  for (const _ of writtenElements(writer, map, ref)) {
    if (writer.length < partEnd) continue;
    yield;
    // Somebody may have taken what was written.
    partEnd = writer.length + PART_BYTES;
  }
}

function writeString(writer: RdbWriter, map: ByteMap, ref: number): void {
  if (map.isObject(ref)) return writer.string(map.string(ref));
  writer.string(
    map.arena.bytes[ref >>> 20],
    map.stringOffset(ref),
    map.stringLength(ref),
  );
}

function writeInline(writer: RdbWriter, map: ByteMap, ref: number): void {
  const bytes = map.arena.bytes[ref >>> 20];
  const end = inlineEnd(map, ref);
  let at = inlineStart(map, ref);
  switch (map.typeOf(ref)) {
    case TYPE_LIST:
      writer.count(1);
      writer.count(QUICKLIST_PACKED);
      return writeList(writer, bytes, map.stringOffset(ref), end);
    case TYPE_SET:
      if (inlineKind(map, ref) === SET_INTSET) {
        return writeIntset(writer, map, ref);
      }
      writer.count(inlineCount(map, ref));
      for (; at < end; at = nextEntry(bytes, at)) {
        writer.string(bytes, entryStart(bytes, at), entryLength(bytes, at));
      }
      return;
  }
  listpack.begin();
  const isSortedSet = map.typeOf(ref) === TYPE_ZSET;
  while (at < end) {
    listpack.add(bytes, entryStart(bytes, at), entryLength(bytes, at));
    at = nextEntry(bytes, at);
    if (!isSortedSet) continue;
    addScore(readScore(bytes, at));
    at = nextEntry(bytes, at);
  }
  listpack.end();
  writer.string(listpack.bytes, 0, listpack.length);
}

/** Writes the elements of a list in its record as a listpack. */
function writeList(
  writer: RdbWriter,
  bytes: Uint8Array,
  at: number,
  end: number,
): void {
  listpack.begin();
  const count = packedCount(bytes, at);
  listpack.addElements(bytes, at + COUNT_BYTES, end, count);
  listpack.end();
  writer.string(listpack.bytes, 0, listpack.length);
}

function addScore(score: number): void {
  if (Number.isSafeInteger(score) && !Object.is(score, -0)) {
    return listpack.addInteger(score);
  }
  listpack.add(bytesOfText(scoreText(score)));
}

/** A score that is no integer in a text that reads back as the same double. */
function scoreText(score: number): string {
  if (Object.is(score, -0)) return "-0";
  if (Number.isFinite(score)) return String(score);
  return score > 0 ? "inf" : "-inf";
}

/** Writes one element whenever the next is asked for. */
function* writtenElements(
  writer: RdbWriter,
  map: ByteMap,
  ref: number,
): Generator<void> {
  switch (map.typeOf(ref)) {
    case TYPE_LIST:
      writer.count(listLength(map, ref));
      for (const value of listValues(map, ref)) yield writer.string(value);
      return;
    case TYPE_SET:
      writer.count(setSize(map, ref));
      for (const member of setMembers(map, ref)) yield writer.string(member);
      return;
    case TYPE_ZSET:
      writer.count(sortedSetSize(map, ref));
      for (const [member, score] of sortedSetEntries(map, ref)) {
        writer.string(member);
        yield writer.double(score);
      }
      return;
    case TYPE_STREAM:
      return yield* streamParts(writer, streamOf(map, ref));
    case TYPE_HASH: {
      const expiring = expiringHash(map, ref);
      if (expiring !== undefined) {
        return yield* writtenExpiringFields(writer, expiring);
      }
      writer.count(hashSize(map, ref));
      for (const [field, value] of hashEntries(map, ref)) {
        writer.string(field);
        yield writer.string(value);
      }
    }
  }
}

/** A record's hash, if fields of it expire. */
function expiringHash(map: ByteMap, ref: number): HashObject | undefined {
  if (!map.isObject(ref)) return undefined;
  const hash = map.object(ref) as HashObject;
  return hash.volatileCount > 0 ? hash : undefined;
}

function isIntset(map: ByteMap, ref: number): boolean {
  if (map.typeOf(ref) !== TYPE_SET) return false;
  return encodingOf(map, ref) === "intset";
}

function writeIntset(writer: RdbWriter, map: ByteMap, ref: number): void {
  writer.string(packIntset(setMembers(map, ref), setSize(map, ref)));
}

/** Writes a long string in parts, without compressing it; pauses after each. */
export function* stringParts(
  writer: RdbWriter,
  bytes: Uint8Array,
): Generator<void> {
  writer.count(bytes.length);
  for (let at = 0; at < bytes.length; at += PART_BYTES) {
    writer.raw(bytes, at, Math.min(PART_BYTES, bytes.length - at));
    yield;
  }
}

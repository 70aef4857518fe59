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
import { type Collection, encodingOf } from "../keyspace/collection.ts";
import {
  type LargeString,
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STREAM,
  TYPE_STRING,
  TYPE_ZSET,
} from "../keyspace/record.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import type { FrozenList } from "../types/frozen_list.ts";
import type { FrozenTable } from "../types/frozen_table.ts";
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
import type { List } from "../types/list.ts";
import { COUNT_BYTES, packedCount } from "../types/packed_list.ts";
import type { SetObject } from "../types/set_object.ts";
import { setMembers, setSize } from "../types/set_value.ts";
import { SORTED_SET_SKIPLIST } from "../types/sorted_set_object.ts";
import { streamOf } from "../types/stream_value.ts";
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
import { writeExpiringField } from "./rdb_hash_expiry.ts";
import { streamParts } from "./rdb_stream.ts";
import type { RdbWriter } from "./rdb_writer.ts";

/** Larger collections are written in parts. */
const LARGE_BYTES = 128 * 1024;
/** A part of a large value ends after about so many bytes. */
const PART_BYTES = 64 * 1024;

/** Larger intsets would take too long to be sorted and written in one go. */
const INTSET_MEMBERS_MAX = 4096;

const listpack = new ListpackBuilder();

/** Whether a record's value is a collection that would take too long to be written in one go. */
export function isLargeCollection(map: ByteMap, ref: number): boolean {
  return map.isObject(ref) && map.typeOf(ref) !== TYPE_STRING &&
    (map.object(ref) as Collection).memoryBytes > LARGE_BYTES;
}

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
  const type = map.typeOf(ref);
  if (type === TYPE_STRING) return writeString(writer, map, ref);
  if (type === TYPE_STREAM) return writeStream(writer, map, ref);
  if (isWrittenInPlace(map, ref)) return writeInline(writer, map, ref);
  if (!map.isObject(ref)) return writeElements(writer, map, ref);
  writeParts(freezeValue(map, ref)(writer));
}

function writeStream(writer: RdbWriter, map: ByteMap, ref: number): void {
  writeParts(streamParts(writer, streamOf(map, ref)));
}

/** Read to its end, a value in parts is a value as a whole. */
function writeParts(parts: Generator<void>): void {
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

/** Writes a value in parts; pauses after each. */
export type ValueParts = (writer: RdbWriter) => Generator<void>;

/** The value of a record that is an object as it is now, to be written while others change it. */
export function freezeValue(map: ByteMap, ref: number): ValueParts {
  const type = map.typeOf(ref);
  if (type === TYPE_STRING) {
    const large = map.object(ref) as LargeString;
    large.isLent = true;
    const { bytes } = large;
    return (writer) => stringParts(writer, bytes);
  }
  if (type === TYPE_LIST) {
    const list = (map.object(ref) as List).freeze();
    return (writer) => listParts(writer, list);
  }
  if (type === TYPE_STREAM) {
    const stream = streamOf(map, ref).copy();
    return (writer) => streamParts(writer, stream);
  }
  if (isIntset(map, ref)) {
    const intset = packIntset(setMembers(map, ref), setSize(map, ref));
    return (writer) => stringParts(writer, intset);
  }
  const collection = map.object(ref) as SetObject | HashObject;
  const table = collection.table.freeze();
  const expiring = expiringHash(map, ref);
  if (expiring !== undefined) {
    const { nextExpiryMs } = expiring;
    return (writer) =>
      tableParts(writer, table, () => {
        writeExpiringField(writer, table, nextExpiryMs);
      }, nextExpiryMs);
  }
  return (writer) => tableParts(writer, table, ELEMENT_WRITERS[type]!);
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
      if (isIntset(map, ref)) return writeIntset(writer, map, ref);
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

/** Writes a small hash or sorted set that Redis keeps in a table, element by element. */
function writeElements(writer: RdbWriter, map: ByteMap, ref: number): void {
  writer.count(inlineCount(map, ref));
  const isHash = map.typeOf(ref) === TYPE_HASH;
  const bytes = map.arena.bytes[ref >>> 20], end = inlineEnd(map, ref);
  for (let at = inlineStart(map, ref); at < end; at = nextEntry(bytes, at)) {
    writer.string(bytes, entryStart(bytes, at), entryLength(bytes, at));
    at = nextEntry(bytes, at);
    if (isHash) {
      writer.string(bytes, entryStart(bytes, at), entryLength(bytes, at));
    } else writer.double(readScore(bytes, at));
  }
}

/** How an element of a table is written, by type of the collection. */
const ELEMENT_WRITERS: Readonly<
  Record<number, (writer: RdbWriter, table: FrozenTable) => void>
> = {
  [TYPE_SET](writer, { bytes, keyAt, keyLength }) {
    writer.string(bytes, keyAt, keyLength);
  },
  [TYPE_HASH](writer, { bytes, keyAt, keyLength, valueAt, valueLength }) {
    writer.string(bytes, keyAt, keyLength);
    writer.string(bytes, valueAt, valueLength);
  },
  [TYPE_ZSET](writer, { bytes, view, keyAt, keyLength, valueAt }) {
    writer.string(bytes, keyAt, keyLength);
    writer.double(view.getFloat64(valueAt, true));
  },
};

function* tableParts(
  writer: RdbWriter,
  table: FrozenTable,
  writeElement: (writer: RdbWriter, table: FrozenTable) => void,
  firstMoment?: number,
): Generator<void> {
  if (firstMoment !== undefined) writer.int64(firstMoment);
  writer.count(table.size);
  for (let partEnd = writer.length + PART_BYTES; table.next();) {
    writeElement(writer, table);
    if (writer.length < partEnd) continue;
    yield;
    // Somebody may have taken what was written.
    partEnd = writer.length + PART_BYTES;
  }
}

function* listParts(writer: RdbWriter, list: FrozenList): Generator<void> {
  writer.count(list.size);
  for (let partEnd = writer.length + PART_BYTES; list.next();) {
    writer.string(list.bytes, list.at, list.length);
    if (writer.length < partEnd) continue;
    yield;
    partEnd = writer.length + PART_BYTES;
  }
}

/** A record's hash, if fields of it expire. */
function expiringHash(map: ByteMap, ref: number): HashObject | undefined {
  if (!map.isObject(ref)) return undefined;
  const hash = map.object(ref) as HashObject;
  return hash.volatileCount > 0 ? hash : undefined;
}

/** A large one is written member by member: Redis makes an intset of it all the same. */
function isIntset(map: ByteMap, ref: number): boolean {
  if (map.typeOf(ref) !== TYPE_SET) return false;
  return encodingOf(map, ref) === "intset" &&
    setSize(map, ref) <= INTSET_MEMBERS_MAX;
}

function writeIntset(writer: RdbWriter, map: ByteMap, ref: number): void {
  writer.string(packIntset(setMembers(map, ref), setSize(map, ref)));
}

/** Writes a long string in parts, without compressing it; pauses after each. */
function* stringParts(writer: RdbWriter, bytes: Uint8Array): Generator<void> {
  writer.count(bytes.length);
  for (let at = 0; at < bytes.length; at += PART_BYTES) {
    writer.raw(bytes, at, Math.min(PART_BYTES, bytes.length - at));
    yield;
  }
}

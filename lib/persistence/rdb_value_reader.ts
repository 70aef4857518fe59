/**
 * Reads values in any form that the RDB format has had for them, and makes of them
 * what the types store. Strings are left to the caller.
 */

import type { StoredValue } from "../keyspace/collection.ts";
import type { EncodingLimits } from "../keyspace/encoding_limits.ts";
import {
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STREAM,
  TYPE_ZSET,
} from "../keyspace/record.ts";
import type { HashObject } from "../types/hash_object.ts";
import type { SetObject } from "../types/set_object.ts";
import type { SortedSetObject } from "../types/sorted_set_object.ts";
import { sortedSetFrom } from "../types/sorted_set_value.ts";
import { textOfBytes } from "../resp/byte_text.ts";
import { parseFloatStrict } from "../router/number_text.ts";
import { hashFrom } from "../types/hash_value.ts";
import { listFrom } from "../types/list_value.ts";
import { setFrom } from "../types/set_value.ts";
import { intsetMembers } from "./intset.ts";
import { listpackEntries } from "./listpack_reader.ts";
import { ziplistEntries, zipmapEntries } from "./old_encodings.ts";
import {
  QUICKLIST_PACKED,
  QUICKLIST_PLAIN,
  RDB_TYPE_HASH,
  RDB_TYPE_HASH_LISTPACK,
  RDB_TYPE_HASH_LISTPACK_EX,
  RDB_TYPE_HASH_METADATA,
  RDB_TYPE_HASH_ZIPLIST,
  RDB_TYPE_HASH_ZIPMAP,
  RDB_TYPE_LIST,
  RDB_TYPE_LIST_QUICKLIST,
  RDB_TYPE_LIST_QUICKLIST_2,
  RDB_TYPE_LIST_ZIPLIST,
  RDB_TYPE_MODULE,
  RDB_TYPE_MODULE_2,
  RDB_TYPE_SET,
  RDB_TYPE_SET_INTSET,
  RDB_TYPE_SET_LISTPACK,
  RDB_TYPE_STREAM_LISTPACKS,
  RDB_TYPE_STREAM_LISTPACKS_2,
  RDB_TYPE_STREAM_LISTPACKS_3,
  RDB_TYPE_VALKEY_HASH,
  RDB_TYPE_ZSET,
  RDB_TYPE_ZSET_2,
  RDB_TYPE_ZSET_LISTPACK,
  RDB_TYPE_ZSET_ZIPLIST,
} from "./rdb_format.ts";
import {
  type ExpiringField,
  readExpiringFields,
  readPackedExpiringFields,
  readValkeyFields,
} from "./rdb_hash_expiry.ts";
import { readStream } from "./rdb_stream.ts";
import type { RdbReader } from "./rdb_reader.ts";

/** A value that was read. */
export interface ReadValue {
  /** TYPE_ number. */
  readonly type: number;
  /** Undefined for a collection without elements, which no key may hold. */
  readonly value: StoredValue | undefined;
}

type Entries = Generator<Uint8Array>;
type ScoredEntries = Generator<readonly [Uint8Array, number]>;

/** In place of the length of a score's text. */
const SCORE_NAN = 253;
const SCORE_INFINITE = 254;
const SCORE_MINUS_INFINITE = 255;

/**
 * Reads a value that is no string.
 *
 * @param rdbType its type number in the file, whose byte is the last one read.
 * @throws {RdbError} of damage, and of a type that is not known
 */
export function readValue(
  reader: RdbReader,
  rdbType: number,
  limits: EncodingLimits,
): ReadValue {
  const start = reader.offset - 1;
  const form = FORMS[rdbType];
  if (form === undefined) {
    const isModule = rdbType === RDB_TYPE_MODULE ||
      rdbType === RDB_TYPE_MODULE_2;
    reader.fail(
      isModule
        ? "a value of a module, which this server cannot load,"
        : `unknown type ${rdbType}`,
      start,
    );
  }
  try {
    return form(reader, limits);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const kind = COMPACT_KINDS[rdbType];
    return reader.fail(
      kind === undefined
        ? error.message
        : `${kind} integrity check failed: ${error.message}`,
      start,
    );
  }
}

/** What the compact forms are called in messages. */
const COMPACT_KINDS: Readonly<Record<number, string>> = {
  [RDB_TYPE_LIST_ZIPLIST]: "List ziplist",
  [RDB_TYPE_LIST_QUICKLIST]: "Quicklist ziplist",
  [RDB_TYPE_LIST_QUICKLIST_2]: "Quicklist listpack",
  [RDB_TYPE_SET_INTSET]: "Intset",
  [RDB_TYPE_SET_LISTPACK]: "Set listpack",
  [RDB_TYPE_HASH_ZIPMAP]: "Zipmap",
  [RDB_TYPE_HASH_ZIPLIST]: "Hash ziplist",
  [RDB_TYPE_HASH_LISTPACK]: "Hash listpack",
  [RDB_TYPE_ZSET_ZIPLIST]: "Zset ziplist",
  [RDB_TYPE_ZSET_LISTPACK]: "Zset listpack",
  [RDB_TYPE_STREAM_LISTPACKS]: "Stream listpack",
  [RDB_TYPE_STREAM_LISTPACKS_2]: "Stream listpack",
  [RDB_TYPE_STREAM_LISTPACKS_3]: "Stream listpack",
};

type Form = (reader: RdbReader, limits: EncodingLimits) => ReadValue;

const FORMS: Record<number, Form> = {
  [RDB_TYPE_LIST]: (reader, limits) => list(strings(reader), limits),
  [RDB_TYPE_LIST_ZIPLIST]: (reader, limits) =>
    list(ziplistEntries(reader.copy()), limits),
  [RDB_TYPE_LIST_QUICKLIST]: (reader, limits) =>
    list(quicklistEntries(reader), limits),
  [RDB_TYPE_LIST_QUICKLIST_2]: (reader, limits) =>
    list(quicklist2Entries(reader), limits),
  [RDB_TYPE_SET]: (reader, limits) => set(strings(reader), limits),
  [RDB_TYPE_SET_INTSET]: (reader, limits) =>
    set(intsetMembers(reader.copy()), limits),
  [RDB_TYPE_SET_LISTPACK]: (reader, limits) =>
    set(listpackEntries(reader.copy()), limits),
  [RDB_TYPE_HASH]: (reader, limits) => hash(strings(reader, 2), limits),
  [RDB_TYPE_HASH_ZIPMAP]: (reader, limits) =>
    hash(zipmapEntries(reader.copy()), limits),
  [RDB_TYPE_HASH_ZIPLIST]: (reader, limits) =>
    hash(ziplistEntries(reader.copy()), limits),
  [RDB_TYPE_HASH_LISTPACK]: (reader, limits) =>
    hash(listpackEntries(reader.copy()), limits),
  [RDB_TYPE_HASH_METADATA]: (reader, limits) =>
    expiringHash(readExpiringFields(reader), limits),
  [RDB_TYPE_VALKEY_HASH]: (reader, limits) =>
    expiringHash(readValkeyFields(reader), limits),
  [RDB_TYPE_HASH_LISTPACK_EX]: (reader, limits) =>
    expiringHash(readPackedExpiringFields(reader), limits),
  [RDB_TYPE_ZSET]: (reader, limits) =>
    sortedSet(scored(reader, () => readScoreText(reader)), limits),
  [RDB_TYPE_ZSET_2]: (reader, limits) =>
    sortedSet(scored(reader, () => reader.double()), limits),
  [RDB_TYPE_ZSET_ZIPLIST]: (reader, limits) =>
    sortedSet(scorePairs(ziplistEntries(reader.copy())), limits),
  [RDB_TYPE_ZSET_LISTPACK]: (reader, limits) =>
    sortedSet(scorePairs(listpackEntries(reader.copy())), limits),
};

for (
  const rdbType of [
    RDB_TYPE_STREAM_LISTPACKS,
    RDB_TYPE_STREAM_LISTPACKS_2,
    RDB_TYPE_STREAM_LISTPACKS_3,
  ]
) {
  FORMS[rdbType] = (reader) => ({
    type: TYPE_STREAM,
    value: readStream(reader, rdbType),
  });
}

/** A count and so many times `each` strings. A string is valid until the next. */
function* strings(reader: RdbReader, each = 1): Entries {
  for (let left = reader.count() * each; left > 0; left--) {
    yield reader.slice();
  }
}

/** A count and so many members with their scores. */
function* scored(reader: RdbReader, readScore: () => number): ScoredEntries {
  for (let left = reader.count(); left > 0; left--) {
    const member = reader.copy();
    yield [member, readScore()];
  }
}

/** A score as old versions wrote it: its length and text, or a number for what has no text. */
function readScoreText(reader: RdbReader): number {
  const length = reader.byte();
  if (length === SCORE_INFINITE) return Infinity;
  if (length === SCORE_MINUS_INFINITE) return -Infinity;
  if (length === SCORE_NAN) return NaN;
  reader.need(length);
  const start = reader.at;
  reader.at += length;
  return scoreOf(reader.bytes.subarray(start, reader.at));
}

function* scorePairs(entries: Entries): ScoredEntries {
  let member: Uint8Array | undefined;
  for (const entry of entries) {
    if (member === undefined) member = entry;
    else {
      yield [member, scoreOf(entry)];
      member = undefined;
    }
  }
  if (member !== undefined) throw new RangeError("odd number of entries");
}

function scoreOf(text: Uint8Array): number {
  return parseFloatStrict(textOfBytes(text)) ?? NaN;
}

function* quicklistEntries(reader: RdbReader): Entries {
  for (let nodes = reader.count(); nodes > 0; nodes--) {
    yield* ziplistEntries(reader.copy());
  }
}

function* quicklist2Entries(reader: RdbReader): Entries {
  for (let nodes = reader.count(); nodes > 0; nodes--) {
    const container = reader.count();
    const bytes = reader.copy();
    if (bytes.length === 0) throw new RangeError("empty quicklist node");
    if (container === QUICKLIST_PLAIN) yield bytes;
    else if (container === QUICKLIST_PACKED) yield* listpackEntries(bytes);
    else throw new RangeError("unknown quicklist node");
  }
}

function list(entries: Entries, limits: EncodingLimits): ReadValue {
  const value = unlessEmpty(entries, (all) => listFrom(all, limits));
  return { type: TYPE_LIST, value };
}

function set(members: Entries, limits: EncodingLimits): ReadValue {
  let count = 0;
  const value = unlessEmpty(members, (all) => {
    const made = setFrom(counted(all, () => count++), limits);
    checkUnique(made, count);
    return made;
  });
  return { type: TYPE_SET, value };
}

function hash(entries: Entries, limits: EncodingLimits): ReadValue {
  let count = 0;
  const value = unlessEmpty(entries, (all) => {
    const made = hashFrom(pairs(all, () => count++), limits);
    checkUnique(made, count);
    return made;
  });
  return { type: TYPE_HASH, value };
}

function expiringHash(
  fields: Generator<ExpiringField>,
  limits: EncodingLimits,
): ReadValue {
  let count = 0;
  const value = unlessEmpty(fields, (all) => {
    const made = hashFrom(counted(all, () => count++), limits);
    checkUnique(made, count);
    return made;
  });
  return { type: TYPE_HASH, value };
}

function sortedSet(
  entries: ScoredEntries,
  limits: EncodingLimits,
): ReadValue {
  let count = 0;
  function* checked(): ScoredEntries {
    for (const entry of entries) {
      if (Number.isNaN(entry[1])) throw new RangeError("a score is no number");
      count++;
      yield entry;
    }
  }
  const made = sortedSetFrom(checked(), limits);
  if (count === 0) return { type: TYPE_ZSET, value: undefined };
  checkUnique(made, count);
  return { type: TYPE_ZSET, value: made };
}

function* counted<Entry>(
  entries: Iterable<Entry>,
  count: () => void,
): Generator<Entry> {
  for (const entry of entries) {
    count();
    yield entry;
  }
}

/** Entries two by two. @throws {RangeError} when one is left over */
function* pairs(
  entries: Iterable<Uint8Array>,
  count: () => void,
): Generator<[Uint8Array, Uint8Array]> {
  let first: Uint8Array | undefined;
  for (const entry of entries) {
    if (first === undefined) first = entry.slice();
    else {
      count();
      yield [first, entry];
      first = undefined;
    }
  }
  if (first !== undefined) throw new RangeError("odd number of entries");
}

/** @throws {RangeError} when a hash, set or sorted set has fewer elements than went into it */
function checkUnique(made: StoredValue, count: number): void {
  const size = made instanceof Uint8Array
    ? made[1] | made[2] << 8
    : (made as HashObject | SetObject | SortedSetObject).table.size;
  if (size !== count) throw new RangeError("an element comes twice");
}

/** What `make` makes of the entries; undefined when there are none. */
function unlessEmpty<Entry>(
  entries: Generator<Entry>,
  make: (entries: Iterable<Entry>) => StoredValue,
): StoredValue | undefined {
  const first = entries.next();
  if (first.done === true) return undefined;
  return make(startingWith(first.value, entries));
}

function* startingWith<Entry>(
  first: Entry,
  rest: Generator<Entry>,
): Generator<Entry> {
  yield first;
  yield* rest;
}

/**
 * Reads values in any form that the RDB format has had for them, and makes of them
 * what the types store. Strings are left to the caller.
 *
 * A large value is read in parts, between which others may have their turns.
 */

import type { Collection } from "../keyspace/collection.ts";
import type { EncodingLimits } from "../keyspace/encoding_limits.ts";
import {
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STREAM,
  TYPE_ZSET,
} from "../keyspace/record.ts";
import { textOfBytes } from "../resp/byte_text.ts";
import { parseFloatStrict } from "../router/number_text.ts";
import { HashEdit } from "../types/hash_edit.ts";
import { ScratchSource } from "../types/inline_entries.ts";
import { ListBuilder } from "../types/list_builder.ts";
import type { Packed } from "../types/packed.ts";
import { SetEdit } from "../types/set_edit.ts";
import { SET_INTSET, SET_LISTPACK } from "../types/set_object.ts";
import { SortedSetEdit } from "../types/sorted_set_edit.ts";
import { IntsetCursor } from "./intset.ts";
import { ListpackReader } from "./listpack_reader.ts";
import { ZiplistCursor, ZipmapCursor } from "./old_encodings.ts";
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
import { ReaderStrings, type StringCursor } from "./string_cursor.ts";

/** A value that was read. */
export interface ReadValue {
  /** TYPE_ number. */
  readonly type: number;
  /** Bytes that are valid until the next value is read, or an object; undefined for a collection without elements, which no key may hold. */
  readonly value: Packed | Collection | undefined;
}

/** Pauses between its parts. */
export type Reading = Generator<void, ReadValue>;

/** A part of a large value ends after about so many bytes. */
const PART_BYTES = 64 * 1024;
/** In place of the length of a score's text. */
const SCORE_NAN = 253;
const SCORE_INFINITE = 254;
const SCORE_MINUS_INFINITE = 255;

/** How the scores of a sorted set's members stand: as the strings behind them, or not. */
type ScoreForm = "string" | "text" | "double";

/** See the top of the file; reads one value at a time. */
export class ValueReader {
  readonly #strings = new ReaderStrings();
  readonly #listpack = new ListpackReader();
  readonly #ziplist = new ZiplistCursor();
  readonly #zipmap = new ZipmapCursor();
  readonly #intset = new IntsetCursor();
  readonly #list = new ListBuilder();
  readonly #set = new SetEdit();
  readonly #hash = new HashEdit();
  readonly #sortedSet = new SortedSetEdit();
  /** A field or member, while what belongs to it is read; and that. */
  readonly #first = new ScratchSource();
  readonly #second = new ScratchSource();
  /** Offset at which the part ends that is read. */
  #partEnd = 0;

  constructor(
    private readonly reader: RdbReader,
    private readonly limits: EncodingLimits,
  ) {}

  /**
   * Reads a value that is no string.
   *
   * @param rdbType its type number in the file, whose byte is the last one read.
   * @throws {RdbError} of damage, and of a type that is not known
   */
  *read(rdbType: number): Reading {
    const { reader } = this, start = reader.offset - 1;
    this.#partEnd = start + PART_BYTES;
    try {
      return yield* this.#form(rdbType, start);
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

  /** `read` without pauses. */
  readNow(rdbType: number): ReadValue {
    const reading = this.read(rdbType);
    for (;;) {
      const part = reading.next();
      if (part.done === true) return part.value;
    }
  }

  #form(rdbType: number, start: number): Reading {
    const { reader } = this;
    switch (rdbType) {
      case RDB_TYPE_LIST:
        return this.#readList(this.#counted());
      case RDB_TYPE_LIST_ZIPLIST:
        return this.#readList(this.#compact(this.#ziplist));
      case RDB_TYPE_LIST_QUICKLIST:
      case RDB_TYPE_LIST_QUICKLIST_2:
        return this.#readQuicklist(rdbType === RDB_TYPE_LIST_QUICKLIST_2);
      case RDB_TYPE_SET:
        return this.#readSet(this.#counted());
      case RDB_TYPE_SET_INTSET:
        return this.#readSet(this.#compact(this.#intset));
      case RDB_TYPE_SET_LISTPACK:
        return this.#readSet(this.#compact(this.#listpack));
      case RDB_TYPE_HASH:
        return this.#readHash(this.#counted(2));
      case RDB_TYPE_HASH_ZIPMAP:
        return this.#readHash(this.#compact(this.#zipmap));
      case RDB_TYPE_HASH_ZIPLIST:
        return this.#readHash(this.#compact(this.#ziplist));
      case RDB_TYPE_HASH_LISTPACK:
        return this.#readHash(this.#compact(this.#listpack));
      case RDB_TYPE_HASH_METADATA:
        return this.#readExpiringHash(readExpiringFields(reader));
      case RDB_TYPE_HASH_LISTPACK_EX:
        return this.#readExpiringHash(readPackedExpiringFields(reader));
      case RDB_TYPE_VALKEY_HASH:
        return this.#readExpiringHash(readValkeyFields(reader));
      case RDB_TYPE_ZSET:
        return this.#readSortedSet(this.#counted(), "text");
      case RDB_TYPE_ZSET_2:
        return this.#readSortedSet(this.#counted(), "double");
      case RDB_TYPE_ZSET_ZIPLIST:
        return this.#readSortedSet(this.#compact(this.#ziplist), "string");
      case RDB_TYPE_ZSET_LISTPACK:
        return this.#readSortedSet(this.#compact(this.#listpack), "string");
      case RDB_TYPE_STREAM_LISTPACKS:
      case RDB_TYPE_STREAM_LISTPACKS_2:
      case RDB_TYPE_STREAM_LISTPACKS_3:
        return this.#readStream(rdbType);
    }
    const isModule = rdbType === RDB_TYPE_MODULE ||
      rdbType === RDB_TYPE_MODULE_2;
    return reader.fail(
      isModule
        ? "a value of a module, which this server cannot load,"
        : `unknown type ${rdbType}`,
      start,
    );
  }

  /** A count and so many times `each` strings. */
  #counted(each = 1): ReaderStrings {
    return this.#strings.begin(this.reader, this.reader.count() * each);
  }

  /** A string that holds others. */
  #compact<Cursor extends { begin(reader: RdbReader): Cursor }>(
    cursor: Cursor,
  ): Cursor {
    this.reader.string();
    return cursor.begin(this.reader);
  }

  /** Whether others may have their turns now. */
  #isPartOver(): boolean {
    const { offset } = this.reader;
    if (offset < this.#partEnd) return false;
    this.#partEnd = offset + PART_BYTES;
    return true;
  }

  *#readList(values: StringCursor): Reading {
    const list = this.#list;
    list.begin();
    while (values.next()) {
      list.add(values.bytes, values.at, values.length);
      if (this.#isPartOver()) yield;
    }
    return this.#listRead();
  }

  *#readQuicklist(isOfListpacks: boolean): Reading {
    const { reader } = this, list = this.#list;
    list.begin();
    for (let nodes = reader.count(); nodes > 0; nodes--) {
      const container = isOfListpacks ? reader.count() : QUICKLIST_PACKED;
      reader.string();
      if (reader.textLength === 0) throw new RangeError("empty quicklist node");
      if (container === QUICKLIST_PLAIN) {
        list.add(reader.textBytes, reader.textAt, reader.textLength);
      } else if (container === QUICKLIST_PACKED) {
        const values = isOfListpacks
          ? this.#listpack.begin(reader)
          : this.#ziplist.begin(reader);
        while (values.next()) list.add(values.bytes, values.at, values.length);
      } else throw new RangeError("unknown quicklist node");
      if (this.#isPartOver()) yield;
    }
    return this.#listRead();
  }

  #listRead(): ReadValue {
    const list = this.#list;
    const value = list.length === 0 ? undefined : list.take(this.limits);
    return { type: TYPE_LIST, value };
  }

  *#readSet(members: StringCursor): Reading {
    const set = this.#set, isAscending = members === this.#intset;
    // A listpack stays one, even if all its members are numbers.
    const isListpack = members === this.#listpack;
    set.begin(this.limits, isListpack ? SET_LISTPACK : SET_INTSET);
    while (members.next()) {
      const { at, length } = members;
      if (isAscending) set.addHighest(members, at, length);
      else if (!set.add(members, at, length)) throw comesTwice();
      if (this.#isPartOver()) yield;
    }
    return { type: TYPE_SET, value: resultOf(set) };
  }

  *#readHash(strings: StringCursor): Reading {
    const hash = this.#hash, field = this.#first;
    hash.begin(this.limits);
    while (strings.next()) {
      const { length } = strings;
      field.holdPart(strings.bytes, strings.at, length);
      if (!strings.next()) throw isOdd();
      if (!hash.set(field, 0, length, strings, strings.at, strings.length)) {
        throw comesTwice();
      }
      if (this.#isPartOver()) yield;
    }
    return { type: TYPE_HASH, value: resultOf(hash) };
  }

  *#readExpiringHash(fields: Generator<ExpiringField>): Reading {
    const hash = this.#hash, first = this.#first, second = this.#second;
    hash.begin(this.limits);
    for (const [field, value, expiresAt] of fields) {
      first.hold(field);
      second.hold(value);
      const { length } = field;
      if (!hash.set(first, 0, length, second, 0, value.length, expiresAt)) {
        throw comesTwice();
      }
      if (this.#isPartOver()) yield;
    }
    return { type: TYPE_HASH, value: resultOf(hash) };
  }

  *#readSortedSet(strings: StringCursor, form: ScoreForm): Reading {
    const set = this.#sortedSet, member = this.#first;
    set.begin(this.limits);
    while (strings.next()) {
      const { length } = strings;
      member.holdPart(strings.bytes, strings.at, length);
      const score = this.#readScore(strings, form);
      if (Number.isNaN(score)) throw new RangeError("a score is no number");
      if (set.find(member, 0, length)) throw comesTwice();
      set.add(member, 0, length, score);
      if (this.#isPartOver()) yield;
    }
    return { type: TYPE_ZSET, value: resultOf(set) };
  }

  #readScore(strings: StringCursor, form: ScoreForm): number {
    if (form === "double") return this.reader.double();
    if (form === "text") return readScoreText(this.reader);
    if (!strings.next()) throw isOdd();
    return strings.isInteger ? strings.integer : scoreOf(strings.text);
  }

  *#readStream(rdbType: number): Reading {
    const value = yield* readStream(this.reader, rdbType);
    return { type: TYPE_STREAM, value };
  }
}

/** What an edit has made; undefined when that has no elements. */
function resultOf(
  edit: SetEdit | HashEdit | SortedSetEdit,
): Packed | Collection | undefined {
  if (edit.size === 0) return undefined;
  if (edit.object !== undefined) return edit.object;
  edit.seal();
  return edit.packed;
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

function scoreOf(text: Uint8Array): number {
  return parseFloatStrict(textOfBytes(text)) ?? NaN;
}

function isOdd(): RangeError {
  return new RangeError("odd number of entries");
}

function comesTwice(): RangeError {
  return new RangeError("an element comes twice");
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

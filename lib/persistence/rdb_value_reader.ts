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
import { parseFloatStrict, parsePlainFloat } from "../router/number_text.ts";
import { HashEdit } from "../types/hash_edit.ts";
import { ScratchSource } from "../types/inline_entries.ts";
import { ListBuilder } from "../types/list_builder.ts";
import { isQuicklistSize } from "../types/list_encoding.ts";
import {
  PACKED_LIST_MAX_BYTES,
  packedCount,
  PackedList,
} from "../types/packed_list.ts";
import { SetEdit } from "../types/set_edit.ts";
import { SET_INTSET, SET_LISTPACK } from "../types/set_object.ts";
import { SortedSetEdit } from "../types/sorted_set_edit.ts";
import type { Stream } from "../types/stream.ts";
import { packedStream, packStream } from "../types/stream_value.ts";
import {
  END_BYTES,
  isCanonicalListpack,
  LENGTH_BYTES,
} from "./canonical_listpack.ts";
import { InlineValue } from "./inline_value.ts";
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
  readonly #inline = new InlineValue();
  /** Offset at which the part ends that is read. */
  #partEnd = 0;

  /** TYPE_ number of the value. */
  type = TYPE_LIST;
  /** The value when it is read: bytes that are valid until the next read, or an object; undefined for a collection without elements, which no key may hold. */
  value: InlineValue | Collection | undefined;
  /** Compact forms that were checked, of all values. */
  checkedCount = 0;
  #rdbType = 0;
  /** Where the value begins, with its type. */
  #start = 0;
  /** What its elements come from: strings one by one, nodes, or what goes on by itself. */
  #values!: StringCursor;
  #nodesLeft = -1;
  #fields: Iterator<ExpiringField> | undefined;
  #stream: Iterator<void, Stream> | undefined;
  #scoreForm: ScoreForm = "string";

  constructor(
    private readonly reader: RdbReader,
    private readonly limits: EncodingLimits,
  ) {}

  /**
   * Begins to read a value that is no string.
   *
   * @param rdbType its type number in the file, whose byte comes before what is read next, or before the key.
   * @throws {RdbError} of damage, and of a type that is not known
   */
  begin(rdbType: number): void {
    const { reader } = this;
    this.#rdbType = rdbType;
    this.#start = reader.offset;
    this.#partEnd = reader.offset + PART_BYTES;
    this.#nodesLeft = -1;
    this.#fields = this.#stream = this.value = undefined;
    try {
      this.#begin(rdbType);
    } catch (error) {
      this.#fail(error);
    }
  }

  /** Reads a part of it; true at the end. @throws {RdbError} of damage */
  goOn(): boolean {
    try {
      return this.#goOn();
    } catch (error) {
      return this.#fail(error);
    }
  }

  #fail(error: unknown): never {
    if (!(error instanceof RangeError)) throw error;
    const kind = COMPACT_KINDS[this.#rdbType];
    this.reader.fail(
      kind === undefined
        ? error.message
        : `${kind} integrity check failed: ${error.message}`,
      this.#start,
    );
  }

  #begin(rdbType: number): void {
    const { reader } = this;
    switch (rdbType) {
      case RDB_TYPE_LIST:
        return this.#beginList(this.#counted());
      case RDB_TYPE_LIST_ZIPLIST:
        return this.#beginList(this.#compact(this.#ziplist));
      case RDB_TYPE_LIST_QUICKLIST:
      case RDB_TYPE_LIST_QUICKLIST_2:
        this.#nodesLeft = reader.count();
        return this.#beginList(this.#strings);
      case RDB_TYPE_SET:
        return this.#beginSet(this.#counted());
      case RDB_TYPE_SET_INTSET:
        return this.#beginSet(this.#compact(this.#intset));
      case RDB_TYPE_SET_LISTPACK:
        return this.#beginSet(this.#compact(this.#listpack));
      case RDB_TYPE_ZSET:
        return this.#beginSortedSet(this.#counted(), "text");
      case RDB_TYPE_ZSET_2:
        return this.#beginSortedSet(this.#counted(), "double");
      case RDB_TYPE_ZSET_ZIPLIST:
        return this.#beginSortedSet(this.#compact(this.#ziplist), "string");
      case RDB_TYPE_ZSET_LISTPACK:
        return this.#beginSortedSet(this.#compact(this.#listpack), "string");
      case RDB_TYPE_STREAM_LISTPACKS:
      case RDB_TYPE_STREAM_LISTPACKS_2:
      case RDB_TYPE_STREAM_LISTPACKS_3:
        this.type = TYPE_STREAM;
        this.#stream = readStream(reader, rdbType);
        return;
    }
    this.#beginHash(rdbType);
  }

  #beginHash(rdbType: number): void {
    const { reader } = this;
    this.type = TYPE_HASH;
    this.#hash.begin(this.limits);
    switch (rdbType) {
      case RDB_TYPE_HASH:
        this.#values = this.#counted(2);
        return;
      case RDB_TYPE_HASH_ZIPMAP:
        this.#values = this.#compact(this.#zipmap);
        return;
      case RDB_TYPE_HASH_ZIPLIST:
        this.#values = this.#compact(this.#ziplist);
        return;
      case RDB_TYPE_HASH_LISTPACK:
        this.#values = this.#compact(this.#listpack);
        return;
      case RDB_TYPE_HASH_METADATA:
        this.#fields = readExpiringFields(reader);
        return;
      case RDB_TYPE_HASH_LISTPACK_EX:
        this.#fields = readPackedExpiringFields(reader);
        return;
      case RDB_TYPE_VALKEY_HASH:
        this.#fields = readValkeyFields(reader);
        return;
    }
    const isModule = rdbType === RDB_TYPE_MODULE ||
      rdbType === RDB_TYPE_MODULE_2;
    reader.fail(
      isModule
        ? "a value of a module, which this server cannot load,"
        : `unknown type ${rdbType}`,
      this.#start,
    );
  }

  #beginList(values: StringCursor): void {
    this.type = TYPE_LIST;
    this.#values = values;
    this.#list.begin();
  }

  #beginSet(members: StringCursor): void {
    this.type = TYPE_SET;
    this.#values = members;
    // A listpack stays one, even if all its members are numbers.
    const isListpack = members === this.#listpack;
    this.#set.begin(this.limits, isListpack ? SET_LISTPACK : SET_INTSET);
  }

  #beginSortedSet(members: StringCursor, form: ScoreForm): void {
    this.type = TYPE_ZSET;
    this.#values = members;
    this.#scoreForm = form;
    this.#sortedSet.begin(this.limits);
  }

  #goOn(): boolean {
    switch (this.type) {
      case TYPE_LIST:
        return this.#nodesLeft < 0 ? this.#readList() : this.#readQuicklist();
      case TYPE_SET:
        return this.#readSet();
      case TYPE_HASH:
        return this.#fields === undefined
          ? this.#readHash()
          : this.#readExpiringHash(this.#fields);
      case TYPE_ZSET:
        return this.#readSortedSet();
      default:
        return this.#readStream(this.#stream!);
    }
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
    this.checkedCount++;
    return cursor.begin(this.reader);
  }

  /** Whether others may have their turns now. */
  #isPartOver(): boolean {
    const { offset } = this.reader;
    if (offset < this.#partEnd) return false;
    this.#partEnd = offset + PART_BYTES;
    return true;
  }

  #readList(): boolean {
    const list = this.#list, values = this.#values;
    while (values.next()) {
      list.add(values.bytes, values.at, values.length);
      if (this.#isPartOver()) return false;
    }
    return this.#endList();
  }

  #readQuicklist(): boolean {
    const { reader } = this, list = this.#list;
    const isOfListpacks = this.#rdbType === RDB_TYPE_LIST_QUICKLIST_2;
    const isOneNode = this.#nodesLeft === 1 && list.length === 0;
    while (this.#nodesLeft-- > 0) {
      const container = isOfListpacks ? reader.count() : QUICKLIST_PACKED;
      reader.string();
      if (reader.textLength === 0) throw new RangeError("empty quicklist node");
      if (container === QUICKLIST_PLAIN) {
        list.add(reader.textBytes, reader.textAt, reader.textLength);
      } else if (container === QUICKLIST_PACKED) {
        this.checkedCount++;
        if (isOneNode && isOfListpacks && this.#takeListpack()) return true;
        const values = isOfListpacks
          ? this.#listpack.begin(reader)
          : this.#ziplist.begin(reader);
        while (values.next()) list.add(values.bytes, values.at, values.length);
      } else throw new RangeError("unknown quicklist node");
      if (this.#isPartOver()) return false;
    }
    return this.#endList();
  }

  /** Takes a listpack as it is, if that is how the list is to be kept. */
  #takeListpack(): boolean {
    const { reader } = this, value = this.#inline;
    value.holdText(reader, LENGTH_BYTES, END_BYTES);
    if (
      value.length > PACKED_LIST_MAX_BYTES || !isCanonicalListpack(reader)
    ) return false;
    const count = packedCount(value.bytes, value.start);
    if (
      count === 0 || isQuicklistSize(this.limits, count, reader.textLength)
    ) return false;
    this.value = value;
    return true;
  }

  #endList(): boolean {
    const list = this.#list;
    if (list.length === 0) return true;
    const value = list.take(this.limits);
    this.value = value instanceof PackedList
      ? this.#inline.hold(value, value.packedStart, value.packedBytes)
      : value;
    return true;
  }

  #readSet(): boolean {
    const set = this.#set, members = this.#values;
    while (members.next()) {
      const { at, length, isInteger } = members;
      const integer = isInteger ? members.integer : undefined;
      if (!set.add(members, at, length, integer)) throw comesTwice();
      if (this.#isPartOver()) return false;
    }
    return this.#end(set);
  }

  #readHash(): boolean {
    const hash = this.#hash, field = this.#first, strings = this.#values;
    while (strings.next()) {
      const { length } = strings;
      field.holdPart(strings.bytes, strings.at, length);
      if (!strings.next()) throw isOdd();
      if (!hash.set(field, 0, length, strings, strings.at, strings.length)) {
        throw comesTwice();
      }
      if (this.#isPartOver()) return false;
    }
    return this.#end(hash);
  }

  #readExpiringHash(fields: Iterator<ExpiringField>): boolean {
    const hash = this.#hash, first = this.#first, second = this.#second;
    for (;;) {
      const next = fields.next();
      if (next.done === true) return this.#end(hash);
      const [field, value, expiresAt] = next.value;
      first.hold(field);
      second.hold(value);
      const { length } = field;
      if (!hash.set(first, 0, length, second, 0, value.length, expiresAt)) {
        throw comesTwice();
      }
      if (this.#isPartOver()) return false;
    }
  }

  #readSortedSet(): boolean {
    const set = this.#sortedSet, member = this.#first, strings = this.#values;
    while (strings.next()) {
      const { length } = strings;
      member.holdPart(strings.bytes, strings.at, length);
      const score = this.#readScore(strings);
      if (score !== score) throw new RangeError("a score is no number");
      if (set.find(member, 0, length)) throw comesTwice();
      set.add(member, 0, length, score);
      if (this.#isPartOver()) return false;
    }
    return this.#end(set);
  }

  #readScore(strings: StringCursor): number {
    if (this.#scoreForm === "double") return this.reader.double();
    if (this.#scoreForm === "text") return readScoreText(this.reader);
    if (!strings.next()) throw isOdd();
    if (strings.isInteger) return strings.integer;
    return scoreOf(strings.bytes, strings.at, strings.length);
  }

  #readStream(stream: Iterator<void, Stream>): boolean {
    const part = stream.next();
    if (part.done !== true) return false;
    const length = packStream(part.value);
    this.value = length === 0
      ? part.value
      : this.#inline.hold(packedStream, 0, length);
    this.checkedCount += part.value.blocks.length;
    return true;
  }

  #end(edit: SetEdit | HashEdit | SortedSetEdit): boolean {
    if (edit.size === 0) return true;
    if (edit.object !== undefined) this.value = edit.object;
    else {
      edit.seal();
      this.value = this.#inline.hold(edit.packed, 0, edit.packed.length);
    }
    return true;
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
  return scoreOf(reader.bytes, start, length);
}

function scoreOf(bytes: Uint8Array, at: number, length: number): number {
  const score = parsePlainFloat(bytes, at, length);
  if (score === score) return score;
  const text = bytes.subarray(at, at + length);
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

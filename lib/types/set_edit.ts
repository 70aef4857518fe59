/**
 * Changes to a set: see collection_edit.ts.
 *
 * Which encoding a set has follows Redis's rules: integers only, and few of them,
 * are an intset; few and short members a listpack; and nothing ever goes back.
 */

import type { EncodingLimits } from "../keyspace/encoding_limits.ts";
import { INLINE_COLLECTION_MAX } from "../keyspace/record.ts";
import type { ByteSource } from "../keyspace/record_store.ts";
import {
  parseInt64,
  parseSmallInteger,
  SMALL_INTEGER_LENGTH,
} from "../router/args.ts";
import {
  entryLength,
  entryStart,
  INLINE_HEAD_BYTES,
  nextEntry,
} from "./inline_entries.ts";
import {
  IntegerMembers,
  memberAt,
  memberWidth,
  parseMember,
  placeOfMember,
  widthOf,
  writeMember,
} from "./integer_members.ts";
import { CollectionEdit } from "./collection_edit.ts";
import { packedLength } from "./packed.ts";
import {
  isLowerInteger,
  SET_INTEGERS,
  SET_INTSET,
  SET_LISTPACK,
  SET_TABLE,
  type SetObject,
  unpackSet,
} from "./set_object.ts";

/** As many integers fit a record, however long they are. */
const INTEGERS_MAX = 2000;
/** Longer texts are no 64-bit integers. */
const INTEGER_LENGTH_MAX = 20;

/** See the top of the file. */
export class SetEdit extends CollectionEdit<SetObject> {
  protected unpack(bytes: Uint8Array): SetObject {
    return unpackSet(bytes);
  }

  /** Begins a new set, of this kind. */
  override begin(limits: EncodingLimits, kind = SET_INTSET): void {
    super.begin(limits, kind === SET_INTSET ? SET_INTEGERS : kind);
  }

  get isIntset(): boolean {
    return this.kind === SET_INTSET || this.kind === SET_INTEGERS;
  }

  /** Begins a new set that gets this member, and up to `count` together. */
  beginFor(
    limits: EncodingLimits,
    source: ByteSource,
    offset: number,
    length: number,
    count: number,
  ): void {
    let kind = SET_TABLE;
    if (
      count <= limits.setMaxIntsetEntries &&
      isInteger(source.bytes, offset, length)
    ) kind = SET_INTSET;
    else if (count <= limits.setMaxListpackEntries) kind = SET_LISTPACK;
    this.begin(limits, kind);
  }

  /** Tells that up to so many members will be added: Redis converts a set in advance. */
  expect(count: number): void {
    const limits = this.limits;
    if (
      this.kind === SET_LISTPACK && count > limits.setMaxListpackEntries ||
      this.isIntset && count > limits.setMaxIntsetEntries
    ) this.#become(SET_TABLE);
  }

  /** Adds a member; false when it was there. `integer` is what its text means, if that is known. */
  add(
    source: ByteSource,
    offset: number,
    length: number,
    integer?: number,
  ): boolean {
    if (this.kind === SET_INTEGERS) {
      const value = integer === undefined
        ? parseMember(source, offset, length)
        : integer;
      if (value === (value | 0) && this.count < INTEGERS_MAX) {
        return this.#addInteger(value);
      }
      this.#toTexts();
    }
    const { object } = this;
    if (object !== undefined) {
      if (object.table.find(source, offset, length) !== 0) return false;
      const hash = object.table.hash;
      this.#convertFor(source.bytes, offset, length);
      object.table.hash = hash;
      object.table.add(source, offset, length);
      this.#checkIntset();
      return true;
    }
    const { packed } = this;
    if (
      this.findPacked(source, offset, length, 1) >= 0
    ) return false;
    this.#convertFor(source.bytes, offset, length);
    if (packed.length + packedLength(length) > INLINE_COLLECTION_MAX) {
      const { table } = this.toObject();
      table.find(source, offset, length);
      table.add(source, offset, length);
    } else {
      if (this.kind === SET_INTSET) {
        const at = this.#placeOf(source.bytes, offset, length);
        packed.insert(at, source.bytes, offset, length);
      } else packed.append(source.bytes, offset, length);
      this.count++;
    }
    this.#checkIntset();
    return true;
  }

  /** Removes a member; false when it was not there. */
  remove(source: ByteSource, offset: number, length: number): boolean {
    const { packed, object } = this;
    if (object !== undefined) {
      const ref = object.table.find(source, offset, length);
      if (ref !== 0) object.table.remove(ref);
      return ref !== 0;
    }
    if (this.kind === SET_INTEGERS) {
      return this.#removeInteger(parseMember(source, offset, length));
    }
    const at = this.findPacked(source, offset, length, 1);
    if (at < 0) return false;
    packed.remove(at, 1);
    this.count--;
    return true;
  }

  /** An intset, if all members are integers and not too many. */
  becomeIntsetIfPossible(): void {
    if (
      this.isIntset ||
      this.size > this.limits.setMaxIntsetEntries || !this.#hasOnlyIntegers()
    ) return;
    this.#become(SET_INTSET);
    if (this.object === undefined) this.#sort();
  }

  /** Converts the set to what it is with another member. */
  #convertFor(bytes: Uint8Array, offset: number, length: number): void {
    if (this.kind === SET_TABLE) return;
    if (this.kind === SET_INTSET && isInteger(bytes, offset, length)) return;
    const limits = this.limits;
    const longest = this.kind === SET_INTSET ? this.#longestMember() : 0;
    const staysSmall = this.size < limits.setMaxListpackEntries &&
      Math.max(length, longest) <= limits.setMaxListpackValue;
    this.#become(staysSmall ? SET_LISTPACK : SET_TABLE);
  }

  /** An intset with too many members is none. */
  #checkIntset(): void {
    if (!this.isIntset) return;
    if (this.size > this.limits.setMaxIntsetEntries) this.#become(SET_TABLE);
  }

  #become(kind: number): void {
    if (this.kind === SET_INTEGERS) this.#toTexts();
    this.become(kind);
  }

  /** Adds to a set of integers; false when it was there. */
  #addInteger(value: number): boolean {
    const width = widthOf(value);
    if (width > this.#width) this.#widen(width);
    const { packed, count } = this, used = Math.max(width, this.#width);
    let at = packed.length;
    if (count > 0 && memberAt(packed.bytes, at - used, used) >= value) {
      at = this.#placeOfInteger(value);
      if (this.#isIntegerAt(at, value)) return false;
    }
    packed.shift(at, used);
    writeMember(packed.bytes, at, used, value);
    this.count++;
    this.#checkIntset();
    return true;
  }

  /** Removes from a set of integers; false when it was not there. */
  #removeInteger(value: number): boolean {
    const at = this.#placeOfInteger(value);
    if (!this.#isIntegerAt(at, value)) return false;
    this.packed.shift(at + this.#width, -this.#width);
    this.count--;
    return true;
  }

  get #width(): number {
    return memberWidth(this.packed.length, this.count);
  }

  #placeOfInteger(value: number): number {
    const { bytes, length } = this.packed;
    return placeOfMember(bytes, INLINE_HEAD_BYTES, length, this.#width, value);
  }

  #isIntegerAt(at: number, value: number): boolean {
    const { bytes, length } = this.packed;
    return at < length && memberAt(bytes, at, this.#width) === value;
  }

  /** Gives the members of a set of integers more bytes. */
  #widen(width: number): void {
    const { packed } = this, narrow = this.#width;
    packed.shift(packed.length, this.count * (width - narrow));
    for (let i = this.count - 1; i >= 0; i--) {
      const value = memberAt(
        packed.bytes,
        INLINE_HEAD_BYTES + i * narrow,
        narrow,
      );
      writeMember(packed.bytes, INLINE_HEAD_BYTES + i * width, width, value);
    }
  }

  /** Makes a set of integers an intset of texts. */
  #toTexts(): void {
    if (this.count === 0) {
      this.packed.length = INLINE_HEAD_BYTES;
      this.kind = SET_INTSET;
      return;
    }
    this.mayHaveAny();
    this.seal();
    const members = IntegerMembers.in(this.packed.toBytes());
    this.packed.length = INLINE_HEAD_BYTES;
    this.kind = SET_INTSET;
    for (let at = members.first(); at !== 0; at = members.next(at)) {
      const member = members.key(at);
      this.packed.append(member, 0, member.length);
    }
    if (this.packed.length > INLINE_COLLECTION_MAX) this.toObject();
  }

  #longestMember(): number {
    let longest = 0;
    if (this.object !== undefined) {
      const { table } = this.object;
      for (let ref = table.first(); ref !== 0; ref = table.next(ref)) {
        longest = Math.max(longest, table.keyLength(ref));
      }
      return longest;
    }
    const { bytes, length } = this.packed;
    for (let at = INLINE_HEAD_BYTES; at < length; at = nextEntry(bytes, at)) {
      longest = Math.max(longest, entryLength(bytes, at));
    }
    return longest;
  }

  #hasOnlyIntegers(): boolean {
    if (this.object !== undefined) {
      const { table } = this.object;
      for (let ref = table.first(); ref !== 0; ref = table.next(ref)) {
        const key = table.key(ref);
        if (!isInteger(key, 0, key.length)) return false;
      }
      return true;
    }
    const { bytes, length } = this.packed;
    for (let at = INLINE_HEAD_BYTES; at < length; at = nextEntry(bytes, at)) {
      if (!isInteger(bytes, entryStart(bytes, at), entryLength(bytes, at))) {
        return false;
      }
    }
    return true;
  }

  /** Where an integer belongs among the members of a small intset, which are in order. */
  #placeOf(bytes: Uint8Array, offset: number, length: number): number {
    const { packed } = this, members = packed.bytes;
    let at = INLINE_HEAD_BYTES;
    for (; at < packed.length; at = nextEntry(members, at)) {
      if (
        isLowerInteger(
          bytes,
          offset,
          length,
          members,
          entryStart(members, at),
          entryLength(members, at),
        )
      ) break;
    }
    return at;
  }

  /** Brings the members of a small intset into order. */
  #sort(): void {
    const { packed } = this;
    const members = packed.toBytes();
    packed.length = INLINE_HEAD_BYTES;
    for (
      let at = INLINE_HEAD_BYTES;
      at < members.length;
      at = nextEntry(members, at)
    ) {
      const start = entryStart(members, at);
      const length = entryLength(members, at);
      const place = this.#placeOf(members, start, length);
      packed.insert(place, members, start, length);
    }
  }
}

/** Whether bytes are a 64-bit integer as Redis writes it. */
function isInteger(
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  const small = parseSmallInteger(bytes, offset, length);
  if (small === small) return true;
  return length > SMALL_INTEGER_LENGTH && length <= INTEGER_LENGTH_MAX &&
    parseInt64(bytes.subarray(offset, offset + length)) !== undefined;
}

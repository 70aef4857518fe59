/**
 * Sets: what a key of type set holds, and how it is read.
 *
 * A small set is bytes in its key's record: those of an intset in ascending order,
 * as numbers if 32 bits are enough (integer_members.ts), others as texts
 * (inline_entries.ts). A large one is a SetObject. Changes are made by set_edit.ts.
 */

import type { StoredValue, ValueType } from "../keyspace/collection.ts";
import type { ByteMap } from "../keyspace/byte_map.ts";
import type { EncodingLimits } from "../keyspace/encoding_limits.ts";
import type { ByteSource } from "../keyspace/record_store.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { SetEdit } from "./set_edit.ts";
import type { ByteTable } from "./byte_table.ts";
import { type Elements, InlineElements } from "./elements.ts";
import { hasInteger, IntegerMembers, parseMember } from "./integer_members.ts";
import {
  entryLength,
  entryStart,
  findInline,
  INLINE_HEAD_BYTES,
  inlineCount,
  inlineEnd,
  inlineKind,
  inlineStart,
  nextEntry,
  ScratchSource,
} from "./inline_entries.ts";
import {
  isLowerInteger,
  SET_ENCODINGS,
  SET_INTEGERS,
  SET_INTSET,
  type SetObject,
  unpackSet,
} from "./set_object.ts";

/** Number of members. */
export function setSize(map: ByteMap, ref: number): number {
  return map.isObject(ref)
    ? (map.object(ref) as SetObject).table.size
    : inlineCount(map, ref);
}

/** All members; those of an intset in ascending order. */
export function* setMembers(map: ByteMap, ref: number): Generator<Uint8Array> {
  if (map.isObject(ref)) {
    const { table, kind } = map.object(ref) as SetObject;
    if (kind === SET_INTSET) {
      for (const at of ascendingRefs(table)) yield table.key(at);
    } else {
      for (let at = table.first(); at !== 0; at = table.next(at)) {
        yield table.key(at);
      }
    }
    return;
  }
  const members = inlineMembers(map, ref);
  for (let at = members.first(); at !== 0; at = members.next(at)) {
    yield members.key(at);
  }
}

/** The members of a set that is in its record, an intset's in ascending order. */
export function inlineMembers(map: ByteMap, ref: number): Elements {
  return inlineKind(map, ref) === SET_INTEGERS
    ? IntegerMembers.at(map, ref)
    : new InlineElements(map, ref, false);
}

const edit = new SetEdit();
const memberSource = new ScratchSource();

/** A set of these members. */
export function setFrom(
  members: Iterable<Uint8Array>,
  limits: EncodingLimits,
): StoredValue {
  edit.begin(limits);
  for (const member of members) {
    memberSource.hold(member);
    edit.add(memberSource, 0, member.length);
  }
  return edit.take();
}

/** Whether bytes are a member. */
export function hasMember(
  map: ByteMap,
  ref: number,
  source: ByteSource,
  offset: number,
  length: number,
): boolean {
  if (map.isObject(ref)) {
    const { table } = map.object(ref) as SetObject;
    return table.find(source, offset, length) !== 0;
  }
  if (inlineKind(map, ref) === SET_INTEGERS) {
    return hasInteger(map, ref, parseMember(source, offset, length));
  }
  return findInline(map, ref, source, offset, length, 1) >= 0;
}

/** Answers all members, those of an intset in ascending order. */
export function replyMembers(
  reply: ReplyWriter,
  map: ByteMap,
  ref: number,
): void {
  if (map.isObject(ref)) {
    replyObject(reply, map.object(ref) as SetObject);
    return;
  }
  if (inlineKind(map, ref) === SET_INTEGERS) {
    return replyIntegers(reply, IntegerMembers.at(map, ref));
  }
  reply.set(inlineCount(map, ref));
  const bytes = map.arena.bytes[ref >>> 20];
  replyEntries(reply, bytes, inlineStart(map, ref), inlineEnd(map, ref));
}

/** `replyMembers` for a set that is no key's value. */
export function replyEdited(reply: ReplyWriter, edited: SetEdit): void {
  const { object, packed, size } = edited;
  if (object !== undefined) return replyObject(reply, object);
  if (edited.kind === SET_INTEGERS) {
    edited.seal();
    const members = IntegerMembers.in(packed.bytes, packed.length);
    return replyIntegers(reply, members);
  }
  reply.set(size);
  replyEntries(reply, packed.bytes, INLINE_HEAD_BYTES, packed.length);
}

function replyIntegers(reply: ReplyWriter, members: IntegerMembers): void {
  reply.set(members.size);
  for (let at = members.first(); at !== 0; at = members.next(at)) {
    members.replyKey(reply, at);
  }
}

function replyObject(reply: ReplyWriter, { table, kind }: SetObject): void {
  reply.set(table.size);
  if (kind === SET_INTSET) {
    for (const at of ascendingRefs(table)) table.replyKey(reply, at);
  } else table.replyAll(reply, true, false);
}

function replyEntries(
  reply: ReplyWriter,
  bytes: Uint8Array,
  at: number,
  end: number,
): void {
  for (; at < end; at = nextEntry(bytes, at)) {
    reply.bulkRange(bytes, entryStart(bytes, at), entryLength(bytes, at));
  }
}

/** The refs of a table whose keys are integers, in ascending order of those. */
export function ascendingRefs(table: ByteTable): number[] {
  const refs: number[] = [];
  for (let at = table.first(); at !== 0; at = table.next(at)) refs.push(at);
  return refs.sort((first, second) => {
    const key = table.key(first), other = table.key(second);
    const isLower = isLowerInteger(
      key,
      0,
      key.length,
      other,
      0,
      other.length,
    );
    return isLower ? -1 : 1;
  });
}

/** What is done to sets as to values of any type. */
export const SET_VALUE_TYPE: ValueType = {
  inlineEncoding(map, ref) {
    return SET_ENCODINGS[inlineKind(map, ref)];
  },
  unpack: unpackSet,
  digest(mixer, map, ref) {
    for (const member of setMembers(map, ref)) mixer.xor(member);
  },
};

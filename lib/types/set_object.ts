/** Sets that are objects: the large ones. */

import type { Collection } from "../keyspace/collection.ts";
import { ByteTable } from "./byte_table.ts";
import { IntegerMembers } from "./integer_members.ts";
import {
  entryBytes,
  entryLength,
  INLINE_HEAD_BYTES,
  nextEntry,
  ScratchSource,
} from "./inline_entries.ts";

/** Kinds of sets: what OBJECT ENCODING answers for them, and how a small one is kept. */
export const SET_INTSET = 0;
export const SET_LISTPACK = 1;
export const SET_TABLE = 2;
/** An intset as integer_members.ts has it; never an object. */
export const SET_INTEGERS = 3;
/** What OBJECT ENCODING answers, by kind. */
export const SET_ENCODINGS: readonly string[] = [
  "intset",
  "listpack",
  "hashtable",
  "intset",
];

/** A set that is an object. */
export class SetObject implements Collection {
  constructor(
    public kind: number,
    readonly table: ByteTable = new ByteTable(false),
  ) {}

  get encoding(): string {
    return SET_ENCODINGS[this.kind];
  }

  get size(): number {
    return this.table.size;
  }

  get memoryBytes(): number {
    return this.table.memoryBytes;
  }

  copy(): SetObject {
    return new SetObject(this.kind, this.table.copy());
  }
}

const source = new ScratchSource();

/** The object for an inline set's bytes. */
export function unpackSet(bytes: Uint8Array): SetObject {
  const set = new SetObject(bytes[0]);
  if (set.kind === SET_INTEGERS) {
    set.kind = SET_INTSET;
    const members = IntegerMembers.in(bytes);
    for (let at = members.first(); at !== 0; at = members.next(at)) {
      const member = members.key(at);
      source.hold(member);
      set.table.find(source, 0, member.length);
      set.table.add(source, 0, member.length);
    }
    return set;
  }
  for (
    let at = INLINE_HEAD_BYTES;
    at < bytes.length;
    at = nextEntry(bytes, at)
  ) {
    source.hold(entryBytes(bytes, at));
    const length = entryLength(bytes, at);
    set.table.find(source, 0, length);
    set.table.add(source, 0, length);
  }
  return set;
}

/** Whether the first of two integers in decimal is the lower one. */
export function isLowerInteger(
  bytes: Uint8Array,
  at: number,
  length: number,
  others: Uint8Array,
  otherAt: number,
  otherLength: number,
): boolean {
  const isNegative = bytes[at] === 45;
  if (isNegative !== (others[otherAt] === 45)) return isNegative;
  if (length !== otherLength) return (length < otherLength) !== isNegative;
  for (let i = 0; i < length; i++) {
    const difference = bytes[at + i] - others[otherAt + i];
    if (difference !== 0) return (difference < 0) !== isNegative;
  }
  return false;
}

/**
 * Sorted sets: what a key of type zset holds, and how it is read as a whole or by
 * member. Ranges are read by SortedSetReader, changes made by SortedSetEdit.
 *
 * A small one is bytes in its key's record, as inline_entries.ts has them: members
 * in their order, each with its score behind it (inline_score.ts). A large one is a
 * SortedSetObject.
 */

import type { ByteMap } from "../keyspace/byte_map.ts";
import type { ValueType } from "../keyspace/collection.ts";
import type { ByteSource } from "../keyspace/record_store.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import { formatFloat, formatShortest } from "../router/number_text.ts";
import {
  entryBytes,
  findEntry,
  inlineCount,
  inlineEnd,
  inlineKind,
  inlineStart,
  nextEntry,
} from "./inline_entries.ts";
import { readScore } from "./inline_score.ts";
import {
  SORTED_SET_ENCODINGS,
  SORTED_SET_SKIPLIST,
  type SortedSetObject,
  unpackSortedSet,
} from "./sorted_set_object.ts";

/** Number of members. */
export function sortedSetSize(map: ByteMap, ref: number): number {
  return map.isObject(ref)
    ? (map.object(ref) as SortedSetObject).size
    : inlineCount(map, ref);
}

/** All members with their scores, ascending. */
export function* sortedSetEntries(
  map: ByteMap,
  ref: number,
): Generator<[member: Uint8Array, score: number]> {
  if (map.isObject(ref)) {
    const { table, order } = map.object(ref) as SortedSetObject;
    for (let rank = 0; rank < order.size; rank++) {
      if (rank === 0) order.seek(0);
      else order.next();
      const { place, slot } = order;
      yield [table.key(order.ref), order.score];
      // Whoever takes the entries may have looked something up.
      order.place = place;
      order.slot = slot;
    }
    return;
  }
  const bytes = map.arena.bytes[ref >>> 20], end = inlineEnd(map, ref);
  for (let at = inlineStart(map, ref); at < end;) {
    const scoreAt = nextEntry(bytes, at);
    yield [entryBytes(bytes, at), readScore(bytes, scoreAt)];
    at = nextEntry(bytes, scoreAt);
  }
}

/** Has OBJECT ENCODING answer `skiplist` from now on, as SORT in Redis leaves every sorted set. */
export function markSkiplist(map: ByteMap, ref: number): void {
  if (map.isObject(ref)) {
    (map.object(ref) as SortedSetObject).kind = SORTED_SET_SKIPLIST;
  } else {
    map.arena.bytes[ref >>> 20][map.stringOffset(ref)] = SORTED_SET_SKIPLIST;
  }
}

/** The score of a member; NaN when it is not there. */
export function memberScore(
  map: ByteMap,
  ref: number,
  source: ByteSource,
  offset: number,
  length: number,
): number {
  if (map.isObject(ref)) {
    const set = map.object(ref) as SortedSetObject;
    const found = set.table.find(source, offset, length);
    return found === 0 ? NaN : set.score(found);
  }
  const bytes = map.arena.bytes[ref >>> 20];
  const at = findEntry(
    bytes,
    inlineStart(map, ref),
    inlineEnd(map, ref),
    source,
    offset,
    length,
    2,
  );
  return at < 0 ? NaN : readScore(bytes, nextEntry(bytes, at));
}

/** What is done to sorted sets as to values of any type. */
export const SORTED_SET_VALUE_TYPE: ValueType = {
  inlineEncoding(map, ref) {
    return SORTED_SET_ENCODINGS[inlineKind(map, ref)];
  },
  unpack: unpackSortedSet,
  digest(mixer, map, ref) {
    for (const [member, score] of sortedSetEntries(map, ref)) {
      mixer.xorEntry((entry) => {
        entry.mix(member);
        const text = Number.isFinite(score)
          ? formatShortest(score)
          : formatFloat(score);
        entry.mix(bytesOfText(text));
      });
    }
  },
};

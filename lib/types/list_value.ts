/**
 * Lists as values of keys: small ones are bytes in the key's record, frames one
 * behind the other as in a chunk (list_chunk.ts), large ones a {@linkcode List}.
 *
 * To change a small list it is loaded into one list that is used again and again
 * ({@linkcode editList}); what has become of it is stored back.
 */

import type { StoredValue, ValueType } from "../keyspace/collection.ts";
import type { ByteMap } from "../keyspace/byte_map.ts";
import type { EncodingLimits } from "../keyspace/encoding_limits.ts";
import { INLINE_COLLECTION_MAX } from "../keyspace/record.ts";
import { List } from "./list.ts";
import { ListBuilder } from "./list_builder.ts";
import { nextFrame } from "./list_chunk.ts";

/** A list whose frames shrank to this many bytes goes back into its record. */
const INLINE_AGAIN_BYTES = INLINE_COLLECTION_MAX / 4;
const LF = 10;

/** The list that small ones are changed in. */
const scratch = new List();

/** A record's list to change, or with ref 0 an empty one; store it with `storeList` before the next call. */
export function editList(map: ByteMap, ref: number): List {
  if (ref !== 0 && map.isObject(ref)) return map.object(ref) as List;
  scratch.clear();
  if (ref !== 0) {
    scratch.load(
      map.arena.bytes[ref >>> 20],
      map.stringOffset(ref),
      map.stringLength(ref),
    );
  }
  return scratch;
}

/** Whether `editList` gave the list that small ones are changed in. */
export function isScratch(list: List): boolean {
  return list === scratch;
}

/** Whether a list can be bytes in its record. */
export function isInlineList(list: List): boolean {
  const max = list === scratch ? INLINE_COLLECTION_MAX : INLINE_AGAIN_BYTES;
  return list.byteCount <= max && !list.isQuicklist && list.chunkCount === 1 &&
    !list.head!.isLarge;
}

/** An object with the elements of the list that small ones are changed in. */
export function outgrownList(): List {
  if (scratch.chunkCount !== 1 || scratch.head!.isLarge) return scratch.copy();
  const { head } = scratch, list = new List();
  list.load(head!.bytes, head!.start, head!.usedBytes, head!.usedBytes);
  list.isQuicklist = scratch.isQuicklist;
  return list;
}

/** Number of elements of a record's list. */
export function listLength(map: ByteMap, ref: number): number {
  if (map.isObject(ref)) return (map.object(ref) as List).length;
  const bytes = map.arena.bytes[ref >>> 20];
  let at = map.stringOffset(ref), length = 0;
  for (const end = at + map.stringLength(ref); at < end; length++) {
    at = nextFrame(bytes, at);
  }
  return length;
}

/** The elements of a record's list from the head on; valid until the next change of the map. */
export function* listValues(map: ByteMap, ref: number): Generator<Uint8Array> {
  if (map.isObject(ref)) return yield* (map.object(ref) as List).values();
  const bytes = map.arena.bytes[ref >>> 20];
  const start = map.stringOffset(ref), end = start + map.stringLength(ref);
  for (let at = start; at < end;) {
    const next = nextFrame(bytes, at);
    yield bytes.subarray(bytes.indexOf(LF, at) + 1, next - 2);
    at = next;
  }
}

/** A list of these elements, of which there is at least one, as Redis would keep it when it loads them. */
export function listFrom(
  values: Iterable<Uint8Array>,
  limits: EncodingLimits,
): StoredValue {
  builder.begin();
  for (const value of values) builder.add(value, 0, value.length);
  const list = builder.take(limits);
  return list instanceof List ? list : list.toBytes();
}

const builder = new ListBuilder();

/** See lib/types/value_types.ts. */
export const LIST_VALUE_TYPE: ValueType = {
  inlineEncoding: () => "listpack",
  unpack(bytes) {
    const list = new List();
    list.load(bytes, 0, bytes.length, bytes.length);
    return list;
  },
  digest(mixer, map, ref) {
    for (const value of listValues(map, ref)) mixer.mix(value);
  },
};

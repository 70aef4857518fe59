/**
 * Lists as values of keys: short ones are bytes in the key's record
 * (packed_list.ts), long ones a {@linkcode List}.
 *
 * A command reaches either through {@linkcode editList}. Before the list grows,
 * {@linkcode growList} gives the one that can; what has become of it is stored with
 * `storeList`.
 */

import type { StoredValue, ValueType } from "../keyspace/collection.ts";
import type { ByteMap } from "../keyspace/byte_map.ts";
import type { EncodingLimits } from "../keyspace/encoding_limits.ts";
import { List } from "./list.ts";
import { isQuicklistSize, LISTPACK_EMPTY_BYTES } from "./list_encoding.ts";
import {
  PACKED_LIST_MAX_BYTES,
  packedCount,
  PackedList,
  packedValues,
} from "./packed_list.ts";
import { ListBuilder } from "./list_builder.ts";

/** A list in either form, as commands read and change it. */
export type EditableList = List | PackedList;

/** Longest listpack that fits a record. */
const LISTPACK_MAX_BYTES = PACKED_LIST_MAX_BYTES + LISTPACK_EMPTY_BYTES - 2;
/** A long list that shrank to a listpack of so many bytes goes back into its record. */
const LISTPACK_AGAIN_BYTES = LISTPACK_MAX_BYTES / 2;

/** The window through which short lists are seen, one at a time. */
const packed = new PackedList();

/** A record's list, or with ref 0 an empty one; valid until the next call. */
export function editList(map: ByteMap, ref: number): EditableList {
  if (ref === 0) packed.clear();
  else if (map.isObject(ref)) return map.object(ref) as List;
  else {
    const { arena } = map, chunk = ref >>> 20;
    packed.open(
      arena.bytes[chunk],
      arena.views[chunk],
      map.stringOffset(ref),
      map.stringLength(ref),
    );
  }
  return packed;
}

/**
 * Before the list of a record grows: the list that can, in the form in which Redis
 * would have it.
 *
 * @param addedBytes length of the new elements.
 * @param packedBytes what they take at most in a short list.
 */
export function growList(
  list: EditableList,
  map: ByteMap,
  ref: number,
  limits: EncodingLimits,
  addedCount: number,
  addedBytes: number,
  packedBytes: number,
): EditableList {
  if (list instanceof List) {
    list.noteGrowth(limits, addedCount, addedBytes);
    return list;
  }
  const fits = list.packedBytes + packedBytes <= PACKED_LIST_MAX_BYTES &&
    !isQuicklistSize(
      limits,
      list.length + addedCount,
      list.listpackBytes + addedBytes,
    );
  if (fits) {
    if (list.isInRecord) list.makeRoom(packedBytes, map.roomEnd(ref));
    return list;
  }
  const long = List.of(list.values());
  long.noteGrowth(limits, addedCount, addedBytes);
  return long;
}

/** Has the short list of `list` in the window, if it has become one. */
export function shortened(list: List): PackedList | undefined {
  if (!list.isListpackUpTo(LISTPACK_AGAIN_BYTES)) return undefined;
  return packedOf(list);
}

function packedOf(list: List): PackedList {
  packed.clear();
  for (const value of list.values()) packed.pushTail(value, 0, value.length);
  return packed;
}

/** Number of elements of a record's list. */
export function listLength(map: ByteMap, ref: number): number {
  return map.isObject(ref)
    ? (map.object(ref) as List).length
    : packedCount(map.arena.bytes[ref >>> 20], map.stringOffset(ref));
}

/** The elements of a record's list from the head on; valid until the next change of the map. */
export function listValues(map: ByteMap, ref: number): Generator<Uint8Array> {
  if (map.isObject(ref)) return (map.object(ref) as List).values();
  const bytes = map.arena.bytes[ref >>> 20];
  return packedValues(bytes, map.stringOffset(ref), map.stringLength(ref));
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
  unpack: (bytes) => List.of(packedValues(bytes, 0, bytes.length)),
  digest(mixer, map, ref) {
    for (const value of listValues(map, ref)) mixer.mix(value);
  },
};

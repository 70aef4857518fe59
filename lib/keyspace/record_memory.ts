/** What a key takes in memory, for MEMORY USAGE. */

import { UNIT_BYTES } from "./arena.ts";
import type { Database } from "./database.ts";
import type { Collection } from "./collection.ts";
import { HAS_EXPIRY, KEY_IS_OBJECT, LargeString } from "./record.ts";

/** A slot of a table: a hash and a reference. */
const SLOT_BYTES = 8;
/** A large string's object and the head of its buffer, measured with 20,000 of them. */
const LARGE_STRING_OBJECT_BYTES = 250;

/** Bytes of the record at `ref`, with its slots, its key and its value. */
export function recordMemoryBytes({ map }: Database, ref: number): number {
  const header = map.headerOf(ref);
  let bytes = map.arena.sizeOf(ref) * UNIT_BYTES + SLOT_BYTES;
  if ((header & HAS_EXPIRY) !== 0) bytes += SLOT_BYTES;
  if ((header & KEY_IS_OBJECT) !== 0) bytes += map.key(ref).length;
  if (!map.isObject(ref)) return bytes;
  const value = map.object(ref);
  return value instanceof LargeString
    ? bytes + LARGE_STRING_OBJECT_BYTES + value.bytes.buffer.byteLength
    : bytes + (value as Collection).memoryBytes;
}

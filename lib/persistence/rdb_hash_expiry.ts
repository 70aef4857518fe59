/**
 * Hashes with fields that expire, as Redis 7.4 writes them, large and small, and as
 * Valkey 9 does:
 *
 * ```
 * first moment (8 bytes) | count | (0, or moment - first moment + 1 | field | value) ...
 * first moment (8 bytes) | listpack of (field, value, moment or 0) ...
 * count | (field | value | moment or -1 (8 bytes)) ...
 * ```
 *
 * The first form is written.
 */

import { NO_EXPIRY } from "../keyspace/record_store.ts";
import { textOfBytes } from "../resp/byte_text.ts";
import type { FrozenTable } from "../types/frozen_table.ts";
import { ListpackReader } from "./listpack_reader.ts";
import type { RdbReader } from "./rdb_reader.ts";
import type { RdbWriter } from "./rdb_writer.ts";

const listpack = new ListpackReader();

/** A field, its value, and when it expires (ms since 1970, or -1). */
export type ExpiringField = readonly [Uint8Array, Uint8Array, number];

/** Writes the current field of a hash in the first form. */
export function writeExpiringField(
  writer: RdbWriter,
  { bytes, keyAt, keyLength, valueAt, valueLength, expiresAt }: FrozenTable,
  firstMoment: number,
): void {
  writer.count(expiresAt === NO_EXPIRY ? 0 : expiresAt - firstMoment + 1);
  writer.string(bytes, keyAt, keyLength);
  writer.string(bytes, valueAt, valueLength);
}

/** Reads the first form. */
export function* readExpiringFields(
  reader: RdbReader,
): Generator<ExpiringField> {
  const first = Number(reader.int64());
  for (let left = reader.count(); left > 0; left--) {
    const distance = reader.count();
    const field = reader.copy();
    const moment = distance === 0 ? NO_EXPIRY : first + distance - 1;
    yield [field, reader.slice(), moment];
  }
}

/** Reads the second form. */
export function* readPackedExpiringFields(
  reader: RdbReader,
): Generator<ExpiringField> {
  reader.int64();
  let parts: Uint8Array[] = [];
  reader.string();
  for (const entries = listpack.begin(reader); entries.next();) {
    parts.push(entries.text.slice());
    if (parts.length < 3) continue;
    const [field, value, moment] = parts;
    yield [field, value, Number(textOfBytes(moment)) || NO_EXPIRY];
    parts = [];
  }
  if (parts.length > 0) throw new RangeError("odd number of entries");
}

/** Reads the third form. */
export function* readValkeyFields(
  reader: RdbReader,
): Generator<ExpiringField> {
  for (let left = reader.count(); left > 0; left--) {
    const field = reader.copy(), value = reader.copy();
    yield [field, value, Number(reader.int64())];
  }
}

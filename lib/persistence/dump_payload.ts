/**
 * What DUMP answers and RESTORE takes: a value as in an RDB file, with a footer.
 *
 * ```
 * type | value | version (2) | CRC64 of all before (8)
 * ```
 *
 * Version and checksum are little-endian. The version written is the lowest that
 * has all forms used, so that older servers take it.
 */

import type { ByteMap } from "../keyspace/byte_map.ts";
import { Crc64 } from "./crc64.ts";
import {
  RDB_TYPE_HASH_METADATA,
  RDB_VERSION_FIELD_EXPIRY,
  RDB_VERSION_MAX,
  RDB_VERSION_WRITTEN,
} from "./rdb_format.ts";
import { freezeValue, rdbTypeOf, writeValue } from "./rdb_value_writer.ts";
import { RdbWriter } from "./rdb_writer.ts";

const FOOTER_BYTES = 10;
const CHECKSUM_BYTES = 8;

/** A record's value as a payload. */
export function dumpPayload(
  map: ByteMap,
  ref: number,
  isCompressing: boolean,
): Uint8Array {
  const rdbType = rdbTypeOf(map, ref);
  const writer = beginPayload(rdbType, isCompressing);
  writeValue(writer, map, ref);
  return endPayload(writer, rdbType);
}

/** The payload of a large value as it is now, made in parts while others change it. */
export function freezePayload(
  map: ByteMap,
  ref: number,
  isCompressing: boolean,
): Generator<void, Uint8Array> {
  const rdbType = rdbTypeOf(map, ref), parts = freezeValue(map, ref);
  return (function* () {
    const writer = beginPayload(rdbType, isCompressing);
    yield* parts(writer);
    return endPayload(writer, rdbType);
  })();
}

function beginPayload(rdbType: number, isCompressing: boolean): RdbWriter {
  const writer = new RdbWriter({ isCompressing, hasChecksum: true });
  writer.byte(rdbType);
  return writer;
}

function endPayload(writer: RdbWriter, rdbType: number): Uint8Array {
  writer.byte(
    rdbType === RDB_TYPE_HASH_METADATA
      ? RDB_VERSION_FIELD_EXPIRY
      : RDB_VERSION_WRITTEN,
  );
  writer.byte(0);
  writer.checksum();
  return writer.take(true);
}

/**
 * The type and value of a payload, without its footer; undefined when the version
 * or the checksum is wrong.
 */
export function payloadBody(
  payload: Uint8Array,
  hasChecksum: boolean,
): Uint8Array | undefined {
  const bodyBytes = payload.length - FOOTER_BYTES;
  if (bodyBytes < 0) return undefined;
  const version = payload[bodyBytes] | payload[bodyBytes + 1] << 8;
  if (version > RDB_VERSION_MAX) return undefined;
  if (hasChecksum) {
    const summed = payload.length - CHECKSUM_BYTES;
    const crc = new Crc64();
    crc.update(payload, 0, summed);
    const { buffer, byteOffset, length } = payload;
    if (!crc.isAt(new DataView(buffer, byteOffset, length), summed)) {
      return undefined;
    }
  }
  return payload.subarray(0, bodyBytes);
}

/**
 * Numbers of the RDB format, shared by reading and writing.
 *
 * ```
 * "REDIS" version (4 digits), or "VALKEY" version (3 digits)
 * opcode …                      AUX, SELECTDB, RESIZEDB, FUNCTION2
 * [EXPIRETIME_MS ms] [IDLE s | FREQ n] type key value
 * EOF CRC64 (8 bytes, little-endian; 0 without one)
 *
 * length   00LLLLLL | 01LLLLLL L | 0x80 LLLL (big-endian) | 0x81 LLLLLLLL (big-endian)
 * string   length bytes | 0xC0 int8 | 0xC1 int16 | 0xC2 int32 | 0xC3 packed length, length, LZF
 * ```
 */

/** The version that is written: what Redis 7.0 reads. */
export const RDB_VERSION_WRITTEN = 10;
/** The version that is written when fields of hashes expire: what Redis 7.4 reads. */
export const RDB_VERSION_FIELD_EXPIRY = 12;
/** The latest version that is read. */
export const RDB_VERSION_MAX = 12;

export const OPCODE_SLOT_INFO = 244;
export const OPCODE_FUNCTION2 = 245;
export const OPCODE_FUNCTION_PRE_GA = 246;
export const OPCODE_MODULE_AUX = 247;
export const OPCODE_IDLE = 248;
export const OPCODE_FREQ = 249;
export const OPCODE_AUX = 250;
export const OPCODE_RESIZEDB = 251;
export const OPCODE_EXPIRETIME_MS = 252;
export const OPCODE_EXPIRETIME = 253;
export const OPCODE_SELECTDB = 254;
export const OPCODE_EOF = 255;

export const RDB_TYPE_STRING = 0;
export const RDB_TYPE_LIST = 1;
export const RDB_TYPE_SET = 2;
export const RDB_TYPE_ZSET = 3;
export const RDB_TYPE_HASH = 4;
export const RDB_TYPE_ZSET_2 = 5;
export const RDB_TYPE_MODULE = 6;
export const RDB_TYPE_MODULE_2 = 7;
export const RDB_TYPE_HASH_ZIPMAP = 9;
export const RDB_TYPE_LIST_ZIPLIST = 10;
export const RDB_TYPE_SET_INTSET = 11;
export const RDB_TYPE_ZSET_ZIPLIST = 12;
export const RDB_TYPE_HASH_ZIPLIST = 13;
export const RDB_TYPE_LIST_QUICKLIST = 14;
export const RDB_TYPE_STREAM_LISTPACKS = 15;
export const RDB_TYPE_HASH_LISTPACK = 16;
export const RDB_TYPE_ZSET_LISTPACK = 17;
export const RDB_TYPE_LIST_QUICKLIST_2 = 18;
export const RDB_TYPE_STREAM_LISTPACKS_2 = 19;
export const RDB_TYPE_SET_LISTPACK = 20;
export const RDB_TYPE_STREAM_LISTPACKS_3 = 21;
/** A hash with fields that expire in files of Valkey; in those of Redis, of versions before 7.4 was out. */
export const RDB_TYPE_VALKEY_HASH = 22;
/** Hashes with fields that expire: since Redis 7.4. */
export const RDB_TYPE_HASH_METADATA = 24;
export const RDB_TYPE_HASH_LISTPACK_EX = 25;

export const LENGTH_14_BITS = 1;
export const LENGTH_32_BITS = 0x80;
export const LENGTH_64_BITS = 0x81;
/** Top bits of a string's first byte that say it is encoded, and how. */
export const STRING_ENCODED = 3;
export const STRING_INT8 = 0;
export const STRING_INT16 = 1;
export const STRING_INT32 = 2;
export const STRING_LZF = 3;

/** Node of a quicklist 2: one large element, or a listpack. */
export const QUICKLIST_PLAIN = 1;
export const QUICKLIST_PACKED = 2;

/** The error of data that is not what the format allows. */
export class RdbError extends Error {
  /** @param offset where in the file or payload, in bytes. */
  constructor(readonly reason: string, readonly offset: number) {
    super(`${reason} at byte ${offset}`);
    this.name = "RdbError";
  }
}

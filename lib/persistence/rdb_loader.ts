/**
 * Loads an RDB file into a keyspace, a piece at a time, so that others get their
 * turns: head, opcodes, keys, end mark and checksum, as rdb_format.ts draws them.
 */

import type { Database } from "../keyspace/database.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { textOfBytes } from "../resp/byte_text.ts";
import { Crc64 } from "./crc64.ts";
import { EntryLoader } from "./entry_loader.ts";
import {
  OPCODE_AUX,
  OPCODE_EOF,
  OPCODE_EXPIRETIME,
  OPCODE_EXPIRETIME_MS,
  OPCODE_FREQ,
  OPCODE_FUNCTION2,
  OPCODE_FUNCTION_PRE_GA,
  OPCODE_IDLE,
  OPCODE_MODULE_AUX,
  OPCODE_RESIZEDB,
  OPCODE_SELECTDB,
  OPCODE_SLOT_INFO,
  RDB_TYPE_STRING,
  RDB_TYPE_VALKEY_HASH,
  RDB_VERSION_MAX,
} from "./rdb_format.ts";
import type { RdbReader } from "./rdb_reader.ts";
import { ValueReader } from "./rdb_value_reader.ts";

/** How a file is loaded. */
export interface LoadOptions {
  /** Leave out keys whose time is over, as a primary does. */
  readonly isDroppingExpired: boolean;
  /** Compare the checksum (`rdbchecksum`). */
  readonly hasChecksum: boolean;
  /** What becomes of a key that is there already: an error, or the file's takes its place. */
  readonly isReplacing?: boolean;
  /** Something else may follow in the file, as commands behind a preamble. */
  readonly isFollowed?: boolean;
  /** Told of fields of the head. */
  onField?(name: string, value: string): void;
  /** Told of the source of each library of functions. */
  onLibrary?(source: Uint8Array): void;
  /** Told of keys that are left out because their time is over. */
  onExpired?(dbIndex: number, key: Uint8Array): void;
  /** Told of keys that hold nothing and are left out. */
  onEmptyKey?(key: Uint8Array): void;
}

const MAGIC_BYTES = 9;
/** Room is made at once for no more keys than these, since a damaged file may say anything. */
const RESERVED_MAX = 4_000_000;
/** Redis's magic with a version of four digits, Valkey's with three. */
const MAGICS = /^(?:REDIS(\d{4})|VALKEY(\d{3}))$/;
/** The first version whose files end with a checksum. */
const CHECKSUM_VERSION = 5;
/** Versions of Valkey that are of another kind than Redis's. */
const VALKEY_VERSION_MAX = 80;

/** See the top of the file. */
export class RdbLoader {
  keysLoaded = 0;
  /** Keys that were left out because their time was over. */
  keysExpired = 0;
  /** Keys left out because they held nothing, as some old versions wrote them. */
  keysEmpty = 0;
  version = 0;
  #isValkey = false;

  readonly #entry: EntryLoader;
  readonly #values: ValueReader;
  /** A collection was read in part. */
  #isReading = false;
  #db: Database;
  #hasChecksum = false;

  /** Compact forms of values that were checked. */
  get checkedCount(): number {
    return this.#values.checkedCount;
  }

  /** Reads the head. @throws {RdbError} when it is no RDB file, or of an unknown version */
  constructor(
    private readonly keyspace: Keyspace,
    private readonly reader: RdbReader,
    private readonly options: LoadOptions,
  ) {
    this.#db = keyspace.databases[0];
    this.#values = new ValueReader(reader, keyspace.limits);
    const { hasChecksum, isReplacing = false } = options;
    this.#entry = new EntryLoader((start) => {
      if (!isReplacing) reader.fail("a key that was there before", start);
    });
    if (hasChecksum) reader.beginChecksum(new Crc64());
    this.version = this.#readHead();
    this.#hasChecksum = this.version >= CHECKSUM_VERSION;
  }

  /**
   * Loads about `bytes` more; false when everything is loaded.
   *
   * @throws {RdbError} of damage
   */
  step(bytes: number): boolean {
    const { reader } = this;
    const end = reader.offset + bytes;
    let isMore = true;
    try {
      while (isMore && reader.offset < end) isMore = this.#next();
    } finally {
      this.#entry.flush();
    }
    return isMore;
  }

  #readHead(): number {
    const { reader } = this;
    reader.need(MAGIC_BYTES);
    const start = reader.at;
    reader.at += MAGIC_BYTES;
    const head = textOfBytes(reader.bytes.subarray(start, reader.at));
    const [, redis, valkey] = MAGICS.exec(head) ?? [];
    if (redis === undefined && valkey === undefined) {
      reader.fail("wrong signature: no RDB file", 0);
    }
    this.#isValkey = valkey !== undefined;
    const version = Number(redis ?? valkey);
    const max = redis === undefined ? VALKEY_VERSION_MAX : RDB_VERSION_MAX;
    if (version < 1 || version > max) {
      reader.fail(`cannot read RDB version ${version}`, 0);
    }
    return version;
  }

  /** Reads an opcode, or a key or a part of it; false at the end. */
  #next(): boolean {
    const { reader, keyspace } = this, entry = this.#entry;
    if (this.#isReading) {
      this.#goOn();
      return true;
    }
    const start = reader.offset;
    const opcode = reader.byte();
    switch (opcode) {
      case OPCODE_EXPIRETIME_MS:
        entry.expiresAt = reader.moment();
        return true;
      case OPCODE_EXPIRETIME:
        entry.expiresAt = reader.int32() * 1000;
        return true;
      case OPCODE_IDLE: {
        const seconds = reader.count();
        if (!keyspace.access.isLfu) {
          entry.access = keyspace.access.ofIdleSeconds(seconds);
        }
        return true;
      }
      case OPCODE_FREQ: {
        const counter = reader.byte();
        if (keyspace.access.isLfu) {
          entry.access = keyspace.access.ofFrequency(counter);
        }
        return true;
      }
      case OPCODE_SELECTDB: {
        const db = keyspace.databases[reader.count()];
        if (db === undefined) {
          reader.fail(
            "a database number that this server does not have",
            start,
          );
        }
        this.#db = db;
        return true;
      }
      case OPCODE_EOF:
        this.#readEnd();
        return false;
    }
    if (!this.#skip(opcode, start)) this.#readKey(opcode, start);
    return true;
  }

  /** Reads what is no key and changes none; false for a key's type. */
  #skip(opcode: number, start: number): boolean {
    const { reader } = this;
    switch (opcode) {
      case OPCODE_RESIZEDB: {
        const { map, volatile } = this.#db;
        map.index.reserve(Math.min(reader.count(), RESERVED_MAX));
        volatile.reserve(Math.min(reader.count(), RESERVED_MAX));
        return true;
      }
      case OPCODE_SLOT_INFO:
        for (let i = 0; i < 3; i++) reader.count();
        return true;
      case OPCODE_AUX: {
        const name = textOfBytes(reader.slice());
        const value = textOfBytes(reader.slice());
        this.options.onField?.(name, value);
        return true;
      }
      case OPCODE_FUNCTION2:
        this.options.onLibrary?.(reader.copy());
        return true;
      case OPCODE_FUNCTION_PRE_GA:
        return reader.fail(
          "functions in a form that only preliminary versions of Redis 7 wrote",
          start,
        );
      case OPCODE_MODULE_AUX:
        return reader.fail(
          "data of a module, which this server cannot load,",
          start,
        );
      default:
        return false;
    }
  }

  #readKey(rdbType: number, start: number): void {
    const { reader } = this, entry = this.#entry, db = this.#db;
    if (rdbType === RDB_TYPE_VALKEY_HASH && !this.#isValkey) {
      reader.fail(`unknown type ${rdbType}`, start);
    }
    reader.string();
    entry.takeKey(reader, start);
    if (rdbType !== RDB_TYPE_STRING) {
      this.#values.begin(rdbType);
      return this.#goOn();
    }
    reader.string();
    if (!this.#isExpired()) {
      entry.addString(db, reader);
      this.keysLoaded++;
    } else {
      entry.leaveOut(db);
      this.options.onExpired?.(db.index, entry.args.slice(0));
    }
    entry.reset();
  }

  /** Goes on reading a collection. */
  #goOn(): void {
    this.#isReading = !this.#values.goOn();
    if (this.#isReading) return;
    const { type, value } = this.#values, entry = this.#entry, db = this.#db;
    if (value === undefined) {
      this.keysEmpty++;
      this.options.onEmptyKey?.(entry.args.slice(0));
    }
    if (value === undefined || this.#isExpired()) entry.leaveOut(db);
    else {
      entry.addValue(db, type, value);
      this.keysLoaded++;
    }
    entry.reset();
  }

  #isExpired(): boolean {
    const { expiresAt } = this.#entry;
    if (
      !this.options.isDroppingExpired || expiresAt === -1 ||
      expiresAt >= this.keyspace.nowMs
    ) return false;
    this.keysExpired++;
    return true;
  }

  #readEnd(): void {
    const { reader } = this;
    if (this.#hasChecksum) this.#readChecksum();
    // An end mark by damage, or a version without checksums.
    if (this.options.isFollowed !== true && !reader.isAtEnd) {
      reader.fail("more behind the end of the file");
    }
  }

  #readChecksum(): void {
    const { reader } = this;
    const crc = this.options.hasChecksum ? reader.endChecksum() : undefined;
    reader.need(8);
    const isWithout = reader.view.getBigInt64(reader.at) === 0n;
    if (!isWithout && crc !== undefined && !crc.isAt(reader.view, reader.at)) {
      reader.fail(`RDB CRC error: the contents give ${crc.hex},`);
    }
    reader.at += 8;
  }
}

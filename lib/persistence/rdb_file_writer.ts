/** Writes RDB files entry by entry: head, databases, keys with what belongs to them, end. */

import type { Access } from "../keyspace/access.ts";
import type { ByteMap } from "../keyspace/byte_map.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { HAS_EXPIRY } from "../keyspace/record.ts";
import {
  OPCODE_EOF,
  OPCODE_EXPIRETIME_MS,
  OPCODE_FREQ,
  OPCODE_FUNCTION2,
  OPCODE_IDLE,
  OPCODE_RESIZEDB,
  OPCODE_SELECTDB,
  RDB_VERSION_FIELD_EXPIRY,
  RDB_VERSION_WRITTEN,
} from "./rdb_format.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import { rdbTypeOf, writeValue } from "./rdb_value_writer.ts";
import { RdbWriter } from "./rdb_writer.ts";

/** How an RDB file is written. */
export interface RdbOptions {
  /** Compress texts (`rdbcompression`). */
  readonly isCompressing: boolean;
  /** Add a checksum (`rdbchecksum`). */
  readonly hasChecksum: boolean;
  /** What is noted of the use of keys: under an eviction policy that asks for it. */
  readonly usage: "idle" | "frequency" | undefined;
  /** Fields of the head, as names and values. */
  readonly aux: readonly (readonly [name: string, value: string])[];
  /** Sources of libraries of functions. */
  libraries?: readonly Uint8Array[];
}

/** See the top of the file. */
export class RdbFileWriter extends RdbWriter {
  /** Database of the entries that follow; -1 when that is to be said. */
  selected = -1;

  constructor(
    readonly fileOptions: RdbOptions,
    private readonly access: Access,
  ) {
    super(fileOptions);
  }

  /** Everything before the first entry of a file with the keyspace's data. */
  begin({ databases, fieldExpiry }: Keyspace): void {
    this.#head(
      fieldExpiry.hasAny() ? RDB_VERSION_FIELD_EXPIRY : RDB_VERSION_WRITTEN,
    );
    for (const { index, size, volatile } of databases) {
      if (size === 0) continue;
      this.select(index);
      this.byte(OPCODE_RESIZEDB);
      this.count(size);
      this.count(volatile.size);
    }
  }

  /** Everything before the end of a file without keys. */
  beginEmpty(): void {
    this.#head(RDB_VERSION_WRITTEN);
  }

  /** Says which database the next entry is of. */
  select(index: number): void {
    if (this.selected === index) return;
    this.selected = index;
    this.byte(OPCODE_SELECTDB);
    this.count(index);
  }

  /** A record as an entry. */
  entry(dbIndex: number, map: ByteMap, ref: number): void {
    this.select(dbIndex);
    this.entryHead(map, ref);
    writeValue(this, map, ref);
  }

  /** All of an entry but its value. */
  entryHead(map: ByteMap, ref: number): void {
    if ((map.headerOf(ref) & HAS_EXPIRY) !== 0) {
      this.byte(OPCODE_EXPIRETIME_MS);
      const expiresAt = map.expiresAtMs(ref);
      this.int64(
        Number.isSafeInteger(expiresAt) ? expiresAt : map.expiresAtMsExact(ref),
      );
    }
    const { usage } = this.fileOptions;
    if (usage === "idle") {
      this.byte(OPCODE_IDLE);
      this.count(this.access.idleSeconds(map.accessOf(ref)));
    } else if (usage === "frequency") {
      this.byte(OPCODE_FREQ);
      this.byte(this.access.frequency(map.accessOf(ref)));
    }
    this.byte(rdbTypeOf(map, ref));
    this.string(map.key(ref));
  }

  /** What follows the last entry. */
  finish(): void {
    this.byte(OPCODE_EOF);
    this.checksum();
  }

  #head(version: number): void {
    const { aux, libraries = [] } = this.fileOptions;
    this.raw(bytesOfText(`REDIS${String(version).padStart(4, "0")}`));
    for (const [name, value] of aux) this.aux(name, value);
    for (const source of libraries) {
      this.byte(OPCODE_FUNCTION2);
      this.string(source);
    }
  }
}

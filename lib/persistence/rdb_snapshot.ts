/**
 * A snapshot as an RDB file that is handed out while commands go on.
 *
 * A large value is written in parts: it is frozen, put off until after the step of the
 * walk, and a part of it is written at a time. A command that changes it meanwhile
 * copies the pieces of it that it changes. What else is about to change while an
 * entry is open waits in a buffer of its own.
 */

import type { ByteMap } from "../keyspace/byte_map.ts";
import { TYPE_STRING } from "../keyspace/record.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { Snapshot, type SnapshotTarget } from "../keyspace/snapshot.ts";
import { KeyPause } from "./key_pause.ts";
import { RdbFileWriter, type RdbOptions } from "./rdb_file_writer.ts";
import {
  freezeValue,
  isLargeCollection,
  type ValueParts,
} from "./rdb_value_writer.ts";
import { COMPRESSED_MAX } from "./rdb_writer.ts";

/** Takes bytes in order; they are its own. Resolves when more may come. */
export type ByteSink = (bytes: Uint8Array) => Promise<void>;

/** Bytes that are handed out at once, at least. */
const CHUNK_BYTES = 256 * 1024;

/** A value that is still to be written. */
interface PutOff {
  readonly dbIndex: number;
  /** All of its entry before the value. */
  readonly head: Uint8Array;
  readonly parts: ValueParts;
}

/** See the top of the file. */
export class RdbSnapshot implements SnapshotTarget {
  readonly snapshot: Snapshot;
  /** Resolves when the sink has everything; rejects with its error or SnapshotAborted. */
  readonly finished: Promise<void>;
  readonly keysTotal: number;
  /** Bytes handed to the sink. */
  bytesWritten = 0;

  readonly #file: RdbFileWriter;
  /** Old values that came while an entry was open. */
  readonly #side: RdbFileWriter;
  /** Where heads of values that are put off are made. */
  readonly #heads: RdbFileWriter;
  /** Values that are written in parts. */
  readonly #putOff: PutOff[] = [];
  /** What goes on writing the first of them. */
  #open: Generator<void> | undefined;
  readonly #pause: KeyPause;

  /**
   * Starts one of this moment. Only one may run (`keyspace.snapshot`).
   *
   * @param keyDelayMicroseconds pause for each key (`rdb-key-save-delay`), as it is at the moment.
   */
  constructor(
    keyspace: Keyspace,
    private readonly sink: ByteSink,
    options: RdbOptions,
    keyDelayMicroseconds = () => 0,
  ) {
    this.#pause = new KeyPause(keyDelayMicroseconds);
    this.#file = new RdbFileWriter(options, keyspace.access);
    this.#side = new RdbFileWriter(options, keyspace.access);
    this.#heads = new RdbFileWriter(options, keyspace.access);
    this.#file.begin(keyspace);
    this.keysTotal = keyspace.databases.reduce((sum, db) => sum + db.size, 0);
    this.snapshot = Snapshot.start(keyspace, this);
    this.finished = this.#finish();
  }

  /** Keys written so far. */
  get keysWritten(): number {
    return this.snapshot.written;
  }

  abort(): void {
    this.snapshot.abort();
    this.#pause.abort();
  }

  record(dbIndex: number, map: ByteMap, ref: number): void {
    this.#pause.count();
    if (!isLarge(map, ref)) return this.#write(dbIndex, map, ref);
    const heads = this.#heads;
    heads.length = 0;
    heads.entryHead(map, ref);
    const head = heads.bytes.slice(0, heads.length);
    this.#putOff.push({ dbIndex, head, parts: freezeValue(map, ref) });
  }

  goOn(): boolean {
    const next = this.#putOff[0];
    if (next === undefined) return false;
    if (this.#open === undefined) {
      this.#file.select(next.dbIndex);
      this.#file.raw(next.head);
      this.#open = next.parts(this.#file);
    }
    this.#writePart(this.#open);
    return true;
  }

  drain(): Promise<void> | undefined {
    if (this.#pause.isOn) return this.#drainSlowly();
    return this.#file.length < CHUNK_BYTES ? undefined : this.#hand();
  }

  #write(dbIndex: number, map: ByteMap, ref: number): void {
    const file = this.#open === undefined ? this.#file : this.#side;
    file.entry(dbIndex, map, ref);
  }

  #writePart(parts: Generator<void>): void {
    if (parts.next().done !== true) return;
    this.#putOff.shift();
    this.#open = undefined;
    const side = this.#side;
    if (side.length === 0) return;
    this.#file.raw(side.bytes, 0, side.length);
    this.#file.selected = side.selected;
    side.selected = -1;
    side.length = 0;
  }

  async #finish(): Promise<void> {
    await this.snapshot.done;
    if (this.#pause.isOn) await this.#drainSlowly();
    this.#pause.throwIfAborted();
    this.#file.finish();
    await this.#hand(true);
  }

  #hand(isLast = false): Promise<void> {
    const bytes = this.#file.take(isLast);
    this.bytesWritten += bytes.length;
    return this.sink(bytes);
  }

  async #drainSlowly(): Promise<void> {
    await this.#pause.drain(async () => {
      if (this.#file.length > 0) await this.#hand();
    });
  }
}

function isLarge(map: ByteMap, ref: number): boolean {
  if (map.typeOf(ref) !== TYPE_STRING) return isLargeCollection(map, ref);
  return map.isObject(ref) && map.stringLength(ref) > COMPRESSED_MAX;
}

/**
 * A snapshot as an RDB file that is handed out while commands go on.
 *
 * A large collection is written in parts: it is put off until after the step of the
 * walk, and a part of it is written at a time. A command that changes it meanwhile
 * has it written to its end first. What else is about to change while an entry is
 * open waits in a buffer of its own.
 */

import type { ByteMap } from "../keyspace/byte_map.ts";
import type { Collection } from "../keyspace/collection.ts";
import { TYPE_STRING } from "../keyspace/record.ts";
import { sourceOf } from "../keyspace/record_store.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import {
  Snapshot,
  SnapshotAborted,
  type SnapshotTarget,
} from "../keyspace/snapshot.ts";
import { RdbFileWriter, type RdbOptions } from "./rdb_file_writer.ts";
import { valueParts } from "./rdb_value_writer.ts";

/** Takes bytes in order; they are its own. Resolves when more may come. */
export type ByteSink = (bytes: Uint8Array) => Promise<void>;

/** Bytes that are handed out at once, at least. */
const CHUNK_BYTES = 256 * 1024;

/** Larger collections are written in parts. */
const LARGE_BYTES = 128 * 1024;

/** A collection that is still to be written. */
interface PutOff {
  readonly dbIndex: number;
  readonly map: ByteMap;
  readonly key: Uint8Array;
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
  /** Collections that are written in parts, by their objects. */
  readonly #putOff = new Map<unknown, PutOff>();
  /** The one of them that is being written. */
  #open: { object: unknown; parts: Generator<void> } | undefined;
  #recordsSinceDrain = 0;
  /** For the pause behind the last key, when the snapshot itself has ended. */
  #isAborted = false;
  #wake: (() => void) | undefined;

  /**
   * Starts one of this moment. Only one may run (`keyspace.snapshot`).
   *
   * @param keyDelayMicroseconds pause for each key (`rdb-key-save-delay`).
   */
  constructor(
    keyspace: Keyspace,
    private readonly sink: ByteSink,
    options: RdbOptions,
    private readonly keyDelayMicroseconds = 0,
  ) {
    this.#file = new RdbFileWriter(options, keyspace.access);
    this.#side = new RdbFileWriter(options, keyspace.access);
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
    this.#isAborted = true;
    this.snapshot.abort();
    this.#wake?.();
  }

  record(
    dbIndex: number,
    map: ByteMap,
    ref: number,
    isChanging: boolean,
  ): void {
    this.#recordsSinceDrain++;
    if (!isChanging && isLarge(map, ref)) {
      const key = map.key(ref).slice();
      this.#putOff.set(map.object(ref), { dbIndex, map, key });
    } else this.#write(dbIndex, map, ref);
  }

  changing(map: ByteMap, ref: number): void {
    if (this.#putOff.size === 0 || !map.isObject(ref)) return;
    const object = map.object(ref);
    if (this.#open?.object === object) {
      while (this.#open !== undefined) this.#writePart(this.#open.parts);
      return;
    }
    const putOff = this.#putOff.get(object);
    if (putOff === undefined) return;
    this.#putOff.delete(object);
    this.#write(putOff.dbIndex, map, ref);
  }

  goOn(): boolean {
    if (this.#open !== undefined) {
      this.#writePart(this.#open.parts);
      return true;
    }
    for (const [object, { dbIndex, map, key }] of this.#putOff) {
      const ref = map.find(sourceOf(key), 0, key.length);
      this.#file.entryHead(dbIndex, map, ref);
      this.#open = { object, parts: valueParts(this.#file, map, ref) };
      // From its first part on, it is the object that is read, and not the record.
      this.#writePart(this.#open.parts);
      return true;
    }
    return false;
  }

  drain(): Promise<void> | undefined {
    if (this.keyDelayMicroseconds > 0) return this.#drainSlowly();
    return this.#file.length < CHUNK_BYTES ? undefined : this.#hand();
  }

  #write(dbIndex: number, map: ByteMap, ref: number): void {
    const file = this.#open === undefined ? this.#file : this.#side;
    file.entry(dbIndex, map, ref);
  }

  #writePart(parts: Generator<void>): void {
    if (parts.next().done !== true) return;
    this.#putOff.delete(this.#open!.object);
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
    if (this.keyDelayMicroseconds > 0) await this.#drainSlowly();
    if (this.#isAborted) {
      throw new SnapshotAborted("the snapshot was aborted");
    }
    this.#file.finish();
    await this.#hand(true);
  }

  #hand(isLast = false): Promise<void> {
    const bytes = this.#file.take(isLast);
    this.bytesWritten += bytes.length;
    return this.sink(bytes);
  }

  async #drainSlowly(): Promise<void> {
    const pauseMs = this.#recordsSinceDrain * this.keyDelayMicroseconds / 1000;
    this.#recordsSinceDrain = 0;
    if (this.#file.length > 0) await this.#hand();
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

function isLarge(map: ByteMap, ref: number): boolean {
  if (!map.isObject(ref) || map.typeOf(ref) === TYPE_STRING) return false;
  return (map.object(ref) as Collection).memoryBytes > LARGE_BYTES;
}

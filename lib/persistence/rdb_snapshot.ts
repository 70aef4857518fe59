/** A snapshot as an RDB file that is handed out while commands go on. */

import type { ByteMap } from "../keyspace/byte_map.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import {
  Snapshot,
  SnapshotAborted,
  type SnapshotTarget,
} from "../keyspace/snapshot.ts";
import { RdbFileWriter, type RdbOptions } from "./rdb_file_writer.ts";

/** Takes bytes in order; they are its own. Resolves when more may come. */
export type ByteSink = (bytes: Uint8Array) => Promise<void>;

/** Bytes that are handed out at once, at least. */
const CHUNK_BYTES = 256 * 1024;

/** See the top of the file. */
export class RdbSnapshot implements SnapshotTarget {
  readonly snapshot: Snapshot;
  /** Resolves when the sink has everything; rejects with its error or SnapshotAborted. */
  readonly finished: Promise<void>;
  readonly keysTotal: number;
  /** Bytes handed to the sink. */
  bytesWritten = 0;

  readonly #file: RdbFileWriter;
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
    this.#file.beginWith(keyspace.databases);
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

  record(dbIndex: number, map: ByteMap, ref: number): void {
    this.#recordsSinceDrain++;
    this.#file.entry(dbIndex, map, ref);
  }

  drain(): Promise<void> | undefined {
    if (this.keyDelayMicroseconds > 0) return this.#drainSlowly();
    return this.#file.length < CHUNK_BYTES ? undefined : this.#hand();
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

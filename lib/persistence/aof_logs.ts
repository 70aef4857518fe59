/**
 * The increment that is written to, and earlier ones of which the disk does not
 * have all yet: together they are what was appended.
 */

import { systemErrorText } from "../config/system_error_text.ts";
import { sleepNow } from "../sleep_now.ts";
import { AofLog, type AofLogEvents } from "./aof_log.ts";
import type { AppendOnlyHost } from "./append_only.ts";
import type { Disk } from "./disk.ts";

/** What the logs need of their host. */
export type AofLogsHost = Pick<
  AppendOnlyHost,
  "config" | "log" | "offset" | "onProgress" | "onFailure"
>;

/** See the top of the file. */
export class AofLogs {
  /** The whole server waits so long before each write, for tests. */
  writeDelayMs = 0;
  #current: AofLog | undefined;
  /** Nothing is appended to them any more. */
  readonly #earlier = new Set<AofLog>();
  /** What the host was told last. */
  #failure: string | undefined;

  constructor(
    private readonly disk: Disk,
    private readonly host: AofLogsHost,
    /** Told when a sync works again: what the failed one was about may be lost without a word. */
    private readonly onDoubt: () => void,
  ) {}

  /** The one that is written to. */
  get current(): AofLog | undefined {
    return this.#current;
  }

  /** Up to where the stream is on the disk; undefined when it goes nowhere. */
  get syncedOffset(): number | undefined {
    if (this.#current === undefined) return undefined;
    const offsets = this.#all().map(({ syncedOffset }) => syncedOffset);
    return Math.min(...offsets);
  }

  /** From now on, a file is written to that follows none. */
  begin(path: string, isNew: boolean, syncedOffset: number): void {
    this.end(true);
    this.#current = this.#open(path, isNew, syncedOffset);
  }

  /**
   * From now on, a new file is written to, if `announce` can tell the world.
   *
   * @throws what the system or `announce` answers; then all goes on as before.
   */
  goOnIn(path: string, announce: () => void): void {
    const previous = this.#current;
    previous?.write();
    if (previous !== undefined && previous.pendingBytes > 0) {
      // What could not be written belongs behind what is in its file.
      throw new Error(
        `the present file cannot be written: ${previous.failure}`,
      );
    }
    const next = this.#open(path, true, this.syncedOffset ?? 0);
    try {
      announce();
    } catch (error) {
      // The world may know all the same, so the empty file stays.
      next.discard();
      throw error;
    }
    this.#current = next;
    if (previous !== undefined) this.#retire(previous);
  }

  /**
   * Nothing is written any more. What was goes to the disk, if that works at once;
   * with `isReleasing`, replies that wait for that leave however it ends.
   */
  end(isReleasing: boolean): void {
    const logs = this.#all();
    this.#current = undefined;
    for (const log of logs) {
      if (isReleasing) log.release();
      this.#close(log);
    }
  }

  /** All that stands before the current file, and the stream up to an offset, is in another file. */
  noteSyncedElsewhere(offset: number): void {
    this.#current?.noteSyncedElsewhere(offset);
    for (const log of this.#earlier) log.release();
  }

  /** Resolves when the disk has all files that are not written to, or refused them. */
  async ended(): Promise<void> {
    await Promise.all([...this.#earlier].map((log) =>
      log.close()
        // It was logged by whoever began to close it.
        .catch(() => {})
    ));
  }

  /** What replies that tell of data wait for; undefined for nothing. */
  barrier(): Promise<void> | undefined {
    const written = this.#current?.barrier();
    if (this.#earlier.size === 0 || this.#current?.policy !== "always") {
      return written;
    }
    const earlier = [...this.#earlier].map((log) => log.barrier());
    return Promise.all([written, ...earlier]).then(() => {});
  }

  /** Does what is due. */
  tick(nowMs: number, isSyncHeld: boolean): void {
    for (const log of this.#all()) {
      log.isSyncHeld = isSyncHeld;
      log.tick(nowMs);
    }
  }

  #all(): AofLog[] {
    return this.#current === undefined
      ? [...this.#earlier]
      : [...this.#earlier, this.#current];
  }

  #open(path: string, isNew: boolean, syncedOffset: number): AofLog {
    const { config } = this.host;
    const log = new AofLog(
      this.disk.openToAppend(path, isNew),
      config.get("appendfsync"),
      this.#events(),
      () => this.host.offset(),
      syncedOffset,
    );
    log.hasTimestamps = config.get("aof-timestamp-enabled");
    return log;
  }

  #events(): AofLogEvents {
    const { log } = this.host;
    return {
      onFailure: (reason, isPartialWriteLeft) => {
        log.warning(`Error writing to the AOF file: ${reason}`);
        if (isPartialWriteLeft) {
          log.warning(
            "Could not remove short write from the append-only file. Redis may refuse to load the AOF the next time it starts.",
          );
        }
        this.#noteFailure();
      },
      onRecovery: (wasSyncBroken) => {
        log.warning("AOF write error looks solved, Redis can write again.");
        this.#noteFailure();
        if (wasSyncBroken) this.onDoubt();
      },
      beforeWrite: () => sleepNow(this.writeDelayMs),
      onSynced: () => this.host.onProgress(),
    };
  }

  /** Closes a file when the disk has all of it. */
  async #retire(log: AofLog): Promise<void> {
    this.#earlier.add(log);
    await log.finish();
    await this.#close(log);
  }

  async #close(log: AofLog): Promise<void> {
    this.#earlier.add(log);
    try {
      await log.close();
    } catch (error) {
      this.host.log.warning(
        `Fail to fsync the AOF file: ${systemErrorText(error)}`,
      );
    }
    if (!this.#earlier.delete(log)) return;
    this.#noteFailure();
    this.host.onProgress();
  }

  /** Tells the host whether any of the files fails. */
  #noteFailure(): void {
    const failure = this.#all().find(({ failure }) => failure !== undefined)
      ?.failure;
    if (failure === this.#failure) return;
    this.#failure = failure;
    this.host.onFailure(failure);
  }
}

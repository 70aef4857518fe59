/**
 * Writes what commands did behind each other into one append-only file, and sees
 * to it that it reaches the disk as `appendfsync` says.
 *
 * What a batch did is written before its replies leave, so the end of the process
 * loses nothing that was acknowledged. With `always` the replies wait until the
 * disk has it: all that comes together in a turn of the event loop goes in one
 * write and one sync. A few of these overlap; while so many are under way, what
 * comes waits for the next one, together.
 *
 * When the disk refuses, nothing is lost and nothing is claimed: what could not be
 * written stays in memory, a part that was written is taken back, and every
 * {@link AofLog.tick} tries again. Until it works, `failure` says what is wrong.
 */

import { setImmediate } from "node:timers";
import { systemErrorText } from "../config/system_error_text.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import { type EffectBatch, isMultiAt, MULTI } from "../router/effects.ts";
import { type AppendFile, SYNCS_MAX } from "./disk.ts";

/** Values of `appendfsync`. */
export type SyncPolicy = "always" | "everysec" | "no";

/** What happens to a log. */
export interface AofLogEvents {
  /** The disk refuses, for the first time since it worked, or works again. */
  onFailure(reason: string, isPartialWriteLeft: boolean): void;
  onRecovery(wasSyncBroken: boolean): void;
  /** Something is about to be written. */
  beforeWrite(): void;
  /** A sync has ended. */
  onSynced(): void;
}

/** Replies that wait until the first `upTo` bytes are on the disk. */
interface Waiting {
  upTo: number;
  readonly synced: PromiseWithResolvers<void>;
}

const INITIAL_BYTES = 64 * 1024;
/** A buffer that grew larger than this is not kept. */
const KEPT_BYTES = 4 * 1024 * 1024;
const NO_DATABASE = -1;
const SYNC_INTERVAL_MS = 1000;

/** See the top of the file. */
export class AofLog {
  policy: SyncPolicy;
  /** No sync now, whatever the policy (`no-appendfsync-on-rewrite`). */
  isSyncHeld = false;
  /** Writes a line with the time before what happens in a new second. */
  hasTimestamps = false;
  /** What the system answered to the last write or sync; undefined while all is well. */
  failure: string | undefined;
  /** When the last sync ended, on the clock of `tick`. */
  lastSyncMs = 0;

  #pending = new Uint8Array(INITIAL_BYTES);
  #pendingLength = 0;
  /** Bytes in the file, of those known to be on the disk, and of those given to `append`. */
  #written: number;
  #synced: number;
  #appended: number;
  /** Those under way. */
  readonly #syncs = new Set<Promise<void>>();
  /** What the latest one covers. */
  #syncingUpTo: number;
  /** Syncs that failed, and how many of them when all was well last. */
  #syncFailures = 0;
  #syncFailuresBefore = 0;
  /** A sync begins when the turn of the event loop ends. */
  #isSyncDue = false;
  /** In order; all that the next sync will cover wait for one promise. */
  readonly #waiting: Waiting[] = [];
  /** {@link AofLog.syncedOffset} after the last sync. */
  #syncedOffset: number;
  #dbIndex = NO_DATABASE;
  #second = 0;
  /** Nothing more comes: sync as soon as can be. */
  #isFinishing = false;
  #closing: Promise<void> | undefined;

  constructor(
    private readonly file: AppendFile,
    policy: SyncPolicy,
    private readonly events: AofLogEvents,
    /** How far the stream goes whose changes are appended here. */
    private readonly offset: () => number,
    /** Up to where it is on the disk already. */
    syncedOffset: number,
  ) {
    this.#syncedOffset = syncedOffset;
    this.policy = policy;
    this.#written = this.#synced = this.#appended = file.initialLength;
    this.#syncingUpTo = this.#synced;
  }

  /** Length of the file with what waits to be written, in bytes. */
  get length(): number {
    return this.#appended;
  }

  /** Bytes that wait to be written. */
  get pendingBytes(): number {
    return this.#pendingLength;
  }

  /** Whether a sync is under way. */
  get isSyncing(): boolean {
    return this.#syncs.size > 0;
  }

  /** Whether everything is on the disk. */
  get isSynced(): boolean {
    return this.#synced === this.#appended;
  }

  /** Up to where the stream is on the disk, at least. */
  get syncedOffset(): number {
    return this.isSynced ? this.offset() : this.#syncedOffset;
  }

  /** The stream up to an offset is on the disk in another file. */
  noteSyncedElsewhere(offset: number): void {
    this.#syncedOffset = Math.max(this.#syncedOffset, offset);
  }

  /** Writes what a batch did; `nowMs` is its time since 1970. */
  append({ bytes, runs }: EffectBatch, nowMs: number): void {
    for (const { dbIndex, start, end, isForReplicasOnly } of runs) {
      if (isForReplicasOnly) continue;
      const second = Math.floor(nowMs / 1000);
      if (this.hasTimestamps && second !== this.#second) {
        this.#second = second;
        this.#add(bytesOfText(`#TS:${second}\r\n`));
      }
      let from = start;
      if (dbIndex !== this.#dbIndex) {
        this.#dbIndex = dbIndex;
        // As Redis does, the database is selected inside of a transaction.
        if (isMultiAt(bytes, start)) {
          this.#add(MULTI);
          from += MULTI.length;
        }
        const number = `${dbIndex}`;
        this.#add(
          bytesOfText(
            `*2\r\n$6\r\nSELECT\r\n$${number.length}\r\n${number}\r\n`,
          ),
        );
      }
      this.#add(bytes.subarray(from, end));
    }
    if (this.#isSyncedAlways) this.#syncSoon();
    else this.write();
  }

  /**
   * What a reply that tells of data has to wait for: undefined unless the policy
   * is `always`, and may be kept, and something is not on the disk yet. While the
   * disk refuses, only the turn in which something was appended has to wait, so that
   * reading goes on.
   */
  barrier(): Promise<void> | undefined {
    if (!this.#isSyncedAlways || this.isSynced) return undefined;
    if (this.failure !== undefined && !this.#isSyncDue) return undefined;
    return this.whenSynced();
  }

  /** Resolves when all that was appended so far is on the disk. */
  whenSynced(): Promise<void> {
    if (this.isSynced) return Promise.resolve();
    let last = this.#waiting.at(-1);
    if (last === undefined || last.upTo <= this.#syncingUpTo) {
      last = { upTo: 0, synced: Promise.withResolvers() };
      this.#waiting.push(last);
    }
    last.upTo = this.#appended;
    return last.synced.promise;
  }

  /** Does what is due: syncs every second, and tries again what has failed. */
  tick(nowMs: number): void {
    if (this.#closing !== undefined) return;
    this.write();
    const isDue = this.policy === "always" || this.#isFinishing ||
      this.failure !== undefined ||
      (this.policy === "everysec" &&
        nowMs - this.lastSyncMs >= SYNC_INTERVAL_MS);
    if (!isDue || (this.isSyncHeld && this.failure === undefined)) return;
    this.lastSyncMs = nowMs;
    this.#sync();
  }

  /** Gives everything appended to the system. */
  write(): void {
    if (this.#pendingLength === 0) return;
    this.events.beforeWrite();
    let done = 0;
    try {
      while (done < this.#pendingLength) {
        const rest = this.#pending.subarray(done, this.#pendingLength);
        done += this.file.write(rest);
      }
      this.#written += done;
      this.#pendingLength = 0;
      if (this.#pending.length > KEPT_BYTES) {
        this.#pending = new Uint8Array(INITIAL_BYTES);
      }
    } catch (error) {
      this.#failed(error, done > 0 && !this.#takeBack(done));
    }
  }

  /** Nothing more comes. Resolves when the disk has everything, however long that takes. */
  finish(): Promise<void> {
    this.#isFinishing = true;
    this.#sync();
    return this.whenSynced();
  }

  /** Nobody waits for this file any more. */
  release(): void {
    for (const { synced } of this.#waiting.splice(0)) synced.resolve();
  }

  /** Brings everything to the disk, trying once, and closes the file. @throws what the system answers */
  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  /** Closes a file to which nothing was written. */
  discard(): void {
    this.#closing = Promise.resolve();
    this.file.close();
  }

  async #close(): Promise<void> {
    this.write();
    await Promise.allSettled(this.#syncs);
    try {
      await this.file.sync();
      if (this.#pendingLength > 0) throw new Error(this.failure);
      this.#noteSynced(this.#written, this.#syncedOffset);
    } finally {
      this.file.close();
    }
  }

  #add(bytes: Uint8Array): void {
    const needed = this.#pendingLength + bytes.length;
    if (needed > this.#pending.length) {
      const grown = new Uint8Array(Math.max(needed, this.#pending.length * 2));
      grown.set(this.#pending.subarray(0, this.#pendingLength));
      this.#pending = grown;
    }
    this.#pending.set(bytes, this.#pendingLength);
    this.#pendingLength = needed;
    this.#appended += bytes.length;
  }

  /** Removes `done` bytes of a write that broke off from the file; else from what waits. */
  #takeBack(done: number): boolean {
    try {
      this.file.truncate(this.#written);
      return true;
    } catch {
      this.#pending.copyWithin(0, done, this.#pendingLength);
      this.#pendingLength -= done;
      this.#written += done;
      return false;
    }
  }

  get #isSyncedAlways(): boolean {
    return this.policy === "always" && !this.isSyncHeld;
  }

  /** Begins a sync at the end of this turn of the event loop, or behind the one that runs. */
  #syncSoon(): void {
    if (this.#isSyncDue) return;
    this.#isSyncDue = true;
    setImmediate(this.#syncNow);
  }

  readonly #syncNow = () => {
    this.#isSyncDue = false;
    this.#sync();
  };

  #sync(): void {
    const most = this.#isSyncedAlways ? SYNCS_MAX : 1;
    if (this.#syncs.size >= most || this.#closing !== undefined) return;
    this.write();
    const isCovered = this.#syncingUpTo === this.#written;
    if (isCovered && this.failure === undefined) return;
    this.#syncingUpTo = this.#written;
    // The stream may be behind what is appended, and never is ahead of it.
    const offset = this.#pendingLength === 0 ? this.offset() : 0;
    const sync = this.file.sync();
    this.#syncs.add(sync);
    this.#finishSync(sync, this.#written, offset);
  }

  async #finishSync(
    sync: Promise<void>,
    upTo: number,
    offset: number,
  ): Promise<void> {
    const failures = this.#syncFailures;
    try {
      await sync;
    } catch (error) {
      this.#syncFailures++;
      this.#failed(error, false);
    }
    this.#syncs.delete(sync);
    // Another one that failed meanwhile may have been about the same bytes.
    if (this.#syncFailures !== failures) return;
    if (this.#pendingLength === 0) this.#recovered();
    this.#noteSynced(upTo, offset);
    // What came meanwhile goes together; who waits for it began before a hold.
    const isWanted = this.#isSyncedAlways || this.#waiting.length > 0;
    if (isWanted && this.failure === undefined) this.#sync();
  }

  #noteSynced(upTo: number, offset: number): void {
    this.#synced = Math.max(this.#synced, upTo);
    this.noteSyncedElsewhere(offset);
    let count = 0;
    while (
      count < this.#waiting.length && this.#waiting[count].upTo <= upTo
    ) this.#waiting[count++].synced.resolve();
    this.#waiting.splice(0, count);
    this.events.onSynced();
  }

  #failed(error: unknown, isPartialWriteLeft: boolean): void {
    const isNew = this.failure === undefined;
    this.failure = systemErrorText(error);
    if (isNew || isPartialWriteLeft) {
      this.events.onFailure(this.failure, isPartialWriteLeft);
    }
  }

  #recovered(): void {
    if (this.failure === undefined) return;
    this.failure = undefined;
    const wasSyncBroken = this.#syncFailures > this.#syncFailuresBefore;
    this.#syncFailuresBefore = this.#syncFailures;
    this.events.onRecovery(wasSyncBroken);
  }
}

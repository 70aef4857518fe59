/**
 * The append-only file: everything that commands did, in files from which the
 * data can be made again.
 *
 * ```
 *   base (the data at some moment) + increments (what was done since)
 *                                        ↑ AofLog writes the last one
 *   rewrite: a new increment begins, a snapshot of that moment becomes the new base
 * ```
 *
 * Turned on while the server runs, it counts from its first base on: until that is
 * written, what is done goes into a temporary increment.
 */

import { systemErrorText } from "../config/system_error_text.ts";
import type { Config } from "../config/config.ts";
import type { Clock } from "../keyspace/keyspace.ts";
import type { Logger } from "../log/logger.ts";
import type { EffectBatch } from "../router/effects.ts";
import type { AofDirectory } from "./aof_directory.ts";
import type { AofLog } from "./aof_log.ts";
import { AofLogs } from "./aof_logs.ts";

/** How far the writing of all keys is. */
export interface KeyProgress {
  readonly keysWritten: number;
  readonly keysTotal: number;
}

/** A base file that is being written. */
export interface BaseWriting {
  /** Resolves when the file is whole and on the disk; rejects with what went wrong. */
  readonly done: Promise<void>;
  cancel(): void;
  readonly progress: KeyProgress;
}

/** What the append-only file needs of the server. */
export interface AppendOnlyHost {
  readonly config: Config;
  readonly log: Logger;
  readonly clock: Clock;
  /** Whether something else is being saved: then a rewrite waits. */
  readonly isSaving: boolean;
  /** Whether a transaction runs. */
  readonly isInTransaction: boolean;
  /** How the next base is to be written. */
  readonly baseFormat: BaseFormat;
  /** Starts writing the data of this moment into a file. */
  writeBase(path: string, format: BaseFormat): BaseWriting;
  /** Hands on what commands did, up to this moment. */
  flushEffects(): void;
  /** How far the stream goes whose changes are appended. */
  offset(): number;
  /** More of the stream is on the disk, or there is no file any more. */
  onProgress(): void;
  /** Told when the log begins to fail (with the reason) and when it works again. */
  onFailure(reason: string | undefined): void;
}

export type BaseFormat = "rdb" | "aof";

/** `waiting`: turned on, and its first base is not written yet. */
export type AppendOnlyState = "off" | "waiting" | "on";

/** Failed rewrites after which the next ones wait longer and longer. */
const FAILURES_BEFORE_DELAY = 3;
const DELAY_MAX_MINUTES = 60;
const MINUTE_MS = 60 * 1000;

/** See the top of the file. */
export class AppendOnly {
  state: AppendOnlyState = "off";
  /** A rewrite begins as soon as it can. */
  isRewriteScheduled = false;
  rewrites = 0;
  consecutiveFailures = 0;
  lastRewriteSucceeded = true;
  /** How long the last rewrite took, in seconds; -1 when there was none. */
  lastRewriteSeconds = -1;
  /** Size of all data files after the last rewrite, or of the base at the start, in bytes. */
  baseBytes = 0;

  readonly #logs: AofLogs;
  #rewriting:
    | { writing: BaseWriting; startMs: number; offset: number }
    | undefined;
  /** Rewrites since the start, also those that failed: a cancelled one may still hold its file. */
  #rewriteNumber = 0;
  /** Bytes in the files before the one that is written to; of all when it was turned off. */
  #earlierBytes = 0;
  #retryAtMs = 0;

  constructor(
    readonly directory: AofDirectory,
    private readonly host: AppendOnlyHost,
  ) {
    this.#logs = new AofLogs(directory.disk, host, () => {
      if (this.state !== "off") this.isRewriteScheduled = true;
    });
    host.config.onChangeOfAny(
      ["appendfsync", "aof-timestamp-enabled"],
      () => this.#configure(),
    );
  }

  get isRewriting(): boolean {
    return this.#rewriting !== undefined;
  }

  /** How far the running rewrite is. */
  get rewriteProgress(): KeyProgress | undefined {
    return this.#rewriting?.writing.progress;
  }

  /** When the running rewrite began, on the monotonic clock. */
  get rewriteStartMs(): number | undefined {
    return this.#rewriting?.startMs;
  }

  /** Size of all data files, with what waits to be written, in bytes. */
  get currentBytes(): number {
    return this.#earlierBytes + (this.#logs.current?.length ?? 0);
  }

  get log(): AofLog | undefined {
    return this.#logs.current;
  }

  /** Up to where the stream is on the disk; undefined when it is not kept at all. */
  get syncedOffset(): number | undefined {
    if (this.state === "off") return undefined;
    if (this.state === "waiting") return 0;
    return this.#logs.syncedOffset;
  }

  /**
   * After loading, at the start: opens the last increment, and makes a first base
   * when there are no files at all. @throws what the system answers.
   */
  async open(): Promise<void> {
    const { directory, host } = this;
    directory.create();
    let { manifest } = directory;
    const isEmpty = manifest.dataFiles.length === 0;
    if (isEmpty) {
      manifest = manifest.rewritten(directory.prefix, host.baseFormat, 0);
      const { name } = manifest.base!;
      await host.writeBase(directory.pathOf(name), host.baseFormat).done;
      host.log.notice(`Creating AOF base file ${name} on server start`);
    }
    const isNew = manifest.increments.length === 0;
    if (isNew) manifest = manifest.withNextIncrement(directory.prefix);
    const { name } = manifest.increments.at(-1)!;
    this.#logs.begin(directory.pathOf(name), isNew, host.offset());
    if (manifest !== directory.manifest) directory.replaceManifest(manifest);
    host.log.notice(
      `${isNew ? "Creating" : "Opening"} AOF incr file ${name} on server start`,
    );
    this.state = "on";
    // As in Redis, a base that is made here does not count.
    if (!isEmpty) {
      this.#measure();
      this.baseBytes = directory.sizeOf(manifest.base?.name ?? "") ?? 0;
    }
    if (!host.config.get("aof-disable-auto-gc")) directory.removeHistory();
  }

  /** Turns it on while the server runs. False, with the reason in the log, when that fails. */
  enable(): boolean {
    if (this.state !== "off") return true;
    this.state = "waiting";
    if (this.host.isSaving) {
      this.isRewriteScheduled = true;
      this.host.log.notice(
        "AOF was enabled but there is already another background operation. An AOF background was scheduled to start when possible.",
      );
      return true;
    }
    if (this.host.isInTransaction) {
      this.isRewriteScheduled = true;
      this.host.log.notice(
        "AOF was enabled during a transaction. An AOF background was scheduled to start when possible.",
      );
      return true;
    }
    this.#cancelRewriting();
    if (this.rewrite()) return true;
    this.state = "off";
    this.host.log.warning(
      "Redis needs to enable the AOF but can't trigger a background AOF rewrite operation. Check the above logs for more info about the error.",
    );
    return false;
  }

  /** Turns it off: what was done so far goes to the disk. */
  disable(): void {
    this.host.flushEffects();
    this.state = "off";
    this.isRewriteScheduled = false;
    if (this.isRewriting) {
      this.host.log.notice(
        `Killing running AOF rewrite child: ${Deno.pid}`,
      );
    }
    this.#cancelRewriting();
    this.#earlierBytes = this.currentBytes;
    this.#logs.end(true);
    this.host.onProgress();
  }

  /** Goes on after `disable` with other data, of which there must be a new base first. */
  restart(): void {
    if (this.state !== "off") return;
    this.state = "waiting";
    this.isRewriteScheduled = this.host.isSaving || !this.rewrite();
  }

  /** Writes what a batch did; for `effects.listen`. */
  append(batch: EffectBatch): void {
    this.#logs.current?.append(batch, this.host.clock.nowMs());
  }

  /** What replies that tell of data wait for; undefined for nothing. */
  barrier(): Promise<void> | undefined {
    return this.#logs.barrier();
  }

  /** Has the whole server wait so long before each write, for tests. */
  delayWrites(delayMs: number): void {
    this.#logs.writeDelayMs = delayMs;
  }

  /** Does what is due. */
  tick(): void {
    const { config, clock, log } = this.host;
    const isSyncHeld = config.get("no-appendfsync-on-rewrite") &&
      (this.isRewriting || this.host.isSaving);
    this.#logs.tick(clock.monotonicMs(), isSyncHeld);
    if (this.isRewriting || this.host.isSaving) return;
    if (this.isRewriteScheduled) {
      if (this.#retryAtMs > clock.monotonicMs() || this.rewrite()) return;
      // Without a first base, nothing is kept.
      this.isRewriteScheduled = this.state === "waiting";
      this.consecutiveFailures++;
      this.#delayRetry();
    } else if (this.state === "on" && this.#hasGrown()) {
      const percent = Math.floor(
        this.currentBytes * 100 / Math.max(1, this.baseBytes) - 100,
      );
      log.notice(`Starting automatic rewriting of AOF on ${percent}% growth`);
      this.rewrite();
    }
  }

  /** Has a rewrite begin as soon as it can, whatever failed before. */
  scheduleRewrite(): void {
    this.isRewriteScheduled = true;
    this.#forgetFailures();
  }

  /** For CONFIG RESETSTAT. */
  resetStats(): void {
    this.rewrites = 0;
    this.#forgetFailures();
  }

  /** Begins a rewrite. False, with the reason in the log, when that fails. */
  rewrite(): boolean {
    const { directory, host } = this;
    this.isRewriteScheduled = false;
    host.flushEffects();
    const format = host.baseFormat;
    const temporary = `temp-rewriteaof-bg-${Deno.pid}-${++this
      .#rewriteNumber}.aof`;
    let writing: BaseWriting;
    try {
      directory.create();
      this.#beginIncrement();
      writing = host.writeBase(directory.pathOf(temporary), format);
    } catch (error) {
      host.log.warning(
        `Can't open the append-only file: ${systemErrorText(error)}`,
      );
      this.lastRewriteSucceeded = false;
      if (this.state === "waiting") this.#logs.end(true);
      return false;
    }
    this.#rewriting = {
      writing,
      startMs: host.clock.monotonicMs(),
      offset: host.offset(),
    };
    this.rewrites++;
    host.log.notice("Background append only file rewriting started");
    this.#finish(writing, temporary, format);
    return true;
  }

  /** Brings everything to the disk, for the end of the server. */
  async close(): Promise<void> {
    this.#cancelRewriting();
    this.host.flushEffects();
    this.#logs.end(false);
    await this.#logs.ended();
    this.state = "off";
  }

  /** Its base will take nobody's place, however far it is. */
  #cancelRewriting(): void {
    this.#rewriting?.writing.cancel();
    this.#rewriting = undefined;
  }

  get #temporaryIncrement(): string {
    return `temp-${this.directory.prefix}.incr`;
  }

  /** From here on, what is done goes into a new file. */
  #beginIncrement(): void {
    const { directory } = this;
    if (this.state === "off") return;
    if (this.state === "waiting") {
      return this.#logs.begin(
        directory.pathOf(this.#temporaryIncrement),
        true,
        0,
      );
    }
    const manifest = directory.manifest.withNextIncrement(directory.prefix);
    const { name } = manifest.increments.at(-1)!;
    this.#logs.goOnIn(
      directory.pathOf(name),
      () => directory.replaceManifest(manifest),
    );
    this.#measure();
    this.host.log.notice(
      `Creating AOF incr file ${name} on background rewrite`,
    );
  }

  /** Has the new base take its place when it is written. */
  async #finish(
    writing: BaseWriting,
    temporary: string,
    format: BaseFormat,
  ): Promise<void> {
    const { directory, host } = this;
    let failure: unknown;
    try {
      await writing.done;
      if (this.#rewriting?.writing === writing) {
        this.#install(temporary, format);
      }
    } catch (error) {
      failure = error;
    }
    if (this.#rewriting?.writing !== writing) {
      return directory.remove(temporary);
    }
    const tookMs = host.clock.monotonicMs() - this.#rewriting.startMs;
    this.#rewriting = undefined;
    this.lastRewriteSeconds = Math.floor(tookMs / 1000);
    this.lastRewriteSucceeded = failure === undefined;
    if (failure === undefined) {
      this.#forgetFailures();
      host.log.notice("Background AOF rewrite finished successfully");
      host.onProgress();
      return;
    }
    directory.remove(temporary);
    this.consecutiveFailures++;
    this.#delayRetry();
    host.log.warning(
      `Background AOF rewrite terminated with error: ${
        systemErrorText(failure)
      }`,
    );
    if (this.state !== "waiting") return;
    this.#logs.end(true);
    directory.remove(this.#temporaryIncrement);
    this.isRewriteScheduled = true;
  }

  #install(temporary: string, format: BaseFormat): void {
    const { directory, host } = this;
    const kept = this.state === "off" ? 0 : 1;
    let { manifest } = directory;
    if (this.state === "waiting") {
      manifest = manifest.withNextIncrement(directory.prefix);
    }
    manifest = manifest.rewritten(directory.prefix, format, kept);
    const { name } = manifest.base!;
    const { disk } = directory;
    disk.rename(directory.pathOf(temporary), directory.pathOf(name));
    host.log.notice(
      `Successfully renamed the temporary AOF base file ${temporary} into ${name}`,
    );
    if (this.state === "waiting") {
      disk.rename(
        directory.pathOf(this.#temporaryIncrement),
        directory.pathOf(manifest.increments.at(-1)!.name),
      );
    }
    directory.replaceManifest(manifest);
    if (this.state === "waiting") this.state = "on";
    this.#logs.noteSyncedElsewhere(this.#rewriting?.offset ?? 0);
    if (this.state !== "off") {
      this.#measure();
      this.baseBytes = this.currentBytes;
    }
    if (!host.config.get("aof-disable-auto-gc")) directory.removeHistory();
  }

  #configure(): void {
    const { config } = this.host, log = this.#logs.current;
    if (log === undefined) return;
    log.policy = config.get("appendfsync");
    log.hasTimestamps = config.get("aof-timestamp-enabled");
  }

  #measure(): void {
    const { directory } = this;
    const names = directory.manifest.dataFiles.map(({ name }) => name);
    if (this.#logs.current !== undefined) names.pop();
    this.#earlierBytes = names.reduce(
      (sum, name) => sum + (directory.sizeOf(name) ?? 0),
      0,
    );
  }

  #hasGrown(): boolean {
    const { config, clock } = this.host;
    const percentage = config.get("auto-aof-rewrite-percentage");
    return percentage > 0 &&
      this.currentBytes > config.get("auto-aof-rewrite-min-size") &&
      this.#retryAtMs <= clock.monotonicMs() &&
      this.currentBytes * 100 / Math.max(1, this.baseBytes) - 100 >= percentage;
  }

  #forgetFailures(): void {
    this.consecutiveFailures = 0;
    this.#retryAtMs = 0;
  }

  /** A disk that refuses again and again is asked less and less often. */
  #delayRetry(): void {
    const over = this.consecutiveFailures - FAILURES_BEFORE_DELAY;
    if (over < 0) return;
    const minutes = Math.min(2 ** over, DELAY_MAX_MINUTES);
    this.#retryAtMs = this.host.clock.monotonicMs() + minutes * MINUTE_MS;
  }
}

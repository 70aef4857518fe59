/**
 * Keeps the data on the disk as RDB files: loads one at the start, saves when it is
 * asked to, after so many changes, and at the end.
 */

import { systemErrorText } from "../config/system_error_text.ts";
import { SnapshotAborted } from "../keyspace/snapshot.ts";
import { CommandError } from "../router/command_error.ts";
import { type Guards, isRefusedWithoutDisk } from "../router/guards.ts";
import type { CopyMetadata } from "../replication/replication_data.ts";
import type { ReplicaOptions } from "../replication/replica.ts";
import { REDIS_COMPATIBILITY_VERSION } from "../version.ts";
import type { BaseWriting, KeyProgress } from "./append_only.ts";
import type { Disk } from "./disk.ts";
import { Loading, type LoadingParts } from "./loading.ts";
import {
  saveInBackground,
  saveNow,
  type SaveOptions,
  type SavingSnapshot,
} from "./rdb_file.ts";
import { RdbError } from "./rdb_format.ts";
import { RdbFileWriter, type RdbOptions } from "./rdb_file_writer.ts";
import { RdbSnapshot } from "./rdb_snapshot.ts";

const MISCONF = new CommandError(
  "MISCONF Redis is configured to save RDB snapshots, but it's currently unable to persist to disk. Commands that may modify the data set are disabled, because this instance is configured to report errors during writes if RDB snapshotting fails (stop-writes-on-bgsave-error option). Please check the Redis logs for details about the RDB error.",
);
/** After a failed save, the next one by save points waits so long. */
const RETRY_SECONDS = 5;

/** A file could not be loaded; the server cannot serve the data. */
export class LoadError extends Error {}

/** What is needed of the server. */
export interface PersistenceParts extends LoadingParts {
  readonly disk: Disk;
  /** Bytes that the data takes, as INFO has it. */
  usedMemory(): number;
  /** Where the data is in a history of changes, if others can go on from there. */
  place(): CopyMetadata | undefined;
}

/** A snapshot on its way to a file or to replicas. */
interface Writing {
  readonly snapshot: KeyProgress;
  readonly startedAtMs: number;
}

/** A snapshot that is being saved. */
interface Saving extends SavingSnapshot, Writing {
  readonly snapshot: RdbSnapshot;
  /** `keyspace.dirty` at the start. */
  readonly dirty: number;
}

/** See the top of the file. */
export class Persistence {
  readonly loading: Loading;
  /** The snapshot that is being saved. */
  saving: Saving | undefined;
  /** One begins as soon as it can. */
  isSaveScheduled = false;
  /** When the data was last saved, or the server started, in s since 1970. */
  lastSaveSeconds: number;
  hasLastSaveFailed = false;
  /** How long the last save in the background or copy for replicas took, in s; -1 when there was none. */
  lastDurationSeconds = -1;
  /** Compact values that were checked since the start, of those that `sanitize-dump-payload` means. */
  payloadChecks = 0;
  /** RESTORE does not look at checksums; set by DEBUG. */
  isSkippingChecksums = false;
  /** Saves by command and save point that were begun. */
  saves = 0;
  /** Whether the append-only file is being rewritten, up to the new base's having its place; whoever does that says how to know. */
  isRewriting: () => boolean = () => false;
  /** The copy for replicas that is being made. */
  #copying: Writing | undefined;
  /** When a save in the background was last tried, in s since 1970. */
  #triedAtSeconds = 0;
  /** Undefined until the server serves. */
  #guards: Guards | undefined;

  constructor(private readonly parts: PersistenceParts) {
    this.loading = new Loading(parts);
    this.loading.onChecked = (count) => this.noteChecks(count, false);
    this.lastSaveSeconds = this.#nowSeconds;
    parts.config.onChangeOfAny(
      ["stop-writes-on-bgsave-error", "save"],
      () => this.#updateGuard(),
    );
  }

  start(guards: Guards): void {
    this.#guards = guards;
    this.loading.start(guards);
  }

  get path(): string {
    const { config } = this.parts;
    return config.resolvePath(config.get("dbfilename"));
  }

  /**
   * Starts to write the data of this moment as the base of an append-only file.
   *
   * @throws {Error} of the file system; there must be no snapshot under way
   */
  writeBase(path: string): BaseWriting {
    const { keyspace, config, disk } = this.parts;
    const options = {
      ...this.#options(undefined, true),
      isFlushingOften: config.get("aof-rewrite-incremental-fsync"),
    };
    const { snapshot, saved, abort } = saveInBackground(
      keyspace,
      disk,
      path,
      options,
    );
    return { done: saved, cancel: abort, progress: snapshot };
  }

  /** What is being saved, or copied for replicas. */
  get writing(): Writing | undefined {
    return this.saving ?? this.#copying;
  }

  /** Whether all data are being written to the disk, or to a replica. */
  get isBusy(): boolean {
    return this.saving !== undefined || this.isRewriting() ||
      this.parts.keyspace.snapshot !== undefined;
  }

  /**
   * Loads the file, if there is one. Answers the place of its data in a history, if
   * it says so. What is left out because its time is over is passed on as deleted.
   *
   * @throws {LoadError} having logged why
   */
  async loadAtStart(): Promise<CopyMetadata | undefined> {
    const { log, keyspace } = this.parts, { path } = this;
    let file: Deno.FsFile;
    try {
      file = Deno.openSync(path);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw this.#loadError(path, error);
    }
    using _ = file;
    const { effects } = keyspace;
    const fields = new Map<string, string>();
    try {
      const startMs = keyspace.clock.monotonicMs();
      await this.loading.whileRefusing(file.statSync().size, async () => {
        await this.loading.loadRdb(file, {
          isDroppingExpired: !keyspace.isReplica,
          onExpired(dbIndex, key) {
            effects.add(dbIndex, [keyspace.expiryCommand, key]);
            effects.flush();
          },
          onField: (name, value) => fields.set(name, value),
        });
      });
      const seconds = (keyspace.clock.monotonicMs() - startMs) / 1000;
      log.notice(`DB loaded from disk: ${seconds.toFixed(3)} seconds`);
      return placeIn(fields, keyspace.databases.length);
    } catch (error) {
      throw this.#loadError(path, error);
    }
  }

  /** Saves while everything else waits. @throws {Error} of the file system */
  save(): void {
    const { log, keyspace, disk } = this.parts;
    saveNow(keyspace, disk, this.path, this.#options(this.parts.place()));
    this.#noteSaved(keyspace.dirty);
    log.notice("DB saved on disk");
  }

  /** Starts to save; there must be no snapshot under way. A failure is logged, and writes stop. */
  saveInBackground(): void {
    const { log, keyspace, disk } = this.parts;
    const { dirty } = keyspace;
    this.saves++;
    this.isSaveScheduled = false;
    this.#triedAtSeconds = this.#nowSeconds;
    const startedAtMs = keyspace.clock.nowMs();
    let started: SavingSnapshot;
    try {
      started = saveInBackground(
        keyspace,
        disk,
        this.path,
        this.#options(this.parts.place()),
      );
    } catch (error) {
      log.warning(`Background saving error: ${systemErrorText(error)}`);
      return this.#noteFailed();
    }
    log.notice(`Background saving started by pid ${Deno.pid}`);
    const saving = { ...started, startedAtMs, dirty };
    this.saving = saving;
    this.#finish(saving);
  }

  /** Counts compact values that were checked, unless `sanitize-dump-payload` says not to; those of others than clients with `yes` only. */
  noteChecks(count: number, isOfClient: boolean): void {
    const setting = this.parts.config.get("sanitize-dump-payload");
    if (setting === "yes" || (setting === "clients" && isOfClient)) {
      this.payloadChecks += count;
    }
  }

  /** Loads the file again, at once. @throws {Error} of the file system or of damage */
  reload(isFlushing: boolean, isReplacing: boolean): void {
    const { keyspace } = this.parts;
    using file = Deno.openSync(this.path);
    if (isFlushing) {
      for (const { index } of keyspace.databases) keyspace.flush(index);
    }
    this.loading.loadRdbNow(file, {
      isDroppingExpired: !keyspace.isReplica,
      isReplacing,
    });
  }

  /**
   * Saves before the server ends, when `isWanted`, or by itself when there are save
   * points. False, having logged why, when that failed.
   */
  saveFinally(isWanted: boolean | undefined): boolean {
    const { config, log } = this.parts;
    this.abort();
    const isSaving = isWanted ?? config.get("save").length > 0;
    // What is loaded only in part must not replace the whole.
    if (!isSaving || this.loading.progress !== undefined) return true;
    log.notice("Saving the final RDB snapshot before exiting.");
    try {
      this.save();
      return true;
    } catch (error) {
      log.warning(`Error saving DB on disk: ${systemErrorText(error)}`);
      return false;
    }
  }

  /** After FLUSHALL: what is being saved is of no use, and with save points the empty data is saved. */
  afterFlushAll(): void {
    const { config, log } = this.parts;
    this.abort();
    const isSaving = this.#guards !== undefined &&
      config.get("save").length > 0;
    if (!isSaving) return;
    try {
      this.save();
    } catch (error) {
      log.warning(`Error saving DB on disk: ${systemErrorText(error)}`);
    }
  }

  /** Stops saving in the background, if that is under way. */
  abort(): void {
    this.saving?.abort();
  }

  /** Saves when the save points say so; for the cron. */
  tick(): void {
    if (this.isBusy || this.loading.progress !== undefined) return;
    if (this.isSaveScheduled || this.#isSaveDue()) this.saveInBackground();
  }

  get mayCopy(): boolean {
    return !this.isBusy;
  }

  async write(
    options: ReplicaOptions,
    metadata: CopyMetadata,
    write: (bytes: Uint8Array) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void> {
    const rdb = this.#options(metadata);
    if (options.excludesFunctions) rdb.libraries = [];
    if (options.excludesData) return await this.#writeEmpty(rdb, write);
    const { keyspace } = this.parts;
    const copy = new RdbSnapshot(
      keyspace,
      write,
      rdb,
      () => rdb.keyDelayMicroseconds(),
    );
    signal.addEventListener("abort", () => copy.abort());
    const startedAtMs = keyspace.clock.nowMs();
    this.#copying = { snapshot: copy, startedAtMs };
    try {
      await copy.finished;
    } finally {
      this.#copying = undefined;
      this.#noteDuration(startedAtMs);
    }
  }

  async load(path: string): Promise<number> {
    const { keyspace } = this.parts;
    using file = await Deno.open(path);
    let dbIndex = -1;
    for (const { index } of keyspace.databases) keyspace.flush(index);
    keyspace.noteFlushed();
    await this.loading.whileRefusing(file.statSync().size, async () => {
      await this.loading.loadRdb(file, {
        isDroppingExpired: false,
        onField(name, value) {
          if (name === "repl-stream-db") dbIndex = Number(value);
        },
      });
    });
    return dbIndex;
  }

  async #finish(saving: Saving): Promise<void> {
    const { log } = this.parts;
    try {
      await saving.saved;
      this.#noteSaved(saving.dirty);
      log.notice("DB saved on disk");
      log.notice("Background saving terminated with success");
    } catch (error) {
      if (error instanceof SnapshotAborted) {
        log.warning("Background saving was aborted");
      } else {
        log.warning(`Background saving error: ${systemErrorText(error)}`);
        this.#noteFailed();
      }
    } finally {
      this.#noteDuration(saving.startedAtMs);
      this.saving = undefined;
    }
  }

  #noteDuration(startedAtMs: number): void {
    const tookMs = this.parts.keyspace.clock.nowMs() - startedAtMs;
    this.lastDurationSeconds = Math.floor(tookMs / 1000);
  }

  #isSaveDue(): boolean {
    const { config, keyspace, log } = this.parts;
    const now = this.#nowSeconds;
    const mayTry = !this.hasLastSaveFailed ||
      now - this.#triedAtSeconds > RETRY_SECONDS;
    const due = config.get("save").find(({ seconds, changes }) =>
      keyspace.dirty >= changes && now - this.lastSaveSeconds > seconds
    );
    if (due === undefined || !mayTry) return false;
    log.notice(
      `${due.changes} changes in ${due.seconds} seconds. Saving...`,
    );
    return true;
  }

  #noteSaved(dirtyAtStart: number): void {
    this.parts.keyspace.dirty -= dirtyAtStart;
    this.lastSaveSeconds = this.#nowSeconds;
    this.hasLastSaveFailed = false;
    this.#updateGuard();
  }

  #noteFailed(): void {
    this.hasLastSaveFailed = true;
    this.#updateGuard();
  }

  /** Refuses writes while they could not be saved. */
  #updateGuard(): void {
    const { config, keyspace } = this.parts;
    const isRefusing = this.hasLastSaveFailed &&
      config.get("stop-writes-on-bgsave-error") &&
      config.get("save").length > 0;
    this.#guards?.set(
      "disk-error",
      isRefusing
        ? (_client, command, flags) =>
          isRefusedWithoutDisk(command, flags) && !keyspace.isReplica
            ? MISCONF
            : undefined
        : undefined,
    );
  }

  async #writeEmpty(
    options: RdbOptions,
    write: (bytes: Uint8Array) => Promise<void>,
  ): Promise<void> {
    const writer = new RdbFileWriter(options, this.parts.keyspace.access);
    writer.beginEmpty();
    writer.finish();
    await write(writer.take(true));
  }

  #options(metadata?: CopyMetadata, isAofBase = false): SaveOptions {
    const { config, usedMemory } = this.parts;
    const policy = config.get("maxmemory-policy");
    const aux: [string, string][] = [
      ["redis-ver", REDIS_COMPATIBILITY_VERSION],
      ["redis-bits", "64"],
      ["ctime", String(this.#nowSeconds)],
      ["used-mem", String(usedMemory())],
    ];
    if (metadata !== undefined) {
      aux.push(
        ["repl-stream-db", String(metadata.dbIndex)],
        ["repl-id", metadata.id],
        ["repl-offset", String(metadata.offset)],
      );
    }
    aux.push(["aof-base", isAofBase ? "1" : "0"]);
    return {
      isCompressing: config.get("rdbcompression"),
      hasChecksum: config.get("rdbchecksum"),
      usage: policy.endsWith("-lfu")
        ? "frequency"
        : policy.endsWith("-lru")
        ? "idle"
        : undefined,
      aux,
      libraries: this.loading.libraries,
      isFlushingOften: config.get("rdb-save-incremental-fsync"),
      keyDelayMicroseconds: () => config.get("rdb-key-save-delay"),
    };
  }

  /** Logs why the file could not be loaded. */
  #loadError(path: string, error: unknown): LoadError {
    const { log } = this.parts;
    const reason = error instanceof RdbError
      ? error.message
      : systemErrorText(error);
    log.warning(`Error loading the RDB file ${path}: ${reason}`);
    if (error instanceof RdbError) {
      log.warning("Terminating server after rdb file reading failure.");
    }
    log.warning("Fatal error loading the DB, check server logs. Exiting.");
    return new LoadError(`cannot load ${path}: ${reason}`);
  }

  get #nowSeconds(): number {
    return Math.floor(this.parts.keyspace.clock.nowMs() / 1000);
  }
}

/** The place in a history that the fields of a file's head name; undefined when they do not, or not rightly. */
function placeIn(
  fields: ReadonlyMap<string, string>,
  databaseCount: number,
): CopyMetadata | undefined {
  const id = fields.get("repl-id") ?? "";
  const offset = Number(fields.get("repl-offset") ?? -1);
  const dbIndex = Number(fields.get("repl-stream-db") ?? -1);
  const isValid = /^[0-9a-f]{40}$/.test(id) &&
    Number.isSafeInteger(offset) && offset >= 0 &&
    Number.isInteger(dbIndex) && dbIndex >= 0 && dbIndex < databaseCount;
  return isValid ? { id, offset, dbIndex } : undefined;
}

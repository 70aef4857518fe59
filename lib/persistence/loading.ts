/**
 * Loading files while the server already listens: commands that need the data are
 * refused, others and INFO are answered in between.
 */

import type { Config } from "../config/config.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { Logger } from "../log/logger.ts";
import { ProgressBar } from "../log/progress_bar.ts";
import { textOfBytes } from "../resp/byte_text.ts";
import { CommandError } from "../router/command_error.ts";
import { flagBit } from "../router/command_table.ts";
import type { Guards } from "../router/guards.ts";
import { RdbLoader } from "./rdb_loader.ts";
import { type ByteFeed, RdbReader } from "./rdb_reader.ts";

const LOADING = flagBit("loading");
/** What a client is told that wants data or a change while they are loaded. */
export const IS_LOADING = new CommandError(
  "LOADING Redis is loading the dataset in memory",
);
/** How often progress is logged, and shown on a terminal. */
const LOG_INTERVAL_MS = 2000;
const SHOW_INTERVAL_MS = 100;
const MEGABYTE = 1024 * 1024;
/** Others get their turns after so long, whatever was loaded meanwhile; a turn takes a millisecond at least. */
const TURN_MS = 40;
/** Bytes loaded between two looks at the clock. */
const LOOK_BYTES = 64 * 1024;
/** What a timer can wait at least. */
const TIMER_MICROSECONDS_MIN = 1000;

/** What is needed of the server. */
export interface LoadingParts {
  readonly config: Config;
  readonly keyspace: Keyspace;
  readonly log: Logger;
}

/** How far the file that is loaded has been read. */
export interface LoadingProgress {
  readonly startedAtMs: number;
  readonly totalBytes: number;
  /** What the file says of the memory that its data took. */
  usedMemory: number;
  loadedBytes: number;
}

/** When progress was last told, as the monotonic clock has it. */
interface ToldAtMs {
  logged: number;
  shown: number;
}

/** How an RDB file is loaded. */
export interface RdbLoadOptions {
  /** Keys whose time is over are left out, as on a primary. */
  readonly isDroppingExpired: boolean;
  /** The file's keys take the place of those that are there. */
  readonly isReplacing?: boolean;
  /** Something else may follow in the file. */
  readonly isFollowed?: boolean;
  /** Told of keys that are left out because their time is over. */
  onExpired?(dbIndex: number, key: Uint8Array): void;
  /** Told of fields of the file's head. */
  onField?(name: string, value: string): void;
}

/** See the top of the file. */
export class Loading {
  /** Undefined while nothing is loaded. */
  progress: LoadingProgress | undefined;
  /** Of the last file. */
  lastKeysLoaded = 0;
  lastKeysExpired = 0;
  /** Sources of libraries of functions from the last file, to be saved again: nothing here runs them. */
  libraries: Uint8Array[] = [];
  /** Told how many compact values a file had. */
  onChecked: ((count: number) => void) | undefined;
  #guards: Guards | undefined;
  #toldAtMs: ToldAtMs = { logged: 0, shown: 0 };

  constructor(
    private readonly parts: LoadingParts,
    private readonly progressBar = ProgressBar.onTerminal(),
  ) {}

  start(guards: Guards): void {
    this.#guards = guards;
  }

  /** Has commands refused while `work` is done. */
  async whileRefusing(
    totalBytes: number,
    work: () => Promise<void>,
  ): Promise<void> {
    const { keyspace } = this.parts;
    this.progress = {
      startedAtMs: keyspace.clock.nowMs(),
      totalBytes,
      usedMemory: 0,
      loadedBytes: 0,
    };
    const nowMs = keyspace.clock.monotonicMs();
    this.#toldAtMs = { logged: nowMs, shown: nowMs };
    this.#guards?.set(
      "loading",
      (client, _command, flags) =>
        (flags & LOADING) === 0 && !client.isPrimary ? IS_LOADING : undefined,
    );
    try {
      await work();
    } finally {
      this.progress = undefined;
      this.progressBar?.clear();
      this.#guards?.set("loading", undefined);
    }
  }

  /** So much of the files is loaded: tells it to whom it may concern. */
  noteProgress(loadedBytes: number): void {
    const { progress } = this, told = this.#toldAtMs;
    if (progress === undefined) return;
    progress.loadedBytes = loadedBytes;
    const { progressBar, parts: { keyspace, log } } = this;
    const nowMs = keyspace.clock.monotonicMs();
    const isLogged = nowMs - told.logged >= LOG_INTERVAL_MS;
    const isShown = progressBar !== undefined &&
      nowMs - told.shown >= SHOW_INTERVAL_MS;
    if (!isLogged && !isShown) return;
    const share = loadedBytes / Math.max(1, progress.totalBytes);
    const keys = keyspace.databases.reduce((sum, { size }) => sum + size, 0);
    const text = `${(100 * share).toFixed(1)} %, ${keys} keys`;
    if (isLogged) {
      told.logged = nowMs;
      progressBar?.clear();
      log.notice(`Loading: ${text}`);
    }
    if (isShown) {
      told.shown = nowMs;
      progressBar.show(share, text);
    }
  }

  /**
   * Loads an RDB file, or what is one at the beginning of another file. Returns the
   * offset behind it. What was loaded counts as no change.
   *
   * @throws {RdbError} of damage; some keys are loaded then
   */
  async loadRdb(feed: ByteFeed, options: RdbLoadOptions): Promise<number> {
    const reader = RdbReader.ofFeed(feed);
    const loader = this.#loaderOf(reader, options);
    const { config, keyspace } = this.parts;
    const { dirty } = keyspace;
    const delay = Math.max(0, config.get("key-load-delay"));
    const stepBytes = delay > 0
      ? 1
      : config.get("loading-process-events-interval-bytes");
    let owedMicroseconds = 0;
    while (this.#loadFor(loader, reader, stepBytes)) {
      owedMicroseconds += delay;
      if (delay > 0 && owedMicroseconds < TIMER_MICROSECONDS_MIN) continue;
      this.#countKeys(loader);
      this.noteProgress(reader.offset);
      await turn(owedMicroseconds / 1000);
      owedMicroseconds = 0;
      keyspace.tick();
    }
    keyspace.dirty = dirty;
    this.#noteLoaded(loader);
    return reader.offset;
  }

  /** Loads so many bytes, or for as long as others can wait; false at the end. */
  #loadFor(loader: RdbLoader, reader: RdbReader, bytes: number): boolean {
    const { clock } = this.parts.keyspace;
    const end = reader.offset + bytes, endMs = clock.monotonicMs() + TURN_MS;
    do {
      if (!loader.step(Math.min(LOOK_BYTES, bytes))) return false;
    } while (reader.offset < end && clock.monotonicMs() < endMs);
    return true;
  }

  /** `loadRdb` at once, with nobody getting a turn. @throws {RdbError} of damage */
  loadRdbNow(feed: ByteFeed, options: RdbLoadOptions): void {
    const { keyspace } = this.parts, { dirty } = keyspace;
    const loader = this.#loaderOf(RdbReader.ofFeed(feed), options);
    while (loader.step(Infinity));
    keyspace.dirty = dirty;
    this.#noteLoaded(loader);
  }

  #loaderOf(reader: RdbReader, options: RdbLoadOptions): RdbLoader {
    const { config, keyspace, log } = this.parts;
    keyspace.tick();
    this.lastKeysLoaded = this.lastKeysExpired = 0;
    this.libraries = [];
    return new RdbLoader(keyspace, reader, {
      ...options,
      onLibrary: (source) => this.libraries.push(source),
      hasChecksum: config.get("rdbchecksum"),
      onEmptyKey: (key) => {
        log.notice(`Loading RDB: skipping empty key: ${textOfBytes(key)}`);
      },
      onField: (name, value) => {
        this.#logField(name, value);
        options.onField?.(name, value);
      },
    });
  }

  #countKeys({ keysLoaded, keysExpired }: RdbLoader): void {
    this.lastKeysLoaded = keysLoaded;
    this.lastKeysExpired = keysExpired;
  }

  #noteLoaded(loader: RdbLoader): void {
    const { keysLoaded, keysExpired, keysEmpty } = loader;
    this.onChecked?.(loader.checkedCount);
    this.#countKeys(loader);
    const { log } = this.parts;
    if (this.libraries.length > 0) {
      log.warning(
        `The RDB file has ${this.libraries.length} function libraries: they cannot be called, but are kept and saved again`,
      );
    }
    log.notice(
      `Done loading RDB, keys loaded: ${keysLoaded}, keys expired: ${keysExpired}` +
        (keysEmpty > 0 ? `, empty keys skipped: ${keysEmpty}.` : "."),
    );
  }

  #logField(name: string, value: string): void {
    const { log, keyspace } = this.parts;
    if (name === "redis-ver") {
      log.notice(`Loading RDB produced by version ${value}`);
    } else if (name === "ctime") {
      const seconds = Math.floor(keyspace.nowMs / 1000) - Number(value);
      log.notice(`RDB age ${Math.max(0, seconds)} seconds`);
    } else if (name === "used-mem") {
      const megabytes = (Number(value) / MEGABYTE).toFixed(2);
      log.notice(`RDB memory usage when created ${megabytes} Mb`);
      if (this.progress !== undefined) this.progress.usedMemory = Number(value);
    } else if (name === "aof-base" && value === "1") {
      log.notice("RDB is base AOF");
    }
  }
}

/** Lets others have their turns, and waits so long. */
function turn(pauseMs: number): Promise<void> {
  // A timer, since immediates in a row let no socket be read in between.
  return new Promise((resolve) => setTimeout(resolve, pauseMs));
}

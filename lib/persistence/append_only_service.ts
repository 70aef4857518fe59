/** The append-only file as a part of the server: made from the configuration, loaded, followed. */

import type { Config } from "../config/config.ts";
import { ConfigValueError } from "../config/directive.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { Logger } from "../log/logger.ts";
import type { BufferPool } from "../resp/buffer_pool.ts";
import { CommandError } from "../router/command_error.ts";
import type { Replication } from "../replication/replication.ts";
import type { EffectListener } from "../router/effects.ts";
import { isRefusedWithoutDisk } from "../router/guards.ts";
import type { Router } from "../router/router.ts";
import { writeAofBase } from "./aof_base.ts";
import { AofDirectory, AofDirectoryError } from "./aof_directory.ts";
import { AofLoader, AofLoadError } from "./aof_loader.ts";
import { AofReplay } from "./aof_replay.ts";
import { AppendOnly, type BaseWriting } from "./append_only.ts";
import type { Disk } from "./disk.ts";
import { LoadError, type Persistence } from "./persistence.ts";

/** The parts of the server that the file works on. */
export interface AppendOnlyParts {
  readonly config: Config;
  readonly log: Logger;
  readonly keyspace: Keyspace;
  readonly disk: Disk;
  readonly persistence: Persistence;
  readonly replication: Replication;
}

/** See the top of the file. */
export class AppendOnlyService {
  readonly file: AppendOnly;
  #router!: Router;
  #pool!: BufferPool;
  readonly #onEffects: EffectListener = (batch) => {
    this.parts.replication.noteUnstreamed(batch.runs.length);
    this.file.append(batch);
  };

  constructor(private readonly parts: AppendOnlyParts) {
    const { config, log, keyspace, disk, persistence, replication } = parts;
    const isInTransaction = () => this.#router.depth > 0;
    this.file = new AppendOnly(this.#directory(), {
      config,
      log,
      clock: keyspace.clock,
      get isSaving() {
        return persistence.isBusy;
      },
      get isInTransaction() {
        return isInTransaction();
      },
      get baseFormat() {
        // Commands that load functions are none of ours.
        return config.get("aof-use-rdb-preamble") ||
            persistence.loading.libraries.length > 0
          ? "rdb"
          : "aof";
      },
      writeBase: (path, format): BaseWriting =>
        format === "rdb" ? persistence.writeBase(path) : writeAofBase(
          keyspace,
          disk,
          path,
          {
            hasTimestamp: config.get("aof-timestamp-enabled"),
            keyDelayMicroseconds: () => config.get("rdb-key-save-delay"),
          },
        ),
      flushEffects: () => keyspace.effects.flush(),
      onFailure: (reason) => this.#guard(reason),
      offset: () => replication.history.offset,
      onProgress: () => replication.acknowledgements.noteFileProgress(),
    });
    persistence.isRewriting = () => this.file.isRewriting;
  }

  /**
   * Loads the files; false when there are none.
   *
   * @throws {LoadError} when the server cannot start with them; the log says why.
   */
  async load(): Promise<boolean> {
    const { config, log, keyspace, persistence: { loading } } = this.parts;
    const { directory } = this.file;
    const replay = new AofReplay(
      this.#router,
      this.#pool,
      log,
      (file) =>
        loading.loadRdb(file, {
          isDroppingExpired: false,
          isFollowed: true,
        }),
      (loadedBytes) => loading.noteProgress(loadedBytes),
    );
    const repairs = config.get("aof-load-truncated");
    const loader = new AofLoader(directory, replay, log, repairs);
    try {
      directory.read();
      const bytes = loader.totalBytes();
      if (directory.manifest.dataFiles.length === 0) return false;
      const startMs = performance.now();
      loading.lastKeysLoaded = loading.lastKeysExpired = 0;
      // Until the end, what is loaded may give a key more time.
      keyspace.isFollowing = true;
      await loading.whileRefusing(bytes, () => loader.load());
      const seconds = (performance.now() - startMs) / 1000;
      log.notice(
        `DB loaded from append only file: ${seconds.toFixed(3)} seconds`,
      );
      return true;
    } catch (error) {
      const isKnown = error instanceof AofDirectoryError ||
        error instanceof AofLoadError;
      throw isKnown ? new LoadError(error.message) : error;
    } finally {
      keyspace.isFollowing = false;
    }
  }

  /** Replaces the data by what the files say. @throws {LoadError} */
  async reload(): Promise<void> {
    const { keyspace } = this.parts;
    keyspace.effects.flush();
    this.file.log?.write();
    for (const { index } of keyspace.databases) keyspace.flush(index);
    await this.load();
    keyspace.dirty = 0;
  }

  /** Goes on with data that have come from elsewhere, unless it is turned off. */
  restart(): void {
    if (this.parts.config.get("appendonly")) this.file.restart();
  }

  /** Takes the parts that are made after this one. */
  start(router: Router, pool: BufferPool): void {
    this.#router = router;
    this.#pool = pool;
  }

  /** After loading: writes what is done from now on, if it is on. @throws {LoadError} */
  async open(): Promise<void> {
    const { config, log, persistence, keyspace: { effects } } = this.parts;
    const { loading } = persistence;
    if (config.get("appendonly")) {
      try {
        // What is written before there is a file would be in none.
        await loading.whileRefusing(0, () => this.file.open());
      } catch (error) {
        log.warning(`Can't open the append-only file: ${error}`);
        throw new LoadError("the append-only file cannot be opened");
      }
      effects.listen(this.#onEffects);
    }
    config.onChange("appendonly", (isOn) => {
      effects.flush();
      effects.unlisten(this.#onEffects);
      if (!isOn) return this.file.disable();
      if (!this.file.enable()) {
        throw new ConfigValueError("Unable to turn on AOF. Check server logs.");
      }
      effects.listen(this.#onEffects);
    });
  }

  #directory(): AofDirectory {
    const { config, log, disk } = this.parts;
    return new AofDirectory(
      () => config.resolvePath("."),
      () => config.resolvePath(config.get("appenddirname")),
      config.get("appendfilename"),
      log,
      disk,
    );
  }

  /** Writes are refused while the disk refuses them. */
  #guard(reason: string | undefined): void {
    const { guards } = this.#router;
    if (reason === undefined) return guards.set("aof-error", undefined);
    const error = new CommandError(
      `MISCONF Errors writing to the AOF file: ${reason}`,
    );
    guards.set(
      "aof-error",
      (client, command, flags) =>
        isRefusedWithoutDisk(command, flags) && !client.isPrimary
          ? error
          : undefined,
    );
  }
}

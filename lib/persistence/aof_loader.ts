/** Loads the files of an append-only directory at the start. */

import { systemErrorText } from "../config/system_error_text.ts";
import type { Logger } from "../log/logger.ts";
import type { AofDirectory } from "./aof_directory.ts";
import { AofFormatError, type AofTarget, readAof } from "./aof_reader.ts";

/** Who takes what is loaded. */
export interface AofLoaderTarget extends AofTarget {
  /** Loads an RDB file from its beginning; resolves with the offset behind it. @throws {Error} */
  loadRdb(file: Deno.FsFile): Promise<number>;
  /** Forgets an unfinished transaction. */
  discardTransaction(): void;
  /** A file begins, before which so many bytes of others were loaded. */
  begin(loadedBytes: number): void;
}

/** Files that cannot be loaded; the reason is in the log. */
export class AofLoadError extends Error {
  override readonly name = "AofLoadError";
}

const RDB_MAGIC = "REDIS";

/** See the top of the file. */
export class AofLoader {
  /** Size of the files that are loaded, in bytes. */
  #loadedBytes = 0;

  constructor(
    private readonly directory: AofDirectory,
    private readonly target: AofLoaderTarget,
    private readonly log: Logger,
    /** Cut off a command that is not whole at the end (`aof-load-truncated`). */
    private readonly repairsEnd: boolean,
  ) {}

  /** Size of all files together, in bytes. @throws {AofLoadError} when one is missing. */
  totalBytes(): number {
    return this.directory.manifest.dataFiles.reduce((sum, { name }) => {
      const size = this.directory.sizeOf(name);
      if (size === undefined) {
        throw this.#refused(
          `The append log file ${name} doesn't exist: No such file or directory`,
        );
      }
      return sum + size;
    }, 0);
  }

  /** Loads all files. @throws {AofLoadError} */
  async load(): Promise<void> {
    const files = this.directory.manifest.dataFiles;
    for (const [index, { name, type }] of files.entries()) {
      const startMs = performance.now();
      // Empty ones may follow when a new one could not be put in its place.
      const isLast = files.slice(index + 1)
        .every(({ name }) => this.directory.sizeOf(name) === 0);
      await this.#loadFile(name, type === "b", isLast);
      this.#loadedBytes += this.directory.sizeOf(name) ?? 0;
      const seconds = (performance.now() - startMs) / 1000;
      this.log.notice(
        `DB loaded from ${type === "b" ? "base" : "incr"} file ${name}: ${
          seconds.toFixed(3)
        } seconds`,
      );
    }
  }

  async #loadFile(name: string, isBase: boolean, isLast: boolean) {
    const path = this.directory.pathOf(name);
    using file = await Deno.open(path);
    let offset = 0;
    this.target.begin(this.#loadedBytes);
    const isRdb = await startsAsRdb(file);
    if (isBase && name.endsWith(".rdb") && !isRdb) {
      throw this.#refused(
        `Bad file format reading the RDB base file ${name} at offset 0: it does not begin as an RDB file`,
      );
    }
    if (isRdb) {
      this.log.notice(
        isBase && name.endsWith(".rdb")
          ? "Reading RDB base file on AOF loading..."
          : "Reading RDB preamble from AOF file...",
      );
      try {
        offset = await this.target.loadRdb(file);
      } catch (error) {
        this.log.warning(systemErrorText(error));
        throw this.#refused(
          `Error reading the RDB base file ${name}, AOF loading aborted`,
        );
      }
    }
    try {
      await file.seek(offset, Deno.SeekMode.Start);
      const end = await readAof(file, offset, this.target);
      if (end.isTruncated) this.#truncated(path, name, end.validBytes, isLast);
    } catch (error) {
      if (!(error instanceof AofFormatError)) throw error;
      if (error.reason !== undefined) {
        throw this.#refused(
          `${error.reason} reading the append only file ${name} at offset ${error.offset}`,
        );
      }
      throw this.#refused(
        `Bad file format reading the append only file ${name} at offset ${error.offset}: make a backup of your AOF file, then use ./redis-check-aof --fix <filename.manifest>`,
      );
    }
  }

  #truncated(path: string, name: string, validBytes: number, isLast: boolean) {
    if (this.target.isInTransaction) {
      this.target.discardTransaction();
      this.log.warning(
        `Revert incomplete MULTI/EXEC transaction from AOF file ${name}`,
      );
    }
    if (!isLast) {
      throw this.#refused(
        `Fatal error: the truncated file ${name} is not the last file`,
      );
    }
    if (!this.repairsEnd) {
      throw this.#refused(
        `Unexpected end of file reading the append only file ${name} at offset ${validBytes}. You can: 1) Make a backup of your AOF file, then use ./redis-check-aof --fix <filename.manifest>. 2) Alternatively you can set the 'aof-load-truncated' configuration option to yes and restart the server.`,
      );
    }
    this.log.warning(
      `!!! Warning: short read while loading the AOF file ${name}!!!`,
    );
    this.log.warning(
      `!!! Truncating the AOF ${name} at offset ${validBytes} !!!`,
    );
    try {
      this.directory.disk.truncate(path, validBytes);
    } catch (error) {
      throw this.#refused(
        `Error truncating the AOF file ${name}: ${systemErrorText(error)}`,
      );
    }
    this.log.warning(
      `AOF ${name} loaded anyway because aof-load-truncated is enabled`,
    );
  }

  #refused(reason: string): AofLoadError {
    this.log.warning(reason);
    return new AofLoadError(reason);
  }
}

async function startsAsRdb(file: Deno.FsFile): Promise<boolean> {
  const magic = new Uint8Array(RDB_MAGIC.length);
  const length = await file.read(magic);
  await file.seek(0, Deno.SeekMode.Start);
  return length === magic.length &&
    new TextDecoder().decode(magic) === RDB_MAGIC;
}

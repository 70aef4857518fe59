/**
 * The directory of the append-only files: its manifest on the disk, and the files
 * that the manifest names.
 *
 * The manifest is replaced whole, by renaming a new one over it: whenever the
 * machine stops, the old or the new one is there. When a step of that fails, the
 * old one goes on to hold; as the new one may be there all the same, files change
 * in ways only with which both give the same data.
 */

import { join } from "@std/path";
import { systemErrorText } from "../config/system_error_text.ts";
import type { Logger } from "../log/logger.ts";
import type { Disk } from "./disk.ts";
import {
  type AofFile,
  AofManifest,
  AofManifestError,
  fileOfName,
} from "./aof_manifest.ts";

/** A directory or manifest with which the server cannot start; the reason is in the log. */
export class AofDirectoryError extends Error {
  override readonly name = "AofDirectoryError";
}

/** See the top of the file. */
export class AofDirectory {
  manifest = new AofManifest();

  /**
   * @param parentOf tells the server's `dir`.
   * @param directoryOf tells the directory itself, in `dir`.
   * @param prefix what the names of its files begin with (`appendfilename`).
   */
  constructor(
    private readonly parentOf: () => string,
    private readonly directoryOf: () => string,
    readonly prefix: string,
    private readonly log: Logger,
    readonly disk: Disk,
  ) {}

  get path(): string {
    return this.directoryOf();
  }

  /** Path of a file of the directory. */
  pathOf(name: string): string {
    return join(this.path, name);
  }

  /** Size of a file in bytes; undefined when there is none. */
  sizeOf(name: string): number | undefined {
    return sizeOf(this.pathOf(name));
  }

  /** Makes the directory if there is none. @throws {AofDirectoryError} */
  create(): void {
    try {
      this.disk.makeDirectory(this.path);
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) return;
      throw this.#refused(
        `Can't open or create append-only dir ${this.path}: ${
          systemErrorText(error)
        }`,
      );
    }
  }

  /**
   * Reads the manifest; without one there are no files. A single append-only file
   * of a Redis before 7 moves in as the base.
   *
   * @throws {AofDirectoryError} when it is broken, or cannot be moved.
   */
  read(): void {
    const path = this.pathOf(`${this.prefix}.manifest`);
    let contents: string | undefined;
    try {
      contents = Deno.readTextFileSync(path);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) {
        throw this.#refused(
          `Fatal error: can't open the AOF manifest file ${path} for reading: ${
            systemErrorText(error)
          }`,
        );
      }
    }
    if (contents !== undefined) this.manifest = this.#parse(contents);
    this.#checkUnnamed();
    this.#takeOldFile();
  }

  /**
   * An increment that is newer than those of the manifest, and not empty, was in a
   * manifest once: its line is lost, and the file must not be. Unless there is a newer
   * base as well: then both were about to take their places when the server ended.
   */
  #checkUnnamed(): void {
    const { baseSequence, incrementSequence } = this.manifest;
    const isNewer = ({ type, sequence }: AofFile) =>
      sequence > (type === "b" ? baseSequence : incrementSequence);
    const unnamed = this.#names()
      .flatMap((name) => fileOfName(name, this.prefix) ?? [])
      .filter(isNewer);
    if (unnamed.some(({ type }) => type === "b")) return;
    const lost = unnamed.find(({ name }) => this.sizeOf(name) !== 0);
    if (lost === undefined) return;
    throw this.#refused(
      `The AOF manifest file does not name ${lost.name}, which holds newer data: add its line, or move the file away`,
    );
  }

  #names(): string[] {
    try {
      return [...Deno.readDirSync(this.path)].map(({ name }) => name);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw this.#refused(
        `Can't read the append-only dir ${this.path}: ${
          systemErrorText(error)
        }`,
      );
    }
  }

  /** Makes `manifest` the one that holds, on the disk first. @throws what the system answers. */
  replaceManifest(manifest: AofManifest): void {
    const { disk } = this;
    const temporary = this.pathOf(`temp-${this.prefix}.manifest`);
    const file = disk.create(temporary);
    try {
      file.writeNow(new TextEncoder().encode(manifest.format()));
      file.syncNow();
    } finally {
      file.close();
    }
    disk.rename(temporary, this.pathOf(`${this.prefix}.manifest`));
    disk.flushDirectory(this.path);
    this.manifest = manifest;
  }

  /** Removes the files that are history, and forgets them. */
  removeHistory(): void {
    const { history } = this.manifest;
    if (history.length === 0) return;
    for (const { name } of history) {
      this.log.notice(`Removing the history file ${name} in the background`);
      this.remove(name);
    }
    try {
      this.replaceManifest(this.manifest.withoutHistory());
    } catch (error) {
      this.log.warning(
        `Can't write the AOF manifest: ${systemErrorText(error)}`,
      );
    }
  }

  /** Removes a file, if it is there. */
  remove(name: string): void {
    try {
      this.disk.remove(this.pathOf(name));
    } catch {
      // It is gone already, or will be found and replaced later.
    }
  }

  #parse(contents: string): AofManifest {
    try {
      return AofManifest.parse(contents);
    } catch (error) {
      if (!(error instanceof AofManifestError)) throw error;
      this.log.warning("*** FATAL AOF MANIFEST FILE ERROR ***");
      if (error.line > 0) {
        this.log.warning(`Reading the manifest file, at line ${error.line}`);
        this.log.warning(`>>> '${error.text}'`);
      }
      throw this.#refused(error.message);
    }
  }

  #takeOldFile(): void {
    const { base, increments } = this.manifest;
    const old = join(this.parentOf(), this.prefix);
    const isWanted = increments.length === 0 &&
      (base === undefined ||
        (base.name === this.prefix && this.sizeOf(base.name) === undefined));
    if (!isWanted || sizeOf(old) === undefined) return;
    this.create();
    try {
      this.replaceManifest(this.manifest.withBase(this.prefix));
      this.disk.rename(old, this.pathOf(this.prefix));
      this.disk.flushDirectory(this.path);
    } catch (error) {
      throw this.#refused(
        `Error trying to move the old AOF file ${this.prefix} into dir ${this.path}: ${
          systemErrorText(error)
        }`,
      );
    }
    this.log.notice(
      `Successfully migrated an old-style AOF file (${this.prefix}) into the AOF directory (${this.path}).`,
    );
  }

  #refused(reason: string): AofDirectoryError {
    this.log.warning(reason);
    return new AofDirectoryError(reason);
  }
}

function sizeOf(path: string): number | undefined {
  try {
    return Deno.statSync(path).size;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * The seam between the server's data files and the disk: everything that changes
 * files goes through a {@linkcode Disk}, so that tests can make any step fail.
 * Reading does not.
 */

import { flushDirectory } from "../flush_directory.ts";

/** A file that is only appended to. Every method may throw what the system answers. */
export interface AppendFile {
  /** Length when it was opened, in bytes. */
  readonly initialLength: number;
  /** Appends, at least one byte; answers how many the system took. */
  write(bytes: Uint8Array): number;
  /** Cuts the file off behind `length` bytes. */
  truncate(length: number): void;
  /**
   * Resolves when everything written before is on the disk. May be called again
   * before that; up to {@link SYNCS_MAX} syncs run beside each other.
   */
  sync(): Promise<void>;
  close(): void;
}

/** A file that is written once, from its beginning. Every method may throw what the system answers. */
export interface NewFile {
  /** Writes all of it, in as many steps as the system wants. */
  write(bytes: Uint8Array): Promise<void>;
  writeNow(bytes: Uint8Array): void;
  /** Resolves when everything written is on the disk. */
  sync(): Promise<void>;
  syncNow(): void;
  /** A second call does nothing. */
  close(): void;
}

/** See the top of the file. Every method may throw what the system answers. */
export interface Disk {
  /** Opens a file to append to, without what was in it if `isNew`; makes it when there is none. */
  openToAppend(path: string, isNew: boolean): AppendFile;
  /** Makes an empty file, in the place of another. */
  create(path: string): NewFile;
  rename(from: string, to: string): void;
  remove(path: string): void;
  truncate(path: string, length: number): void;
  makeDirectory(path: string): void;
  /** Brings the names in a directory to the disk. */
  flushDirectory(path: string): void;
}

const DIRECTORY_MODE = 0o755;
/** Syncs of one file that overlap: the system handles them together, so more get done. */
export const SYNCS_MAX = 3;

/** The disk of this machine. */
export const SYSTEM_DISK: Disk = {
  openToAppend(path, isNew) {
    const file = Deno.openSync(path, { append: true, create: true });
    if (isNew) file.truncateSync();
    // The runtime does what is asked of one handle one after the other.
    const handles = [file];
    while (handles.length < SYNCS_MAX) {
      handles.push(Deno.openSync(path, { append: true }));
    }
    let syncs = 0;
    return {
      initialLength: file.statSync().size,
      write: (bytes) => file.writeSync(bytes),
      truncate: (length) => file.truncateSync(length),
      sync: () => handles[syncs++ % SYNCS_MAX].syncData(),
      close() {
        for (const handle of handles) handle.close();
      },
    };
  },
  create(path) {
    const file = Deno.openSync(path, {
      write: true,
      create: true,
      truncate: true,
    });
    let isClosed = false;
    return {
      async write(bytes) {
        for (let at = 0; at < bytes.length;) {
          at += await file.write(bytes.subarray(at));
        }
      },
      writeNow(bytes) {
        for (let at = 0; at < bytes.length;) {
          at += file.writeSync(bytes.subarray(at));
        }
      },
      sync: () => file.sync(),
      syncNow: () => file.syncSync(),
      close() {
        if (!isClosed) file.close();
        isClosed = true;
      },
    };
  },
  rename: (from, to) => Deno.renameSync(from, to),
  remove: (path) => Deno.removeSync(path),
  truncate: (path, length) => Deno.truncateSync(path, length),
  makeDirectory: (path) => Deno.mkdirSync(path, { mode: DIRECTORY_MODE }),
  flushDirectory,
};

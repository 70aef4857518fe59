/**
 * RDB files on the disk: written beside their place, flushed, and put there whole.
 *
 * Whatever happens, the file at the path is an older or a newer one, never a part:
 * the new one has another name until it is on the disk, and the directory is
 * flushed after the renaming.
 */

import { dirname, join } from "@std/path";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { SnapshotAborted } from "../keyspace/snapshot.ts";
import { flushDirectory } from "../flush_directory.ts";
import { RdbFileWriter, type RdbOptions } from "./rdb_file_writer.ts";
import { RdbSnapshot } from "./rdb_snapshot.ts";

/** Bytes after which a file that is written is flushed (`rdb-save-incremental-fsync`). */
const FLUSH_BYTES = 4 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;
const STEP_KEYS = 256;
const WALK_END = -1;

/** A snapshot on its way to a file. */
export interface SavingSnapshot {
  readonly snapshot: RdbSnapshot;
  /** Resolves when the file is in its place; rejects with what went wrong, the file being gone. */
  readonly saved: Promise<void>;
  /** Ends it with SnapshotAborted, unless the file is in its place. */
  abort(): void;
}

/** How a snapshot is saved. */
export interface SaveOptions extends RdbOptions {
  /** Flush the file in steps, not all of it at the end (`rdb-save-incremental-fsync`). */
  readonly isFlushingOften: boolean;
  /** Pause for each key (`rdb-key-save-delay`). */
  readonly keyDelayMicroseconds: number;
}

/**
 * Saves a snapshot of this moment while commands go on.
 *
 * @throws {Error} of the file system, when the file cannot be made.
 */
export function saveInBackground(
  keyspace: Keyspace,
  path: string,
  options: SaveOptions,
): SavingSnapshot {
  const temporary = temporaryPath(path, "background");
  const file = Deno.openSync(temporary, CREATE);
  let unflushedBytes = 0, isAborted = false;
  const sink = async (bytes: Uint8Array) => {
    for (let at = 0; at < bytes.length;) {
      at += await file.write(bytes.subarray(at));
    }
    unflushedBytes += bytes.length;
    if (!options.isFlushingOften || unflushedBytes < FLUSH_BYTES) return;
    unflushedBytes = 0;
    await file.syncData();
  };
  const snapshot = new RdbSnapshot(
    keyspace,
    sink,
    options,
    options.keyDelayMicroseconds,
  );
  const saved = (async () => {
    try {
      await snapshot.finished;
      await file.sync();
      file.close();
      // The flush may take long. At once with the renaming, since a newer file must not be replaced.
      if (isAborted) throw new SnapshotAborted("the snapshot was aborted");
      Deno.renameSync(temporary, path);
      flushDirectory(dirname(path));
    } catch (error) {
      closeQuietly(file);
      removeQuietly(temporary);
      throw error;
    }
  })();
  const abort = () => {
    isAborted = true;
    snapshot.abort();
  };
  return { snapshot, saved, abort };
}

/** Saves what the keyspace holds, while everything else waits. @throws {Error} of the file system */
export function saveNow(
  keyspace: Keyspace,
  path: string,
  options: RdbOptions,
): void {
  const temporary = temporaryPath(path, "now");
  const file = Deno.openSync(temporary, CREATE);
  try {
    writeKeyspace(keyspace, options, (bytes) => writeAllSync(file, bytes));
    file.syncSync();
    file.close();
    Deno.renameSync(temporary, path);
    flushDirectory(dirname(path));
  } catch (error) {
    closeQuietly(file);
    removeQuietly(temporary);
    throw error;
  }
}

/** Hands everything that the keyspace holds to `write`, piece by piece. */
export function writeKeyspace(
  keyspace: Keyspace,
  options: RdbOptions,
  write: (bytes: Uint8Array) => void,
): void {
  const writer = new RdbFileWriter(options, keyspace.access);
  writer.begin(keyspace);
  for (const { index, map } of keyspace.databases) {
    let from = 0;
    while (from !== WALK_END) {
      from = map.index.walk(from, STEP_KEYS, (ref) => {
        writer.entry(index, map, ref);
      });
      if (writer.length > CHUNK_BYTES) write(writer.take());
    }
  }
  writer.finish();
  write(writer.take(true));
}

const CREATE: Deno.OpenOptions = { write: true, create: true, truncate: true };

/** A process saves to one file at a time in the background, and meanwhile perhaps to another at once. */
function temporaryPath(path: string, way: "background" | "now"): string {
  return join(dirname(path), `temp-${way}-${Deno.pid}.rdb`);
}

function writeAllSync(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length;) {
    at += file.writeSync(bytes.subarray(at));
  }
}

function closeQuietly(file: Deno.FsFile): void {
  try {
    file.close();
  } catch {
    // It was closed before the error.
  }
}

function removeQuietly(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // It is gone, or the disk is; the next one has another name.
  }
}

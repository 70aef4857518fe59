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
import type { Disk } from "./disk.ts";
import { RdbFileWriter, type RdbOptions } from "./rdb_file_writer.ts";
import { RdbSnapshot } from "./rdb_snapshot.ts";

/** Bytes after which a file that is written is flushed (`rdb-save-incremental-fsync`). */
const FLUSH_BYTES = 4 * 1024 * 1024;
const CHUNK_BYTES = 256 * 1024;
const STEP_KEYS = 256;
const WALK_END = -1;
/** Saves of the process since its start, of all its servers: no two may share a file. */
let saves = 0;

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
  /** Pause for each key (`rdb-key-save-delay`), as it is at the moment. */
  keyDelayMicroseconds(): number;
}

/**
 * Saves a snapshot of this moment while commands go on.
 *
 * @throws {Error} of the file system, when the file cannot be made.
 */
export function saveInBackground(
  keyspace: Keyspace,
  disk: Disk,
  path: string,
  options: SaveOptions,
): SavingSnapshot {
  const temporary = temporaryPath(path);
  const file = disk.create(temporary);
  let unflushedBytes = 0, isAborted = false;
  const sink = async (bytes: Uint8Array) => {
    await file.write(bytes);
    unflushedBytes += bytes.length;
    if (!options.isFlushingOften || unflushedBytes < FLUSH_BYTES) return;
    unflushedBytes = 0;
    await file.sync();
  };
  const snapshot = new RdbSnapshot(
    keyspace,
    sink,
    options,
    () => options.keyDelayMicroseconds(),
  );
  const saved = (async () => {
    try {
      await snapshot.finished;
      await file.sync();
      file.close();
      // The flush may take long. At once with the renaming, since a newer file must not be replaced.
      if (isAborted) throw new SnapshotAborted("the snapshot was aborted");
      disk.rename(temporary, path);
      disk.flushDirectory(dirname(path));
    } catch (error) {
      file.close();
      removeQuietly(disk, temporary);
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
  disk: Disk,
  path: string,
  options: RdbOptions,
): void {
  const temporary = temporaryPath(path);
  const file = disk.create(temporary);
  try {
    writeKeyspace(keyspace, options, (bytes) => file.writeNow(bytes));
    file.syncNow();
    file.close();
    disk.rename(temporary, path);
    disk.flushDirectory(dirname(path));
  } catch (error) {
    file.close();
    removeQuietly(disk, temporary);
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

/** Each save has its own: one that was aborted may still hold its file. */
function temporaryPath(path: string): string {
  return join(dirname(path), `temp-${Deno.pid}-${++saves}.rdb`);
}

function removeQuietly(disk: Disk, path: string): void {
  try {
    disk.remove(path);
  } catch {
    // It is gone, or the disk is; the next one has another name.
  }
}

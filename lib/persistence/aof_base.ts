/** Writes base files in the format of commands (`aof-use-rdb-preamble no`). */

import type { Keyspace } from "../keyspace/keyspace.ts";
import type { Disk } from "./disk.ts";
import { Snapshot } from "../keyspace/snapshot.ts";
import type { BaseWriting } from "./append_only.ts";
import { CommandEncoder } from "./command_encoder.ts";

/** Bytes that are written at once. */
const PIECE_BYTES = 256 * 1024;

/**
 * Starts writing the data of this moment as commands.
 *
 * @throws {Error} of the file system, or when a snapshot runs already.
 */
export function writeAofBase(
  keyspace: Keyspace,
  disk: Disk,
  path: string,
  hasTimestamp = false,
): BaseWriting {
  const encoder = new CommandEncoder();
  if (hasTimestamp) encoder.timestamp(Math.floor(keyspace.nowMs / 1000));
  const file = disk.create(path);
  const write = () => file.write(encoder.take());
  const snapshot = Snapshot.start(keyspace, {
    record: (dbIndex, map, ref) => encoder.record(dbIndex, map, ref),
    drain: () => encoder.length < PIECE_BYTES ? undefined : write(),
  });
  const done = (async () => {
    try {
      await snapshot.done;
      await write();
      await file.sync();
    } finally {
      file.close();
    }
  })();
  const progress = {
    get keysWritten() {
      return snapshot.written;
    },
    keysTotal: keyspace.databases.reduce((sum, { size }) => sum + size, 0),
  };
  return { done, cancel: () => snapshot.abort(), progress };
}

/** Writes base files in the format of commands (`aof-use-rdb-preamble no`). */

import type { Keyspace } from "../keyspace/keyspace.ts";
import type { Disk } from "./disk.ts";
import { Snapshot } from "../keyspace/snapshot.ts";
import type { BaseWriting } from "./append_only.ts";
import { CommandEncoder } from "./command_encoder.ts";
import { KeyPause } from "./key_pause.ts";

/** Bytes that are written at once. */
const PIECE_BYTES = 256 * 1024;

export interface AofBaseOptions {
  /** Whether the file begins with the time that it was made (`aof-timestamp-enabled`). */
  readonly hasTimestamp: boolean;
  /** Pause for each key (`rdb-key-save-delay`), as it is at the moment. */
  keyDelayMicroseconds(): number;
}

/**
 * Starts writing the data of this moment as commands.
 *
 * @throws {Error} of the file system, or when a snapshot runs already.
 */
export function writeAofBase(
  keyspace: Keyspace,
  disk: Disk,
  path: string,
  { hasTimestamp, keyDelayMicroseconds }: AofBaseOptions,
): BaseWriting {
  const encoder = new CommandEncoder(2 * PIECE_BYTES);
  if (hasTimestamp) encoder.timestamp(Math.floor(keyspace.nowMs / 1000));
  const file = disk.create(path);
  const write = () => encoder.handTo((bytes) => file.write(bytes));
  const pause = new KeyPause(keyDelayMicroseconds);
  const snapshot = Snapshot.start(keyspace, {
    record: (dbIndex, map, ref) => {
      pause.count();
      encoder.record(dbIndex, map, ref);
    },
    goOn: () => encoder.goOn(),
    drain: () => {
      if (pause.isOn) return pause.drain(write);
      return encoder.length < PIECE_BYTES ? undefined : write();
    },
  });
  const done = (async () => {
    try {
      await snapshot.done;
      if (pause.isOn) await pause.drain(write);
      pause.throwIfAborted();
      await write();
      await file.sync();
    } finally {
      file.close();
    }
  })();
  const cancel = () => {
    snapshot.abort();
    pause.abort();
  };
  const progress = {
    get keysWritten() {
      return snapshot.written;
    },
    keysTotal: keyspace.databases.reduce((sum, { size }) => sum + size, 0),
  };
  return { done, cancel, progress };
}

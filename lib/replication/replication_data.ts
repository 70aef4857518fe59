/** The data as replication needs it: to make full copies of it, and to replace it by one. */

import type { ReplicaOptions } from "./replica.ts";

/** The place in the history of changes that a copy shows. */
export interface CopyMetadata {
  readonly id: string;
  readonly offset: number;
  /** Database in which the stream goes on. */
  readonly dbIndex: number;
}

/** See the top of the file. */
export interface ReplicationData {
  /** Whether a copy can be made now. */
  readonly mayCopy: boolean;
  /** Writes a copy of the data as it is when called; rejects when it cannot, `write` rejects or `signal` says so. */
  write(
    options: ReplicaOptions,
    metadata: CopyMetadata,
    write: (bytes: Uint8Array) => Promise<void>,
    signal: AbortSignal,
  ): Promise<void>;
  /**
   * Up to where the stream is on the disk as a part of the append-only file;
   * undefined when there is none.
   */
  readonly fileOffset: number | undefined;
  /** Replaces the append-only file, which stands still since `load`, by one that goes on from here. */
  resumeFile(): void;
  /**
   * Replaces all data by the copy in a file; answers the database in which the
   * stream goes on, or -1 when the copy does not say.
   */
  load(path: string): Promise<number>;
}

/** The data as replication needs it: from memory, from files, and with the append-only file. */

import type { ReplicationData } from "../replication/replication_data.ts";
import type { AppendOnlyService } from "./append_only_service.ts";
import type { Persistence } from "./persistence.ts";

/** @param appendOnly is made later. */
export function replicationData(
  persistence: Persistence,
  appendOnly: () => AppendOnlyService,
): ReplicationData {
  return {
    get mayCopy() {
      return persistence.mayCopy;
    },
    get fileOffset() {
      return appendOnly().file.syncedOffset;
    },
    write: (options, metadata, write, signal) =>
      persistence.write(options, metadata, write, signal),
    load(path) {
      // What is in its files is replaced, too.
      appendOnly().file.disable();
      return persistence.load(path);
    },
    resumeFile: () => appendOnly().restart(),
  };
}

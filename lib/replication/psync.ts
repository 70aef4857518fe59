/** Decides whether a replica can go on where it was, or needs a full copy. */

import type { Backlog } from "./backlog.ts";
import type { ReplicationHistory } from "./replication_history.ts";

/** What a replica has: a history, and the next byte of it that it wants, counted from 1. */
export interface PsyncRequest {
  readonly id: string;
  readonly next: number;
}

/** Undefined when the replica can go on; else why not, for the log. */
export function refusalOfPsync(
  request: PsyncRequest,
  history: ReplicationHistory,
  backlog: Backlog | undefined,
  replicaName: string,
): string | undefined {
  const { id, next } = request;
  if (id.startsWith("?")) {
    return `Full resync requested by replica ${replicaName}`;
  }
  if (!history.includes(id, next)) {
    return "Partial resynchronization not accepted: " +
      (history.includes(id, -1)
        ? `Requested offset for second ID was ${next}, but I can reply up to ${history.previousEnd}`
        : `Replication ID mismatch (Replica asked for '${id}', my replication IDs are '${history.id}' and '${history.previousId}')`);
  }
  if (backlog === undefined || !backlog.has(next - 1)) {
    return `Unable to partial resync with replica ${replicaName} for lack of backlog (Replica request was: ${next}).`;
  }
  return undefined;
}

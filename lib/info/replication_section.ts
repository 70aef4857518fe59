/** INFO replication: the role, the replicas, the link to the primary, the history. */

import type { Replication } from "../replication/replication.ts";
import type { Replica } from "../replication/replica.ts";
import type { InfoField, InfoSection, InfoSource } from "./info_section.ts";

export const replicationSection: InfoSection = {
  name: "replication",
  title: "Replication",
  isDefault: true,
  *fields(source) {
    const { replication, keyspace } = source;
    const { history, backlog, replicas, guards, failover } = replication;
    yield ["role", replication.isReplica ? "slave" : "master"];
    yield* linkFields(source);
    yield ["connected_slaves", replicas.size];
    if (guards.countsReplicas) {
      yield ["min_slaves_good_slaves", guards.goodReplicas];
    }
    let index = 0;
    for (const replica of replicas.all()) {
      yield [`slave${index++}`, replicaText(replica, keyspace.nowMs)];
    }
    yield ["master_failover_state", failover.state];
    yield ["master_replid", history.id];
    yield ["master_replid2", history.previousId];
    yield ["master_repl_offset", replication.appliedOffset];
    yield ["second_repl_offset", history.previousEnd];
    yield ["repl_backlog_active", backlog === undefined ? 0 : 1];
    yield ["repl_backlog_size", source.config.get("repl-backlog-size")];
    yield ["repl_backlog_first_byte_offset", backlog?.firstOffset ?? 0];
    yield ["repl_backlog_histlen", backlog?.lengthBytes ?? 0];
  },
};

function replicaText(replica: Replica, nowMs: number): string {
  const { host, options, state, stateName, ackOffset } = replica;
  const lag = state === "online" ? replica.lagSeconds(nowMs) : 0;
  return `ip=${host},port=${options.listeningPort},state=${stateName},offset=${ackOffset},lag=${lag}`;
}

/** What only a replica tells. */
function* linkFields(
  { replication, keyspace, config }: InfoSource,
): Generator<InfoField> {
  const { link } = replication;
  if (link === undefined) return;
  const seconds = (sinceMs: number) =>
    Math.max(0, Math.floor((keyspace.nowMs - sinceMs) / 1000));
  const isUp = link.state === "connected", isCopying = link.state === "sync";
  const { applied, read } = offsetsOf(replication);
  yield ["master_host", link.address];
  yield ["master_port", link.port];
  yield ["master_link_status", isUp ? "up" : "down"];
  yield ["master_last_io_seconds_ago", isUp ? seconds(link.lastReadMs) : -1];
  yield ["master_sync_in_progress", isCopying ? 1 : 0];
  yield ["slave_read_repl_offset", read];
  yield ["slave_repl_offset", applied];
  if (isCopying) {
    const { totalBytes, readBytes } = link.progress;
    const percent = totalBytes === 0 ? 0 : 100 * readBytes / totalBytes;
    yield ["master_sync_total_bytes", totalBytes];
    yield ["master_sync_read_bytes", readBytes];
    yield ["master_sync_left_bytes", totalBytes - readBytes];
    yield ["master_sync_perc", percent.toFixed(2)];
    yield ["master_sync_last_io_seconds_ago", seconds(link.lastReadMs)];
  }
  if (!isUp) {
    yield [
      "master_link_down_since_seconds",
      link.downSinceMs === 0 ? -1 : seconds(link.downSinceMs),
    ];
  }
  yield ["slave_priority", config.get("replica-priority")];
  yield ["slave_read_only", config.get("replica-read-only") ? 1 : 0];
  yield ["replica_announced", config.get("replica-announced") ? 1 : 0];
}

/** How far the primary's stream is applied and has come, or 1 when there is none to go on with. */
function offsetsOf(
  replication: Replication,
): { applied: number; read: number } {
  if (!replication.isContinuable) return { applied: 1, read: 1 };
  const { history, appliedOffset } = replication;
  const unapplied = replication.link?.stream?.unappliedBytes ?? 0;
  return { applied: appliedOffset, read: history.offset + unapplied };
}

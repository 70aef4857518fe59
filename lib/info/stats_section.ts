/** INFO stats: what happened since the start or the last CONFIG RESETSTAT. */

import type { InfoField, InfoSection, InfoSource } from "./info_section.ts";

const BYTES_PER_KILOBYTE = 1024;

export const statsSection: InfoSection = {
  name: "stats",
  title: "Stats",
  isDefault: true,
  *fields(source) {
    yield* traffic(source);
    yield* keys(source);
    yield* topics(source);
    yield* withoutFeature(source);
    yield* trackedKeys(source);
    yield* replies(source);
    yield* turns(source);
    yield ["acl_access_denied_auth", source.stats.accessDeniedAuth];
    yield ["acl_access_denied_cmd", 0];
    yield ["acl_access_denied_key", 0];
    yield ["acl_access_denied_channel", 0];
  },
};

function* traffic({ stats }: InfoSource): Generator<InfoField> {
  const { commands, inputBytes, outputBytes } = stats.metrics;
  const { replicationInputBytes, replicationOutputBytes } = stats.metrics;
  const kilobytes = (bytes: number) => (bytes / BYTES_PER_KILOBYTE).toFixed(2);
  yield ["total_connections_received", stats.connectionsReceived];
  yield ["total_commands_processed", stats.commandsProcessed];
  yield ["instantaneous_ops_per_sec", Math.floor(commands.rate)];
  yield ["total_net_input_bytes", stats.netInputBytes];
  yield ["total_net_output_bytes", stats.netOutputBytes];
  yield ["total_net_repl_input_bytes", stats.netReplicationInputBytes];
  yield ["total_net_repl_output_bytes", stats.netReplicationOutputBytes];
  yield ["instantaneous_input_kbps", kilobytes(inputBytes.rate)];
  yield ["instantaneous_output_kbps", kilobytes(outputBytes.rate)];
  yield [
    "instantaneous_input_repl_kbps",
    kilobytes(replicationInputBytes.rate),
  ];
  yield [
    "instantaneous_output_repl_kbps",
    kilobytes(replicationOutputBytes.rate),
  ];
  yield ["rejected_connections", stats.connectionsRejected];
  yield ["sync_full", stats.syncFull];
  yield ["sync_partial_ok", stats.syncPartialOk];
  yield ["sync_partial_err", stats.syncPartialErr];
}

function* keys({ keyspace, stats }: InfoSource): Generator<InfoField> {
  const counted = keyspace.stats;
  yield ["expired_keys", counted.expiredKeys];
  yield ["expired_subkeys", counted.expiredFields];
  yield ["expired_stale_perc", counted.expiredStalePercent.toFixed(2)];
  yield ["expired_time_cap_reached_count", counted.expiredTimeCapReachedCount];
  yield ["expire_cycle_cpu_milliseconds", Math.floor(stats.expiryMilliseconds)];
  yield ["evicted_keys", counted.evictedKeys];
  yield ["evicted_clients", 0];
  yield ["total_eviction_exceeded_time", 0];
  yield ["current_eviction_exceeded_time", 0];
  yield ["keyspace_hits", counted.hits];
  yield ["keyspace_misses", counted.misses];
}

function* topics({ pubsub }: InfoSource): Generator<InfoField> {
  yield ["pubsub_channels", pubsub.topics.channels.size];
  yield ["pubsub_patterns", pubsub.topics.patterns.size];
  yield ["pubsubshard_channels", pubsub.topics.shardChannels.size];
}

function* trackedKeys({ tracking }: InfoSource): Generator<InfoField> {
  yield ["tracking_total_keys", tracking.keyCount];
  yield ["tracking_total_items", tracking.readerCount];
  yield ["tracking_total_prefixes", tracking.prefixCount];
}

/** Of forks and defragmentation there is nothing to count. */
function* withoutFeature(
  { migrations, replication }: InfoSource,
): Generator<InfoField> {
  yield ["latest_fork_usec", 0];
  yield ["total_forks", 0];
  yield ["migrate_cached_sockets", migrations.targets.size];
  yield ["slave_expires_tracked_keys", replication.localExpiry.size];
  yield ["active_defrag_hits", 0];
  yield ["active_defrag_misses", 0];
  yield ["active_defrag_key_hits", 0];
  yield ["active_defrag_key_misses", 0];
  yield ["total_active_defrag_time", 0];
  yield ["current_active_defrag_time", 0];
}

function* replies({ stats, persistence }: InfoSource): Generator<InfoField> {
  yield ["unexpected_error_replies", stats.unexpectedErrorReplies];
  yield ["total_error_replies", stats.totalErrorReplies];
  yield ["dump_payload_sanitizations", persistence.payloadChecks];
  yield ["total_reads_processed", stats.totalReads];
  yield ["total_writes_processed", stats.totalWrites];
  yield ["io_threaded_reads_processed", 0];
  yield ["io_threaded_writes_processed", 0];
  yield [
    "client_query_buffer_limit_disconnections",
    stats.queryBufferLimitDisconnections,
  ];
  yield [
    "client_output_buffer_limit_disconnections",
    stats.outputBufferLimitDisconnections,
  ];
  yield ["reply_buffer_shrinks", 0];
  yield ["reply_buffer_expands", 0];
}

function* turns({ stats }: InfoSource): Generator<InfoField> {
  const { metrics } = stats;
  yield ["eventloop_cycles", stats.turns];
  yield ["eventloop_duration_sum", Math.round(stats.turnMicroseconds)];
  yield ["eventloop_duration_cmd_sum", Math.round(stats.commandMicroseconds)];
  yield [
    "instantaneous_eventloop_cycles_per_sec",
    Math.floor(metrics.turns.rate),
  ];
  yield [
    "instantaneous_eventloop_duration_usec",
    Math.floor(metrics.turnMicroseconds.rate),
  ];
}

/** INFO debug: more of the event loop. */
export const debugSection: InfoSection = {
  name: "debug",
  title: "Debug",
  isDefault: false,
  isHidden: true,
  *fields({ stats }) {
    yield ["eventloop_duration_aof_sum", 0];
    yield ["eventloop_duration_cron_sum", Math.round(stats.cronMicroseconds)];
    yield ["eventloop_duration_max", Math.round(stats.turnMicrosecondsMax)];
    yield ["eventloop_cmd_per_cycle_max", stats.turnCommandsMax];
  },
};

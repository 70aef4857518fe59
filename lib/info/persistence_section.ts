/** INFO persistence: what is loaded and saved. */

import type { AppendOnly, KeyProgress } from "../persistence/append_only.ts";
import type { Persistence } from "../persistence/persistence.ts";
import type { InfoField, InfoSection } from "./info_section.ts";

const NOTHING: KeyProgress = { keysWritten: 0, keysTotal: 0 };

export const persistenceSection: InfoSection = {
  name: "persistence",
  title: "Persistence",
  isDefault: true,
  *fields({ config, keyspace, persistence, appendOnly }) {
    const { loading, writing } = persistence;
    const nowMs = keyspace.clock.nowMs();
    yield ["loading", loading.progress === undefined ? 0 : 1];
    yield ["async_loading", 0];
    yield ["current_cow_peak", 0];
    yield ["current_cow_size", 0];
    yield ["current_cow_size_age", 0];
    const written = writing?.snapshot ?? appendOnly.file.rewriteProgress;
    yield ["current_fork_perc", percentOf(written)];
    yield ["current_save_keys_processed", written?.keysWritten ?? 0];
    yield ["current_save_keys_total", written?.keysTotal ?? 0];
    yield ["rdb_changes_since_last_save", keyspace.dirty];
    yield ["rdb_bgsave_in_progress", writing === undefined ? 0 : 1];
    yield ["rdb_last_save_time", persistence.lastSaveSeconds];
    yield [
      "rdb_last_bgsave_status",
      persistence.hasLastSaveFailed ? "err" : "ok",
    ];
    yield ["rdb_last_bgsave_time_sec", persistence.lastDurationSeconds];
    yield [
      "rdb_current_bgsave_time_sec",
      writing === undefined
        ? -1
        : Math.floor((nowMs - writing.startedAtMs) / 1000),
    ];
    yield ["rdb_saves", persistence.saves];
    yield ["rdb_last_cow_size", 0];
    yield ["rdb_last_load_keys_expired", loading.lastKeysExpired];
    yield ["rdb_last_load_keys_loaded", loading.lastKeysLoaded];
    yield* appendOnlyFields(appendOnly.file, keyspace.clock.monotonicMs());
    yield ["module_fork_in_progress", 0];
    yield ["module_fork_last_cow_size", 0];
    if (config.get("appendonly")) {
      yield* appendOnlySizes(appendOnly.file, keyspace.effects.pendingBytes);
    }
    yield* loadingFields(persistence, nowMs);
  },
};

function* appendOnlyFields(
  file: AppendOnly,
  nowMs: number,
): Generator<InfoField> {
  const { rewriteStartMs } = file;
  yield ["aof_enabled", file.state === "off" ? 0 : 1];
  yield ["aof_rewrite_in_progress", file.isRewriting ? 1 : 0];
  yield ["aof_rewrite_scheduled", file.isRewriteScheduled ? 1 : 0];
  yield ["aof_last_rewrite_time_sec", file.lastRewriteSeconds];
  yield [
    "aof_current_rewrite_time_sec",
    rewriteStartMs === undefined
      ? -1
      : Math.floor((nowMs - rewriteStartMs) / 1000),
  ];
  yield ["aof_last_bgrewrite_status", file.lastRewriteSucceeded ? "ok" : "err"];
  yield ["aof_rewrites", file.rewrites];
  yield ["aof_rewrites_consecutive_failures", file.consecutiveFailures];
  yield [
    "aof_last_write_status",
    file.log?.failure === undefined ? "ok" : "err",
  ];
  yield ["aof_last_cow_size", 0];
}

/** Only while the append-only file is on, or shall be. */
function* appendOnlySizes(
  file: AppendOnly,
  effectBytes: number,
): Generator<InfoField> {
  const { log } = file;
  const pendingBytes = log?.pendingBytes ?? 0;
  yield ["aof_current_size", file.currentBytes - pendingBytes];
  yield ["aof_base_size", file.baseBytes];
  yield ["aof_pending_rewrite", file.isRewriteScheduled ? 1 : 0];
  yield ["aof_buffer_length", pendingBytes + effectBytes];
  yield ["aof_pending_bio_fsync", log?.isSyncing ? 1 : 0];
  // A write never waits for a sync.
  yield ["aof_delayed_fsync", 0];
}

function percentOf({ keysWritten, keysTotal }: KeyProgress = NOTHING): string {
  return (100 * keysWritten / Math.max(1, keysTotal)).toFixed(2);
}

/** Only while something is loaded. */
function* loadingFields(
  { loading: { progress } }: Persistence,
  nowMs: number,
): Generator<InfoField> {
  if (progress === undefined) return;
  const { startedAtMs, totalBytes, usedMemory, loadedBytes } = progress;
  const elapsedSeconds = Math.floor((nowMs - startedAtMs) / 1000);
  const leftBytes = totalBytes - loadedBytes;
  yield ["loading_start_time", Math.floor(startedAtMs / 1000)];
  yield ["loading_total_bytes", totalBytes];
  yield ["loading_rdb_used_mem", usedMemory];
  yield ["loading_loaded_bytes", loadedBytes];
  yield [
    "loading_loaded_perc",
    (100 * loadedBytes / Math.max(1, totalBytes)).toFixed(2),
  ];
  yield [
    "loading_eta_seconds",
    elapsedSeconds === 0
      ? 1
      : Math.floor(elapsedSeconds * leftBytes / (loadedBytes + 1)),
  ];
}

/** INFO memory: see memory_accounting.ts for what the figures count. */

import os from "node:os";
import { humanBytes, percentOf, ratio } from "./number_format.ts";
import type { InfoField, InfoSection, InfoSource } from "./info_section.ts";
import {
  ALLOCATOR,
  datasetBytes,
  datasetPercent,
  type MemoryOverhead,
  type ProcessMemory,
} from "./memory_accounting.ts";

export const memorySection: InfoSection = {
  name: "memory",
  title: "Memory",
  isDefault: true,
  *fields(source) {
    const { memory, config, replication } = source;
    const backlogBytes = replication.backlog?.lengthBytes ?? 0;
    const now = memory.measure(), overhead = memory.overhead();
    yield* use(source, now, overhead);
    yield* scripting();
    yield* withHuman("maxmemory", config.get("maxmemory"));
    yield ["maxmemory_policy", config.get("maxmemory-policy")];
    yield* fragmentation(now);
    yield ["mem_not_counted_for_evict", 0];
    yield ["mem_replication_backlog", backlogBytes];
    yield ["mem_total_replication_buffers", backlogBytes];
    yield ["mem_clients_slaves", 0];
    yield ["mem_clients_normal", overhead.clientsBytes];
    yield ["mem_cluster_links", 0];
    yield ["mem_aof_buffer", 0];
    yield ["mem_allocator", ALLOCATOR];
    yield ["active_defrag_running", 0];
    yield ["lazyfree_pending_objects", 0];
    yield ["lazyfreed_objects", 0];
  },
};

function* use(
  { memory }: InfoSource,
  now: ProcessMemory,
  overhead: MemoryOverhead,
): Generator<InfoField> {
  const { residentBytes, committedBytes, activeBytes, usedBytes } = now;
  const { peakBytes } = memory;
  yield* withHuman("used_memory", usedBytes);
  yield* withHuman("used_memory_rss", residentBytes);
  yield* withHuman("used_memory_peak", peakBytes);
  yield ["used_memory_peak_perc", percentOf(usedBytes, peakBytes)];
  yield ["used_memory_overhead", overhead.totalBytes];
  yield ["used_memory_startup", overhead.startupBytes];
  yield ["used_memory_dataset", datasetBytes(now, overhead)];
  yield [
    "used_memory_dataset_perc",
    `${datasetPercent(now, overhead).toFixed(2)}%`,
  ];
  yield ["allocator_allocated", usedBytes];
  yield ["allocator_active", activeBytes];
  yield ["allocator_resident", committedBytes];
  yield* withHuman("total_system_memory", os.totalmem());
}

/** Scripts and functions take nothing while there is no scripting. */
function* scripting(): Generator<InfoField> {
  yield ["used_memory_lua", 0];
  yield ["used_memory_vm_eval", 0];
  yield ["used_memory_lua_human", humanBytes(0)];
  yield ["used_memory_scripts_eval", 0];
  yield ["number_of_cached_scripts", 0];
  yield ["number_of_functions", 0];
  yield ["number_of_libraries", 0];
  yield ["used_memory_vm_functions", 0];
  yield* withHuman("used_memory_vm_total", 0);
  yield ["used_memory_functions", 0];
  yield* withHuman("used_memory_scripts", 0);
}

function* fragmentation(
  { residentBytes, committedBytes, activeBytes, usedBytes }: ProcessMemory,
): Generator<InfoField> {
  yield ["allocator_frag_ratio", ratio(activeBytes, usedBytes)];
  yield ["allocator_frag_bytes", activeBytes - usedBytes];
  yield ["allocator_rss_ratio", ratio(committedBytes, activeBytes)];
  yield ["allocator_rss_bytes", committedBytes - activeBytes];
  yield ["rss_overhead_ratio", ratio(residentBytes, committedBytes)];
  yield ["rss_overhead_bytes", residentBytes - committedBytes];
  yield ["mem_fragmentation_ratio", ratio(residentBytes, usedBytes)];
  yield ["mem_fragmentation_bytes", residentBytes - usedBytes];
}

function* withHuman(name: string, bytes: number): Generator<InfoField> {
  yield [name, bytes];
  yield [`${name}_human`, humanBytes(bytes)];
}

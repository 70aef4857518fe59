/** What MEMORY DOCTOR says, in Redis's words, of what can be wrong here. */

import type { MemoryOverhead, ProcessMemory } from "./memory_accounting.ts";

const MEGABYTE = 1024 * 1024;
/** With less, nothing is worth saying. */
const USED_MIN_BYTES = 5 * MEGABYTE;
/** Waste below this is no problem, whatever its share. */
const WASTE_MIN_BYTES = 10 * MEGABYTE;
const PEAK_RATIO_MAX = 1.5;
const TOTAL_RATIO_MAX = 1.4;
const PART_RATIO_MAX = 1.1;
const CLIENT_MEAN_MAX_BYTES = 200 * 1024;

const EMPTY =
  "Hi Sam, this instance is empty or is using very little memory, my issues detector can't be used in these conditions. Please, leave for your mission on Earth and fill it with some data. The new Sam and I will be back to our programming as soon as I finished rebooting.\n";
const HEALTHY =
  "Hi Sam, I can't find any memory issue in your instance. I can only account for what occurs on this base.\n";
const HEAD =
  "Sam, I detected a few issues in this Redis instance memory implants:\n\n";
const TAIL = "I'm here to keep you safe, Sam. I want to help you.\n";

const HIGH_PEAK =
  " * Peak memory: In the past this instance used more than 150% the memory that is currently using. The allocator is normally not able to release memory after a peak, so you can expect to see a big fragmentation ratio, however this is actually harmless and is only due to the memory peak, and if the Redis instance Resident Set Size (RSS) is currently bigger than expected, the memory will be used as soon as you fill the Redis instance with more data. If the memory peak was only occasional and you want to try to reclaim memory, please try the MEMORY PURGE command, otherwise the only other option is to shutdown and restart the instance.\n\n";
const HIGH_TOTAL =
  " * High total RSS: This instance has a memory fragmentation and RSS overhead greater than 1.4 (this means that the Resident Set Size of the Redis process is much larger than the sum of the logical allocations Redis performed). This problem is usually due either to a large peak memory (check if there is a peak memory entry above in the report) or may result from a workload that causes the allocator to fragment memory a lot. If the problem is a large peak memory, then there is no issue. Otherwise, make sure you are using the Jemalloc allocator and not the default libc malloc.";
const HIGH_ALLOCATOR =
  " * High allocator fragmentation: This instance has an allocator external fragmentation greater than 1.1. This problem is usually due either to a large peak memory (check if there is a peak memory entry above in the report) or may result from a workload that causes the allocator to fragment memory a lot. You can try enabling 'activedefrag' config option.\n\n";
const HIGH_ALLOCATOR_RSS =
  " * High allocator RSS overhead: This instance has an RSS memory overhead is greater than 1.1 (this means that the Resident Set Size of the allocator is much larger than the sum what the allocator actually holds). This problem is usually due to a large peak memory (check if there is a peak memory entry above in the report), you can try the MEMORY PURGE command to reclaim it.\n\n";
const HIGH_PROCESS_RSS =
  " * High process RSS overhead: This instance has non-allocator RSS memory overhead is greater than 1.1 (this means that the Resident Set Size of the Redis process is much larger than the RSS the allocator holds). This problem may be due to Lua scripts or Modules.\n\n";
const BIG_CLIENTS =
  " * Big client buffers: The clients output buffers in this instance are greater than 200K per client (on average). This may result from different causes, like Pub/Sub clients subscribed to channels bot not receiving data fast enough, so that data piles on the Redis instance output buffer, or clients sending commands with large replies or very large sequences of commands in the same pipeline. Please use the CLIENT LIST command in order to investigate the issue if it causes problems in your instance, or to understand better why certain clients are using a big amount of memory.\n\n";

/** The report, with line ends. */
export function memoryReport(
  now: ProcessMemory,
  peakBytes: number,
  { clientsBytes }: MemoryOverhead,
  clientCount: number,
  allocator: string,
): string {
  const { residentBytes, committedBytes, activeBytes, usedBytes } = now;
  if (usedBytes < USED_MIN_BYTES) return EMPTY;
  const isWasteful = (held: number, needed: number, ratioMax: number) =>
    held / needed > ratioMax && held - needed > WASTE_MIN_BYTES;
  const issues: string[] = [];
  if (peakBytes / usedBytes > PEAK_RATIO_MAX) issues.push(HIGH_PEAK);
  if (isWasteful(residentBytes, usedBytes, TOTAL_RATIO_MAX)) {
    issues.push(
      `${HIGH_TOTAL} Note: The currently used allocator is "${allocator}".\n\n`,
    );
  }
  if (isWasteful(activeBytes, usedBytes, PART_RATIO_MAX)) {
    issues.push(HIGH_ALLOCATOR);
  }
  if (isWasteful(committedBytes, activeBytes, PART_RATIO_MAX)) {
    issues.push(HIGH_ALLOCATOR_RSS);
  }
  if (isWasteful(residentBytes, committedBytes, PART_RATIO_MAX)) {
    issues.push(HIGH_PROCESS_RSS);
  }
  if (clientsBytes / clientCount > CLIENT_MEAN_MAX_BYTES) {
    issues.push(BIG_CLIENTS);
  }
  return issues.length === 0 ? HEALTHY : HEAD + issues.join("") + TAIL;
}

/** MEMORY: where the memory is. */

import v8 from "node:v8";
import {
  ALLOCATOR,
  datasetBytes,
  datasetPercent,
} from "../info/memory_accounting.ts";
import { memoryReport } from "../info/memory_report.ts";
import { recordMemoryBytes } from "../keyspace/record_memory.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand, keyAt } from "../router/command.ts";
import { helpSubcommand } from "./help_subcommand.ts";

const TIPS = [
  "nondeterministic_output",
  "request_policy:all_shards",
  "response_policy:special",
];

/**
 * MEMORY USAGE key [SAMPLES count]
 *
 * Exact, so SAMPLES changes nothing. Null when there is no such key.
 * {@link https://redis.io/docs/latest/commands/memory-usage/}
 */
const memoryUsage = defineCommand({
  name: "usage",
  arity: -3,
  flags: ["readonly"],
  group: "server",
  keys: [keyAt(2, "RO")],
  since: "4.0.0",
  complexity: "O(N) where N is the number of samples.",
  summary: "Estimates the memory usage of a key.",
  syntax: "key [SAMPLES count]",
  run({ db }, args, reply) {
    checkSamples(args);
    const ref = db.peek(args, 2);
    if (ref === 0) reply.null();
    else reply.integer(recordMemoryBytes(db, ref));
  },
});

function checkSamples(args: Args): void {
  for (let i = 3; i < args.count; i += 2) {
    if (!args.is(i, "samples") || i + 1 === args.count) {
      throw CommandError.syntax;
    }
    if (args.integer(i + 1) < 0) throw CommandError.syntax;
  }
}

/** MEMORY STATS: the figures of INFO memory, as a map. */
const memoryStats = defineCommand({
  name: "stats",
  arity: 2,
  flags: [],
  group: "server",
  since: "4.0.0",
  complexity: "O(1)",
  summary: "Returns details about memory usage.",
  syntax: "",
  tips: TIPS,
  run(call, _args, reply) {
    replyStats(call, reply);
  },
});

function replyStats({ parts }: Call, reply: ReplyWriter): void {
  const { memory, replication } = parts;
  const now = memory.measure(), overhead = memory.overhead();
  const { residentBytes, committedBytes, activeBytes, usedBytes } = now;
  const { peakBytes, keyCount } = memory;
  const integers = (figures: Readonly<Record<string, number>>) => {
    for (const [name, value] of Object.entries(figures)) {
      reply.bulkText(name);
      reply.integer(value);
    }
  };
  const part = (name: string, held: number, needed: number) => {
    reply.bulkText(`${name}.ratio`);
    reply.double(held / needed);
    integers({ [`${name}.bytes`]: held - needed });
  };
  reply.map(27 + overhead.tables.length);
  integers({
    "peak.allocated": peakBytes,
    "total.allocated": usedBytes,
    "startup.allocated": overhead.startupBytes,
    "replication.backlog": replication.backlog?.lengthBytes ?? 0,
    "clients.slaves": 0,
    "clients.normal": overhead.clientsBytes,
    "cluster.links": 0,
    "aof.buffer": 0,
    "lua.caches": 0,
    "functions.caches": 0,
  });
  for (const { index, mainBytes, expiresBytes } of overhead.tables) {
    reply.bulkText(`db.${index}`);
    reply.map(3);
    integers({
      "overhead.hashtable.main": mainBytes,
      "overhead.hashtable.expires": expiresBytes,
      "overhead.hashtable.slot-to-keys": 0,
    });
  }
  const added = Math.max(0, usedBytes - overhead.startupBytes);
  integers({
    "overhead.total": overhead.totalBytes,
    "keys.count": keyCount,
    "keys.bytes-per-key": keyCount === 0 ? 0 : Math.floor(added / keyCount),
    "dataset.bytes": datasetBytes(now, overhead),
  });
  reply.bulkText("dataset.percentage");
  reply.double(datasetPercent(now, overhead));
  reply.bulkText("peak.percentage");
  reply.double(100 * usedBytes / peakBytes);
  integers({
    "allocator.allocated": usedBytes,
    "allocator.active": activeBytes,
    "allocator.resident": committedBytes,
  });
  part("allocator-fragmentation", activeBytes, usedBytes);
  part("allocator-rss", committedBytes, activeBytes);
  part("rss-overhead", residentBytes, committedBytes);
  reply.bulkText("fragmentation");
  reply.double(residentBytes / usedBytes);
  integers({ "fragmentation.bytes": residentBytes - usedBytes });
}

/** MEMORY DOCTOR */
const memoryDoctor = defineCommand({
  name: "doctor",
  arity: 2,
  flags: [],
  group: "server",
  since: "4.0.0",
  complexity: "O(1)",
  summary: "Outputs a memory problems report.",
  syntax: "",
  tips: TIPS,
  run({ parts: { memory, clients } }, _args, reply) {
    const now = memory.measure(), overhead = memory.overhead();
    const report = memoryReport(
      now,
      memory.peakBytes,
      overhead,
      clients.size,
      ALLOCATOR,
    );
    reply.verbatim("txt", bytesOfText(report));
  },
});

/** MEMORY PURGE: memory of flushed databases goes back to the system at once. */
const memoryPurge = defineCommand({
  name: "purge",
  arity: 2,
  flags: [],
  group: "server",
  since: "4.0.0",
  complexity: "Depends on how much memory is allocated, could be slow",
  summary: "Asks the allocator to release memory.",
  syntax: "",
  tips: ["request_policy:all_shards", "response_policy:all_succeeded"],
  run({ keyspace }, _args, reply) {
    let hasMore = true;
    while (hasMore) hasMore = keyspace.freeDiscarded();
    reply.ok();
  },
});

/** MEMORY MALLOC-STATS: V8's heap and the arenas of records, in bytes. */
const memoryMallocStats = defineCommand({
  name: "malloc-stats",
  arity: 2,
  flags: [],
  group: "server",
  since: "4.0.0",
  complexity: "Depends on how much memory is allocated, could be slow",
  summary: "Returns the allocator statistics.",
  syntax: "",
  tips: TIPS,
  run({ keyspace }, _args, reply) {
    const sections: [title: string, figures: object][] = [
      [`Heap (${ALLOCATOR})`, v8.getHeapStatistics()],
    ];
    for (const { index, size, map: { arena } } of keyspace.databases) {
      if (size === 0) continue;
      sections.push([`Arena of database ${index}`, {
        chunk_bytes: arena.chunkBytes,
        page_bytes: arena.usedPageBytes,
        record_units: arena.usedUnits,
      }]);
    }
    const text = sections.map(([title, figures]) => {
      const lines = Object.entries(figures).map(([name, value]) =>
        `${name}: ${value}\n`
      );
      return `___ ${title} ___\n${lines.join("")}`;
    });
    reply.verbatim("txt", bytesOfText(text.join("")));
  },
});

/** MEMORY: a container. {@link https://redis.io/docs/latest/commands/memory/} */
export const memoryCommand = defineCommand({
  name: "memory",
  arity: -2,
  flags: [],
  group: "server",
  since: "4.0.0",
  complexity: "Depends on subcommand.",
  summary: "A container for memory diagnostics commands.",
  syntax: "",
  help: [
    "DOCTOR",
    "    Return memory problems reports.",
    "MALLOC-STATS",
    "    Return internal statistics report from the memory allocator.",
    "PURGE",
    "    Attempt to purge dirty pages for reclamation by the allocator.",
    "STATS",
    "    Return information about the memory usage of the server.",
    "USAGE <key> [SAMPLES <count>]",
    "    Return memory in bytes used by <key> and its value. Nested values are",
    "    sampled up to <count> times (default: 5, 0 means sample all).",
  ],
  subcommands: [
    memoryDoctor,
    helpSubcommand({ since: "4.0.0", group: "server" }),
    memoryMallocStats,
    memoryPurge,
    memoryStats,
    memoryUsage,
  ],
  run() {
    throw CommandError.wrongArity("memory");
  },
});

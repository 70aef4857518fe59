/** INFO persistence in the states that saving and loading go through, beside redis-server. */
import { assertEquals, assertMatch } from "@std/assert";
import {
  infoOf,
  run,
  startServer,
  until,
} from "../support/replication_servers.ts";
import { findRealRedis, testBesideRedis } from "../support/real_redis.ts";
import type { ServerProcess } from "../support/server_process.ts";

const NUMBER = /^\d+(\.\d+)?$/;
/** Fields whose values need not be equal, and what they look like here. */
const OWN: Readonly<Record<string, RegExp>> = {
  // There is no child process, and so no memory that it shares.
  current_cow_peak: /^0$/,
  current_cow_size: /^0$/,
  current_cow_size_age: /^0$/,
  rdb_last_cow_size: /^0$/,
  aof_last_cow_size: /^0$/,
  // Moments, and how far something is.
  rdb_last_save_time: /^\d{10}$/,
  current_fork_perc: NUMBER,
  current_save_keys_processed: NUMBER,
  aof_buffer_length: NUMBER,
  aof_pending_bio_fsync: /^[01]$/,
  loading_start_time: /^\d{10}$/,
  loading_loaded_bytes: NUMBER,
  loading_loaded_perc: NUMBER,
  loading_eta_seconds: NUMBER,
  // Heads of RDB files differ.
  aof_current_size: NUMBER,
  aof_base_size: NUMBER,
  loading_total_bytes: NUMBER,
  loading_rdb_used_mem: NUMBER,
};

/** Durations in seconds, or -1: only which of them is alike. */
const DURATIONS = new Set([
  "rdb_last_bgsave_time_sec",
  "rdb_current_bgsave_time_sec",
  "aof_last_rewrite_time_sec",
  "aof_current_rewrite_time_sec",
]);

/** Servers with a delay for each key, before which a state can be looked at. */
const DELAY = ["CONFIG", "SET", "rdb-key-save-delay"] as const;
const KEYS = 20;

/** A state: what is done to get there, one after the other, and fields to wait for. */
interface State {
  readonly name: string;
  /** What happens to the server's files before. */
  prepare?(dir: string): Promise<void>;
  readonly steps: readonly (readonly string[])[];
  readonly awaits?: Readonly<Record<string, string>>;
}

const STATES: readonly State[] = [
  { name: "fresh", steps: [] },
  {
    name: "after writes",
    steps: Array.from({ length: KEYS }, (_, i) => ["SET", `key:${i}`, "v"]),
  },
  { name: "after a save", steps: [["SAVE"]] },
  {
    name: "while it saves in the background",
    steps: [["SET", "a", "1"], [...DELAY, "60000"], ["BGSAVE"]],
    awaits: { rdb_bgsave_in_progress: "1" },
  },
  {
    name: "with a rewrite scheduled behind that",
    steps: [["INCR", "a"], ["BGREWRITEAOF"]],
  },
  {
    name: "after the save and the rewrite",
    steps: [[...DELAY, "0"]],
    awaits: { aof_rewrites: "1", aof_rewrite_in_progress: "0" },
  },
  {
    name: "while the append-only file is turned on",
    steps: [
      [...DELAY, "60000"],
      ["CONFIG", "SET", "appendonly", "yes"],
      ["SET", "b", "1"],
    ],
    awaits: { aof_rewrite_in_progress: "1" },
  },
  {
    name: "with the append-only file on",
    steps: [[...DELAY, "0"]],
    awaits: { aof_rewrite_in_progress: "0" },
  },
  {
    name: "while the file is rewritten",
    steps: [[...DELAY, "60000"], ["BGREWRITEAOF"]],
    awaits: { aof_rewrite_in_progress: "1" },
  },
  {
    name: "with a save scheduled behind that",
    steps: [["BGSAVE", "SCHEDULE"]],
  },
  {
    name: "after both",
    steps: [[...DELAY, "0"]],
    awaits: { rdb_saves: "3", rdb_bgsave_in_progress: "0" },
  },
  {
    name: "with the append-only file off",
    steps: [["CONFIG", "SET", "appendonly", "no"]],
  },
  { name: "after DEBUG RELOAD", steps: [["DEBUG", "RELOAD"]] },
  {
    name: "after a save that failed",
    async prepare(dir) {
      await Deno.remove(`${dir}/dump.rdb`);
      await Deno.mkdir(`${dir}/dump.rdb/in-the-way`, { recursive: true });
    },
    steps: [["SET", "c", "1"], ["BGSAVE"]],
    awaits: { rdb_last_bgsave_status: "err", rdb_bgsave_in_progress: "0" },
  },
  {
    name: "after one that went well",
    prepare: (dir) => Deno.remove(`${dir}/dump.rdb`, { recursive: true }),
    steps: [["BGSAVE"]],
    awaits: { rdb_last_bgsave_status: "ok", rdb_bgsave_in_progress: "0" },
  },
  { name: "after FLUSHALL", steps: [["FLUSHALL"]] },
  { name: "after CONFIG RESETSTAT", steps: [["CONFIG", "RESETSTAT"]] },
];

/** Has a server do the steps; answers its fields then. */
async function enter(
  server: ServerProcess,
  { steps, awaits, prepare }: State,
): Promise<Map<string, string>> {
  await prepare?.(server.dir);
  for (const step of steps) await run(server, ...step);
  let info = await infoOf(server, "persistence");
  if (awaits === undefined) return info;
  await until("there", async () => {
    info = await infoOf(server, "persistence");
    const isThere = Object.entries(awaits).every(([field, value]) =>
      info.get(field) === value
    );
    return isThere ? undefined : [...info].join("\n");
  });
  return info;
}

function assertAlike(
  ours: Map<string, string>,
  theirs: Map<string, string>,
  state: string,
): void {
  assertEquals([...ours.keys()], [...theirs.keys()], state);
  for (const [field, value] of ours) {
    const what = `${state}: ${field}`, other = theirs.get(field);
    if (DURATIONS.has(field)) {
      assertEquals(value === "-1", other === "-1", what);
    } else if (field in OWN) assertMatch(value, OWN[field], what);
    else assertEquals(value, other, what);
  }
}

const real = await findRealRedis();

testBesideRedis(
  real,
  "INFO persistence is as in redis-server, whatever the state",
  async (redis) => {
    await using ours = await startServer("tsredis", redis);
    await using theirs = await startServer("redis-server", redis);
    for (const state of STATES) {
      const [own, other] = await Promise.all([
        enter(ours, state),
        enter(theirs, state),
      ]);
      assertAlike(own, other, state.name);
    }
  },
);

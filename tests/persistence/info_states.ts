/** States of a server that saves, rewrites or copies, and how it gets there. */
import { infoOf, run, until } from "../support/replication_servers.ts";
import type { ServerProcess } from "../support/server_process.ts";

/** Fields of INFO persistence in their order. */
export type Fields = ReadonlyMap<string, string>;

/** A state: what is done to get there, one after the other, and fields to wait for. */
export interface State {
  readonly name: string;
  /** What happens to the server's files before. */
  prepare?(dir: string): Promise<void>;
  readonly steps?: readonly (readonly string[])[];
  readonly awaits?: Readonly<Record<string, string>>;
}

export function fieldsOf(server: ServerProcess): Promise<Fields> {
  return infoOf(server, "persistence");
}

/** Waits until the fields are as `test` wants them; answers them. */
export async function untilFields(
  server: ServerProcess,
  what: string,
  test: (fields: Fields) => boolean,
): Promise<Fields> {
  let fields: Fields = new Map();
  await until(what, async () => {
    fields = await fieldsOf(server);
    return test(fields) ? undefined : [...fields].join("\n");
  });
  return fields;
}

/** Has a server do the steps; answers its fields then. */
export async function enter(
  server: ServerProcess,
  { name, steps = [], awaits = {}, prepare }: State,
): Promise<Fields> {
  await prepare?.(server.dir);
  for (const step of steps) await run(server, ...step);
  return await untilFields(
    server,
    `in the state "${name}"`,
    (fields) =>
      Object.entries(awaits).every(([field, value]) =>
        fields.get(field) === value
      ),
  );
}

/** A pause for each key, in which a state can be looked at; and none. */
const SLOWLY = ["CONFIG", "SET", "rdb-key-save-delay", "60000"];
const AT_ONCE = ["CONFIG", "SET", "rdb-key-save-delay", "0"];
const KEYS = 20;
const WRITES = Array.from({ length: KEYS }, (_, i) => ["SET", `key:${i}`, "v"]);
const REWRITES = { aof_rewrite_in_progress: "1" };
const REWRITTEN = { aof_rewrite_in_progress: "0", aof_rewrite_scheduled: "0" };
const FILE_ON = ["CONFIG", "SET", "appendonly", "yes"];
const FILE_OFF = ["CONFIG", "SET", "appendonly", "no"];
/** Where the fourth base goes. */
const FOURTH_BASE = "appendonlydir/appendonly.aof.4.base.rdb";

/** Puts a directory where a file has to go. */
async function block(path: string): Promise<void> {
  await Deno.remove(path).catch(() => {});
  await Deno.mkdir(`${path}/in-the-way`, { recursive: true });
}

/** Of a server without save points that starts empty. */
export const SAVING_STATES: readonly State[] = [
  { name: "fresh" },
  { name: "after writes", steps: WRITES },
  { name: "after a save", steps: [["SAVE"]] },
  {
    name: "while it saves in the background",
    steps: [["SET", "a", "1"], SLOWLY, ["BGSAVE"]],
    awaits: { rdb_bgsave_in_progress: "1" },
  },
  {
    name: "with a rewrite scheduled behind that",
    steps: [["INCR", "a"], ["BGREWRITEAOF"]],
  },
  {
    name: "after the save and the rewrite",
    steps: [AT_ONCE],
    awaits: { aof_rewrites: "1", ...REWRITTEN },
  },
  {
    name: "while the append-only file is turned on",
    steps: [SLOWLY, FILE_ON, ["SET", "b", "1"]],
    awaits: REWRITES,
  },
  {
    name: "with the append-only file on",
    steps: [AT_ONCE],
    awaits: REWRITTEN,
  },
  { name: "with more in the file", steps: WRITES },
  {
    name: "while the file is rewritten",
    steps: [SLOWLY, ["BGREWRITEAOF"]],
    awaits: REWRITES,
  },
  {
    name: "with a save scheduled behind that",
    steps: [["BGSAVE", "SCHEDULE"]],
  },
  {
    name: "after both",
    steps: [AT_ONCE],
    awaits: { rdb_saves: "3", rdb_bgsave_in_progress: "0" },
  },
  {
    name: "after a rewrite that failed",
    prepare: (dir) => block(`${dir}/${FOURTH_BASE}`),
    steps: [["SET", "b", "2"], ["BGREWRITEAOF"]],
    awaits: { aof_last_bgrewrite_status: "err", ...REWRITTEN },
  },
  {
    name: "after another one",
    steps: [["BGREWRITEAOF"]],
    awaits: { aof_rewrites_consecutive_failures: "2", ...REWRITTEN },
  },
  {
    name: "with a rewrite scheduled behind a save, after failures",
    steps: [SLOWLY, ["BGSAVE"], ["BGREWRITEAOF"]],
    awaits: { aof_rewrite_scheduled: "1" },
  },
  {
    name: "after a rewrite that went well",
    prepare: (dir) => Deno.remove(`${dir}/${FOURTH_BASE}`, { recursive: true }),
    steps: [AT_ONCE],
    awaits: { aof_last_bgrewrite_status: "ok", ...REWRITTEN },
  },
  {
    name: "after a rewrite in commands",
    steps: [["CONFIG", "SET", "aof-use-rdb-preamble", "no"], ["BGREWRITEAOF"]],
    awaits: { aof_rewrites: "7", ...REWRITTEN },
  },
  {
    name: "with each write on the disk",
    steps: [["CONFIG", "SET", "appendfsync", "always"], ...WRITES],
  },
  { name: "after DEBUG LOADAOF", steps: [["DEBUG", "LOADAOF"]] },
  { name: "with the append-only file off", steps: [FILE_OFF] },
  {
    name: "while the append-only file is turned on again",
    steps: [["BGSAVE"], SLOWLY, FILE_ON, ["SET", "b", "1"]],
    awaits: REWRITES,
  },
  {
    name: "with the append-only file off in the middle of that",
    steps: [FILE_OFF],
    awaits: REWRITTEN,
  },
  {
    name: "with the append-only file on again",
    steps: [AT_ONCE, FILE_ON],
    awaits: REWRITTEN,
  },
  { name: "with the append-only file off again", steps: [FILE_OFF] },
  { name: "after DEBUG RELOAD", steps: [["DEBUG", "RELOAD"]] },
  {
    name: "after a save that failed",
    prepare: (dir) => block(`${dir}/dump.rdb`),
    steps: [["SET", "c", "1"], ["BGSAVE"]],
    awaits: { rdb_last_bgsave_status: "err", rdb_bgsave_in_progress: "0" },
  },
  {
    name: "after one that went well",
    prepare: (dir) => Deno.remove(`${dir}/dump.rdb`, { recursive: true }),
    steps: [["BGSAVE"]],
    awaits: { rdb_last_bgsave_status: "ok", rdb_bgsave_in_progress: "0" },
  },
  { name: "after FLUSHALL", steps: [["SET", "a", "1"], ["FLUSHALL"]] },
  { name: "after CONFIG RESETSTAT", steps: [["CONFIG", "RESETSTAT"]] },
];

/** Before, while and after a copy goes to a replica that has been told to follow. */
export const SLOW_COPY: State = {
  name: "with data for a copy",
  steps: [...WRITES, SLOWLY],
};
export const COPYING: State = {
  name: "while a copy goes to a replica",
  awaits: { rdb_bgsave_in_progress: "1" },
};
export const COPIED: State = {
  name: "after a copy went to a replica",
  steps: [AT_ONCE],
  awaits: { rdb_bgsave_in_progress: "0" },
};

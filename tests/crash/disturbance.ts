/** What falls into a round besides writing: saving, rewriting, settings, and kills of what starts. */
import type { Random } from "../fuzz/random.ts";
import { payloadText } from "../support/reply_text.ts";
import type { RespClient } from "../support/resp_client.ts";
import type { CrashServer } from "./crash_server.ts";

/** How the server keeps its data. */
export type CrashMode = "always" | "everysec" | "no" | "rdb";

/** Something that a client has the server do while others write. */
export interface Disturbance {
  readonly name: string;
  /** Whether what was acknowledged meanwhile may be missing after a kill. */
  readonly isGap?: boolean;
  /** Resolves when it is done, and with `whenDone` what it promises holds. */
  run(client: RespClient): Promise<void>;
}

const POLL_INTERVAL_MS = 3;
/** Makes loading last, so that kills fall into it. */
const SLOW_LOADING = ["--key-load-delay", "300"];
const SLOW_LOADING_MAX_MS = 60;

const REWRITE: Disturbance = {
  name: "rewrite",
  run: (client) => whileRunning(client, "BGREWRITEAOF", "aof_rewrite"),
};
const AOF_BASE: Disturbance = {
  name: "rewrite as commands",
  async run(client) {
    await client.text("CONFIG", "SET", "aof-use-rdb-preamble", "no");
    await REWRITE.run(client);
    await client.text("CONFIG", "SET", "aof-use-rdb-preamble", "yes");
  },
};
const SAVE: Disturbance = {
  name: "save",
  run: (client) => whileRunning(client, "BGSAVE", "rdb_bgsave"),
};
const SAVE_AND_REWRITE: Disturbance = {
  name: "save and rewrite",
  async run(client) {
    await client.text("BGSAVE");
    await REWRITE.run(client);
  },
};
const SWITCH: Disturbance = {
  name: "switch",
  isGap: true,
  async run(client) {
    await client.text("CONFIG", "SET", "appendonly", "no");
    await client.text("CONFIG", "SET", "appendonly", "yes");
    await whileShown(client, "aof_rewrite");
  },
};
const TIMESTAMPS: Disturbance = {
  name: "timestamps",
  async run(client) {
    await client.text("CONFIG", "SET", "aof-timestamp-enabled", "yes");
    await REWRITE.run(client);
  },
};

const OF_AOF: readonly (Disturbance | undefined)[] = [
  ...[undefined, undefined, REWRITE, AOF_BASE, SAVE, SAVE_AND_REWRITE],
  ...[SWITCH, TIMESTAMPS],
];

/** One by chance; undefined for none. */
export function pickDisturbance(
  mode: CrashMode,
  random: Random,
): Disturbance | undefined {
  return mode === "rdb" ? SAVE : random.pick(OF_AOF);
}

/** Now and then: starts the server and kills it before it is ready, also with a torn file; answers how often. */
export async function killWhileStarting(
  server: CrashServer,
  mode: CrashMode,
  random: Random,
): Promise<number> {
  if (!random.oneIn(4)) return 0;
  const isTorn = mode !== "rdb" && random.oneIn(2);
  if (isTorn) {
    // A start first, as the kill may have torn a write by itself.
    await server.start();
    await server.kill();
    tearLastIncrement(server.dir, random);
  }
  server.spawn(SLOW_LOADING);
  await server.listening();
  await sleep(random.between(0, SLOW_LOADING_MAX_MS));
  await server.kill();
  return isTorn ? 2 : 1;
}

/** What a write that the end of the machine interrupted would leave. */
function tearLastIncrement(dir: string, random: Random): void {
  const files = `${dir}/appendonlydir`;
  const manifest = Deno.readTextFileSync(`${files}/appendonly.aof.manifest`);
  const last = [...manifest.matchAll(/^file (\S+) seq \d+ type i/gm)].at(-1);
  if (last === undefined) return;
  const torn = random.pick([
    "*3\r\n$3\r\nSET\r\n$4\r\ntorn\r\n$5\r\nvalue\r\n",
    "*1\r\n$5\r\nMULTI\r\n*3\r\n$3\r\nSET\r\n$4\r\ntorn\r\n$5\r\nvalue\r\n*1\r\n$4\r\nEXEC\r\n",
  ]);
  Deno.writeTextFileSync(
    `${files}/${last[1]}`,
    torn.slice(0, random.between(1, torn.length - 1)),
    { append: true },
  );
}

async function whileRunning(
  client: RespClient,
  command: string,
  field: string,
): Promise<void> {
  const reply = await client.call(command);
  if (reply.type === "error") throw new Error(payloadText(reply));
  await whileShown(client, field);
}

/** Resolves when INFO says that it neither runs nor is about to. */
async function whileShown(client: RespClient, field: string): Promise<void> {
  const isShown = (text: string) =>
    text.includes(`${field}_in_progress:1`) ||
    text.includes(`${field}_scheduled:1`);
  while (isShown(await client.text("INFO", "persistence"))) {
    await sleep(POLL_INTERVAL_MS);
  }
}

export function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

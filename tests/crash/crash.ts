/**
 * Kills the server at random moments under load, again and again, starts it anew
 * on the same files, and checks what it has loaded.
 *
 *     deno run -A tests/crash/crash.ts --mode always --kills 1000 --seed 7
 *
 * Modes: `always`, `everysec` and `no` run with an append-only file and that
 * `appendfsync`; `rdb` with snapshots only. Writers number their commands. After
 * a start, what each has left must be the result of its first k commands for some
 * k: nothing from the middle may be missing, no transaction half done, and k lies
 * between the commands that were acknowledged and those that were sent. A snapshot
 * may be older than what was acknowledged, but never older than the one before it.
 *
 * Rewrites, snapshots and their end fall into the runs as chance has it.
 */
import { parseArgs } from "@std/cli";
import { Random } from "../fuzz/random.ts";
import type { Argument } from "../support/command_text.ts";
import { payloadText } from "../support/reply_text.ts";
import type { RespClient } from "../support/resp_client.ts";
import { CrashServer } from "./crash_server.ts";
import { commandOf, highestPrefix, type Leftovers } from "./numbered_writes.ts";

/** How the server keeps its data. */
export type CrashMode = "always" | "everysec" | "no" | "rdb";

export interface CrashOptions {
  readonly mode: CrashMode;
  readonly kills: number;
  readonly seed: number;
  /** Told after every kill. */
  readonly onKill?: (result: CrashResult) => void;
}

/** Sums over all kills. */
export interface CrashResult {
  kills: number;
  sent: number;
  acknowledged: number;
  /** Acknowledged commands that a start did not find; snapshots lose them by nature. */
  lost: number;
  /** Longest start, with loading, in ms. */
  longestStartMs: number;
  /** What must not be, in words. */
  readonly violations: string[];
}

const WRITERS = 4;
const PIPELINE_MAX = 20;
const RUN_MIN_MS = 20;
const RUN_MAX_MS = 250;
/** Rounds after which the data is emptied, so that files stay small. */
const ROUNDS_PER_FLUSH = 25;

/** One connection that sends numbered commands until it breaks. */
class Writer {
  sent = 0;
  acknowledged = 0;

  constructor(
    readonly name: string,
    private readonly client: RespClient,
    private readonly random: Random,
  ) {}

  /** Ends when the server is gone. */
  async run(): Promise<void> {
    try {
      for (;;) {
        const commands: Argument[][] = [];
        const numbers = this.random.between(1, PIPELINE_MAX);
        for (let i = 0; i < numbers; i++) {
          commands.push(...commandOf(this.name, ++this.sent));
        }
        const replies = await this.client.pipeline(commands);
        const refused = replies.find(({ type }) => type === "error");
        if (refused !== undefined) throw new Error(JSON.stringify(refused));
        this.acknowledged = this.sent;
      }
    } catch {
      this.client.close();
    }
  }
}

/** Runs; answers the sums. */
export async function runCrashes(options: CrashOptions): Promise<CrashResult> {
  const random = new Random(options.seed);
  const result: CrashResult = {
    kills: 0,
    sent: 0,
    acknowledged: 0,
    lost: 0,
    longestStartMs: 0,
    violations: [],
  };
  await using server = new CrashServer(serverArgs(options.mode));
  await server.start();
  for (let round = 1; round <= options.kills; round++) {
    const writers = await startWriters(server, round, random);
    const disturbing = disturb(server, options.mode, random);
    const runs = writers.map((writer) => writer.run());
    await sleep(random.between(RUN_MIN_MS, RUN_MAX_MS));
    await server.kill();
    await Promise.all([...runs, disturbing]);
    const startedMs = performance.now();
    await server.start();
    const tookMs = performance.now() - startedMs;
    result.longestStartMs = Math.max(result.longestStartMs, tookMs);
    await check(server, writers, options.mode, result);
    result.kills++;
    options.onKill?.(result);
    if (round % ROUNDS_PER_FLUSH === 0) await flush(server);
    if (result.violations.length > 0) break;
  }
  return result;
}

function serverArgs(mode: CrashMode): string[] {
  const common = ["--save", "", "--loglevel", "warning"];
  return mode === "rdb"
    ? common
    : [...common, "--appendonly", "yes", "--appendfsync", mode];
}

async function startWriters(
  server: CrashServer,
  round: number,
  random: Random,
): Promise<Writer[]> {
  const writers: Writer[] = [];
  for (let i = 0; i < WRITERS; i++) {
    const client = await server.connect();
    writers.push(new Writer(`${round}:${i}`, client, random));
  }
  return writers;
}

/** Has the server save or rewrite, at times. */
async function disturb(
  server: CrashServer,
  mode: CrashMode,
  random: Random,
): Promise<void> {
  if (mode !== "rdb" && !random.oneIn(2)) return;
  const pauseMs = random.between(0, RUN_MAX_MS / 2);
  try {
    using client = await server.connect();
    await sleep(pauseMs);
    await client.call(mode === "rdb" ? "BGSAVE" : "BGREWRITEAOF");
  } catch {
    // The server was killed first.
  }
}

async function check(
  server: CrashServer,
  writers: readonly Writer[],
  mode: CrashMode,
  result: CrashResult,
): Promise<void> {
  using client = await server.connect();
  for (const { name, sent, acknowledged } of writers) {
    const leftovers = await readLeftovers(client, name);
    const prefix = highestPrefix(leftovers, sent);
    const about = `writer ${name}, ${acknowledged} of ${sent} acknowledged`;
    result.sent += sent;
    result.acknowledged += acknowledged;
    if (prefix === undefined) {
      const found = JSON.stringify(leftovers);
      result.violations.push(`${about}: no prefix of it leaves ${found}`);
    } else if (prefix < acknowledged) {
      result.lost += acknowledged - prefix;
      if (mode !== "rdb") {
        result.violations.push(`${about}: only ${prefix} are there`);
      }
    }
  }
}

async function readLeftovers(
  client: RespClient,
  name: string,
): Promise<Leftovers> {
  const text = async (key: string) =>
    payloadText(await client.call("GET", `${key}:${name}`)) ?? "";
  const list = await client.call("LRANGE", `list:${name}`, "0", "-1");
  return {
    odd: await text("odd"),
    left: await text("left"),
    right: await text("right"),
    list: list.type === "array"
      ? list.items.map((item) => payloadText(item) ?? "?")
      : [],
  };
}

async function flush(server: CrashServer): Promise<void> {
  using client = await server.connect();
  await client.call("FLUSHALL");
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** One line for docs/RELIABILITY.md. */
function summary(mode: CrashMode, result: CrashResult): string {
  const { kills, sent, acknowledged, lost, longestStartMs } = result;
  return `| ${mode} | ${kills} | ${sent} | ${acknowledged} | ${lost} | ${
    longestStartMs.toFixed(0)
  } ms | ${result.violations.length} |`;
}

if (import.meta.main) {
  const options = parseArgs(Deno.args, { string: ["mode", "kills", "seed"] });
  const mode = (options.mode ?? "always") as CrashMode;
  const seed = Number(options.seed ?? Date.now() % 2 ** 32);
  console.log(`seed ${seed}`);
  const result = await runCrashes({
    mode,
    kills: Number(options.kills ?? 100),
    seed,
    onKill(sums) {
      if (sums.kills % 100 === 0) console.log(summary(mode, sums));
    },
  });
  for (const violation of result.violations) console.log(violation);
  console.log(summary(mode, result));
  Deno.exit(result.violations.length === 0 ? 0 : 1);
}

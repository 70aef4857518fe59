/**
 * Kills the server at random moments under load, again and again, starts it anew
 * on the same files, and checks what it has loaded.
 *
 *     deno run -A tests/crash/crash.ts --mode always --kills 1000 --seed 7
 *
 * Modes: `always`, `everysec` and `no` run with an append-only file and that
 * `appendfsync`; `rdb` with snapshots only. Four writers, each in its own database,
 * send numbered commands on all types, with transactions, keys that expire and a
 * client that waits for elements. After a start, what each has left must be what
 * its first k commands leave, for some k that is not less than what was
 * acknowledged; with `rdb`, than what was acknowledged before the last snapshot
 * that ended. A list that all transactions add to shows that all databases stem
 * from the same moment. What an earlier start found must stay.
 *
 * Into the rounds fall rewrites, snapshots, changes of settings, the append-only
 * file turned off and on, kills of a server that loads, and of one that cuts off
 * half a command. At times the real redis-server loads a copy of the files, and
 * must have the same data.
 */
import { parseArgs } from "@std/cli";
import { Random } from "../fuzz/random.ts";
import type { RespClient } from "../support/resp_client.ts";
import { CrashServer } from "./crash_server.ts";
import {
  type CrashMode,
  killWhileStarting,
  pickDisturbance,
  sleep,
} from "./disturbance.ts";
import { RealRedisCopy } from "./real_redis_copy.ts";
import { checkOrder, findPrefix, readLeftovers, Writer } from "./writer.ts";
import type { Leftovers } from "./write_model.ts";

export interface CrashOptions {
  readonly mode: CrashMode;
  readonly kills: number;
  readonly seed: number;
  /** Path of the real redis-server; without it, nothing is compared with it. */
  readonly redisPath?: string;
  /** What starts the server, by default as tests do. */
  readonly command?: string[];
  /** Told after every round. */
  readonly onRound?: (result: CrashResult) => void;
}

/** Sums over all rounds. */
export interface CrashResult {
  kills: number;
  sent: number;
  acknowledged: number;
  /** Acknowledged commands that a start did not find, though that was not promised. */
  lost: number;
  /** How long before its kill the oldest of them was acknowledged, in ms. */
  longestLossMs: number;
  /** How often redis-server loaded a copy of the files. */
  comparisons: number;
  /** What must not be, in words. */
  readonly violations: string[];
}

interface Settled {
  readonly writer: Writer;
  readonly leftovers: Leftovers;
}

const WRITERS = 4;
const RUN_MIN_MS = 20;
const RUN_MAX_MS = 160;
/** Rounds after which the data is emptied, so that files stay small. */
const ROUNDS_PER_FLUSH = 20;
const ROUNDS_PER_COMPARISON = 10;

/** Runs; answers the sums. */
export async function runCrashes(options: CrashOptions): Promise<CrashResult> {
  const { mode, kills, seed, redisPath } = options;
  const random = new Random(seed);
  const result: CrashResult = {
    kills: 0,
    sent: 0,
    acknowledged: 0,
    lost: 0,
    longestLossMs: 0,
    comparisons: 0,
    violations: [],
  };
  await using server = new CrashServer(serverArgs(mode), options.command);
  await server.start();
  let settled: Settled[] = [];
  for (let round = 1; result.kills < kills; round++) {
    try {
      const { writers, endMs } = await writeAndKill(
        server,
        mode,
        round,
        random,
      );
      result.kills += 1 + await killWhileStarting(server, mode, random);
      if (redisPath !== undefined && round % ROUNDS_PER_COMPARISON === 0) {
        await compare(server, mode, redisPath);
        result.comparisons++;
      } else await server.start();
      settled.push(...await check(server, writers, endMs, result));
      await checkSettled(server, settled.slice(-2 * WRITERS));
    } catch (error) {
      result.violations.push(`round ${round}: ${error}`);
    }
    options.onRound?.(result);
    if (result.violations.length > 0) {
      server.isKept = true;
      result.violations[0] += `\nthe server's files: ${server.dir}`;
      break;
    }
    if (round % ROUNDS_PER_FLUSH > 0) continue;
    await flush(server, mode);
    settled = [];
  }
  return result;
}

function serverArgs(mode: CrashMode): string[] {
  return [
    ...["--save", "", "--loglevel", "notice", "--enable-debug-command", "yes"],
    ...(mode === "rdb" ? [] : ["--appendonly", "yes", "--appendfsync", mode]),
    // Small enough that files are rewritten by themselves now and then.
    ...["--auto-aof-rewrite-min-size", "300kb"],
  ];
}

async function writeAndKill(
  server: CrashServer,
  mode: CrashMode,
  round: number,
  random: Random,
): Promise<{ writers: Writer[]; endMs: number }> {
  const writers = Array.from({ length: WRITERS }, (_, i) =>
    new Writer({
      name: `${round}:${i}`,
      dbIndex: i + 1,
      seed: random.next(),
    }, random));
  const clients = await Promise.all(
    writers.map(async (): Promise<[RespClient, RespClient]> => [
      await server.connect(),
      await server.connect(),
    ]),
  );
  const runs = writers.map((writer, i) => writer.run(...clients[i]));
  const state = { isPromising: mode !== "rdb" };
  const disturbing = disturb(server, mode, writers, state, random);
  await sleep(random.between(RUN_MIN_MS, RUN_MAX_MS));
  const endMs = performance.now();
  await server.kill();
  await Promise.all([...runs, disturbing]);
  for (const writer of writers) {
    if (state.isPromising) writer.promised = writer.acknowledged;
  }
  return { writers, endMs };
}

/**
 * Has the server do something, at times. What was acknowledged up to its beginning
 * is promised from its end on; `isPromising` tells whether all is.
 */
async function disturb(
  server: CrashServer,
  mode: CrashMode,
  writers: readonly Writer[],
  state: { isPromising: boolean },
  random: Random,
): Promise<void> {
  const disturbance = pickDisturbance(mode, random);
  const pauseMs = random.between(0, RUN_MAX_MS / 2);
  if (disturbance === undefined) return;
  try {
    using client = await server.connect();
    await sleep(pauseMs);
    const acknowledged = writers.map((writer) => writer.acknowledged);
    for (const [i, writer] of writers.entries()) {
      if (state.isPromising) writer.promised = acknowledged[i];
    }
    if (disturbance.isGap) state.isPromising = false;
    await disturbance.run(client);
    for (const [i, writer] of writers.entries()) {
      writer.promised = acknowledged[i];
    }
    if (disturbance.isGap) state.isPromising = true;
  } catch {
    // The server was killed first.
  }
}

/** Finds what is left of each writer, and counts what is not. */
async function check(
  server: CrashServer,
  writers: readonly Writer[],
  endMs: number,
  result: CrashResult,
): Promise<Settled[]> {
  using client = await server.connect();
  const settled: Settled[] = [];
  for (const writer of writers) {
    const { acknowledged, promised, sent } = writer;
    result.sent += sent;
    result.acknowledged += acknowledged;
    try {
      const { prefix, leftovers } = await findPrefix(client, writer, promised);
      settled.push({ writer, leftovers });
      if (prefix >= acknowledged) continue;
      result.lost += acknowledged - prefix;
      result.longestLossMs = Math.max(
        result.longestLossMs,
        writer.lossMs(prefix, endMs),
      );
    } catch (error) {
      result.violations.push(
        `writer ${writer.writer.name}, seed ${writer.writer.seed}, ${promised} promised, ${acknowledged} of ${sent} acknowledged: ${error}`,
      );
    }
  }
  await checkOrder(
    client,
    settled.map(({ writer, leftovers }) => ({
      writer: writer.writer,
      left: leftovers.left,
    })),
  );
  return settled;
}

/** What a start has found, later ones find as well. */
async function checkSettled(
  server: CrashServer,
  settled: readonly Settled[],
): Promise<void> {
  using client = await server.connect();
  for (const { writer, leftovers } of settled) {
    const found = await readLeftovers(client, writer.writer);
    if (JSON.stringify(found) !== JSON.stringify(leftovers)) {
      throw new Error(`writer ${writer.writer.name} has changed afterwards`);
    }
  }
}

/** Starts the server; redis-server must find the same in the files as they were before. */
async function compare(
  server: CrashServer,
  mode: CrashMode,
  redisPath: string,
): Promise<void> {
  await using copy = new RealRedisCopy(server.dir);
  await server.start();
  using client = await server.connect();
  await copy.compare(redisPath, mode !== "rdb", client);
}

async function flush(server: CrashServer, mode: CrashMode): Promise<void> {
  using client = await server.connect();
  await client.text("FLUSHALL");
  if (mode === "rdb") await client.text("SAVE");
}

/** One line of a table. */
export function summary(
  mode: CrashMode,
  seed: number,
  result: CrashResult,
): string {
  const { kills, acknowledged, lost, longestLossMs, comparisons } = result;
  return `| ${mode} | ${seed} | ${kills} | ${acknowledged} | ${lost} | ${
    longestLossMs.toFixed(0)
  } ms | ${comparisons} | ${result.violations.length} |`;
}

if (import.meta.main) {
  const options = parseArgs(Deno.args, {
    string: ["mode", "kills", "seed", "redis"],
  });
  const mode = (options.mode ?? "always") as CrashMode;
  const seed = Number(options.seed ?? Date.now() % 2 ** 32);
  const result = await runCrashes({
    mode,
    kills: Number(options.kills ?? 100),
    seed,
    redisPath: options.redis,
    onRound(sums) {
      if (sums.kills % 50 < 2) console.log(summary(mode, seed, sums));
    },
  });
  for (const violation of result.violations) console.log(violation);
  console.log(summary(mode, seed, result));
  Deno.exit(result.violations.length === 0 ? 0 : 1);
}

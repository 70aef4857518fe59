/**
 * Throughput suites: the same load on both servers in turn, several rounds, so
 * that whatever else the machine does hits both.
 */
import type { RunningServer } from "./contestant.ts";
import { loadKeys, type LoadPlan, runCommand } from "./loader.ts";
import { median, type Row, type Target } from "./measurement.ts";
import { openSubscribers } from "./subscribers.ts";
import { type Load, type LoadResult, runLoad } from "./redis_benchmark.ts";

/** A load with what it has to reach. */
export interface Scenario {
  readonly name: string;
  readonly load: Load;
  /** Brings the server at a port into the state in which each run begins. */
  readonly before?: (port: number) => Promise<void>;
  /** For throughput. */
  readonly target?: Target;
  /** Report latencies too, with what they have to keep. */
  readonly latency?: { readonly p99: Target; readonly max: Target };
}

/** Loads that run on the same data. */
export interface Stage {
  readonly preload: readonly LoadPlan[];
  /** Makes the data that are no strings. */
  readonly prepare?: (port: number) => Promise<void>;
  /** Connections that are subscribed to the channel that PUBLISH is measured on. */
  readonly subscribers?: number;
  readonly scenarios: readonly Scenario[];
}

/** Both servers, ours first. */
export type Pair = readonly [ours: RunningServer, reference: RunningServer];

/** Ten different random keys, as redis-benchmark's own MSET test writes. */
const TEN_KEYS = Array<string>(10).fill("key:__rand_int__");

const CHANNEL = "news";

/** Words of commands for which redis-benchmark has no test of its own. */
const COMMAND_WORDS: Readonly<Record<string, readonly string[]>> = {
  mget: ["mget", ...TEN_KEYS],
  publish: ["publish", CHANNEL, "x".repeat(16)],
};

/** A scenario of one command under its usual name. */
export function scenario(
  command: string,
  load: Omit<Load, "command" | "requests"> & { requests?: number },
  target?: Target,
): Scenario {
  return {
    name: `${command.toUpperCase()} P=${load.pipeline}`,
    load: {
      requests: defaultRequests(load.pipeline, load.valueBytes),
      ...load,
      command: COMMAND_WORDS[command] ?? command,
    },
    target,
  };
}

/** So many that a run takes one to three seconds. */
function defaultRequests(pipeline: number, valueBytes: number): number {
  const RUN_BYTES = 3e9;
  const small = pipeline === 1
    ? 150_000
    : pipeline < 32
    ? 1_500_000
    : 3_000_000;
  return Math.max(1000, Math.min(small, Math.floor(RUN_BYTES / valueBytes)));
}

/** What both servers showed under one load, round by round. */
interface Rounds {
  readonly results: readonly [LoadResult[], LoadResult[]];
  readonly cpuMicros: readonly [number[], number[]];
}

/** Runs the scenarios of a stage on both servers, and gives a row for each. */
export async function runStage(
  suite: string,
  servers: Pair,
  stage: Stage,
  rounds: number,
): Promise<Row[]> {
  for (const server of servers) {
    await runCommand(server.port, "FLUSHALL");
    for (const plan of stage.preload) await loadKeys(server.port, plan);
    await stage.prepare?.(server.port);
  }
  using listeners = new DisposableStack();
  for (const { port } of servers) {
    const count = stage.subscribers ?? 0;
    listeners.use(await openSubscribers(port, count, CHANNEL));
  }
  const rows: Row[] = [];
  for (const entry of stage.scenarios) {
    console.error(`${suite}: ${entry.name}`);
    const measured = await runRounds(servers, entry, rounds);
    rows.push(...rowsOf(suite, entry, measured));
  }
  return rows;
}

async function runRounds(
  servers: Pair,
  { load, before: prepare }: Scenario,
  rounds: number,
): Promise<Rounds> {
  const measured: Rounds = { results: [[], []], cpuMicros: [[], []] };
  // Unmeasured: lets the compiler of the one and the tables of both settle.
  const warmUp = { ...load, requests: Math.ceil(load.requests / 2) };
  for (const server of servers) {
    await prepare?.(server.port);
    await runLoad(server.port, warmUp);
  }
  for (let round = 0; round < rounds; round++) {
    const order = round % 2 === 0 ? [0, 1] as const : [1, 0] as const;
    for (const which of order) {
      const server = servers[which];
      await prepare?.(server.port);
      const before = server.cpuMs();
      measured.results[which].push(await runLoad(server.port, load));
      measured.cpuMicros[which].push(
        (server.cpuMs() - before) * 1000 / load.requests,
      );
    }
  }
  return measured;
}

function rowsOf(suite: string, entry: Scenario, measured: Rounds): Row[] {
  const [ours, reference] = measured.cpuMicros.map(median);
  const rows: Row[] = [{
    ...figure(suite, entry.name, "/s", measured, (result) => result.perSecond),
    cpuMicros: { ours, reference },
    target: entry.target,
  }];
  const { latency } = entry;
  if (latency !== undefined) {
    rows.push({
      ...figure(suite, `${entry.name} p99`, "ms", measured, (r) => r.p99Ms),
      target: latency.p99,
    }, {
      ...figure(suite, `${entry.name} max`, "ms", measured, (r) => r.maxMs),
      target: latency.max,
    });
  }
  return rows;
}

function figure(
  suite: string,
  name: string,
  unit: Row["unit"],
  measured: Rounds,
  pick: (result: LoadResult) => number,
): Row {
  const [ours, reference] = measured.results.map((results) =>
    results.map(pick)
  );
  return {
    suite,
    name,
    unit,
    ours: median(ours),
    reference: median(reference),
    samples: { ours, reference },
  };
}

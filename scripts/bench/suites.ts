/** The suites by name, with the figures that tsredis has to reach. */
import { measureAppendOnly } from "./append_only.ts";
import { ELEMENT_COMMANDS, RANGE_COMMANDS } from "./collections.ts";
import type { Contestant } from "./contestant.ts";
import { startServer } from "./contestant.ts";
import { type LoadPlan, runCommand } from "./loader.ts";
import { measureLargeCollections } from "./large_collections.ts";
import { measureLongList } from "./long_list.ts";
import type { Row, Target } from "./measurement.ts";
import { measureGrowth } from "./growth.ts";
import { measureIdleClients } from "./idle_clients.ts";
import { measureMemory, measureSixGigabytes } from "./memory.ts";
import { runLoad } from "./redis_benchmark.ts";
import { measureRdbFiles } from "./rdb_files.ts";
import { measureReplicated } from "./replica.ts";
import { measureSaving } from "./saving.ts";
import { measureSmallCollections } from "./small_collections.ts";
import { measureStartup } from "./startup.ts";
import { runStage, type Scenario, scenario, type Stage } from "./throughput.ts";

/** What every suite is told. */
export interface SuiteContext {
  readonly ours: Contestant;
  readonly reference: Contestant;
  readonly rounds: number;
  /** Instead of each scenario's own number. */
  readonly requests?: number;
  /** Runs a scenario only when it accepts it. */
  readonly accepts: (scenario: Scenario) => boolean;
}

type Suite = (name: string, context: SuiteContext) => Promise<Row[]>;

const CLIENTS = 50;
const SMALL_VALUE_BYTES = 16;
const MILLION = 1_000_000;

function atLeast(ratio: number): Target {
  return { ratioAtLeast: ratio };
}

/** Keys as redis-benchmark's SET and GET use them. */
export function stringKeys(count: number, valueBytes: number): LoadPlan {
  return { prefix: "key:", count, valueBytes: () => valueBytes };
}

/** Keys as redis-benchmark's INCR uses them. */
export function counterKeys(count: number): LoadPlan {
  return { prefix: "counter:", count, valueBytes: () => 1, filler: "1" };
}

/** SET and GET at several depths on the same keys. */
function stringsStage(
  keys: number,
  valueBytes: number,
  targets: readonly (readonly [pipeline: number, ratio: number])[],
): Stage {
  return {
    preload: [stringKeys(keys, valueBytes)],
    scenarios: targets.flatMap(([pipeline, ratio]) =>
      ["set", "get"].map((command) => {
        const load = { pipeline, clients: CLIENTS, valueBytes, keys };
        const entry = scenario(command, load, atLeast(ratio));
        return valueBytes === SMALL_VALUE_BYTES
          ? entry
          : { ...entry, name: `${entry.name} ${valueBytes} bytes` };
      })
    ),
  };
}

const COUNTERS: Stage = {
  preload: [stringKeys(MILLION, SMALL_VALUE_BYTES), counterKeys(MILLION)],
  scenarios: ["incr", "mset", "mget"].map((command) =>
    scenario(command, {
      pipeline: 16,
      clients: CLIENTS,
      valueBytes: SMALL_VALUE_BYTES,
      keys: MILLION,
      ...(command === "incr" ? {} : { requests: 200_000 }),
    }, atLeast(1.3))
  ),
};

/** Values of each size, on keys that hold 100 MB together. */
const VALUES: readonly Stage[] = [
  stringsStage(100_000, 1000, [[16, 1.0]]),
  stringsStage(10_000, 10_000, [[1, 0.8]]),
  stringsStage(1000, 100_000, [[1, 0.8]]),
  stringsStage(100, 1_000_000, [[1, 0.8]]),
];

const PUBLISHING: Stage = {
  preload: [],
  subscribers: 100,
  scenarios: [1, 16].map((pipeline) =>
    scenario("publish", {
      pipeline,
      clients: CLIENTS,
      valueBytes: SMALL_VALUE_BYTES,
      keys: 1,
      requests: pipeline === 1 ? 40_000 : 100_000,
    }, atLeast(pipeline === 1 ? 0.9 : 1.2))
  ),
};

const MANY_CLIENTS: Stage = {
  preload: [stringKeys(100_000, SMALL_VALUE_BYTES)],
  scenarios: [500, 2000].flatMap((clients) =>
    ["set", "get"].map((command) => {
      const entry = scenario(command, {
        pipeline: 1,
        clients,
        valueBytes: SMALL_VALUE_BYTES,
        keys: 100_000,
      }, atLeast(0.9));
      return {
        ...entry,
        name: `${entry.name}, ${clients} clients`,
        latency: { p99: { ratioAtMost: 2 }, max: { ratioAtMost: 5 } },
      };
    })
  ),
};

const LIST_KEY = "mylist";

/** Fills the list that redis-benchmark's list tests use. */
function fillList(elements: number): (port: number) => Promise<void> {
  return async (port) => {
    await runCommand(port, `DEL ${LIST_KEY}`);
    if (elements === 0) return;
    await runLoad(port, {
      command: "rpush",
      pipeline: 64,
      clients: CLIENTS,
      valueBytes: SMALL_VALUE_BYTES,
      keys: 1,
      requests: elements,
    });
  };
}

/** Pushes to and pops from both ends of one list; each run begins with as many elements as it needs. */
const LIST_ENDS: Stage = {
  preload: [],
  scenarios: ([[16, 1.2], [64, 1.5]] as const).flatMap(([pipeline, ratio]) =>
    ["lpush", "rpush", "lpop", "rpop"].map((command) => {
      const requests = pipeline * 50_000;
      const load = {
        pipeline,
        clients: CLIENTS,
        valueBytes: SMALL_VALUE_BYTES,
        keys: 1,
        requests,
      };
      const isPop = command.endsWith("pop");
      return {
        ...scenario(command, load, atLeast(ratio)),
        before: fillList(isPop ? requests : 0),
      };
    })
  ),
};

const LIST_RANGES: Stage = {
  preload: [],
  scenarios: [100, 300, 600].map((elements) => ({
    name: `LRANGE_${elements} P=16`,
    load: {
      command: ["lrange", LIST_KEY, "0", String(elements - 1)],
      pipeline: 16,
      clients: CLIENTS,
      valueBytes: SMALL_VALUE_BYTES,
      keys: 1,
      requests: 15_000_000 / elements,
    },
    target: atLeast(1.2),
    before: fillList(100_000),
  })),
};

/** A suite of stages, on one start of both servers. */
export function stagesSuite(stages: readonly Stage[]): Suite {
  return async (name, context) => {
    const ours = await startServer(context.ours);
    const reference = await startServer(context.reference);
    try {
      const rows: Row[] = [];
      for (const stage of stages) {
        const scenarios = stage.scenarios.filter(context.accepts).map((entry) =>
          context.requests === undefined ? entry : {
            ...entry,
            load: { ...entry.load, requests: context.requests },
          }
        );
        if (scenarios.length === 0) continue;
        rows.push(
          ...await runStage(
            name,
            [ours, reference],
            { ...stage, scenarios },
            context.rounds,
          ),
        );
      }
      return rows;
    } finally {
      await Promise.all([ours.stop(), reference.stop()]);
    }
  };
}

/** All suites. */
export const SUITES: Readonly<Record<string, Suite>> = {
  "strings-1m": stagesSuite([
    stringsStage(MILLION, SMALL_VALUE_BYTES, [[1, 0.9], [16, 1.5], [64, 2]]),
  ]),
  "strings-1k": stagesSuite([
    stringsStage(1000, SMALL_VALUE_BYTES, [[1, 0.9], [16, 1.2], [64, 2]]),
  ]),
  counters: stagesSuite([COUNTERS]),
  values: stagesSuite(VALUES),
  clients: stagesSuite([MANY_CLIENTS]),
  pubsub: stagesSuite([PUBLISHING]),
  lists: stagesSuite([LIST_ENDS, LIST_RANGES]),
  "long-list": measureLongList,
  collections: stagesSuite([ELEMENT_COMMANDS]),
  "collection-ranges": stagesSuite([RANGE_COMMANDS]),
  "small-collections": measureSmallCollections,
  "large-collections": measureLargeCollections,
  saving: measureSaving,
  rdb: measureRdbFiles,
  "append-only": measureAppendOnly,
  replica: measureReplicated,
  idle: measureIdleClients,
  memory: measureMemory,
  "six-gigabytes": measureSixGigabytes,
  growth: measureGrowth,
  startup: measureStartup,
};

/** Writing with an append-only file, each server's in a directory of the same disk. */
import { type Contestant, startServer } from "./contestant.ts";
import type { Row } from "./measurement.ts";
import { runStage, type Scenario, scenario } from "./throughput.ts";

const CLIENTS = 50;
const VALUE_BYTES = 16;
const KEYS = 100_000;

interface Setting {
  readonly policy: "everysec" | "always";
  readonly pipeline: number;
  readonly requests?: number;
  readonly ratioAtLeast: number;
}

const SETTINGS: readonly Setting[] = [
  { policy: "everysec", pipeline: 16, ratioAtLeast: 0.9 },
  { policy: "always", pipeline: 1, requests: 50_000, ratioAtLeast: 1 },
  { policy: "always", pipeline: 16, requests: 400_000, ratioAtLeast: 1 },
];

/** SET with `appendfsync everysec` and `always`, where 50 clients share a sync. */
export async function measureAppendOnly(
  suite: string,
  context: {
    readonly ours: Contestant;
    readonly reference: Contestant;
    readonly rounds: number;
    readonly accepts: (scenario: Scenario) => boolean;
  },
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const { policy, ratioAtLeast, ...load } of SETTINGS) {
    const entry = scenario("set", {
      clients: CLIENTS,
      valueBytes: VALUE_BYTES,
      keys: KEYS,
      ...load,
    }, { ratioAtLeast });
    if (!context.accepts(entry)) continue;
    const ours = await startWithFile(context.ours, policy);
    const reference = await startWithFile(context.reference, policy);
    try {
      rows.push(
        ...await runStage(suite, [ours.server, reference.server], {
          preload: [],
          scenarios: [{ ...entry, name: `${entry.name}, fsync ${policy}` }],
        }, context.rounds),
      );
    } finally {
      await Promise.all([ours.stop(), reference.stop()]);
    }
  }
  return rows;
}

/** Rewrites are off: when the file has doubled depends on how fast it grew. */
async function startWithFile(contestant: Contestant, policy: string) {
  const dir = await Deno.makeTempDir({ prefix: "tsredis-bench-" });
  const server = await startServer(contestant, {
    options: [
      ...["--dir", dir],
      ...["--appendonly", "yes"],
      ...["--appendfsync", policy],
      ...["--auto-aof-rewrite-percentage", "0"],
    ],
  });
  return {
    server,
    async stop() {
      await server.stop();
      await Deno.remove(dir, { recursive: true });
    },
  };
}

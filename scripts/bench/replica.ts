/** Writing to a primary that has a replica of its own kind. */
import { type Contestant, sleep, startServer } from "./contestant.ts";
import { runCommand } from "./loader.ts";
import type { Row } from "./measurement.ts";
import { runStage, scenario } from "./throughput.ts";

const KEYS = 100_000;
const LINK_LIMIT_MS = 20_000;

/** SET at P=16 with one replica attached. */
export async function measureReplicated(
  suite: string,
  context: {
    readonly ours: Contestant;
    readonly reference: Contestant;
    readonly rounds: number;
  },
): Promise<Row[]> {
  const ours = await startPair(context.ours);
  const reference = await startPair(context.reference);
  try {
    const entry = scenario("set", {
      pipeline: 16,
      clients: 50,
      valueBytes: 16,
      keys: KEYS,
    }, { ratioAtLeast: 0.9 });
    return await runStage(suite, [ours.primary, reference.primary], {
      preload: [],
      scenarios: [{ ...entry, name: `${entry.name}, one replica` }],
    }, context.rounds);
  } finally {
    await Promise.all([ours.stop(), reference.stop()]);
  }
}

async function startPair(contestant: Contestant) {
  const dirs = [await makeDir(), await makeDir()];
  const primary = await startServer(contestant, {
    options: ["--dir", dirs[0], "--repl-diskless-sync-delay", "0"],
  });
  const replica = await startServer(contestant, {
    options: [
      "--dir",
      dirs[1],
      "--replicaof",
      "127.0.0.1",
      `${primary.port}`,
    ],
    isPinned: false,
  });
  const deadlineMs = Date.now() + LINK_LIMIT_MS;
  while (await runCommand(primary.port, "WAIT 1 100") !== ":1") {
    if (Date.now() > deadlineMs) throw new Error("the replica does not come");
    await sleep(100);
  }
  return {
    primary,
    async stop() {
      await Promise.all([primary.stop(), replica.stop()]);
      for (const dir of dirs) await Deno.remove(dir, { recursive: true });
    },
  };
}

function makeDir(): Promise<string> {
  return Deno.makeTempDir({ prefix: "tsredis-bench-" });
}

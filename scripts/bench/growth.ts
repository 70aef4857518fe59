/** Pauses while a database grows to ten million keys. */
import { type Contestant, startServer } from "./contestant.ts";
import { loadKeys } from "./loader.ts";
import { median, type Row } from "./measurement.ts";

const KEYS = 10_000_000;
/**
 * Commands per round trip. The longest round trip bounds the longest command
 * from above; a short one adds little to it.
 */
const BATCH = 100;
const COMMAND_LIMIT_MS = 20;

/**
 * A pause of the server's own shows in every run, one of the machine in few, so
 * the longest round trip is that of the best run.
 */
const RUNS = 3;

/** The longest and the 99.99th percentile of the round trips of both. */
export async function measureGrowth(
  suite: string,
  context: { readonly ours: Contestant; readonly reference: Contestant },
): Promise<Row[]> {
  const ours: RoundTrips[] = [];
  const reference: RoundTrips[] = [];
  for (let run = 0; run < RUNS; run++) {
    ours.push(await measureOne(suite, context.ours));
    reference.push(await measureOne(suite, context.reference));
  }
  const name = `${BATCH} SETs while growing to 10 M keys`;
  return [
    {
      suite,
      name: `${name}, longest, best of ${RUNS} runs`,
      unit: "ms",
      ours: Math.min(...ours.map((trips) => trips.longestMs)),
      reference: Math.min(...reference.map((trips) => trips.longestMs)),
      samples: {
        ours: ours.map((trips) => trips.longestMs),
        reference: reference.map((trips) => trips.longestMs),
      },
      target: { oursAtMost: COMMAND_LIMIT_MS },
    },
    {
      suite,
      name: `${name}, p99.99`,
      unit: "ms",
      ours: median(ours.map((trips) => trips.tailMs)),
      reference: median(reference.map((trips) => trips.tailMs)),
    },
  ];
}

interface RoundTrips {
  readonly longestMs: number;
  /** The 99.99th percentile. */
  readonly tailMs: number;
}

async function measureOne(
  suite: string,
  contestant: Contestant,
): Promise<RoundTrips> {
  console.error(`${suite}: ${contestant.name}`);
  const server = await startServer(contestant);
  try {
    const tripsMs: number[] = [];
    await loadKeys(server.port, {
      prefix: "key:",
      count: KEYS,
      valueBytes: () => 16,
      batch: BATCH,
      onBatch: (elapsedMs) => tripsMs.push(elapsedMs),
    });
    tripsMs.sort((a, b) => b - a);
    return {
      longestMs: tripsMs[0],
      tailMs: tripsMs[Math.floor(tripsMs.length / 10_000)],
    };
  } finally {
    await server.stop();
  }
}

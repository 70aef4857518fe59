/** Time from starting the process to its first +PONG, warm, on all cores. */
import { type Contestant, startServer } from "./contestant.ts";
import { median, type Row } from "./measurement.ts";

const START_LIMIT_MS = 150;

/** The median of several starts of both in turn, after one that warms caches. */
export async function measureStartup(
  suite: string,
  context: {
    readonly ours: Contestant;
    readonly reference: Contestant;
    readonly rounds: number;
  },
): Promise<Row[]> {
  const ours: number[] = [];
  const reference: number[] = [];
  await startOnce(context.ours);
  await startOnce(context.reference);
  console.error(suite);
  for (let round = 0; round < context.rounds; round++) {
    ours.push(await startOnce(context.ours));
    reference.push(await startOnce(context.reference));
  }
  return [{
    suite,
    name: "start to first PONG, on all cores",
    unit: "ms",
    ours: median(ours),
    reference: median(reference),
    samples: { ours, reference },
    target: { oursAtMost: START_LIMIT_MS },
  }];
}

async function startOnce(contestant: Contestant): Promise<number> {
  const server = await startServer(contestant, { isPinned: false });
  await server.stop();
  return server.startMs;
}

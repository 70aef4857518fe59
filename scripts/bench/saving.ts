/** How fast a file loads, and how long others wait while one is saved. */
import { type Contestant, sleep, startServer } from "./contestant.ts";
import { loadKeys, runCommand } from "./loader.ts";
import { median, type Row } from "./measurement.ts";

const VALUE_BYTES = 16;
const LOADED_KEYS = 1_000_000;
const SAVED_KEYS = 5_000_000;
const RUNS = 3;
/** Keys written over and over while the file is saved, per round trip. */
const WRITTEN_KEYS = 100_000;
const WRITE_BATCH = 20;
const PING = new TextEncoder().encode("PING\r\n");
const PING_PAUSE_MS = 2;
const PING_LIMIT_MS = 10;

interface Figures {
  readonly loadMs: number;
  readonly saveMs: number;
  /** 99th percentile of PING while it saves, and without. */
  readonly pingMs: number;
  readonly quietPingMs: number;
  /** Growth of resident memory while it saves. */
  readonly grownMegabytes: number;
}

/** Loading 1 M keys; BGSAVE of 5 M keys under writes. */
export async function measureSaving(
  suite: string,
  context: { readonly ours: Contestant; readonly reference: Contestant },
): Promise<Row[]> {
  const ours: Figures[] = [], reference: Figures[] = [];
  for (let run = 0; run < RUNS; run++) {
    ours.push(await measureOne(suite, context.ours));
    reference.push(await measureOne(suite, context.reference));
  }
  const row = (
    name: string,
    unit: Row["unit"],
    pick: (figures: Figures) => number,
  ): Row => ({
    suite,
    name,
    unit,
    ours: median(ours.map(pick)),
    reference: median(reference.map(pick)),
    samples: { ours: ours.map(pick), reference: reference.map(pick) },
  });
  return [
    {
      ...row(
        "keys loaded from an RDB file of 1 M",
        "/s",
        ({ loadMs }) => LOADED_KEYS / loadMs * 1000,
      ),
      target: { ratioAtLeast: 0.8 },
    },
    {
      ...row(
        "PING p99 during BGSAVE of 5 M keys under writes",
        "ms",
        ({ pingMs }) => pingMs,
      ),
      target: { oursAtMost: PING_LIMIT_MS },
    },
    row("PING p99 under writes", "ms", ({ quietPingMs }) => quietPingMs),
    row("BGSAVE of 5 M keys under writes", "ms", ({ saveMs }) => saveMs),
    row(
      "growth of RSS during BGSAVE",
      "MB",
      ({ grownMegabytes }) => grownMegabytes,
    ),
  ];
}

async function measureOne(
  suite: string,
  contestant: Contestant,
): Promise<Figures> {
  console.error(`${suite}: ${contestant.name}`);
  const dir = await Deno.makeTempDir({ prefix: "tsredis-bench-" });
  try {
    const loadMs = await measureLoad(contestant, dir);
    return { loadMs, ...await measureSave(contestant, dir) };
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** From the start of loading to its end, as INFO and the replies tell: start-up is taken off. */
async function measureLoad(
  contestant: Contestant,
  dir: string,
): Promise<number> {
  const options = ["--dir", dir];
  const writer = await startServer(contestant, { options });
  await loadKeys(writer.port, {
    prefix: "key:",
    count: LOADED_KEYS,
    valueBytes: () => VALUE_BYTES,
  });
  const saved = await runCommand(writer.port, "SAVE");
  await writer.stop();
  if (saved !== "+OK") throw new Error(`SAVE answers ${saved}`);
  const empty = await Deno.makeTempDir({ dir });
  const startMs = await startToAnswer(contestant, ["--dir", empty]);
  return await startToAnswer(contestant, options) - startMs;
}

/** From the spawn until DBSIZE is answered. */
async function startToAnswer(
  contestant: Contestant,
  options: readonly string[],
): Promise<number> {
  const startedMs = performance.now();
  const server = await startServer(contestant, {
    options,
    acceptsLoading: true,
  });
  try {
    while (!(await runCommand(server.port, "DBSIZE")).startsWith(":")) {
      await sleep(1);
    }
    return performance.now() - startedMs;
  } finally {
    await server.stop();
  }
}

async function measureSave(
  contestant: Contestant,
  dir: string,
): Promise<Omit<Figures, "loadMs">> {
  const subdirectory = await Deno.makeTempDir({ dir });
  const server = await startServer(contestant, {
    options: ["--dir", subdirectory],
  });
  try {
    await loadKeys(server.port, {
      prefix: "key:",
      count: SAVED_KEYS,
      valueBytes: () => VALUE_BYTES,
    });
    let isOver = false;
    const writing = (async () => {
      while (!isOver) {
        await loadKeys(server.port, {
          prefix: "key:",
          first: Math.floor(Math.random() * (SAVED_KEYS - WRITTEN_KEYS)),
          count: WRITTEN_KEYS,
          valueBytes: () => VALUE_BYTES,
          batch: WRITE_BATCH,
        });
      }
    })();
    const before = server.residentBytes();
    const quiet = await pingWhile(server.port, (elapsed) => elapsed < 3000);
    const startedMs = performance.now();
    await runCommand(server.port, "BGSAVE");
    let isSaving = true;
    const watching = (async () => {
      while (isSaving) {
        isSaving = !await exists(`${subdirectory}/dump.rdb`);
        await sleep(20);
      }
    })();
    const pings = await pingWhile(server.port, () => isSaving);
    const saveMs = performance.now() - startedMs;
    const grownMegabytes = (server.residentBytes() - before) / 1e6;
    isOver = true;
    await Promise.all([watching, writing]);
    return {
      saveMs,
      pingMs: percentile(pings),
      quietPingMs: percentile(quiet),
      grownMegabytes,
    };
  } finally {
    await server.stop();
  }
}

async function exists(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

/** Round trips of PING on a connection of its own, in ms. */
async function pingWhile(
  port: number,
  goesOn: (elapsedMs: number) => boolean,
): Promise<number[]> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  conn.setNoDelay(true);
  const reply = new Uint8Array(64), trips: number[] = [];
  const startedMs = performance.now();
  while (goesOn(performance.now() - startedMs)) {
    const sentMs = performance.now();
    await conn.write(PING);
    await conn.read(reply);
    trips.push(performance.now() - sentMs);
    await sleep(PING_PAUSE_MS);
  }
  return trips;
}

function percentile(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.99)];
}

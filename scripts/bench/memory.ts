/** Resident memory with many small keys, after fragmentation, and of 6 GB. */
import { type Contestant, type RunningServer, sleep } from "./contestant.ts";
import { startServer } from "./contestant.ts";
import { loadKeys, runCommand } from "./loader.ts";
import type { Row, Target } from "./measurement.ts";

/** What the suites of this file use of the context. */
interface Servers {
  readonly ours: Contestant;
  readonly reference: Contestant;
}

const MEGABYTE = 1_000_000;
/** Lets the server return what it does not need. */
const SETTLE_MS = 3000;
const KEY_COUNTS = [1_000_000, 5_000_000];
const OVERWRITES = 5;
const RANDOM_VALUE_BYTES_MAX = 1024;
const NOT_MORE: Target = { ratioAtMost: 1 };

/** Memory of 1 M and 5 M small keys, fresh and after overwriting. */
export async function measureMemory(
  suite: string,
  { ours, reference }: Servers,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const keys of KEY_COUNTS) {
    const a = await measureOne(suite, ours, keys);
    const b = await measureOne(suite, reference, keys);
    const count = `${keys / 1e6} M keys`;
    const names = [
      `RSS, ${count} of 16 bytes with 16 bytes`,
      `RSS, ${count}, values rewritten ${OVERWRITES} times, random sizes to 1 KB`,
    ];
    names.forEach((name, index) =>
      rows.push({
        suite,
        name,
        unit: "MB",
        ours: a[index],
        reference: b[index],
        target: NOT_MORE,
      })
    );
  }
  return rows;
}

async function measureOne(
  suite: string,
  contestant: Contestant,
  keys: number,
): Promise<number[]> {
  console.error(`${suite}: ${contestant.name}, ${keys} keys`);
  const server = await startServer(contestant);
  try {
    const plan = { prefix: "key:", count: keys };
    await loadKeys(server.port, { ...plan, valueBytes: () => 16 });
    const fresh = await settledMegabytes(server);
    const valueBytes = repeatableSizes();
    for (let pass = 0; pass < OVERWRITES; pass++) {
      await loadKeys(server.port, { ...plan, valueBytes });
    }
    return [fresh, await settledMegabytes(server)];
  } finally {
    await server.stop();
  }
}

/** The same sizes in every run, from 1 to the maximum (Lehmer's generator). */
function repeatableSizes(): () => number {
  let state = 42;
  return () => {
    state = state * 48271 % 0x7fffffff;
    return 1 + state % RANDOM_VALUE_BYTES_MAX;
  };
}

async function settledMegabytes(server: RunningServer): Promise<number> {
  await sleep(SETTLE_MS);
  return server.residentBytes() / MEGABYTE;
}

/** Loads 6 GB of values, and has every part of them served. */
export async function measureSixGigabytes(
  suite: string,
  { ours, reference }: Servers,
): Promise<Row[]> {
  const a = await measureLarge(suite, ours);
  const b = await measureLarge(suite, reference);
  return [
    {
      suite,
      name: "RSS, 6 GB of values of 1000 bytes",
      unit: "MB",
      ours: a.megabytes,
      reference: b.megabytes,
    },
    {
      suite,
      name: "time to load them",
      unit: "ms",
      ours: a.loadMs,
      reference: b.loadMs,
    },
  ];
}

async function measureLarge(
  suite: string,
  contestant: Contestant,
): Promise<{ megabytes: number; loadMs: number }> {
  const VALUE_BYTES = 1000;
  const KEYS = 6_000_000;
  const SAMPLE_STEP = 9973;
  console.error(`${suite}: ${contestant.name}`);
  const server = await startServer(contestant);
  try {
    const startedMs = performance.now();
    await loadKeys(server.port, {
      prefix: "key:",
      count: KEYS,
      valueBytes: () => VALUE_BYTES,
    });
    const loadMs = performance.now() - startedMs;
    const size = await runCommand(server.port, "DBSIZE");
    if (size !== `:${KEYS}`) throw new Error(`DBSIZE answers ${size}`);
    for (let index = 0; index < KEYS; index += SAMPLE_STEP) {
      const key = `key:${`${index}`.padStart(12, "0")}`;
      const length = await runCommand(server.port, `STRLEN ${key}`);
      if (length !== `:${VALUE_BYTES}`) throw new Error(`${key}: ${length}`);
    }
    return { megabytes: await settledMegabytes(server), loadMs };
  } finally {
    await server.stop();
  }
}

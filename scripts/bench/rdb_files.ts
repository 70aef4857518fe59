/** How fast an RDB file of keys of all types is loaded and saved: the same file for both servers. */
import { join } from "@std/path";
import { type Contestant, sleep, startServer } from "./contestant.ts";
import { runCommand } from "./loader.ts";
import { median, type Row } from "./measurement.ts";

const KEYS = 1_000_000;
const BATCH = 1000;
const RUNS = 7;
const FILE = "dump.rdb";
const PONG = "+PONG\r\n";
const RATIO_MIN = 0.8;

/** What one server took, without starting. */
interface Figures {
  readonly loadMs: number;
  readonly loadCpuMs: number;
  readonly saveMs: number;
  readonly saveCpuMs: number;
}

/** Loading and SAVE of a million keys of mixed types, on one core and on all. */
export async function measureRdbFiles(
  suite: string,
  context: { readonly ours: Contestant; readonly reference: Contestant },
): Promise<Row[]> {
  const dir = await Deno.makeTempDir({ prefix: "tsredis-bench-" });
  try {
    await makeFile(context.reference, dir);
    const rows: Row[] = [];
    for (const isPinned of [true, false]) {
      const ours: Figures[] = [], reference: Figures[] = [];
      const where = isPinned ? "" : ", on all cores";
      for (let run = 0; run < RUNS; run++) {
        console.error(`${suite}: run ${run + 1} of ${RUNS}${where}`);
        ours.push(await measureOne(context.ours, dir, isPinned));
        reference.push(await measureOne(context.reference, dir, isPinned));
      }
      const row = rowMaker(suite, ours, reference);
      rows.push(
        row(`keys of mixed types loaded${where}`, "loadMs", "loadCpuMs"),
        row(`keys of mixed types saved${where}`, "saveMs", "saveCpuMs"),
      );
    }
    return rows;
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

/** What makes a row of one figure. */
function rowMaker(
  suite: string,
  ours: readonly Figures[],
  reference: readonly Figures[],
) {
  const micros = (all: readonly Figures[], cpu: keyof Figures) =>
    1000 * median(all.map((figures) => figures[cpu])) / KEYS;
  return (name: string, wall: keyof Figures, cpu: keyof Figures): Row => ({
    suite,
    name,
    unit: "/s",
    ours: rate(ours, wall),
    reference: rate(reference, wall),
    cpuMicros: { ours: micros(ours, cpu), reference: micros(reference, cpu) },
    target: { ratioAtLeast: RATIO_MIN },
  });
}

function rate(all: readonly Figures[], wall: keyof Figures): number {
  return KEYS / median(all.map((figures) => figures[wall])) * 1000;
}

/** Has a server fill itself and save. */
async function makeFile(contestant: Contestant, dir: string): Promise<void> {
  const server = await startServer(contestant, { options: ["--dir", dir] });
  try {
    using conn = await Deno.connect({
      hostname: "127.0.0.1",
      port: server.port,
    });
    for (let first = 0; first < KEYS; first += BATCH) {
      let batch = "";
      for (let i = first; i < first + BATCH; i++) batch += commandFor(i);
      await send(conn, batch + encode(["PING"]));
    }
    const size = await runCommand(server.port, "DBSIZE");
    if (size !== `:${KEYS}`) throw new Error(`${size} keys instead of ${KEYS}`);
    const saved = await runCommand(server.port, "SAVE");
    if (saved !== "+OK") throw new Error(`SAVE answers ${saved}`);
  } finally {
    await server.stop();
  }
}

/** Sends commands of which the last is PING, and waits for its answer. */
async function send(conn: Deno.TcpConn, commands: string): Promise<void> {
  const writing = writeAll(conn, new TextEncoder().encode(commands));
  const buffer = new Uint8Array(65536), decoder = new TextDecoder();
  for (let tail = ""; !tail.endsWith(PONG);) {
    const count = await conn.read(buffer);
    if (count === null) throw new Error("the server closed the connection");
    tail = (tail + decoder.decode(buffer.subarray(0, count))).slice(-16);
  }
  await writing;
}

async function writeAll(conn: Deno.TcpConn, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    at += await conn.write(bytes.subarray(at));
  }
}

function encode(words: readonly string[]): string {
  return `*${words.length}\r\n` +
    words.map((word) => `$${word.length}\r\n${word}\r\n`).join("");
}

/** The command that makes the `i`-th key: nine strings in twenty, three hashes, three lists, three sets, one sorted set, one stream. */
function commandFor(i: number): string {
  const kind = i % 20, count = 3 + i % 17;
  const text = (n: number) => (Math.imul(i + n, 0x9e3779b1) >>> 0).toString(16);
  const texts = (one: (n: number) => string[]) =>
    Array.from({ length: count }, (_, n) => one(n)).flat();
  if (kind < 6) {
    return encode(["SET", `string:${i}`, text(0).repeat(1 + i % 9)]);
  }
  if (kind < 8) return encode(["SET", `integer:${i}`, `${i * 977}`]);
  if (kind < 9) {
    return encode(["SET", `volatile:${i}`, text(0), "PXAT", `${4e12 + i}`]);
  }
  if (kind < 12) {
    const fields = texts((n) => [`field${n}`, text(n) + text(n + 1)]);
    return encode(["HSET", `hash:${i}`, ...fields]);
  }
  if (kind < 15) {
    return encode([
      "RPUSH",
      `list:${i}`,
      ...texts((n) => [text(n) + text(2 * n)]),
    ]);
  }
  if (kind < 16) {
    return encode([
      "SADD",
      `intset:${i}`,
      ...texts((n) => [`${i % 9999 + n}`]),
    ]);
  }
  if (kind < 18) {
    return encode(["SADD", `set:${i}`, ...texts((n) => [text(n)])]);
  }
  if (kind < 19) {
    const scored = texts((n) => [`${i % 1000 + n / 7}`, text(n)]);
    return encode(["ZADD", `zset:${i}`, ...scored]);
  }
  return encode([
    "XADD",
    `stream:${i}`,
    "1-1",
    "field",
    text(0),
    "other",
    text(1),
  ]);
}

async function measureOne(
  contestant: Contestant,
  dir: string,
  isPinned: boolean,
): Promise<Figures> {
  const own = await Deno.makeTempDir({ dir });
  const empty = await start(contestant, own, isPinned);
  await empty.server.stop();
  await Deno.copyFile(join(dir, FILE), join(own, FILE));
  const { server, ms, cpuMs } = await start(contestant, own, isPinned);
  try {
    const startedMs = performance.now();
    const saved = await runCommand(server.port, "SAVE");
    if (saved !== "+OK") throw new Error(`SAVE answers ${saved}`);
    return {
      loadMs: ms - empty.ms,
      loadCpuMs: cpuMs - empty.cpuMs,
      saveMs: performance.now() - startedMs,
      saveCpuMs: server.cpuMs() - cpuMs,
    };
  } finally {
    await server.stop();
    await Deno.remove(own, { recursive: true });
  }
}

/** Starts a server; how long it took until it had loaded what there is, and CPU time until then. */
async function start(
  contestant: Contestant,
  dir: string,
  isPinned: boolean,
) {
  const startedMs = performance.now();
  const server = await startServer(contestant, {
    options: ["--dir", dir],
    isPinned,
    acceptsLoading: true,
  });
  while (!(await runCommand(server.port, "DBSIZE")).startsWith(":")) {
    await sleep(5);
  }
  const ms = performance.now() - startedMs;
  return { server, ms, cpuMs: server.cpuMs() };
}

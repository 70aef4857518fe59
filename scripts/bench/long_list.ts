/** How long the ends of a list take while it grows to ten million elements, and then. */
import { type Contestant, startServer } from "./contestant.ts";
import { median, type Row } from "./measurement.ts";

const ELEMENTS = 10_000_000;
/** Pushes per round trip while it grows. */
const BATCH = 100;
/** Calls of each command on the full list, one per round trip. */
const CALLS = 20_000;
const COMMAND_LIMIT_MS = 1;
/** A pause of the server's own shows in every run, one of the machine in few. */
const RUNS = 3;

const END_COMMANDS = [
  "LPUSH long 0123456789abcdef",
  "RPUSH long 0123456789abcdef",
  "LPOP long",
  "RPOP long",
  "LINDEX long 0",
  "LINDEX long -1",
];

interface Pauses {
  /** Longest round trip of a batch while it grew. */
  readonly growingMs: number;
  /** Longest round trip of one command on the full list. */
  readonly endMs: number;
}

/** Best runs of both, since only those show the servers alone. */
export async function measureLongList(
  suite: string,
  context: { readonly ours: Contestant; readonly reference: Contestant },
): Promise<Row[]> {
  const ours: Pauses[] = [], reference: Pauses[] = [];
  for (let run = 0; run < RUNS; run++) {
    ours.push(await measureOne(suite, context.ours));
    reference.push(await measureOne(suite, context.reference));
  }
  const row = (name: string, pick: (pauses: Pauses) => number): Row => ({
    suite,
    name: `${name}, longest, best of ${RUNS} runs`,
    unit: "ms",
    ours: Math.min(...ours.map(pick)),
    reference: Math.min(...reference.map(pick)),
    samples: { ours: ours.map(pick), reference: reference.map(pick) },
  });
  return [
    row(`${BATCH} RPUSHs while growing to 10 M`, (it) => it.growingMs),
    {
      ...row("a command on an end of 10 M elements", (it) => it.endMs),
      target: { oursAtMost: COMMAND_LIMIT_MS },
    },
  ];
}

async function measureOne(
  suite: string,
  contestant: Contestant,
): Promise<Pauses> {
  console.error(`${suite}: ${contestant.name}`);
  const server = await startServer(contestant);
  try {
    using conn = await Deno.connect({
      hostname: "127.0.0.1",
      port: server.port,
    });
    conn.setNoDelay(true);
    const push = `${END_COMMANDS[1]}\r\n`.repeat(BATCH);
    const growingMs = await longestTrip(conn, push, BATCH, ELEMENTS / BATCH);
    const endsMs: number[] = [];
    for (const command of END_COMMANDS) {
      const line = `${command}\r\n`;
      // The first calls are compiled: what they take is no pause of the list.
      await longestTrip(conn, line, 1, CALLS / 10);
      endsMs.push(await longestTrip(conn, line, 1, CALLS));
    }
    console.error(`${suite}: median of the longest ${median(endsMs)} ms`);
    return { growingMs, endMs: Math.max(...endsMs) };
  } finally {
    await server.stop();
  }
}

/** Sends the same commands again and again; the longest time until all were answered. */
async function longestTrip(
  conn: Deno.TcpConn,
  request: string,
  replies: number,
  trips: number,
): Promise<number> {
  const bytes = new TextEncoder().encode(request);
  const buffer = new Uint8Array(1 << 16);
  let longestMs = 0;
  for (let trip = 0; trip < trips; trip++) {
    const startedMs = performance.now();
    for (let sent = 0; sent < bytes.length;) {
      sent += await conn.write(bytes.subarray(sent));
    }
    await readReplies(conn, buffer, replies);
    longestMs = Math.max(longestMs, performance.now() - startedMs);
  }
  return longestMs;
}

/** Reads integers and bulk strings without line breaks in them. */
async function readReplies(
  conn: Deno.TcpConn,
  buffer: Uint8Array,
  replies: number,
): Promise<void> {
  const LINE_FEED = 10, DOLLAR = 36, MINUS = 45;
  let atLineStart = true;
  for (let lines = replies; lines > 0;) {
    const count = await conn.read(buffer);
    if (count === null) throw new Error("the server closed the connection");
    for (let at = 0; at < count; at++) {
      if (atLineStart && buffer[at] === MINUS) {
        throw new Error(new TextDecoder().decode(buffer.subarray(at, count)));
      }
      if (atLineStart && buffer[at] === DOLLAR) lines++;
      atLineStart = buffer[at] === LINE_FEED;
      if (atLineStart) lines--;
    }
  }
}

/**
 * How long commands on the ends of a list take while it grows to ten million
 * elements, and then: as the client sees it, and by the server's own slow log,
 * which leaves out waiting for the processor's other work.
 */
import { type Contestant, startServer } from "./contestant.ts";
import type { Row } from "./measurement.ts";

const ELEMENTS = 10_000_000;
/** RPUSHs of one element sent together while it grows. */
const PIPELINE = 1000;
/** Calls of each command on the full list, one per round trip. */
const CALLS = 4000;
const COMMAND_LIMIT_MS = 1;
/** A pause of the server's own shows in every run, one of the machine in few. */
const RUNS = 3;
/** Slow commands that the log keeps: more than are looked at. */
const SLOWLOG_ENTRIES = 1024;

const ELEMENT = "0123456789abcdef";
/** The second element from the head: one that LPOS finds near. */
const NEAR = "near";

const END_COMMANDS = [
  `LPUSH long ${ELEMENT}`,
  `RPUSH long ${ELEMENT}`,
  "LPOP long",
  "RPOP long",
  "LINDEX long 0",
  "LINDEX long -1",
  "LRANGE long 0 9",
  "LMOVE long long LEFT LEFT",
  "LMOVE long long RIGHT RIGHT",
  `LPOS long ${NEAR}`,
];

/** The longest commands of a run, in ms. */
interface Pauses {
  /** By the slow log, while it grew; 0 when none took over the limit. */
  readonly growingMs: number;
  /** The same, of commands on the full list. */
  readonly endMs: number;
  /** Round trip of one command on the full list. */
  readonly tripMs: number;
}

/** Best runs, since only those show the servers alone. */
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
    target: { oursAtMost: COMMAND_LIMIT_MS },
  });
  return [
    row("slow log while growing to 10 M", (it) => it.growingMs),
    row("slow log, ends of 10 M", (it) => it.endMs),
    row("round trip, ends of 10 M", (it) => it.tripMs),
  ];
}

async function measureOne(
  suite: string,
  contestant: Contestant,
): Promise<Pauses> {
  console.error(`${suite}: ${contestant.name}`);
  const thresholdMicros = `${COMMAND_LIMIT_MS * 1000}`;
  const server = await startServer(contestant, {
    options: [
      ...["--slowlog-log-slower-than", thresholdMicros],
      ...["--slowlog-max-len", `${SLOWLOG_ENTRIES}`],
    ],
  });
  try {
    using conn = await Deno.connect({
      hostname: "127.0.0.1",
      port: server.port,
    });
    conn.setNoDelay(true);
    const push = END_COMMANDS[1];
    await longestTrip(conn, push, ELEMENTS / PIPELINE, PIPELINE);
    const growingMs = await longestLogged(conn);
    await longestTrip(conn, `LSET long 1 ${NEAR}`, 1);
    let tripMs = 0;
    for (const command of END_COMMANDS) {
      // The first calls are compiled: what they take is no pause of the list.
      await longestTrip(conn, command, CALLS / 10);
      tripMs = Math.max(tripMs, await longestTrip(conn, command, CALLS));
    }
    return { growingMs, endMs: await longestLogged(conn), tripMs };
  } finally {
    await server.stop();
  }
}

/** The longest time in the slow log in ms, which is then empty. */
async function longestLogged(conn: Deno.TcpConn): Promise<number> {
  const reader = new ReplyReader(conn);
  await conn.write(bytesOf(`SLOWLOG GET ${SLOWLOG_ENTRIES}`));
  const entries = await reader.read() as Reply[][];
  await conn.write(bytesOf("SLOWLOG RESET"));
  await reader.read();
  const MICROS_AT = 2;
  return Math.max(0, ...entries.map((it) => Number(it[MICROS_AT]) / 1000));
}

/** Sends a command again and again, `pipeline` at once; the longest time until all were answered. */
async function longestTrip(
  conn: Deno.TcpConn,
  command: string,
  trips: number,
  pipeline = 1,
): Promise<number> {
  const bytes = bytesOf(command, pipeline);
  const reader = new ReplyReader(conn);
  let longestMs = 0;
  for (let trip = 0; trip < trips; trip++) {
    const startedMs = performance.now();
    const reading = reader.readMany(pipeline);
    for (let sent = 0; sent < bytes.length;) {
      sent += await conn.write(bytes.subarray(sent));
    }
    await reading;
    longestMs = Math.max(longestMs, performance.now() - startedMs);
  }
  return longestMs;
}

type Reply = string | Reply[];

/** Reads replies of integers and of strings without line breaks, and arrays of them. */
class ReplyReader {
  #buffer = new Uint8Array(1 << 16);
  #at = 0;
  #end = 0;

  constructor(private readonly conn: Deno.TcpConn) {}

  async readMany(count: number): Promise<void> {
    for (; count > 0; count--) {
      // What has arrived is read without a turn for each.
      const reading = this.#at < this.#end ? this.#skipInteger() : false;
      if (!reading) await this.read();
    }
  }

  async read(): Promise<Reply> {
    const line = await this.#line(), rest = line.slice(1);
    if (line[0] === "-") throw new Error(line);
    if (line[0] === "$") return rest === "-1" ? "" : await this.#line();
    if (line[0] !== "*") return rest;
    const items: Reply[] = [];
    for (let left = Number(rest); left > 0; left--) {
      items.push(await this.read());
    }
    return items;
  }

  /** Skips an integer that is here as a whole. */
  #skipInteger(): boolean {
    const COLON = 58;
    if (this.#buffer[this.#at] !== COLON) return false;
    const end = this.#lineEnd();
    if (end < 0) return false;
    this.#at = end;
    return true;
  }

  /** Where the next line begins; -1 when this one is not here yet. */
  #lineEnd(): number {
    const LINE_FEED = 10;
    const at = this.#buffer.indexOf(LINE_FEED, this.#at);
    return at < 0 || at >= this.#end ? -1 : at + 1;
  }

  async #line(): Promise<string> {
    let end = this.#lineEnd();
    for (; end < 0; end = this.#lineEnd()) {
      this.#buffer.copyWithin(0, this.#at, this.#end);
      this.#end -= this.#at;
      this.#at = 0;
      const count = await this.conn.read(this.#buffer.subarray(this.#end));
      if (count === null) throw new Error("the server closed the connection");
      this.#end += count;
    }
    const line = this.#buffer.subarray(this.#at, end - 2);
    this.#at = end;
    return new TextDecoder().decode(line);
  }
}

/** A command of words as a request, so many times. */
function bytesOf(command: string, times = 1): Uint8Array {
  const words = command.split(" ");
  const request = `*${words.length}\r\n` +
    words.map((word) => `$${word.length}\r\n${word}\r\n`).join("");
  return new TextEncoder().encode(request.repeat(times));
}

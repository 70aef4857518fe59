/** How long a command on one element takes at most, on collections of five million. */
import { type Contestant, startServer } from "./contestant.ts";
import { runCommand } from "./loader.ts";
import type { Row } from "./measurement.ts";
import { askFor, digits, sendCommands } from "./pipeline.ts";

const ELEMENTS = 5_000_000;
/** Calls of each command on the full collection, and unlogged ones before, while they are compiled. */
const CALLS = 20_000;
const COMPILED_CALLS = 2000;
const COMMAND_LIMIT_MS = 10;
/** From which time on a command is in the slow log. None there is as good as one of that time. */
const LOGGED_MICROSECONDS = 500;
const LOG_ENTRIES = 10_000;

type CommandOf = (index: number) => readonly string[];

interface Collection {
  readonly name: string;
  readonly add: CommandOf;
  /** Commands on one element; the number is that of an element that is there. */
  readonly commands: readonly CommandOf[];
}

const member = (index: number) => `member:${digits(index)}`;
const added = (index: number) => `added:${digits(index)}`;
/** Scatters the numbers of elements. */
const scattered = (index: number) => index * 1_664_525 % ELEMENTS;

const COLLECTIONS: readonly Collection[] = [
  {
    name: "set",
    add: (i) => ["SADD", "set", member(i)],
    commands: [
      (i) => ["SADD", "set", added(i)],
      (i) => ["SISMEMBER", "set", member(i)],
      (i) => ["SREM", "set", added(i)],
      () => ["SRANDMEMBER", "set"],
      () => ["SPOP", "set"],
    ],
  },
  {
    name: "hash",
    add: (i) => ["HSET", "hash", member(i), "value"],
    commands: [
      (i) => ["HSET", "hash", added(i), "value"],
      (i) => ["HGET", "hash", member(i)],
      (i) => ["HINCRBY", "hash", "counter", String(i)],
      (i) => ["HDEL", "hash", member(i)],
      () => ["HRANDFIELD", "hash"],
    ],
  },
  {
    name: "sorted set",
    add: (i) => ["ZADD", "zset", String(scattered(i)), member(i)],
    commands: [
      (i) => ["ZADD", "zset", String(i), added(i)],
      (i) => ["ZINCRBY", "zset", "1000000", member(i)],
      (i) => ["ZRANK", "zset", member(i)],
      (i) => ["ZRANGE", "zset", String(i), String(i)],
      (i) => ["ZREM", "zset", member(i)],
      () => ["ZPOPMIN", "zset"],
    ],
  },
  {
    name: "stream",
    add: (i) => ["XADD", "stream", `${i + 1}-1`, "field", "value"],
    commands: [
      () => ["XADD", "stream", "*", "field", "value"],
      (i) => ["XRANGE", "stream", `${i + 1}-1`, "+", "COUNT", "1"],
      (i) => ["XDEL", "stream", `${i + 1}-1`],
      () => ["XTRIM", "stream", "MAXLEN", "~", String(ELEMENTS)],
    ],
  },
];

/** The longest command while each collection grows, one element after the other, and on the full one. */
export async function measureLargeCollections(
  suite: string,
  context: { readonly ours: Contestant; readonly reference: Contestant },
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const collection of COLLECTIONS) {
    const ours = await measureOne(suite, context.ours, collection);
    const reference = await measureOne(suite, context.reference, collection);
    const row = (name: string, pick: (pauses: Pauses) => number): Row => ({
      suite,
      name,
      unit: "ms",
      ours: pick(ours),
      reference: pick(reference),
      target: { oursAtMost: COMMAND_LIMIT_MS },
    });
    rows.push(
      row(
        `longest command while a ${collection.name} grows to 5 M`,
        ({ growingMs }) => growingMs,
      ),
      row(
        `longest command on one element of a ${collection.name} of 5 M`,
        ({ fullMs }) => fullMs,
      ),
    );
  }
  return rows;
}

interface Pauses {
  readonly growingMs: number;
  readonly fullMs: number;
}

async function measureOne(
  suite: string,
  contestant: Contestant,
  { name, add, commands }: Collection,
): Promise<Pauses> {
  console.error(`${suite}: ${contestant.name}, ${name}`);
  const server = await startServer(contestant, {
    options: [
      ...["--slowlog-log-slower-than", `${LOGGED_MICROSECONDS}`],
      ...["--slowlog-max-len", `${LOG_ENTRIES}`],
    ],
  });
  const { port } = server;
  try {
    await sendCommands(port, ELEMENTS, add);
    const growingMs = await longestLogged(port);
    let fullMs = 0;
    for (const command of commands) {
      const commandAt = (call: number) => command(scattered(call));
      await sendCommands(port, COMPILED_CALLS, commandAt);
      await runCommand(port, "SLOWLOG RESET");
      await sendCommands(
        port,
        CALLS,
        (call) => commandAt(call + COMPILED_CALLS),
      );
      fullMs = Math.max(fullMs, await longestLogged(port));
    }
    return { growingMs, fullMs };
  } finally {
    await server.stop();
  }
}

/** The longest time in the slow log, in ms. */
async function longestLogged(port: number): Promise<number> {
  const text = await askFor(port, ["SLOWLOG", "GET", "-1"]);
  const entries = text.matchAll(/\*6\r\n:\d+\r\n:\d+\r\n:(\d+)\r\n/g);
  const times = [...entries].map(([, micros]) => Number(micros));
  return Math.max(LOGGED_MICROSECONDS, ...times) / 1000;
}

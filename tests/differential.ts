/**
 * Sends the same random commands to tsredis and to a real redis-server, and
 * compares every reply, every keyspace notification and, at intervals, all data.
 *
 *     deno run -A tests/differential.ts --commands 500000 --seed 7 [--addr host:port]
 *
 * `--addr` is a tsredis that already runs (its databases are EMPTIED); without
 * it one is started. The real server is `REDIS_SERVER`, else redis-server on
 * PATH. The same seed repeats the same commands. Exits 1 at a difference.
 */
import { parseArgs } from "@std/cli";
import { Random } from "./fuzz/random.ts";
import { CommandMaker } from "./fuzz_grammar.ts";
import { type Argument, joinCommand } from "./support/command_text.ts";
import { EventComparison } from "./support/event_comparison.ts";
import { findRealRedis, type RealRedis } from "./support/real_redis.ts";
import type { Reply } from "../lib/resp/reply_decoder.ts";
import { TransactionComparison } from "./support/transaction_difference.ts";
import { payloadText, replyText } from "./support/reply_text.ts";
import { type Address, RespClient } from "./support/resp_client.ts";
import { startRedis, startTsredis } from "./support/server_process.ts";

export interface DifferentialOptions {
  commandCount: number;
  seed: number;
  redis: RealRedis;
  /** A tsredis that runs; without it one is started for the run. */
  address?: Address;
}

/** Commands sent at once. */
const BATCH_COMMANDS = 400;
/** Batches between two comparisons of all data. */
const BATCHES_PER_DATA_CHECK = 10;
/** Differences after which a run ends: the first ones tell the most. */
const DIFFERENCES_MAX = 10;
/** Earlier commands on the same keys that a difference shows. */
const HISTORY_SHOWN = 8;
/** Commands that are remembered for that. */
const HISTORY_COMMANDS = 5_000;
/** Moments at which keys expire may differ by as long as a batch takes. */
const EXPIRY_TOLERANCE_MS = 10_000;

/** Runs until the count is reached or differences are found; answers those as text. */
export async function runDifferential(
  options: DifferentialOptions,
): Promise<string[]> {
  await using real = await startRedis(options.redis.path);
  await using own = options.address === undefined
    ? await startTsredis({
      args: ["--enable-debug-command", "yes", "--save", ""],
    })
    : undefined;
  using comparison = await Comparison.open(
    options.address ?? own!.address,
    real.address,
  );
  using events = await EventComparison.open([
    options.address ?? own!.address,
    real.address,
  ]);
  const maker = new CommandMaker(
    new Random(options.seed),
    options.redis.version,
  );
  for (let sent = 0, batch = 1; sent < options.commandCount; batch++) {
    const commands: Argument[][] = [];
    while (
      commands.length < Math.min(BATCH_COMMANDS, options.commandCount - sent)
    ) {
      commands.push(...maker.next());
    }
    sent += commands.length;
    await comparison.run(commands);
    comparison.noteEvents(await events.difference());
    const isDue = batch % BATCHES_PER_DATA_CHECK === 0 ||
      sent >= options.commandCount || comparison.differences.length > 0;
    if (isDue) await comparison.compareData();
    if (comparison.differences.length > 0) break;
  }
  return comparison.differences;
}

/** A connection to each of the two servers, and what was found so far. */
class Comparison implements Disposable {
  readonly differences: string[] = [];
  readonly #clients: [RespClient, RespClient];
  /** Connections of our own for looking at the data: the others may be in any database. */
  readonly #observers: [RespClient, RespClient];
  /** The last commands, oldest first; the front is cut off. */
  #history: Argument[][] = [];
  #commandCount = 0;
  readonly #transaction = new TransactionComparison();

  private constructor(
    clients: [RespClient, RespClient],
    observers: [RespClient, RespClient],
  ) {
    this.#clients = clients;
    this.#observers = observers;
  }

  static async open(own: Address, real: Address): Promise<Comparison> {
    const connect = async (): Promise<[RespClient, RespClient]> => [
      await RespClient.connect(own),
      await RespClient.connect(real),
    ];
    const comparison = new Comparison(await connect(), await connect());
    for (const observer of comparison.#observers) {
      // Dead keys must stay until a command finds them, or counts depend on time.
      await observer.text("DEBUG", "SET-ACTIVE-EXPIRE", "0");
      await observer.text("FLUSHALL");
    }
    return comparison;
  }

  async run(commands: Argument[][]): Promise<void> {
    const [own, real] = await Promise.all(
      this.#clients.map((client) => client.pipeline(commands)),
    );
    for (const [i, command] of commands.entries()) {
      this.#history.push(command);
      this.#commandCount++;
      if (this.differences.length === DIFFERENCES_MAX) continue;
      const difference = this.#transaction.difference(
        command,
        own[i],
        real[i],
      );
      if (difference !== undefined) this.#note(command, difference);
    }
    this.#history = this.#history.slice(-HISTORY_COMMANDS);
  }

  /** Notes what differs between the notifications of the last commands. */
  noteEvents(difference: string | undefined): void {
    if (difference !== undefined && this.differences.length === 0) {
      this.differences.push(
        `notifications of the ${BATCH_COMMANDS} commands up to ${this.#commandCount}:\n${difference}`,
      );
    }
  }

  #note(command: Argument[], difference: string): void {
    const keys = new Set(
      command.slice(1).filter((arg) => String(arg).length > 2).map(String),
    );
    const related = this.#history.slice(0, -1)
      .filter((earlier) =>
        earlier.slice(1).some((arg) => keys.has(String(arg)))
      )
      .slice(-HISTORY_SHOWN);
    this.differences.push([
      `command ${this.#commandCount}: ${joinCommand(command).slice(0, 400)}`,
      difference,
      ...related.map((earlier) =>
        `  after ${joinCommand(earlier).slice(0, 200)}`
      ),
    ].join("\n"));
  }

  /** Compares type, value, encoding and expiry of every key of every database. */
  async compareData(): Promise<void> {
    for (let database = 0; database < 16; database++) {
      const [own, real] = await Promise.all(
        this.#observers.map((observer) => dataOf(observer, database)),
      );
      for (const key of new Set([...own.keys(), ...real.keys()])) {
        const [left, right] = [own.get(key), real.get(key)];
        if (isSameKey(left, right)) continue;
        if (this.differences.length === DIFFERENCES_MAX) return;
        this.#note(
          ["data of", key],
          `after ${this.#commandCount} commands, database ${database}\n` +
            `tsredis: ${keyText(left)}\nredis:   ${keyText(right)}`,
        );
      }
    }
  }

  [Symbol.dispose](): void {
    for (const client of [...this.#clients, ...this.#observers]) client.close();
  }
}

interface KeyData {
  /** Type, encoding and value. */
  content: string;
  /** -1 without expiry. */
  expiresAtMs: number;
}

/** Everything in a database, by key as text. */
async function dataOf(
  observer: RespClient,
  database: number,
): Promise<Map<string, KeyData>> {
  await observer.text("SELECT", database);
  const keys = await observer.call("KEYS", "*");
  if (keys.type !== "array") {
    throw new Error(`KEYS answered ${replyText(keys)}`);
  }
  const data = new Map<string, KeyData>();
  for (const key of keys.items) {
    if (key.type !== "bulk") {
      throw new Error(`KEYS answered ${replyText(keys)}`);
    }
    const name = key.value;
    const [type, encoding, expiry, digest] = await observer.pipeline([
      ["TYPE", name],
      ["OBJECT", "ENCODING", name],
      ["PEXPIRETIME", name],
      ["DEBUG", "DIGEST-VALUE", name],
    ]);
    const contents = await contentsOf(observer, payloadText(type)!, name);
    data.set(replyText(key), {
      content: [type, encoding, digest].map(replyText).concat(contents)
        .join(" "),
      expiresAtMs: expiry.type === "integer" ? Number(expiry.value) : NaN,
    });
  }
  return data;
}

/** What a key holds, as text; without an order where its type has none. */
async function contentsOf(
  observer: RespClient,
  type: string,
  name: Uint8Array,
): Promise<string> {
  const replies = await observer.pipeline(readsOf(type, name));
  if (type === "stream") return replies.map(streamText).join(" ");
  const [reply] = replies;
  if (reply.type !== "array" || type === "list" || type === "zset") {
    return replyText(reply);
  }
  const width = type === "hash" ? 2 : 1, entries: string[] = [];
  for (let i = 0; i < reply.items.length; i += width) {
    entries.push(reply.items.slice(i, i + width).map(replyText).join("="));
  }
  return entries.sort().join(" ");
}

/** Commands that read the whole of a key. */
function readsOf(type: string, name: Uint8Array): Argument[][] {
  switch (type) {
    case "list":
      return [["LRANGE", name, 0, -1]];
    case "set":
      return [["SMEMBERS", name]];
    case "hash":
      return [["HGETALL", name]];
    case "zset":
      return [["ZRANGE", name, 0, -1, "WITHSCORES"]];
    case "stream":
      return [["XRANGE", name, "-", "+"], [
        "XINFO",
        "STREAM",
        name,
        "FULL",
        "COUNT",
        0,
      ]];
    default:
      return [["GET", name]];
  }
}

/** A reply without what depends on time and on how a radix tree is built. */
function streamText(reply: Reply): string {
  return replyText(reply)
    .replace(/"radix-tree-(keys|nodes)", :\d+/g, "")
    .replace(/:\d{13}\b/g, ":moment");
}

function isSameKey(
  left: KeyData | undefined,
  right: KeyData | undefined,
): boolean {
  if (left === undefined || right === undefined) return false;
  const hasExpiry = left.expiresAtMs >= 0 && right.expiresAtMs >= 0;
  const isSameExpiry = hasExpiry
    ? Math.abs(left.expiresAtMs - right.expiresAtMs) <= EXPIRY_TOLERANCE_MS
    : left.expiresAtMs === right.expiresAtMs;
  return isSameExpiry && left.content === right.content;
}

function keyText(data: KeyData | undefined): string {
  return data === undefined
    ? "no such key"
    : `${data.content} expires ${data.expiresAtMs}`;
}

function parseAddress(text: string): Address {
  const at = text.lastIndexOf(":");
  return { hostname: text.slice(0, at), port: Number(text.slice(at + 1)) };
}

async function main(): Promise<void> {
  const args = parseArgs(Deno.args, { string: ["commands", "seed", "addr"] });
  const redis = await findRealRedis();
  if (redis === undefined) {
    console.error("There is no redis-server on PATH and none in REDIS_SERVER");
    Deno.exit(1);
  }
  const commandCount = Number(args.commands ?? 500_000);
  const seed = Number(args.seed ?? Date.now() % 2 ** 32);
  console.log(
    `${commandCount} commands, seed ${seed}, beside redis-server ${redis.version}`,
  );
  const startedAtMs = performance.now();
  const address = args.addr === undefined ? undefined : parseAddress(args.addr);
  const differences = await runDifferential({
    commandCount,
    seed,
    redis,
    address,
  });
  for (const difference of differences) console.log(`\n${difference}`);
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(1);
  console.log(`\n${differences.length} differences, ${seconds} s`);
  if (differences.length > 0) Deno.exit(1);
}

if (import.meta.main) await main();

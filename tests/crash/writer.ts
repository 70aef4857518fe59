/** A connection that sends numbered commands until it breaks, and the check of what is left of them. */
import { payloadText } from "../support/reply_text.ts";
import type { RespClient } from "../support/resp_client.ts";
import type { Random } from "../fuzz/random.ts";
import {
  commandsOf,
  keysOf,
  movedKeys,
  ORDER_KEY,
  SHARED_DB,
  shortLivedKey,
  type WriterName,
} from "./numbered_writes.ts";
import { type Leftovers, prefixOf } from "./write_model.ts";

const PIPELINE_MAX = 20;
const TRANSACTION_STEP = 8;

/** See the top of the file. */
export class Writer {
  sent = 0;
  acknowledged = 0;
  /** Numbers up to here must be there after the next start. */
  promised = 0;
  /** When batches were acknowledged, for the length of a loss. */
  readonly #batches: { upTo: number; atMs: number }[] = [];

  constructor(readonly writer: WriterName, private readonly random: Random) {}

  /** Ends when the server is gone. @throws {Error} when the server refuses a command. */
  async run(client: RespClient, mover: RespClient): Promise<void> {
    const moving = this.#move(mover);
    let refused: string | undefined;
    try {
      await client.call("SELECT", this.writer.dbIndex);
      while (refused === undefined) {
        const commands: string[][] = [];
        const count = this.random.between(1, PIPELINE_MAX);
        for (let i = 0; i < count; i++) {
          commands.push(...commandsOf(this.writer, ++this.sent));
        }
        const replies = await client.pipeline(commands);
        const error = replies.find(({ type }) => type === "error");
        if (error !== undefined) refused = payloadText(error);
        this.acknowledged = this.sent;
        this.#batches.push({ upTo: this.sent, atMs: performance.now() });
      }
    } catch {
      // The server was killed.
    }
    client.close();
    mover.close();
    await moving;
    if (refused !== undefined) throw new Error(`refused: ${refused}`);
  }

  /** How long before `endMs` the first number behind `kept` was acknowledged; 0 when it never was. */
  lossMs(kept: number, endMs: number): number {
    const lost = this.#batches.find(({ upTo }) => upTo > kept);
    return lost === undefined ? 0 : endMs - lost.atMs;
  }

  async #move(client: RespClient): Promise<void> {
    const { source, moved } = movedKeys(this.writer);
    try {
      await client.call("SELECT", this.writer.dbIndex);
      for (;;) await client.call("BLMOVE", source, moved, "LEFT", "RIGHT", 1);
    } catch {
      // The server was killed.
    }
  }
}

/** What is left of a writer. */
export interface Found {
  /** The highest k whose first k commands leave this. */
  readonly prefix: number;
  readonly leftovers: Leftovers;
}

/**
 * Reads what is left and finds the k of it.
 *
 * @throws {Error} when no k from `least` to what was sent leaves it.
 */
export async function findPrefix(
  client: RespClient,
  { writer, sent }: Writer,
  least: number,
): Promise<Found> {
  const leftovers = await readLeftovers(client, writer);
  const prefix = prefixOf(writer, leftovers, least, sent);
  if (prefix === undefined) {
    const lower = prefixOf(writer, leftovers, 0, least);
    throw new Error(
      lower === undefined
        ? `no prefix leaves ${JSON.stringify(leftovers)}`
        : `only ${lower} are there`,
    );
  }
  await checkMoved(client, writer, Number(leftovers.left), sent);
  if (await client.text("EXISTS", shortLivedKey(writer)) !== ":0") {
    throw new Error("a key whose time was over is there");
  }
  return { prefix, leftovers };
}

/** The writer's part of the shared list: its transactions up to the last one, each once. */
export async function checkOrder(
  client: RespClient,
  writers: readonly { writer: WriterName; left: string }[],
): Promise<void> {
  await client.text("SELECT", SHARED_DB);
  const entries = await readList(client, ORDER_KEY);
  for (const { writer, left } of writers) {
    const mine = entries.filter((text) => text.startsWith(`${writer.name} `));
    const numbers = mine.map((text) => Number(text.split(" ")[1]));
    const isWhole = numbers.length === Number(left) / TRANSACTION_STEP &&
      numbers.every((number, i) => number === (i + 1) * TRANSACTION_STEP);
    if (!isWhole) {
      throw new Error(`${writer.name} is at ${left}, its list at ${numbers}`);
    }
  }
}

export async function readLeftovers(
  client: RespClient,
  writer: WriterName,
): Promise<Leftovers> {
  await client.text("SELECT", writer.dbIndex);
  const left = payloadText(await client.call("GET", `left:${writer.name}`));
  const reply = await client.call("DEBUG", "DIGEST-VALUE", ...keysOf(writer));
  if (reply.type !== "array") throw new Error(`digests: ${reply.type}`);
  return {
    left: left ?? "",
    digests: reply.items.map((item) => payloadText(item)!),
  };
}

/** Each pushed number is in one of the two lists, once and in order. */
async function checkMoved(
  client: RespClient,
  writer: WriterName,
  left: number,
  sent: number,
): Promise<void> {
  const { source, moved } = movedKeys(writer);
  const found = [
    ...await readList(client, moved),
    ...await readList(client, source),
  ];
  const pushed: string[] = [];
  for (let n = 1; n <= Math.min(sent, left + TRANSACTION_STEP - 1); n++) {
    for (const words of commandsOf(writer, n)) {
      if (words[1] === source) pushed.push(`${n}`);
    }
  }
  const least = pushed.filter((text) => Number(text) <= left).length;
  const isPrefix = found.every((text, i) => text === pushed[i]);
  if (!isPrefix || found.length < least) {
    throw new Error(`moved ${found} of ${pushed}`);
  }
}

async function readList(client: RespClient, key: string): Promise<string[]> {
  const list = await client.call("LRANGE", key, "0", "-1");
  return list.type === "array"
    ? list.items.map((item) => payloadText(item) ?? "?")
    : [];
}

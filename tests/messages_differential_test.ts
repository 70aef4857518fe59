/**
 * Several clients of tsredis and of a real redis-server subscribe, publish, track
 * keys and run transactions at random; each must be sent the same in the same
 * order. The other differential test has one client, which waits for one reply per
 * command.
 */
import type { Reply } from "../lib/resp/reply_decoder.ts";
import { Random } from "./fuzz/random.ts";
import { TEST_SEED } from "./fuzz/test_seed.ts";
import {
  findRealRedis,
  type RealRedis,
  testBesideRedis7_2,
} from "./support/real_redis.ts";
import { encodeCommand } from "./support/command_text.ts";
import { payloadText, replyText } from "./support/reply_text.ts";
import { type Address, RespClient } from "./support/resp_client.ts";
import { startRedis, startTsredis } from "./support/server_process.ts";

const STEPS = 5_000;
const CLIENTS = 4;
const CHANNELS = ["a1", "a2", "b1", "b2"];
/** Each channel matches one, since the order of several is the server's own. */
const PATTERNS = ["a*", "b*"];
const KEYS = ["key:1", "key:2", "other:1"];
const MESSAGES = new Set(["message", "pmessage", "smessage", "invalidate"]);
const NOTIFICATIONS = ["__keyevent@0__:set", "__keyspace@0__:key:1"];

testBesideRedis7_2(
  await findRealRedis(),
  `clients of tsredis are sent the same as those of redis-server, seed ${TEST_SEED}`,
  "before 7.2, what a client caused came before the reply",
  compare,
);

async function compare(redis: RealRedis): Promise<void> {
  await using real = await startRedis(redis.path);
  await using own = await startTsredis();
  using ours = await Audience.open(own.address);
  using theirs = await Audience.open(real.address);
  const random = new Random(TEST_SEED), commands: string[] = [];
  for (let step = 0; step < STEPS; step++) {
    const client = random.below(CLIENTS), command = makeCommand(random);
    commands.push(`client ${client}: ${command.join(" ")}`);
    const [left, right] = await Promise.all(
      [ours, theirs].map((audience) => audience.run(client, command)),
    );
    if (left === right) continue;
    throw new Error([
      ...commands.slice(-30),
      `tsredis: ${left}`,
      `redis:   ${right}`,
    ].join("\n"));
  }
}

/** One that is answered once: a subscription names one topic. */
function makeCommand(r: Random): string[] {
  switch (r.below(16)) {
    case 0:
      return ["SUBSCRIBE", r.pick([...CHANNELS, ...NOTIFICATIONS])];
    case 1:
      return ["UNSUBSCRIBE", r.pick([...CHANNELS, ...NOTIFICATIONS])];
    case 2:
      return ["PSUBSCRIBE", r.pick(PATTERNS)];
    case 3:
      return ["PUNSUBSCRIBE", r.pick(PATTERNS)];
    case 4:
      return ["SSUBSCRIBE", r.pick(CHANNELS)];
    case 5:
      return ["SUNSUBSCRIBE", r.pick(CHANNELS)];
    case 6:
      return ["SPUBLISH", r.pick(CHANNELS), "m"];
    case 7:
      return r.pick([["MULTI"], ["EXEC"], ["EXEC"], ["DISCARD"]]);
    case 8:
      return ["SET", r.pick(KEYS), "v"];
    case 9:
      return ["MGET", ...KEYS];
    case 10:
      return [
        "CLIENT",
        "TRACKING",
        ...r.pick([["ON"], ["OFF"], ["ON", "NOLOOP"]]),
      ];
    case 11:
      return r.pick([["WATCH", r.pick(KEYS)], ["RESET"], ["FLUSHALL"]]);
    default:
      return ["PUBLISH", r.pick(CHANNELS), "m".repeat(r.between(1, 300))];
  }
}

/** Clients of one server; the odd ones speak RESP3. */
class Audience implements Disposable {
  readonly #clients: RespClient[] = [];

  static async open(address: Address): Promise<Audience> {
    const audience = new Audience();
    for (let i = 0; i < CLIENTS; i++) {
      const client = await RespClient.connect(address);
      audience.#clients.push(client);
      await client.call("CONFIG", "SET", "notify-keyspace-events", "KE$");
      await audience.#greet(i);
    }
    // Redis remembers what a client has read beyond its RESET; tsredis, while anybody tracks.
    const tracking = await RespClient.connect(address);
    audience.#clients.push(tracking);
    await tracking.call("CLIENT", "TRACKING", "ON");
    return audience;
  }

  async #greet(index: number): Promise<void> {
    if (index % 2 === 1) await this.#clients[index].call("HELLO", "3");
  }

  /** Has a client send a command; answers all that it was sent up to the reply. */
  async run(index: number, command: readonly string[]): Promise<string> {
    const client = this.#clients[index], sent: string[] = [];
    await client.send(encodeCommand(command));
    while (true) {
      const reply = await client.read();
      sent.push(replyText(reply));
      if (!isMessage(reply)) break;
    }
    // RESET has made it a client of RESP2.
    if (command[0] === "RESET") await this.#greet(index);
    return sent.join("\n");
  }

  [Symbol.dispose](): void {
    for (const client of this.#clients) client.close();
  }
}

/** Whether somebody else's doing is told, or what a command before has caused. */
function isMessage(reply: Reply): boolean {
  return (reply.type === "push" || reply.type === "array") &&
    reply.items.length > 0 && MESSAGES.has(payloadText(reply.items[0]) ?? "");
}

/**
 * Several clients of tsredis and of a real redis-server wait at random for lists,
 * sorted sets and streams of the same few names, which others push to, delete,
 * replace, rename, and change in transactions. After each command the same clients
 * must have been served, each with the same reply.
 */
import type { Reply } from "../lib/resp/reply_decoder.ts";
import { Random } from "./fuzz/random.ts";
import { TEST_SEED } from "./fuzz/test_seed.ts";
import {
  type Argument,
  encodeCommand,
  joinCommand,
} from "./support/command_text.ts";
import {
  findRealRedis,
  type RealRedis,
  testBesideRedis7_2,
} from "./support/real_redis.ts";
import { replyText } from "./support/reply_text.ts";
import { type Address, RespClient } from "./support/resp_client.ts";
import { startRedis, startTsredis } from "./support/server_process.ts";

const STEPS = 4_000;
const CLIENTS = 8;
const KEYS = ["k1", "k2", "k3"];
/** Of one type each: Redis forgets who waits for what is stored over another type. */
const STORED_LIST = "l", STORED_SORTED_SET = "z";
const STORED = [STORED_LIST, STORED_SORTED_SET];
const GROUPS = ["g", "h"];
/** No client waits longer than for so many commands of others. */
const WAIT_MAX_STEPS = 60;
/** Commands that a difference shows. */
const SHOWN = 30;

testBesideRedis7_2(
  await findRealRedis(),
  `clients that wait are served as by redis-server, seed ${TEST_SEED}`,
  "7.2 changed who is served",
  compare,
);

async function compare(redis: RealRedis): Promise<void> {
  await using real = await startRedis(redis.path);
  await using own = await startTsredis();
  using ours = await Audience.open(own.address);
  using theirs = await Audience.open(real.address);
  const random = new Random(TEST_SEED), log: string[] = [];
  for (let step = 1; step <= STEPS; step++) {
    const index = ours.patient(step), free = ours.free();
    const act = index === undefined
      ? { index: random.pick(free), command: makeCommand(random, step) }
      : { index, command: undefined };
    log.push(
      `client ${act.index}: ${
        act.command === undefined ? "is unblocked" : joinCommand(act.command)
      }`,
    );
    const waiting = ours.waiting();
    const [left, right] = await Promise.all(
      [ours, theirs].map((audience) => audience.run(act, step)),
    );
    log.push(`  ${right}`);
    if (left === right) continue;
    throw new Error([
      ...log.slice(-2 * SHOWN),
      ...waiting.map((text) => `waits: ${text}`),
      `tsredis: ${left}`,
      `redis:   ${right}`,
    ].join("\n"));
  }
}

function makeCommand(r: Random, step: number): Argument[] {
  return r.oneIn(3) ? waiting(r) : r.oneIn(6) ? around(r) : change(r, step);
}

function waiting(r: Random): Argument[] {
  const key = r.pick(KEYS), end = r.pick(["LEFT", "RIGHT"]);
  const keys = r.repeat(
    r.between(1, 3),
    () => r.pick(r.oneIn(6) ? STORED : KEYS),
  );
  const count = r.oneIn(2) ? ["COUNT", r.between(1, 3)] : [];
  switch (r.below(9)) {
    case 0:
      return ["BLPOP", ...keys, 0];
    case 1:
      return ["BRPOP", ...keys, 0];
    case 2:
      return ["BLMOVE", key, r.pick(KEYS), end, r.pick(["LEFT", "RIGHT"]), 0];
    case 3:
      return ["BRPOPLPUSH", key, r.pick(KEYS), 0];
    case 4:
      return ["BLMPOP", 0, keys.length, ...keys, end, ...count];
    case 5:
      return [r.pick(["BZPOPMIN", "BZPOPMAX"]), ...keys, 0];
    case 6: {
      const side = r.pick(["MIN", "MAX"]);
      return ["BZMPOP", 0, keys.length, ...keys, side, ...count];
    }
    case 7: {
      const after = keys.map(() => r.pick(["$", "0", "999999"]));
      return ["XREAD", ...count, "BLOCK", 0, "STREAMS", ...keys, ...after];
    }
    default: {
      const group = ["GROUP", r.pick(GROUPS), r.pick(["alice", "bob"])];
      const after = keys.map(() => r.oneIn(9) ? "0" : ">");
      const noAck = r.some(["NOACK"]);
      return [
        ...["XREADGROUP", ...group, ...count, "BLOCK", 0, ...noAck],
        ...["STREAMS", ...keys, ...after],
      ];
    }
  }
}

function change(r: Random, step: number): Argument[] {
  const key = r.pick(KEYS), other = r.pick(KEYS);
  const some = r.repeat(r.between(1, 3), () => `v${r.below(9)}`);
  switch (r.below(18)) {
    case 0:
    case 1:
    case 2:
      return [r.pick(["LPUSH", "RPUSH"]), key, ...some];
    case 3:
    case 4:
      return ["ZADD", key, ...some.flatMap((member) => [r.below(5), member])];
    case 5:
    case 6:
      return ["XADD", key, `${step + 1}-0`, "f", "v"];
    case 7:
      return ["XGROUP", "CREATE", key, r.pick(GROUPS), "0", "MKSTREAM"];
    case 8:
      return ["XGROUP", "DESTROY", key, r.pick(GROUPS)];
    case 9:
    case 10:
      return ["DEL", ...r.some(KEYS), key];
    case 11:
      return r.pick([["SET", key, "v"], ["SADD", key, "3", "1"]]);
    case 12:
      return [r.pick(["RENAME", "COPY", "RENAMENX"]), key, other];
    case 13:
      return ["COPY", key, other, "REPLACE"];
    case 14:
      return r.pick([
        ["SORT", key, "ALPHA", "STORE", STORED_LIST],
        ["ZUNIONSTORE", STORED_SORTED_SET, 1, key],
        ["ZRANGESTORE", STORED_SORTED_SET, key, 0, 1],
      ]);
    case 15:
      return ["LMOVE", key, other, "LEFT", "RIGHT"];
    case 16:
      return r.pick([["MOVE", key, 1], ["FLUSHALL"]]);
    default:
      return r.pick([["LPOP", key], ["ZPOPMIN", key], ["EXPIRE", key, "-1"]]);
  }
}

/** Transactions; they queue whatever comes. */
function around(r: Random): Argument[] {
  return r.pick([["MULTI"], ["EXEC"], ["EXEC"], ["EXEC"], ["DISCARD"]]);
}

/** What happens in a step: a client sends a command, or its wait is ended. */
interface Act {
  readonly index: number;
  readonly command: readonly Argument[] | undefined;
}

/** A command without a reply so far. */
interface Wait {
  readonly command: string;
  readonly since: number;
  readonly reply: Promise<Reply>;
  isAnswered: boolean;
}

/** The clients of one server. */
class Audience implements Disposable {
  readonly #observer: RespClient;
  readonly #clients: RespClient[] = [];
  /** IDs of the clients, in their order. */
  readonly #ids: string[] = [];
  readonly #waits = new Map<number, Wait>();

  private constructor(observer: RespClient) {
    this.#observer = observer;
  }

  static async open(address: Address): Promise<Audience> {
    const audience = new Audience(await RespClient.connect(address));
    for (let i = 0; i < CLIENTS; i++) {
      const client = await RespClient.connect(address);
      audience.#clients.push(client);
      audience.#ids.push(replyText(await client.call("CLIENT", "ID")).slice(1));
    }
    return audience;
  }

  /** Who does not wait. */
  free(): number[] {
    return [...this.#clients.keys()].filter((i) => !this.#waits.has(i));
  }

  /** What the clients wait for, who has waited longest first. */
  waiting(): string[] {
    return [...this.#waits].map(([i, { command }]) => `${i}: ${command}`);
  }

  /** Who has waited longest, when that is too long, or when everybody waits. */
  patient(step: number): number | undefined {
    const [first] = this.#waits;
    if (first === undefined) return undefined;
    const isDue = step - first[1].since > WAIT_MAX_STEPS ||
      this.#waits.size === CLIENTS;
    return isDue ? first[0] : undefined;
  }

  /** Answers who was sent what, in the order of the clients. */
  async run({ index, command }: Act, step: number): Promise<string> {
    if (command === undefined) {
      await this.#observer.text("CLIENT", "UNBLOCK", this.#ids[index]);
    } else {
      const client = this.#clients[index];
      const wait: Wait = {
        command: joinCommand(command),
        since: step,
        reply: client.read(),
        isAnswered: false,
      };
      wait.reply.then(() => wait.isAnswered = true, () => {});
      this.#waits.set(index, wait);
      await client.send(encodeCommand(command));
    }
    const blocked = await this.#settled(index), texts: string[] = [];
    for (const i of [...this.#waits.keys()].sort()) {
      if (blocked.has(i)) continue;
      texts.push(`${i}: ${replyText(await this.#waits.get(i)!.reply)}`);
      this.#waits.delete(i);
    }
    return texts.join(", ");
  }

  /** Who is blocked, asked when a client has been answered or is blocked itself. */
  async #settled(index: number): Promise<Set<number>> {
    for (;;) {
      const { isAnswered } = this.#waits.get(index)!;
      const list = await this.#observer.text("CLIENT", "LIST");
      const blocked = new Set<number>();
      for (
        const [, id, flags] of list.matchAll(/^id=(\d+) .* flags=(\S+) /gm)
      ) {
        if (flags.includes("b")) blocked.add(this.#ids.indexOf(id));
      }
      if (isAnswered || blocked.has(index)) return blocked;
    }
  }

  [Symbol.dispose](): void {
    for (const client of [...this.#clients, this.#observer]) client.close();
  }
}

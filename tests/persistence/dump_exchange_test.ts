/**
 * DUMP from one server and RESTORE into the other, both ways: tsredis and the real
 * redis-server take each other's payloads and make the same of them.
 *
 * `DUMP_EXCHANGE_VALUES` says how many values it exchanges.
 */
import { assert, assertEquals } from "@std/assert";
import { Random } from "../fuzz/random.ts";
import { TEST_SEED } from "../fuzz/test_seed.ts";
import type { Reply } from "../../lib/resp/reply_decoder.ts";
import type { Argument } from "../support/command_text.ts";
import {
  findRealRedis,
  isAtLeast,
  testBesideRedis,
} from "../support/real_redis.ts";
import { textOf } from "../support/binary_text.ts";
import { replyText } from "../support/reply_text.ts";
import type { RespClient } from "../support/resp_client.ts";
import { startRedis, startTsredis } from "../support/server_process.ts";
import { VALUE_MAKERS } from "./threshold_values.ts";

const valueCount = Number(Deno.env.get("DUMP_EXCHANGE_VALUES") ?? 300);
const redis = await findRealRedis();

const FOOTER_BYTES = 10;
/** Type numbers of what can be written in one way: strings, intsets, and listpacks of hashes and lists. */
const SINGLE_FORMS = [0, 11, 16, 18];
/** What was removed or replaced leaves traces: the width of an intset, the nodes of a list. */
const LEAVING_TRACES = ["SREM", "LSET", "LTRIM"];
const FAR_MS = 7_258_118_400_000;

/** What can be asked about a key. */
interface Facts {
  digest: string;
  encoding: string;
  /** Groups, consumers and pending entries. */
  details: string;
}

/** A value as a server has made and dumped it. */
interface Dumped extends Facts {
  payload: Uint8Array;
}

/** One of the two servers. */
class Side {
  constructor(
    readonly name: string,
    readonly client: RespClient,
  ) {}

  /** @throws {Error} when a command is refused */
  async all(commands: Argument[][]): Promise<Reply[]> {
    const replies = await this.client.pipeline(commands);
    const refused = replies.findIndex(({ type }) => type === "error");
    if (refused < 0) return replies;
    throw new Error(
      `${this.name}: ${commands[refused].slice(0, 4)}: ${
        replyText(replies[refused])
      }`,
    );
  }

  async facts(key: string): Promise<Facts> {
    const [type, ...replies] = await this.all([
      ["TYPE", key],
      ["DEBUG", "DIGEST-VALUE", key],
      ["OBJECT", "ENCODING", key],
    ]);
    const [digest, encoding] = replies.map(replyText);
    let details = "";
    if (replyText(type) === "+stream") {
      const info = await this.all([
        ["XINFO", "STREAM", key, "FULL", "COUNT", 0],
      ]);
      details = streamDetails(info[0]);
    }
    return { digest, encoding, details };
  }

  /** Removes all data, and compresses what is dumped from now on, or not. */
  async clear(isCompressing: boolean): Promise<void> {
    const choice = isCompressing ? "yes" : "no";
    await this.all([["FLUSHALL"], [
      "CONFIG",
      "SET",
      "rdbcompression",
      choice,
    ]]);
  }

  async make(key: string, commands: Argument[][]): Promise<Dumped> {
    await this.all(commands);
    return { ...await this.facts(key), payload: await this.dump(key) };
  }

  async dump(key: string): Promise<Uint8Array> {
    const [payload] = await this.all([["DUMP", key]]);
    assert(payload.type === "bulk", `${key} is empty`);
    return payload.value;
  }

  /** Also sees that the moment of expiry is right, and takes it away: it is part of a digest. */
  async restore(
    key: string,
    payload: Uint8Array,
    expiresAtMs: number,
  ): Promise<Facts> {
    const [, moment] = await this.all([
      ["RESTORE", key, expiresAtMs, payload, "ABSTTL"],
      ["PEXPIRETIME", key],
      ["PERSIST", key],
    ]);
    assertEquals(replyText(moment), `:${expiresAtMs || -1}`);
    return await this.facts(key);
  }
}

/** XINFO's reply without the entries, what depends on radix trees, and the times that payloads of 7.0 do not have. */
function streamDetails(info: Reply): string {
  return replyText(info)
    .replace(/"entries", \[.*\], (?="groups")/, "")
    .replace(/"radix-tree-(keys|nodes)", :\d+, /g, "")
    .replace(/"active-time", :-?\d+, /g, "");
}

/** What the two sides made of the same commands. */
interface Made {
  own: Dumped;
  real: Dumped;
}

/**
 * Restores what each side has dumped in both, and compares what came of it.
 * Answers the encodings on each side: of a copy from tsredis, and of one from redis-server.
 */
async function exchange(
  [own, real]: [Side, Side],
  made: Made,
  expiresAtMs: number,
): Promise<{ own: string[]; real: string[] }> {
  const encodings: string[][] = [];
  for (
    const [target, before] of [[own, made.own], [real, made.real]] as const
  ) {
    const found: string[] = [];
    for (const source of ["own", "real"] as const) {
      const { payload, details } = made[source], key = `${source} copy`;
      const copy = await target.restore(key, payload, expiresAtMs);
      const way = `from ${source} to ${target.name}`;
      assertEquals(copy.digest, before.digest, `digest ${way}`);
      assertEquals(copy.details, details, `groups ${way}`);
      found.push(copy.encoding);
    }
    encodings.push(found);
  }
  return { own: encodings[0], real: encodings[1] };
}

/** Uncompressed payloads are equal where both have chosen a form with one way to write it. Answers whether they have. */
function isSameForm({ own, real }: Made): boolean {
  const [form] = real.payload;
  if (own.payload[0] !== form || !SINGLE_FORMS.includes(form)) return false;
  const [left, right] = [own, real].map(({ payload }) =>
    textOf(payload.subarray(0, -FOOTER_BYTES))
  );
  assertEquals(left, right, "payloads");
  return true;
}

testBesideRedis(
  redis,
  `tsredis and redis-server restore each other's dumps of ${valueCount} random values, seed ${TEST_SEED}`,
  async ({ path, version }) => {
    await using ownServer = await startTsredis({
      args: ["--enable-debug-command", "yes"],
    });
    await using realServer = await startRedis(path);
    using ownClient = await ownServer.connect();
    using realClient = await realServer.connect();
    const sides: [Side, Side] = [
      new Side("tsredis", ownClient),
      new Side("redis", realClient),
    ];
    // Redis 7.0 has no listpacks for sets, and other digests of scores.
    const isComparable = isAtLeast(version, "7.2");
    const r = new Random(TEST_SEED), makers = Object.entries(VALUE_MAKERS);
    let equalPayloads = 0;
    for (let n = 0; n < valueCount; n++) {
      const [kind, make] = makers[n % makers.length], commands = make(r, "k");
      const isCompressing = r.oneIn(2);
      try {
        for (const side of sides) await side.clear(isCompressing);
        const made = {
          own: await sides[0].make("k", commands),
          real: await sides[1].make("k", commands),
        };
        const expiresAtMs = r.oneIn(2) ? 0 : FAR_MS + r.next();
        const encodings = await exchange(sides, made, expiresAtMs);
        if (isComparable) assertEquals(made.own.digest, made.real.digest);
        if (commands.some(([name]) => LEAVING_TRACES.includes(`${name}`))) {
          continue;
        }
        if (!isCompressing && isSameForm(made)) equalPayloads++;
        assertEquals(encodings.own[0], encodings.own[1]);
        assertEquals(encodings.real[0], encodings.real[1]);
        if (!isComparable) continue;
        assertEquals(made.own.encoding, made.real.encoding);
        assertEquals(encodings.own, encodings.real);
      } catch (error) {
        throw new Error(`value ${n}, ${kind}`, { cause: error });
      }
    }
    assert(equalPayloads > valueCount / 8, `${equalPayloads} equal payloads`);
  },
);

/**
 * Damaged payloads: RESTORE refuses one or makes a value of it that every command
 * can be used on. Nothing else may happen, to the connection or to the server.
 *
 * `DAMAGE_ROUNDS` says how many values of each type are damaged in every byte.
 */
import { assert, assertEquals } from "@std/assert";
import { Crc64 } from "../../lib/persistence/crc64.ts";
import { Random } from "../fuzz/random.ts";
import { TEST_SEED } from "../fuzz/test_seed.ts";
import { bytesOf, textOf } from "../support/binary_text.ts";
import { type Argument, quote } from "../support/command_text.ts";
import { DUMPED_LIST } from "../support/dump_payloads.ts";
import { OTHER_FORMS } from "../support/other_forms.ts";
import { replyText } from "../support/reply_text.ts";
import type { RespClient } from "../support/resp_client.ts";
import { sharedTsredis } from "../support/shared_server.ts";
import { ALL_VALUE_MAKERS } from "./threshold_values.ts";

const rounds = Number(Deno.env.get("DAMAGE_ROUNDS") ?? 1);

const FOOTER_BYTES = 10;
const CHECKSUM_BYTES = 8;
/** Longer values are not damaged: the parts of a form are all in a short one. */
const PAYLOAD_BYTES_MAX = 700;
const WRONG_FOOTER = "-ERR DUMP payload version or checksum are wrong";
const BAD_DATA = "-ERR Bad data format";

const server = sharedTsredis(["--enable-debug-command", "yes"]);

/** Version 10, and room for a checksum. */
const FOOTER = "\x0a" + "\x00".repeat(FOOTER_BYTES - 1);

/** A small value of a type, dumped. */
async function smallPayload(
  client: RespClient,
  kind: string,
  r: Random,
): Promise<Uint8Array> {
  for (;;) {
    await client.text("FLUSHALL");
    await client.text("CONFIG", "SET", "rdbcompression", r.pick(["yes", "no"]));
    await client.pipeline(ALL_VALUE_MAKERS[kind](r, "k"));
    const payload = await client.call("DUMP", "k");
    assert(payload.type === "bulk");
    if (payload.value.length <= PAYLOAD_BYTES_MAX) return payload.value;
  }
}

/** The payload with the checksum that its bytes ask for. */
function mended(payload: Uint8Array): Uint8Array {
  const crc = new Crc64(), at = payload.length - CHECKSUM_BYTES;
  crc.update(payload, 0, at);
  crc.write(new DataView(payload.buffer), at);
  return payload;
}

/** Every byte changed in turn: in its highest bit, in one, and to any other. */
function* changed(payload: Uint8Array, r: Random): Generator<Uint8Array> {
  for (let at = 0; at < payload.length - FOOTER_BYTES; at++) {
    for (const mask of [0x80, 1 << r.below(8), r.between(1, 255)]) {
      const damaged = payload.slice();
      damaged[at] ^= mask;
      yield mended(damaged);
    }
  }
}

/** Cut at every length, with a footer that is right. */
function* cut(payload: Uint8Array): Generator<Uint8Array> {
  const footer = payload.subarray(-FOOTER_BYTES);
  for (let length = 0; length < payload.length - FOOTER_BYTES; length++) {
    const damaged = new Uint8Array(length + FOOTER_BYTES);
    damaged.set(payload.subarray(0, length));
    damaged.set(footer, length);
    yield mended(damaged);
  }
}

/** Commands on a value of any type: those that look at all of it, and some that change it. */
const USES: Argument[][] = [
  ["DEBUG", "DIGEST-VALUE", "k"],
  ["OBJECT", "ENCODING", "k"],
  ["MEMORY", "USAGE", "k", "SAMPLES", "0"],
  ["DUMP", "k"],
  ["COPY", "k", "copy", "REPLACE"],
  ["SORT", "k", "ALPHA"],
  ["GET", "k"],
  ["APPEND", "k", "x"],
  ["PFCOUNT", "k"],
  ["PFADD", "k", "x"],
  ["LRANGE", "k", "0", "-1"],
  ["LSET", "k", "-1", "x"],
  ["LPUSH", "k", "x"],
  ["RPOP", "k"],
  ["SMEMBERS", "k"],
  ["SADD", "k", "1", "x"],
  ["SPOP", "k"],
  ["HGETALL", "k"],
  ["HSET", "k", "x", "1"],
  ["HSCAN", "k", "0", "COUNT", "1000"],
  ["ZRANGE", "k", "0", "-1", "WITHSCORES"],
  ["ZADD", "k", "1", "x"],
  ["ZPOPMIN", "k"],
  ["ZRANGEBYLEX", "k", "-", "+"],
  ["XRANGE", "k", "-", "+"],
  ["XREVRANGE", "k", "+", "-"],
  ["XINFO", "STREAM", "k", "FULL", "COUNT", "0"],
  ["XPENDING", "k", "first", "-", "+", "100"],
  ["XREADGROUP", "GROUP", "first", "c0", "STREAMS", "k", ">"],
  ["XREADGROUP", "GROUP", "first", "c0", "STREAMS", "k", "0"],
  ["XAUTOCLAIM", "k", "first", "c1", "0", "0"],
  ["XADD", "k", "*", "f", "v"],
  ["XTRIM", "k", "MAXLEN", "1"],
];

/** Restores every payload and uses what comes of it; answers how many were loaded. */
async function tryAll(
  client: RespClient,
  payloads: Iterable<Uint8Array>,
): Promise<number> {
  let loaded = 0;
  for (const payload of payloads) {
    try {
      const [restored] = await client.pipeline([
        ["RESTORE", "k", "0", payload, "REPLACE"],
        ...USES,
        ["DEL", "k", "copy"],
      ]);
      if (restored.type === "simple") loaded++;
      else assertEquals(replyText(restored), BAD_DATA);
    } catch (error) {
      const bytes = quote(textOf(payload));
      throw new Error(`payload ${bytes}`, { cause: error });
    }
  }
  return loaded;
}

Deno.test(`damaged payloads are refused or loaded whole, seed ${TEST_SEED}`, async () => {
  using client = await server().connect();
  const r = new Random(TEST_SEED);
  let loaded = 0, tried = 0;
  const tryDamaged = async (payload: Uint8Array) => {
    assertEquals(await tryAll(client, [payload]), 1);
    const damaged = [...changed(payload, r), ...cut(payload)];
    tried += damaged.length;
    loaded += await tryAll(client, damaged);
  };
  for (let round = 0; round < rounds; round++) {
    for (const kind of Object.keys(ALL_VALUE_MAKERS)) {
      await tryDamaged(await smallPayload(client, kind, r));
    }
  }
  for (const body of OTHER_FORMS) {
    await tryDamaged(mended(bytesOf(body + FOOTER)));
  }
  // Damage to a text or a number leaves a right payload of another value.
  assert(loaded > tried / 20 && loaded < tried, `${loaded} of ${tried} loaded`);
  assert(!/\bat .*\.ts:\d+/.test(server().log), server().log);
});

Deno.test("a payload whose checksum or version is wrong is refused", async () => {
  using client = await server().connect();
  const whole = bytesOf(DUMPED_LIST);
  for (let at = 0; at < whole.length; at++) {
    const damaged = whole.slice();
    damaged[at] ^= 0x10;
    const replies = await client.pipeline([
      ["RESTORE", "k", "0", damaged],
      ["RESTORE", "k", "0", whole.subarray(0, at)],
      ["EXISTS", "k"],
    ]);
    const expected = [WRONG_FOOTER, WRONG_FOOTER, ":0"];
    assertEquals(replies.map(replyText), expected, `byte ${at}`);
  }
});

/** Large values of many clients: their memory is passed on from one to the next, their bytes are not. */
import { assertEquals } from "@std/assert";
import { Random } from "../fuzz/random.ts";
import { TEST_SEED } from "../fuzz/test_seed.ts";
import { payloadText } from "../support/reply_text.ts";
import { RespClient } from "../support/resp_client.ts";
import { type ServerProcess, startTsredis } from "../support/server_process.ts";

const CLIENTS = 8;
const ROUNDS = 25;
const KEYS = ["a", "b", "c", "d", "e"];
/** Below and above where a value keeps its buffer, and of one and of several reads. */
const LENGTHS = [100, 10_000, 16_500, 40_000, 100_000, 105_000, 400_000];

/** One of a few letters, again and again; a reply that mixes two is found out. */
function valueOf(r: Random): string {
  return r.pick(["A", "B", "C", "D"]).repeat(r.pick(LENGTHS));
}

Deno.test(`large values stay whole while many clients write and read them (seed ${TEST_SEED})`, async () => {
  await using server = await startTsredis();
  await Promise.all(
    Array.from(
      { length: CLIENTS },
      (_, i) => writeAndRead(server, TEST_SEED + i),
    ),
  );
});

async function writeAndRead(server: ServerProcess, seed: number) {
  const r = new Random(seed), own = `own:${seed}`;
  using client = await RespClient.connect(server.address);
  for (let round = 0; round < ROUNDS; round++) {
    const value = valueOf(r), key = r.pick(KEYS);
    const replies = await client.pipeline([
      ["SET", own, value],
      ["SET", key, valueOf(r)],
      r.oneIn(3) ? ["DEL", key] : ["GET", r.pick(KEYS)],
      r.oneIn(3) ? ["RENAME", own, own] : ["SETRANGE", key, 1, "A"],
      ["GET", own],
      ["GET", r.pick(KEYS)],
    ]);
    assertEquals(payloadText(replies[4]) === value, true);
    for (const reply of [replies[2], replies[5]]) {
      if (reply.type !== "bulk") continue;
      assertEquals(new Set(payloadText(reply)!.slice(2)).size <= 1, true);
    }
  }
}

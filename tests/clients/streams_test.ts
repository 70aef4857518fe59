/** Streams as applications use them, with ioredis. */
import { assertEquals } from "@std/assert";
import type { Redis } from "ioredis";
import { sharedTsredis } from "../support/shared_server.ts";
import { withRedisPair } from "./redis_pair.ts";

const server = sharedTsredis();

Deno.test("ioredis adds to a stream, reads and trims it", () =>
  withRedisPair(server().port, async (redis) => {
    for (let i = 1; i <= 300; i++) {
      assertEquals(await redis.xadd("s", `${i}-0`, "n", i), `${i}-0`);
    }
    assertEquals(await redis.xlen("s"), 300);
    assertEquals(await redis.xrange("s", "(298-0", "+"), [
      ["299-0", ["n", "299"]],
      ["300-0", ["n", "300"]],
    ]);
    assertEquals(await redis.xrevrange("s", "+", "-", "COUNT", 1), [
      ["300-0", ["n", "300"]],
    ]);
    assertEquals(await redis.xtrim("s", "MAXLEN", "~", 150), 100);
    assertEquals(await redis.xdel("s", "101-0", "1-0"), 1);
    assertEquals(await redis.xlen("s"), 199);
  }));

Deno.test("ioredis waits for a stream", () =>
  withRedisPair(server().port, async (redis, other) => {
    const reply = other.xread("BLOCK", 5000, "STREAMS", "s", "0");
    await redis.xadd("s", "1-1", "f", "v");
    assertEquals(await reply, [["s", [["1-1", ["f", "v"]]]]]);
    assertEquals(
      await other.xread("BLOCK", 10, "STREAMS", "s", "$"),
      null,
    );
  }));

Deno.test("ioredis shares a stream among the consumers of a group", () =>
  withRedisPair(server().port, async (redis, other) => {
    await redis.xgroup("CREATE", "s", "g", "$", "MKSTREAM");
    const read = (client: Redis, name: string) =>
      client.xreadgroup(
        "GROUP",
        "g",
        name,
        "COUNT",
        1,
        "BLOCK",
        5000,
        "STREAMS",
        "s",
        ">",
      );
    const waiting = read(other, "bob");
    await redis.xadd("s", "1-0", "job", "a");
    assertEquals(await waiting, [["s", [["1-0", ["job", "a"]]]]]);
    await redis.xadd("s", "2-0", "job", "b");
    assertEquals(await read(redis, "alice"), [["s", [["2-0", ["job", "b"]]]]]);
    assertEquals(await redis.xpending("s", "g"), [
      2,
      "1-0",
      "2-0",
      [["alice", "1"], ["bob", "1"]],
    ]);
    assertEquals(await redis.xack("s", "g", "2-0"), 1);
    assertEquals(await redis.xautoclaim("s", "g", "alice", 0, "0"), [
      "0-0",
      [["1-0", ["job", "a"]]],
      [],
    ]);
  }));

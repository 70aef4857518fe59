/** ioredis, as an application uses it. */
import { assertEquals, assertRejects } from "@std/assert";
import { Redis } from "ioredis";
import { startTsredis } from "../support/server_process.ts";
import { sharedTsredis } from "../support/shared_server.ts";

const server = sharedTsredis();

/** A client for one test: it gives up instead of waiting for ever. */
async function withClient(
  test: (redis: Redis) => Promise<void>,
): Promise<void> {
  const redis = new Redis({ port: server().port, maxRetriesPerRequest: 2 });
  try {
    await redis.flushall();
    await test(redis);
  } finally {
    await redis.quit();
  }
}

Deno.test("ioredis sets, gets and expires strings", () =>
  withClient(async (redis) => {
    assertEquals(await redis.set("k", "v", "EX", 100), "OK");
    assertEquals(await redis.get("k"), "v");
    assertEquals(await redis.ttl("k"), 100);
    assertEquals(await redis.set("k", "w", "NX"), null);
    assertEquals(await redis.getset("k", "w"), "v");
    assertEquals(await redis.persist("k"), 0);
    assertEquals(await redis.mset({ a: "1", b: "2" }), "OK");
    assertEquals(await redis.mget("a", "missing", "b"), ["1", null, "2"]);
    assertEquals(await redis.incrby("a", 41), 42);
    assertEquals(await redis.incrbyfloat("a", 0.5), "42.5");
    assertEquals((await redis.keys("*")).sort(), ["a", "b", "k"]);
    assertEquals(await redis.del("a", "b", "missing"), 2);
  }));

Deno.test("ioredis keeps binary keys and values", () =>
  withClient(async (redis) => {
    const bytes = new Uint8Array(256).map((_, i) => i);
    // deno-lint-ignore no-explicit-any -- Buffer is Node's, and ioredis asks for it.
    const buffer = (globalThis as any).Buffer.from(bytes);
    await redis.set(buffer, buffer);
    assertEquals(new Uint8Array((await redis.getBuffer(buffer))!), bytes);
    assertEquals(await redis.strlen(buffer), 256);
  }));

Deno.test("ioredis pipelines, and gets the errors within them", () =>
  withClient(async (redis) => {
    const pipeline = redis.pipeline();
    for (let i = 0; i < 1000; i++) pipeline.set(`key:${i}`, i).get(`key:${i}`);
    pipeline.set("text", "x").incr("text");
    const results = (await pipeline.exec())!;
    assertEquals(results.length, 2002);
    assertEquals(results[1999], [null, "999"]);
    assertEquals(
      results[2001][0]?.message,
      "ERR value is not an integer or out of range",
    );
  }));

Deno.test("ioredis scans all keys as a stream", () =>
  withClient(async (redis) => {
    for (let i = 0; i < 500; i++) await redis.set(`key:${i}`, i);
    const found = new Set<string>();
    for await (const keys of redis.scanStream({ match: "key:*", count: 50 })) {
      for (const key of keys) found.add(key);
    }
    assertEquals(found.size, 500);
  }));

Deno.test("ioredis throws the server's errors", () =>
  withClient(async (redis) => {
    await redis.set("k", "v");
    await assertRejects(
      () => redis.incr("k"),
      Error,
      "ERR value is not an integer",
    );
    await assertRejects(
      () => redis.call("NOPE", "x"),
      Error,
      "ERR unknown command 'NOPE'",
    );
  }));

Deno.test("ioredis authenticates, names itself and selects a database", async () => {
  await using guarded = await startTsredis({
    args: ["--requirepass", "secret"],
  });
  const redis = new Redis({
    port: guarded.port,
    password: "secret",
    db: 3,
    connectionName: "me",
  });
  try {
    await redis.set("k", "v");
    assertEquals(await redis.client("GETNAME"), "me");
    await redis.select(0);
    assertEquals(await redis.get("k"), null);
  } finally {
    await redis.quit();
  }
});

Deno.test("ioredis connects again after its connection was killed", () =>
  withClient(async (redis) => {
    await redis.set("k", "v");
    const other = new Redis({ port: server().port });
    const id = await redis.client("ID");
    assertEquals(await other.client("KILL", "ID", id), 1);
    assertEquals(await redis.get("k"), "v");
    assertEquals(await redis.client("ID") > id, true);
    await other.quit();
  }));

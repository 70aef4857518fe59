/** MIGRATE between tsredis and redis-server, both ways: every type arrives as it was. */
import { assertEquals } from "@std/assert";
import { findRealRedis, testBesideRedis } from "../support/real_redis.ts";
import { payloadText } from "../support/reply_text.ts";
import { PAIRS, run, startServer } from "../support/replication_servers.ts";

const redis = await findRealRedis();

/** What makes the keys. */
const KEYS: Record<string, string[]> = {
  number: ["SET", "number", "12345"],
  text: ["SET", "text", "x".repeat(100_000)],
  list: ["RPUSH", "list", "a", "2", "c".repeat(100)],
  "long-list": ["RPUSH", "long-list", ...numbers(2_000)],
  integers: ["SADD", "integers", "1", "2", "-3"],
  set: ["SADD", "set", "a", ...numbers(600)],
  zset: ["ZADD", "zset", "1.5", "a", "-inf", "b"],
  hash: ["HSET", "hash", "f", "v", "g", "w".repeat(100)],
  stream: ["XADD", "stream", "1-1", "f", "v"],
};

for (const [from, to] of PAIRS) {
  testBesideRedis(
    redis,
    `MIGRATE moves every type from ${from} to ${to}`,
    async (redis) => {
      await using source = await startServer(from, redis);
      await using target = await startServer(to, redis);
      using here = await source.connect();
      using there = await target.connect();
      await here.pipeline(Object.values(KEYS));
      await run(source, "PEXPIRE", "hash", "1000000");
      const names = Object.keys(KEYS);
      const before = await here.text("DEBUG", "DIGEST-VALUE", ...names);
      const migrate = async (...rest: string[]) =>
        payloadText(
          await here.call("MIGRATE", "127.0.0.1", `${target.port}`, ...rest),
        );

      assertEquals(
        await migrate("", "9", "5000", "COPY", "KEYS", ...names, "missing"),
        "OK",
      );
      assertEquals(await here.text("DBSIZE"), `:${names.length}`);
      assertEquals(
        await migrate("list", "9", "5000"),
        "ERR Target instance replied with error: BUSYKEY Target key name already exists.",
      );
      for (const name of names) {
        assertEquals(await migrate(name, "9", "5000", "REPLACE"), "OK");
      }
      assertEquals(await here.text("DBSIZE"), ":0");
      assertEquals(await migrate("list", "9", "5000"), "NOKEY");

      await there.text("SELECT", "9");
      assertEquals(
        await there.text("DEBUG", "DIGEST-VALUE", ...names),
        before,
      );
      const ttlMs = Number((await there.text("PTTL", "hash")).slice(1));
      assertEquals(ttlMs > 900_000 && ttlMs <= 1_000_000, true, `${ttlMs}`);
    },
  );
}

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, i) => `${i}`);
}

/** RDB files go both ways between tsredis and redis-server, and redis-check-rdb passes them. */
import { assertEquals } from "@std/assert";
import { dirname, join } from "@std/path";
import { findRealRedis, testBesideRedis } from "../support/real_redis.ts";
import {
  run,
  type ServerKind,
  startServer,
} from "../support/replication_servers.ts";
import { runToEnd, type ServerProcess } from "../support/server_process.ts";

const redis = await findRealRedis();
const ELEMENTS = 3000;

/** Keys of all types, small and large, in two databases; scores that every version prints alike in a digest. */
async function fill(server: ServerProcess): Promise<void> {
  using client = await server.connect();
  const numbers = Array.from({ length: ELEMENTS }, (_, n) => n);
  for (const [name, count] of [["small", 5], ["large", ELEMENTS]] as const) {
    const some = numbers.slice(0, count);
    const commands: string[][] = [
      ["RPUSH", `list:${name}`, ...some.map((n) => `e${n}`.repeat(1 + n % 9))],
      ["SADD", `set:${name}`, ...some.map((n) => `m${n}`)],
      ["SADD", `intset:${name}`, ...some.map((n) => `${n * 70_001 - 9}`)],
      ["HSET", `hash:${name}`, ...some.flatMap((n) => [`f${n}`, `${n * n}`])],
      ["ZADD", `zset:${name}`, ...some.flatMap((n) => [`${n / 4}`, `m${n}`])],
      ["SET", `string:${name}`, "text ".repeat(count)],
      ["XGROUP", "CREATE", `stream:${name}`, "g", "0", "MKSTREAM"],
      ...some.map((n) => ["XADD", `stream:${name}`, `${n + 1}-1`, "f", `${n}`]),
      [
        ...["XREADGROUP", "GROUP", "g", "c", "COUNT", "3"],
        ...["STREAMS", `stream:${name}`, ">"],
      ],
    ];
    await client.pipeline(commands);
  }
  await client.pipeline([
    ["ZADD", "infinite", "inf", "a", "-inf", "b", "-1e-300", "c"],
    ["RPUSH", "long element", "x".repeat(100_000), "y"],
    ["SET", "volatile", "v", "PXAT", "4000000000000"],
    ["SET", "number", "-2147483648"],
    ["PFADD", "hyperloglog", "a", "b", "c"],
    ["SELECT", "9"],
    ["SET", "elsewhere", "v"],
  ]);
}

for (
  const [from, to] of [
    ["tsredis", "redis-server"],
    ["redis-server", "tsredis"],
  ] as readonly [ServerKind, ServerKind][]
) {
  testBesideRedis(
    redis,
    `what ${from} saves, ${to} loads with an equal digest`,
    async (redis) => {
      await using writer = await startServer(from, redis);
      await fill(writer);
      const digest = await run(writer, "DEBUG", "DIGEST");
      await run(writer, "SAVE");
      const checker = join(dirname(redis.path), "redis-check-rdb");
      const file = join(writer.dir, "dump.rdb");
      const { code, stdout } = await runToEnd([checker, file]);
      assertEquals(code, 0, stdout);
      await using reader = await startServer(to, redis, "--dir", writer.dir);
      assertEquals(await run(reader, "DEBUG", "DIGEST"), digest);
    },
  );
}

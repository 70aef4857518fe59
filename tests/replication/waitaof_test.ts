/** WAITAOF: primaries and replicas know what is on whose disk; a replica's file holds its primary's data. */
import { assertEquals } from "@std/assert";
import {
  findRealRedis,
  isAtLeast,
  testBesideRedis,
} from "../support/real_redis.ts";
import { replyText } from "../support/reply_text.ts";
import {
  follow,
  PAIRS,
  run,
  startServer,
  until,
} from "../support/replication_servers.ts";

const redis = await findRealRedis();
const knowsWaitaof = redis !== undefined && isAtLeast(redis.version, "7.2");

for (const [first, second] of PAIRS) {
  const isOurs = first === "tsredis" && second === "tsredis";
  if (!isOurs && !knowsWaitaof) continue;
  testBesideRedis(
    redis,
    `WAITAOF of ${first} knows when it is on the disk of ${second}`,
    async (redis) => {
      const file = ["--appendonly", "yes", "--appendfsync"];
      await using primary = await startServer(first, redis, ...file, "always");
      await using replica = await startServer(second, redis, ...file, "no");
      await follow(replica, primary.port);
      using client = await primary.connect();
      const waitaof = async (...words: string[]) =>
        replyText(await client.call("WAITAOF", ...words));

      await client.call("SET", "k", "v");
      assertEquals(await waitaof("1", "0", "0"), "[:1, :0]");
      assertEquals(await waitaof("0", "1", "50"), "[:1, :0]");
      await run(replica, "CONFIG", "SET", "appendfsync", "everysec");
      assertEquals(await waitaof("1", "1", "0"), "[:1, :1]");
      await run(replica, "CONFIG", "SET", "appendfsync", "always");
      await client.call("INCR", "n");
      assertEquals(await waitaof("1", "1", "0"), "[:1, :1]");
      await run(replica, "CONFIG", "SET", "appendonly", "no");
      await client.call("INCR", "n");
      assertEquals(await waitaof("1", "1", "50"), "[:1, :0]");
    },
  );
}

testBesideRedis(
  redis,
  "A replica's append-only file holds what came as a copy",
  async (redis) => {
    const dir = await Deno.makeTempDir();
    const file = ["--appendonly", "yes", "--dir", dir];
    try {
      await using primary = await startServer("redis-server", redis);
      await run(primary, "SET", "from-copy", "1");
      {
        await using replica = await startServer("tsredis", redis, ...file);
        await run(replica, "SET", "own", "1");
        await follow(replica, primary.port);
        await run(primary, "SET", "from-stream", "1");
        await until("kept", async () => {
          const info = await run(replica, "INFO", "persistence");
          const isKept = /aof_enabled:1/.test(info) &&
            /aof_rewrite_in_progress:0/.test(info) &&
            await run(replica, "DBSIZE") === ":2";
          return isKept ? undefined : info;
        });
        replica.signal("SIGTERM");
        await replica.exitCode();
      }
      await using again = await startServer("tsredis", redis, ...file);
      assertEquals(await run(again, "DBSIZE"), ":2");
      assertEquals(
        await run(again, "EXISTS", "from-copy", "from-stream", "own"),
        ":2",
      );
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  },
);

/** Servers that are started again go on in the history that their files belong to, without a full copy. */
import { assert, assertEquals } from "@std/assert";
import { findRealRedis, testBesideRedis } from "../support/real_redis.ts";
import {
  follow,
  infoOf,
  PAIRS,
  run,
  startServer,
  until,
  untilLinked,
  untilSame,
} from "../support/replication_servers.ts";
import type { ServerProcess } from "../support/server_process.ts";

const redis = await findRealRedis();

/** Runs a test with a directory that outlives its servers. */
async function withDirectory(
  test: (dir: string) => Promise<void>,
): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}

async function shutDown(server: ServerProcess): Promise<void> {
  using client = await server.connect();
  await client.send("SHUTDOWN SAVE\r\n");
  await server.exitCode();
}

for (const [first, second] of PAIRS) {
  testBesideRedis(
    redis,
    `${second} goes on after a restart as the replica of ${first}`,
    (redis) =>
      withDirectory(async (dir) => {
        await using primary = await startServer(first, redis);
        await run(primary, "SET", "k", "1");
        {
          await using replica = await startServer(second, redis, "--dir", dir);
          await follow(replica, primary.port);
          using client = await primary.connect();
          await client.pipeline([["SELECT", "5"], ["SET", "in", "5"]]);
          await untilSame(primary, replica);
          await shutDown(replica);
        }
        using client = await primary.connect();
        await client.pipeline([["SELECT", "5"], ["INCR", "in"]]);
        await using again = await startServer(
          second,
          redis,
          "--dir",
          dir,
          "--replicaof",
          `127.0.0.1 ${primary.port}`,
        );
        await untilLinked(again);
        await untilSame(primary, again);
        const stats = await infoOf(primary, "stats");
        assertEquals(stats.get("sync_full"), "1");
        assertEquals(stats.get("sync_partial_ok"), "1");
      }),
  );

  testBesideRedis(
    redis,
    `${second} goes on with ${first}, its primary, when that was started again`,
    (redis) =>
      withDirectory(async (dir) => {
        await using replica = await startServer(second, redis);
        let id: string, offset: string;
        {
          await using primary = await startServer(first, redis, "--dir", dir);
          await follow(replica, primary.port);
          await run(primary, "DEBUG", "SET-ACTIVE-EXPIRE", "0");
          await run(primary, "SET", "k", "1");
          await run(primary, "SET", "short", "1", "PX", "1");
          await untilSame(primary, replica);
          // So that it is not asked for a last acknowledgement.
          await until("acknowledged", async () => {
            const info = await infoOf(primary, "replication");
            id = info.get("master_replid")!;
            offset = info.get("master_repl_offset")!;
            const isDone = info.get("slave0")?.includes(`offset=${offset},`);
            return isDone ? undefined : info.get("slave0");
          });
          await shutDown(primary);
        }
        await using again = await startServer(first, redis, "--dir", dir);
        const info = await infoOf(again, "replication");
        assertEquals(info.get("master_replid2"), id!);
        assert(info.get("master_replid") !== id!);
        assertEquals(
          info.get("second_repl_offset"),
          `${Number(offset!) + 1}`,
        );
        // Since then, the stream has the end of a key.
        assert(Number(info.get("master_repl_offset")) > Number(offset!));
        await run(again, "SET", "k", "2");
        await follow(replica, again.port);
        await untilSame(again, replica);
        const stats = await infoOf(again, "stats");
        assertEquals(stats.get("sync_full"), "0");
        assertEquals(stats.get("sync_partial_ok"), "1");
        assertEquals(await run(replica, "EXISTS", "short"), ":0");
      }),
  );
}

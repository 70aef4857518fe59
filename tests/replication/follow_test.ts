/** A replica has what its primary has: what was there before, and what is written later. */
import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { findRealRedis, testBesideRedis } from "../support/real_redis.ts";
import {
  follow,
  infoOf,
  PAIRS,
  run,
  startServer,
  until,
  untilSame,
} from "../support/replication_servers.ts";
import { RespClient } from "../support/resp_client.ts";
import type { ServerProcess } from "../support/server_process.ts";

const redis = await findRealRedis();

/** Data of a size that takes several reads to copy. */
async function fill(server: ServerProcess, keyCount: number): Promise<void> {
  using client = await RespClient.connect(server.address);
  const commands: string[][] = [];
  for (let i = 0; i < keyCount; i++) {
    commands.push(["SET", `key:${i}`, `value ${i} `.repeat(1 + i % 20)]);
  }
  commands.push(
    ["SET", "number", "12345"],
    ["SET", "empty", ""],
    ["SET", "expires", "later", "EX", "1000"],
    ["SELECT", "9"],
    ["SET", "elsewhere", "x"],
    ["SETBIT", "bits", "100", "1"],
  );
  await client.pipeline(commands);
}

for (const [primaryKind, replicaKind] of PAIRS) {
  for (const diskless of ["yes", "no"]) {
    testBesideRedis(
      redis,
      `${replicaKind} gets a copy from ${primaryKind} while it is written to, repl-diskless-sync ${diskless}`,
      async (redis) => {
        await using primary = await startServer(
          primaryKind,
          redis,
          "--repl-diskless-sync",
          diskless,
        );
        await using replica = await startServer(replicaKind, redis);
        await fill(primary, 20_000);
        await run(replica, "SET", "own", "is lost");
        await run(replica, "REPLICAOF", "127.0.0.1", `${primary.port}`);
        using client = await primary.connect();
        await until("linked", async () => {
          await client.pipeline([
            ["INCR", "during"],
            ["SET", "key:5", "new"],
            ["DEL", "key:6"],
            ["RENAME", "key:7", "key:7"],
          ]);
          const info = await infoOf(replica, "replication");
          return info.get("master_link_status") === "up" ? undefined : "down";
        });
        await client.pipeline([["MULTI"], ["INCR", "a"], ["INCR", "b"], [
          "EXEC",
        ]]);
        await untilSame(primary, replica);
        assertEquals(await run(replica, "EXISTS", "own"), ":0");
        assert(Number(await run(replica, "TTL", "expires").then(digits)) > 900);
        const left = (await Array.fromAsync(Deno.readDir(replica.dir)))
          .filter(({ name }) => name.startsWith("temp-"));
        assertEquals(left, []);
      },
    );
  }

  testBesideRedis(
    redis,
    `${replicaKind} and ${primaryKind} tell of each other; WAIT counts; writes are refused`,
    async (redis) => {
      await using primary = await startServer(primaryKind, redis);
      await using replica = await startServer(replicaKind, redis);
      await follow(replica, primary.port);
      using client = await primary.connect();
      await client.text("SET", "k", "v");
      assertEquals(await client.text("WAIT", "1", "5000"), ":1");
      assertEquals(await run(replica, "GET", "k"), "v");
      assertEquals(await client.text("WAIT", "2", "50"), ":1");
      const info = await infoOf(primary, "replication");
      assertMatch(
        info.get("slave0")!,
        new RegExp(
          `^ip=127\\.0\\.0\\.1,port=${replica.port},state=online,offset=\\d+,lag=[01]$`,
        ),
      );
      assertEquals(info.get("connected_slaves"), "1");
      const own = await infoOf(replica, "replication");
      assertEquals(own.get("role"), "slave");
      assertEquals(own.get("master_port"), `${primary.port}`);
      assertEquals(own.get("master_replid"), info.get("master_replid"));
      await assertRejects(
        () => run(replica, "SET", "k", "w"),
        Error,
        "READONLY You can't write against a read only replica.",
      );
    },
  );

  testBesideRedis(
    redis,
    `${replicaKind} removes expired keys when ${primaryKind} does, and hides them before`,
    async (redis) => {
      await using primary = await startServer(primaryKind, redis);
      await using replica = await startServer(replicaKind, redis);
      await follow(replica, primary.port);
      using client = await primary.connect();
      await client.text("DEBUG", "SET-ACTIVE-EXPIRE", "0");
      await client.text("SET", "k", "v", "PX", "100");
      await client.text("WAIT", "1", "5000");
      await new Promise((resolve) => setTimeout(resolve, 200));
      assertEquals(await run(replica, "EXISTS", "k"), ":0");
      assertEquals(await run(replica, "DBSIZE"), ":1");
      assertEquals(await client.text("EXISTS", "k"), ":0");
      await client.text("WAIT", "1", "5000");
      assertEquals(await run(replica, "DBSIZE"), ":0");
    },
  );
}

function digits(text: string): string {
  return text.replace(":", "");
}

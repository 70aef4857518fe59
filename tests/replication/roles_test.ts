/** Roles change, replicas have replicas, links fail: nobody loses data or needs a copy in vain. */
import { assertEquals } from "@std/assert";
import { CuttingProxy } from "../support/cutting_proxy.ts";
import { findRealRedis, testBesideRedis } from "../support/real_redis.ts";
import { replyText } from "../support/reply_text.ts";
import {
  follow,
  infoOf,
  PAIRS,
  run,
  type ServerKind,
  startServer,
  until,
  untilLinked,
  untilSame,
} from "../support/replication_servers.ts";

const redis = await findRealRedis();

/** Kinds of a primary, its replica, and the replica of that. */
const CHAINS: readonly (readonly [ServerKind, ServerKind, ServerKind])[] = [
  ["tsredis", "tsredis", "tsredis"],
  ["tsredis", "redis-server", "tsredis"],
  ["redis-server", "tsredis", "redis-server"],
  ["redis-server", "tsredis", "tsredis"],
];

for (const [first, second, third] of CHAINS) {
  testBesideRedis(
    redis,
    `A chain ${first} ← ${second} ← ${third} has one stream, also when its middle is promoted`,
    async (redis) => {
      await using top = await startServer(first, redis);
      await using middle = await startServer(second, redis);
      await using end = await startServer(third, redis);
      await follow(middle, top.port);
      using client = await top.connect();
      // The stream is in a database that it does not name again.
      await client.pipeline([["SELECT", "5"], ["SET", "a", "1"]]);
      await untilSame(top, middle);
      await follow(end, middle.port);
      await client.pipeline([["SET", "b", "2"], ["INCR", "b"]]);
      await untilSame(top, middle, end);

      await run(middle, "REPLICAOF", "NO", "ONE");
      await untilLinked(end);
      await run(middle, "SET", "promoted", "yes");
      await follow(top, middle.port);
      await untilSame(top, middle, end);
      const [stats, old, now] = await Promise.all([
        infoOf(middle, "stats"),
        infoOf(top, "replication"),
        infoOf(middle, "replication"),
      ]);
      assertEquals(stats.get("sync_full"), "1", "only the first copy");
      assertEquals(old.get("master_replid"), now.get("master_replid"));
      assertEquals(old.get("master_replid2"), now.get("master_replid2"));
    },
  );
}

for (const [primaryKind, replicaKind] of PAIRS) {
  testBesideRedis(
    redis,
    `${replicaKind} keeps its data while the copy of ${primaryKind} does not arrive whole`,
    async (redis) => {
      await using primary = await startServer(primaryKind, redis);
      await using replica = await startServer(replicaKind, redis);
      await run(primary, "DEBUG", "POPULATE", "5000", "key", "100");
      await run(replica, "SET", "own", "kept");
      using proxy = new CuttingProxy(primary.port);
      for (let i = 0; i < 3; i++) proxy.cutsAfterBytes.push(100_000);
      await run(replica, "REPLICAOF", "127.0.0.1", `${proxy.port}`);
      await until(
        "cut",
        () => Promise.resolve(proxy.cuts < 1 ? "no cut" : undefined),
      );
      assertEquals(await run(replica, "GET", "own"), "kept");
      await untilLinked(replica);
      await untilSame(primary, replica);
      assertEquals(await run(replica, "EXISTS", "own"), ":0");
    },
  );

  testBesideRedis(
    redis,
    `FAILOVER hands the role of ${primaryKind} over to ${replicaKind}`,
    async (redis) => {
      await using primary = await startServer(primaryKind, redis);
      await using replica = await startServer(replicaKind, redis);
      await follow(replica, primary.port);
      await run(primary, "SET", "k", "v");
      await run(primary, "FAILOVER", "TO", "127.0.0.1", `${replica.port}`);
      await until("handed over", async () => {
        const info = await infoOf(primary, "replication");
        return info.get("master_failover_state") === "no-failover" &&
            info.get("master_link_status") === "up"
          ? undefined
          : [...info].join("\n");
      });
      await run(replica, "SET", "k", "w");
      await untilSame(primary, replica);
      assertEquals(await run(primary, "GET", "k"), "w");
      const stats = await infoOf(replica, "stats");
      assertEquals(stats.get("sync_full"), "0");
    },
  );
}

testBesideRedis(
  redis,
  "A replica with replica-serve-stale-data no answers MASTERDOWN without its primary",
  async (redis) => {
    await using primary = await startServer("tsredis", redis);
    await using replica = await startServer(
      "tsredis",
      redis,
      "--replica-serve-stale-data",
      "no",
    );
    await follow(replica, primary.port);
    assertEquals(await run(replica, "EXISTS", "k"), ":0");
    await primary[Symbol.asyncDispose]();
    using client = await replica.connect();
    await until("down", async () => {
      const reply = await client.call("GET", "k");
      const text = replyText(reply);
      return text ===
          "-MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'."
        ? undefined
        : text;
    });
    assertEquals((await client.call("INFO")).type, "bulk");
  },
);

testBesideRedis(
  redis,
  "Writes need as many replicas as min-replicas-to-write says",
  async (redis) => {
    await using primary = await startServer(
      "tsredis",
      redis,
      "--min-replicas-to-write",
      "1",
    );
    await using replica = await startServer("redis-server", redis);
    using client = await primary.connect();
    const reply = await client.call("SET", "k", "v");
    assertEquals(reply.type, "error");
    await follow(replica, primary.port);
    await until("writable", async () => {
      const reply = await client.call("SET", "k", "v");
      return reply.type === "simple" ? undefined : reply.type;
    });
    const info = await infoOf(primary, "replication");
    assertEquals(info.get("min_slaves_good_slaves"), "1");
  },
);

/**
 * The link between a primary and a replica is cut at random points while clients
 * write; in the end both have the same data.
 */
import { assert } from "@std/assert";
import { Random } from "../fuzz/random.ts";
import { TEST_SEED } from "../fuzz/test_seed.ts";
import { CuttingProxy } from "../support/cutting_proxy.ts";
import { findRealRedis, testBesideRedis } from "../support/real_redis.ts";
import {
  follow,
  infoOf,
  PAIRS,
  startServer,
  untilLinked,
  untilSame,
} from "../support/replication_servers.ts";
import { RespClient } from "../support/resp_client.ts";

const ROUNDS = 40;
const COMMANDS_PER_ROUND = 400;

const redis = await findRealRedis();

/** Writes that show when one is lost or done twice. */
function randomWrites(r: Random): string[][] {
  const key = `k${r.below(200)}`, counter = `c${r.below(20)}`;
  switch (r.below(8)) {
    case 0:
      return [["SET", key, "x".repeat(r.below(3000))]];
    case 1:
      return [["DEL", key]];
    case 2:
      return [["APPEND", `a${r.below(50)}`, String(r.below(1000))]];
    case 3:
      return [["MULTI"], ["INCR", counter], ["APPEND", "log", counter], [
        "EXEC",
      ]];
    case 4:
      return [["SELECT", String(r.below(3))]];
    case 5:
      return [["SET", key, "short", "PX", String(1 + r.below(30))]];
    default:
      return [["INCRBY", counter, String(r.between(-5, 9))]];
  }
}

for (const [primaryKind, replicaKind] of PAIRS) {
  testBesideRedis(
    redis,
    `${replicaKind} follows ${primaryKind} through cuts of the link, seed ${TEST_SEED}`,
    async (redis) => {
      await using primary = await startServer(primaryKind, redis);
      await using replica = await startServer(replicaKind, redis);
      using proxy = new CuttingProxy(primary.port);
      const r = new Random(TEST_SEED);
      await follow(replica, proxy.port);
      using client = await RespClient.connect(primary.address);
      for (let round = 0; round < ROUNDS; round++) {
        // This connection is cut by hand, the next one by itself.
        proxy.cutsAfterBytes.push(300 + r.below(20_000));
        const writes = r.repeat(COMMANDS_PER_ROUND, () => randomWrites(r))
          .flat();
        const cutAt = r.below(writes.length);
        await client.pipeline(writes.slice(0, cutAt));
        proxy.cut();
        await client.pipeline(writes.slice(cutAt));
        await untilLinked(replica);
      }
      proxy.cutsAfterBytes.length = 0;
      await untilLinked(replica);
      await untilSame(primary, replica);
      const stats = await infoOf(primary, "stats");
      assert(proxy.cuts >= ROUNDS, `only ${proxy.cuts} cuts`);
      assert(Number(stats.get("sync_partial_ok")) > 0, "no partial resync");
    },
  );
}

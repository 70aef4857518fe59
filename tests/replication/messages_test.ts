/** A replica's own clients hear of what its primary passes on: messages, events, changed keys. */
import { assertEquals } from "@std/assert";
import { findRealRedis, testBesideRedis } from "../support/real_redis.ts";
import {
  follow,
  PAIRS,
  run,
  startServer,
  untilSame,
} from "../support/replication_servers.ts";
import { replyText } from "../support/reply_text.ts";

const redis = await findRealRedis();

for (const [primaryKind, replicaKind] of PAIRS) {
  testBesideRedis(
    redis,
    `clients of ${replicaKind} hear what is published on and changed by ${primaryKind}`,
    async (redis) => {
      await using primary = await startServer(primaryKind, redis);
      await using replica = await startServer(
        replicaKind,
        redis,
        "--notify-keyspace-events",
        "E$",
      );
      await follow(replica, primary.port);
      using subscriber = await replica.connect();
      await subscriber.call("SUBSCRIBE", "news", "__keyevent@0__:set");
      await subscriber.read();
      using tracking = await replica.connect();
      await tracking.call("HELLO", "3");
      await tracking.call("CLIENT", "TRACKING", "ON");
      await tracking.call("GET", "k");
      using watching = await replica.connect();
      await watching.call("WATCH", "k");
      using publisher = await primary.connect();
      const replies = await publisher.pipeline([
        ["PUBLISH", "news", "alone"],
        ["MULTI"],
        ["PUBLISH", "news", "together"],
        ["SET", "k", "v"],
        ["EXEC"],
        ["PUBLISH", "news", "last"],
      ]);
      assertEquals(replies.map(replyText), [
        ":0",
        "+OK",
        "+QUEUED",
        "+QUEUED",
        "[:0, +OK]",
        ":0",
      ]);
      const heard = (await subscriber.readMany(4)).map(replyText);
      assertEquals(heard, [
        '["message", "news", "alone"]',
        '["message", "news", "together"]',
        '["message", "__keyevent@0__:set", "k"]',
        '["message", "news", "last"]',
      ]);
      assertEquals(
        replyText(await tracking.read()),
        'push["invalidate", ["k"]]',
      );
      await watching.call("MULTI");
      assertEquals(replyText(await watching.call("EXEC")), "nil-array");
      await untilSame(primary, replica);
      assertEquals(await run(replica, "GET", "k"), "v");
    },
  );
}

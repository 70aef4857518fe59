/** A primary that is to end waits for its replicas, as long as it may and unless that is called off. */
import { assertEquals, assertMatch } from "@std/assert";
import { findRealRedis, testBesideRedis } from "../support/real_redis.ts";
import { replyText } from "../support/reply_text.ts";
import {
  follow,
  infoOf,
  run,
  startServer,
  until,
  untilSame,
} from "../support/replication_servers.ts";
import type { ServerProcess } from "../support/server_process.ts";

const redis = await findRealRedis();

/** A primary of ours, and a replica that stands still and lacks a write. */
function testLagging(
  name: string,
  test: (primary: ServerProcess, replica: ServerProcess) => Promise<void>,
): void {
  for (const kind of ["tsredis", "redis-server"] as const) {
    testBesideRedis(redis, `${name} (replica: ${kind})`, async (redis) => {
      await using primary = await startServer("tsredis", redis);
      await using replica = await startServer(kind, redis);
      await follow(replica, primary.port);
      await run(primary, "SET", "k", "1");
      await untilSame(primary, replica);
      replica.signal("SIGSTOP");
      try {
        await run(primary, "SET", "k", "2");
        await test(primary, replica);
      } finally {
        replica.signal("SIGCONT");
      }
    });
  }
}

function untilWaiting(primary: ServerProcess): Promise<void> {
  return until("waiting for replicas", async () => {
    const info = await infoOf(primary, "server");
    return info.has("shutdown_in_milliseconds") ? undefined : "no shutdown";
  });
}

testLagging(
  "SHUTDOWN waits for a replica that lags",
  async (primary, replica) => {
    using client = await primary.connect();
    await client.send("SHUTDOWN\r\n");
    await untilWaiting(primary);
    using writer = await primary.connect();
    await writer.send("SET k 3\r\n");
    assertEquals(await run(primary, "GET", "k"), "2", "nothing is written");
    replica.signal("SIGCONT");
    assertEquals(await client.readUntilClosed(), []);
    assertEquals(await primary.exitCode(), 0);
    assertMatch(primary.log, /Waiting for replicas before shutting down/);
    assertMatch(primary.log, /1 of 1 replicas are in sync when shutting down/);
    assertEquals(await run(replica, "GET", "k"), "2");
  },
);

testLagging(
  "SIGTERM waits no longer than shutdown-timeout",
  async (primary) => {
    await run(primary, "CONFIG", "SET", "shutdown-timeout", "1");
    primary.signal("SIGTERM");
    assertEquals(await primary.exitCode(), 0);
    assertMatch(
      primary.log,
      /Lagging replica 127\.0\.0\.1:\d+ reported offset \d+ behind master, lag=\d+, state=online\./,
    );
    assertMatch(primary.log, /0 of 1 replicas are in sync when shutting down/);
  },
);

testLagging("SHUTDOWN NOW waits for no replica", async (primary) => {
  using client = await primary.connect();
  await client.send("SHUTDOWN NOW\r\n");
  assertEquals(await client.readUntilClosed(), []);
  assertEquals(await primary.exitCode(), 0);
});

testLagging("SHUTDOWN ABORT lets everybody go on", async (primary) => {
  using first = await primary.connect();
  using second = await primary.connect();
  using writer = await primary.connect();
  await first.send("SHUTDOWN\r\n");
  await second.send("SHUTDOWN NOSAVE\r\n");
  await untilWaiting(primary);
  await writer.send("SET k 3\r\n");
  assertEquals((await infoOf(primary, "clients")).get("blocked_clients"), "3");
  assertEquals(await run(primary, "SHUTDOWN", "ABORT"), "OK");
  for (const client of [first, second]) {
    assertEquals(
      replyText(await client.read()),
      "-ERR Errors trying to SHUTDOWN. Check logs.",
    );
  }
  assertEquals(replyText(await writer.read()), "+OK");
  assertMatch(primary.log, /Shutdown manually aborted/);
  using again = await primary.connect();
  assertEquals(
    replyText(await again.call("SHUTDOWN", "ABORT")),
    "-ERR No shutdown in progress.",
  );
});

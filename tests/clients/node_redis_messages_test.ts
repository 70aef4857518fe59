/** node-redis, in RESP2 and RESP3: publishing, subscribing and transactions. */
import { assertEquals, assertRejects } from "@std/assert";
import { createClient, WatchError } from "redis";
import { sharedTsredis } from "../support/shared_server.ts";

const server = sharedTsredis();

async function connected(protocol: 2 | 3) {
  const client = createClient({
    RESP: protocol,
    socket: { port: server().port, host: "127.0.0.1" },
  });
  client.on("error", () => {}); // A lost connection is announced here and made again.
  await client.connect();
  return client;
}

type Connected = Awaited<ReturnType<typeof connected>>;

/** Two connections of one test. */
async function withClients(
  protocol: 2 | 3,
  test: (client: Connected, other: Connected) => Promise<void>,
): Promise<void> {
  const client = await connected(protocol), other = await connected(protocol);
  try {
    await client.flushAll();
    await test(client, other);
  } finally {
    client.destroy();
    other.destroy();
  }
}

for (const protocol of [2, 3] as const) {
  Deno.test(`node-redis in RESP${protocol} hears channels, patterns and shard channels`, () =>
    withClients(protocol, async (client, subscriber) => {
      const heard: string[] = [];
      const { promise: done, resolve } = Promise.withResolvers<void>();
      const listener = (message: string, channel: string) => {
        heard.push(`${channel} ${message}`);
        if (message === "end") resolve();
      };
      await subscriber.subscribe(["news", "other"], listener);
      await subscriber.pSubscribe("o*", listener);
      await subscriber.sSubscribe("shard", listener);
      assertEquals(await client.publish("news", "1"), 1);
      assertEquals(await client.publish("other", "2"), 2);
      assertEquals(await client.sPublish("shard", "3"), 1);
      assertEquals(await client.pubSubNumPat(), 1);
      await subscriber.unsubscribe("news");
      assertEquals(await client.publish("news", "lost"), 0);
      assertEquals(await client.publish("oh", "end"), 1);
      await done;
      assertEquals(heard, [
        "news 1",
        "other 2",
        "other 2",
        "shard 3",
        "oh end",
      ]);
    }));

  Deno.test(`node-redis in RESP${protocol} runs transactions, with errors in their places`, () =>
    withClients(protocol, async (client) => {
      assertEquals(
        await client.multi().set("k", "1").incr("k").get("k").execTyped(),
        ["OK", 2, "2"],
      );
      await assertRejects(
        () => client.multi().set("k", "v").incr("k").exec(),
        Error,
      );
      assertEquals(await client.get("k"), "v");
    }));

  Deno.test(`node-redis in RESP${protocol} gives a transaction up when a watched key was changed`, () =>
    withClients(protocol, async (client, other) => {
      await client.watch("k");
      await other.set("k", "theirs");
      await assertRejects(
        () => client.multi().set("k", "ours").exec(),
        WatchError,
      );
      assertEquals(await client.get("k"), "theirs");
    }));
}

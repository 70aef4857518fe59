/** ioredis: publishing, subscribing and transactions. */
import { assertEquals, assertRejects } from "@std/assert";
import { sharedTsredis } from "../support/shared_server.ts";
import { withRedisPair } from "./redis_pair.ts";

const server = sharedTsredis();

Deno.test("ioredis subscribes to channels and patterns and hears what is published", () =>
  withRedisPair(server().port, async (redis, subscriber) => {
    const heard: string[] = [];
    const done = new Promise<void>((resolve) => {
      subscriber.on("message", (channel: string, message: string) => {
        heard.push(`${channel} ${message}`);
        if (message === "end") resolve();
      });
    });
    subscriber.on(
      "pmessage",
      (pattern: string, channel: string, message: string) =>
        heard.push(`${pattern} ${channel} ${message}`),
    );
    assertEquals(await subscriber.subscribe("news", "other"), 2);
    assertEquals(await subscriber.psubscribe("n*"), 3);
    assertEquals(await redis.publish("news", "1"), 2);
    assertEquals(await subscriber.punsubscribe("n*"), 2);
    assertEquals(await redis.publish("other", "2"), 1);
    assertEquals(await redis.publish("news", "end"), 1);
    await done;
    assertEquals(heard, ["news 1", "n* news 1", "other 2", "news end"]);
    await subscriber.unsubscribe();
    assertEquals(await subscriber.get("k"), null);
  }));

Deno.test("ioredis subscribes again after its connection was killed", () =>
  withRedisPair(server().port, async (redis, subscriber) => {
    await subscriber.subscribe("news");
    const message = new Promise((resolve) =>
      subscriber.on(
        "message",
        (_channel: string, text: string) => resolve(text),
      )
    );
    const isReady = new Promise((resolve) => subscriber.once("ready", resolve));
    assertEquals(await redis.client("KILL", "TYPE", "pubsub"), 1);
    await isReady;
    while (await redis.publish("news", "again") === 0) await redis.ping();
    assertEquals(await message, "again");
  }));

Deno.test("ioredis runs transactions, with errors in their places", () =>
  withRedisPair(server().port, async (redis) => {
    const results = await redis.multi().set("k", "v").incr("k").get("k")
      .exec();
    assertEquals(results!.map(([error, value]) => error?.message ?? value), [
      "OK",
      "ERR value is not an integer or out of range",
      "v",
    ]);
    const broken = redis.multi().set("k", "w");
    broken.call("NOPE");
    await assertRejects(() => broken.exec(), Error, "EXECABORT");
    assertEquals(await redis.get("k"), "v");
  }));

Deno.test("ioredis gives a transaction up when a watched key was changed", () =>
  withRedisPair(server().port, async (redis, other) => {
    await redis.watch("k");
    await other.set("k", "theirs");
    assertEquals(await redis.multi().set("k", "ours").exec(), null);
    assertEquals(await redis.get("k"), "theirs");
    await redis.watch("k");
    assertEquals(await redis.multi().set("k", "ours").exec(), [[null, "OK"]]);
  }));

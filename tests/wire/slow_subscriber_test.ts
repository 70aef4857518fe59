/** Subscribers that do not read: cut off at their limit, at nobody else's cost. */
import { assertEquals } from "@std/assert";
import { payloadText, replyText } from "../support/reply_text.ts";
import type { RespClient } from "../support/resp_client.ts";
import { startTsredis } from "../support/server_process.ts";

const MESSAGE = "x".repeat(10_000);
/** Far more than the limit and what the sockets hold. */
const MESSAGES_MAX = 4_000;
const PUBLISHED_AT_ONCE = 20;

Deno.test("a slow subscriber is cut off at its limit and takes nobody with it", async () => {
  await using server = await startTsredis({
    args: [
      "--client-output-buffer-limit",
      "pubsub 1mb 0 0",
      "--enable-debug-command",
      "yes",
    ],
  });
  using control = await server.connect();
  // The limit holds at once, not when the cron comes by.
  await control.text("DEBUG", "PAUSE-CRON", "1");
  using slow = await server.connect();
  using quick = await server.connect();
  for (const client of [slow, quick]) await client.call("SUBSCRIBE", "c");
  using publisher = await server.connect();

  let published = 0, listeners = 2;
  while (listeners === 2 && published < MESSAGES_MAX) {
    const replies = await publisher.pipeline(
      Array.from(
        { length: PUBLISHED_AT_ONCE },
        () => ["PUBLISH", "c", MESSAGE],
      ),
    );
    published += PUBLISHED_AT_ONCE;
    listeners = Number(replyText(replies[PUBLISHED_AT_ONCE - 1]).slice(1));
    await readMessages(quick, PUBLISHED_AT_ONCE);
  }
  assertEquals(listeners, 1, `after ${published} messages`);
  assertEquals(replyText(await publisher.call("PUBLISH", "c", "last")), ":1");
  const last = await quick.read();
  assertEquals(last.type === "array" && payloadText(last.items[2]), "last");
  assertEquals(
    /client_output_buffer_limit_disconnections:(\d+)/.exec(
      await control.text("INFO", "stats"),
    )![1],
    "1",
  );
  assertEquals(replyText(await control.call("PING")), "+PONG");
});

Deno.test("a subscriber that reads late gets every message in its order while it keeps within its limit", async () => {
  await using server = await startTsredis();
  using late = await server.connect();
  await late.call("SUBSCRIBE", "a", "b");
  await late.read();
  using publisher = await server.connect();
  const count = 3_000;
  await publisher.pipeline(
    Array.from(
      { length: count },
      (
        _,
        i,
      ) => ["PUBLISH", i % 3 === 0 ? "b" : "a", `${i} ${MESSAGE.slice(0, i)}`],
    ),
  );
  for (let i = 0; i < count; i++) {
    const message = await late.read();
    if (message.type !== "array") throw new Error(replyText(message));
    const [, channel, content] = message.items.map(payloadText);
    assertEquals(channel, i % 3 === 0 ? "b" : "a");
    assertEquals(content, `${i} ${MESSAGE.slice(0, i)}`);
  }
});

async function readMessages(
  client: RespClient,
  count: number,
): Promise<void> {
  for (const message of await client.readMany(count)) {
    assertEquals(
      message.type === "array" && payloadText(message.items[2])?.length,
      MESSAGE.length,
    );
  }
}

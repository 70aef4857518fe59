/** Many clients at once, clients that vanish, and the limit on their number. */
import { assertEquals } from "@std/assert";
import { replyText } from "../support/reply_text.ts";
import type { RespClient } from "../support/resp_client.ts";
import { type ServerProcess, startTsredis } from "../support/server_process.ts";
import { sharedTsredis } from "../support/shared_server.ts";

const CLIENTS = 1000;

const server = sharedTsredis();

Deno.test("1,000 clients at once each get their own replies", async () => {
  const clients = await connectMany(server(), CLIENTS);
  try {
    for (let round = 0; round < 3; round++) {
      const replies = await Promise.all(
        clients.map((client, i) =>
          client.pipeline([["SET", `key:${i}`, `${i}:${round}`], [
            "GET",
            `key:${i}`,
          ], ["ECHO", i]])
        ),
      );
      for (const [i, texts] of replies.entries()) {
        assertEquals(texts.map(replyText), [
          "+OK",
          `"${i}:${round}"`,
          `"${i}"`,
        ]);
      }
    }
  } finally {
    for (const client of clients) client.close();
  }
  await assertNoClients(server());
});

Deno.test("clients that vanish in the middle of a request or a reply leave nothing behind", async () => {
  using client = await server().connect();
  await client.text("SET", "large", "x".repeat(1_000_000));
  for (let i = 0; i < 100; i++) {
    const [partial, unread, half] = await connectMany(server(), 3);
    await partial.send("*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100\r\npart");
    await unread.send("GET large\r\n".repeat(5));
    await half.send("*1000\r\n$4\r\nMGET\r\n");
    await half.closeWrite();
    for (const gone of [partial, unread, half]) gone.close();
  }
  assertEquals(replyText(await client.call("STRLEN", "large")), ":1000000");
  await client.text("DEL", "large");
  client.close();
  await assertNoClients(server());
});

Deno.test("a client that half-closes gets all its replies", async () => {
  using client = await server().connect();
  await client.send("SET half 1\r\n" + "INCR half\r\n".repeat(2000));
  await client.closeWrite();
  const replies = await client.readUntilClosed();
  assertEquals(replies.length, 2001);
  assertEquals(replyText(replies[2000]), ":2001");
});

Deno.test("maxclients refuses one more client until one of them leaves", async () => {
  await using limited = await startTsredis({ args: ["--maxclients", "5"] });
  const [first] = await connectMany(limited, 1);
  await assertOthersCount(first, 0);
  const clients = [first, ...await connectMany(limited, 4)];
  for (const client of clients) {
    assertEquals(replyText(await client.call("PING")), "+PONG");
  }
  using refused = await limited.connect();
  assertEquals((await refused.readUntilClosed()).map(replyText), [
    "-ERR max number of clients reached",
  ]);
  clients[0].close();
  await eventually(async () => {
    using accepted = await limited.connect();
    assertEquals(replyText(await accepted.call("PING")), "+PONG");
  });
  for (const client of clients) client.close();
});

Deno.test("timeout closes clients that are silent for so long", async () => {
  await using impatient = await startTsredis({ args: ["--timeout", "1"] });
  using silent = await impatient.connect();
  using busy = await impatient.connect();
  const startedAtMs = performance.now();
  const isClosed = silent.readUntilClosed();
  const timer = setInterval(() => busy.call("PING"), 200);
  assertEquals(await isClosed, []);
  clearInterval(timer);
  const elapsedMs = performance.now() - startedAtMs;
  assertEquals(
    elapsedMs > 900 && elapsedMs < 5_000,
    true,
    `closed after ${elapsedMs} ms`,
  );
  using witness = await impatient.connect();
  assertEquals(replyText(await witness.call("PING")), "+PONG");
});

function connectMany(
  server: ServerProcess,
  count: number,
): Promise<RespClient[]> {
  return Promise.all(Array.from({ length: count }, () => server.connect()));
}

/** Waits until the server has no client but the one that asks. */
async function assertNoClients(server: ServerProcess): Promise<void> {
  using client = await server.connect();
  await assertOthersCount(client, 0);
}

/** Waits until the server has so many clients beside the one that asks. */
function assertOthersCount(client: RespClient, count: number): Promise<void> {
  return eventually(async () => {
    const lines = (await client.text("CLIENT", "LIST")).trimEnd().split("\n");
    assertEquals(lines.length - 1, count);
  });
}

/** Repeats an assertion until it holds, for a bounded time. */
async function eventually(assertion: () => Promise<void>): Promise<void> {
  for (let attempt = 0;; attempt++) {
    try {
      return await assertion();
    } catch (error) {
      if (attempt === 200) throw error;
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  }
}

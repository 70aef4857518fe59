/** node-redis, in RESP2 and RESP3, as an application uses it. */
import { assertEquals, assertRejects } from "@std/assert";
import { createClient } from "redis";
import { startTsredis } from "../support/server_process.ts";
import { sharedTsredis } from "../support/shared_server.ts";

const server = sharedTsredis();

function clientOf(protocol: 2 | 3, port = server().port) {
  const client = createClient({
    RESP: protocol,
    socket: { port, host: "127.0.0.1" },
  });
  client.on("error", () => {}); // A lost connection is announced here and made again.
  return client;
}

async function withClient(
  protocol: 2 | 3,
  test: (client: ReturnType<typeof clientOf>) => Promise<void>,
): Promise<void> {
  const client = clientOf(protocol);
  await client.connect();
  try {
    await client.flushAll();
    await test(client);
  } finally {
    await client.close();
  }
}

for (const protocol of [2, 3] as const) {
  Deno.test(`node-redis in RESP${protocol} sets, gets and expires strings`, () =>
    withClient(protocol, async (client) => {
      const expiration = { type: "EX", value: 100 } as const;
      assertEquals(await client.set("k", "v", { expiration }), "OK");
      assertEquals(await client.get("k"), "v");
      assertEquals(await client.ttl("k"), 100);
      assertEquals(await client.set("k", "w", { condition: "NX" }), null);
      assertEquals(await client.set("k", "w", { GET: true }), "v");
      assertEquals(await client.mSet({ a: "1", b: "2" }), "OK");
      assertEquals(await client.mGet(["a", "missing", "b"]), ["1", null, "2"]);
      assertEquals(await client.incrBy("a", 41), 42);
      assertEquals(await client.append("k", "x"), 2);
      assertEquals(await client.getRange("k", 0, -1), "wx");
      assertEquals(await client.exists(["a", "b", "missing"]), 2);
      assertEquals(await client.type("k"), "string");
      assertEquals(await client.del(["a", "b"]), 2);
    }));

  Deno.test(`node-redis in RESP${protocol} reads maps`, () =>
    withClient(protocol, async (client) => {
      const config = await client.configGet("maxmemory*");
      assertEquals(config["maxmemory-policy"], "noeviction");
      await client.mSet({ a: "ohmytext", b: "mynewtext" });
      assertEquals((await client.lcsIdx("a", "b")).len, 6);
    }));

  Deno.test(`node-redis in RESP${protocol} sends commands of one turn together`, () =>
    withClient(protocol, async (client) => {
      const replies = await Promise.all(
        Array.from({ length: 1000 }, (_, i) => client.incrBy("sum", i)),
      );
      assertEquals(replies[999], 999 * 1000 / 2);
    }));

  Deno.test(`node-redis in RESP${protocol} throws the server's errors`, () =>
    withClient(protocol, async (client) => {
      await client.set("k", "v");
      await assertRejects(
        () => client.incr("k"),
        Error,
        "ERR value is not an integer",
      );
      await assertRejects(
        () => client.sendCommand(["NOPE"]),
        Error,
        "ERR unknown command 'NOPE'",
      );
    }));

  Deno.test(`node-redis in RESP${protocol} scans all keys`, () =>
    withClient(protocol, async (client) => {
      await client.mSet(
        Array.from({ length: 300 }, (_, i) => [`key:${i}`, `${i}`]),
      );
      const found = new Set<string>();
      for await (const keys of client.scanIterator({ COUNT: 50 })) {
        for (const key of keys) found.add(key);
      }
      assertEquals(found.size, 300);
    }));

  Deno.test(`node-redis in RESP${protocol} connects again after its connection was killed`, () =>
    withClient(protocol, async (client) => {
      await client.set("k", "v");
      const other = clientOf(protocol);
      await other.connect();
      const isReady = new Promise((resolve) => client.once("ready", resolve));
      const id = await client.clientId();
      assertEquals(await other.clientKill({ filter: "ID", id }), 1);
      await other.close();
      await isReady;
      assertEquals(await client.get("k"), "v");
      assertEquals(await client.clientId() > id, true);
    }));
}

Deno.test("node-redis authenticates by URL and selects a database", async () => {
  await using guarded = await startTsredis({
    args: ["--requirepass", "secret"],
  });
  const client = createClient({
    url: `redis://default:secret@127.0.0.1:${guarded.port}/2`,
  });
  await client.connect();
  try {
    await client.set("k", "v");
    await client.select(0);
    assertEquals(await client.get("k"), null);
  } finally {
    await client.close();
  }
});

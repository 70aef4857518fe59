/** What the configuration does to a whole server: listeners, command names, protection. */
import { assertEquals, assertMatch } from "@std/assert";
import { payloadText, replyText } from "../support/reply_text.ts";
import { RespClient } from "../support/resp_client.ts";
import { freePort, startTsredis } from "../support/server_process.ts";

Deno.test("CONFIG SET port moves the server, unless the port is taken", async () => {
  await using server = await startTsredis({ args: ["--bind", "127.0.0.1"] });
  using client = await server.connect();
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const refused = await client.call(
    "CONFIG",
    "SET",
    "timeout",
    "9",
    "port",
    `${listener.addr.port}`,
  );
  assertEquals(refused.type, "error");
  const timeout = replyText(await client.call("CONFIG", "GET", "timeout"));
  assertMatch(timeout, /\b0\b/);
  const port = freePort();
  await client.text("CONFIG", "SET", "port", `${port}`);
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  assertEquals((conn.remoteAddr as Deno.NetAddr).port, port);
});

Deno.test("rename-command takes a command away or gives it another name", async () => {
  await using server = await startTsredis({
    configLines: ["rename-command ECHO ''", "rename-command CONFIG settings"],
  });
  using client = await server.connect();
  assertEquals((await client.call("ECHO", "x")).type, "error");
  assertEquals((await client.call("CONFIG", "GET", "port")).type, "error");
  assertEquals((await client.call("settings", "GET", "port")).type, "array");
});

/** An address of this machine that is not its loopback. */
const outerAddress = Deno.networkInterfaces().find(({ family, address }) =>
  family === "IPv4" && !address.startsWith("127.")
)?.address;

Deno.test({
  name: `Protected mode keeps clients from other addresses out${
    outerAddress === undefined ? " (skipped: there is only the loopback)" : ""
  }`,
  ignore: outerAddress === undefined,
  async fn() {
    await using server = await startTsredis();
    const outside = { hostname: outerAddress, port: server.port };
    {
      using client = await RespClient.connect(outside);
      const [refusal] = await client.readUntilClosed();
      assertMatch(
        payloadText(refusal) ?? "",
        /^DENIED Redis is running in protected mode because/,
      );
    }
    using local = await server.connect();
    await local.text("CONFIG", "SET", "protected-mode", "no");
    using client = await RespClient.connect(outside);
    assertEquals(await client.text("PING"), "PONG");
  },
});

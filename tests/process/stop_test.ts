/** How the server ends: signals and SHUTDOWN, with exit code 0 and every client closed. */
import { assertEquals, assertMatch } from "@std/assert";
import { startTsredis } from "../support/server_process.ts";

for (const signal of ["SIGTERM", "SIGINT"] as const) {
  Deno.test(`${signal} ends the server with exit code 0 and closes its clients`, async () => {
    await using server = await startTsredis();
    using client = await server.connect();
    await client.text("SET", "k", "v");
    server.signal(signal);
    assertEquals(await client.readUntilClosed(), []);
    assertEquals(await server.exitCode(), 0);
    assertMatch(
      server.log,
      new RegExp(`Received ${signal} scheduling shutdown`),
    );
    assertMatch(server.log, /ready to exit, bye bye/);
  });
}

const SHUTDOWNS = [
  "SHUTDOWN",
  "SHUTDOWN NOSAVE",
  "SHUTDOWN nosave now",
  "SHUTDOWN NOW FORCE NOSAVE",
  "SHUTDOWN FORCE",
];

for (const command of SHUTDOWNS) {
  Deno.test(`${command} ends the server without a reply and with exit code 0`, async () => {
    await using server = await startTsredis({ args: ["--save", ""] });
    using other = await server.connect();
    using client = await server.connect();
    await client.text("SET", "k", "v");
    await client.send(`${command}\r\nPING\r\n`);
    assertEquals(await client.readUntilClosed(), []);
    assertEquals(await other.readUntilClosed(), []);
    assertEquals(await server.exitCode(), 0);
    assertMatch(server.log, /User requested shutdown/);
  });
}

Deno.test("a client that does not read cannot keep the server from ending", async () => {
  await using server = await startTsredis();
  using client = await server.connect();
  await client.text("SET", "k", "x".repeat(1 << 20));
  await client.send("GET k\r\n".repeat(100));
  server.signal("SIGTERM");
  assertEquals(await server.exitCode(), 0);
});

Deno.test("a killed server leaves a unix socket behind, over which the next one starts", async () => {
  const dir = await Deno.makeTempDir({ prefix: "tsredis-test-" });
  try {
    const args = ["--unixsocket", `${dir}/socket`];
    await using first = await startTsredis({ args });
    first.signal("SIGKILL");
    await first.exitCode();
    await using second = await startTsredis({ args });
    using client = await second.connect();
    assertEquals((await client.call("PING")).type, "simple");
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

/** Starts that work: where the configuration comes from, where the server listens, what it logs. */
import { assertEquals, assertMatch, assertThrows } from "@std/assert";
import { replyText } from "../support/reply_text.ts";
import { RespClient } from "../support/resp_client.ts";
import { type ServerProcess, startTsredis } from "../support/server_process.ts";

/** A line of Redis's log: process id, role, time, level, text. */
const LOG_LINE = /^\d+:M \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2}\.\d{3} [.\-*#] \S/;

async function configOf(server: ServerProcess, name: string): Promise<string> {
  using client = await server.connect();
  return replyText(await client.call("CONFIG", "GET", name));
}

Deno.test("a config file may quote, comment and include, and options override it", async () => {
  const included = await Deno.makeTempFile({
    prefix: "tsredis-test-",
    suffix: ".conf",
  });
  await Deno.writeTextFile(
    included,
    "maxmemory 2mb # not a comment here\ntimeout 7\n".replace(
      " # not a comment here",
      "",
    ),
  );
  try {
    await using server = await startTsredis({
      configLines: [
        "# a comment",
        "",
        "  hash-max-listpack-entries   99  ",
        'masteruser "with space\\x21"',
        "maxmemory 1mb",
        `include ${included}`,
        "databases 3",
      ],
      args: ["--databases", "5"],
    });
    assertEquals(
      await configOf(server, "hash-max-listpack-entries"),
      '["hash-max-listpack-entries", "99"]',
    );
    assertEquals(
      await configOf(server, "masteruser"),
      '["masteruser", "with space!"]',
    );
    assertEquals(
      await configOf(server, "maxmemory"),
      '["maxmemory", "2097152"]',
    );
    assertEquals(await configOf(server, "timeout"), '["timeout", "7"]');
    assertEquals(await configOf(server, "databases"), '["databases", "5"]');
  } finally {
    await Deno.remove(included);
  }
});

Deno.test("a directive of two words may be given as two arguments or as one", async () => {
  const limit =
    '["client-output-buffer-limit", "normal 5242880 1048576 3 slave 268435456 67108864 60 pubsub 33554432 8388608 60"]';
  for (const args of [["normal", "5mb", "1mb", "3"], ["normal 5mb 1mb 3"]]) {
    await using server = await startTsredis({
      args: ["--client-output-buffer-limit", ...args],
    });
    assertEquals(await configOf(server, "client-output-buffer-limit"), limit);
  }
});

Deno.test("the server listens on every address of bind, and on no other", async () => {
  await using server = await startTsredis({
    args: ["--bind", "127.0.0.1", "127.0.0.2"],
  });
  for (const hostname of ["127.0.0.1", "127.0.0.2"]) {
    using client = await RespClient.connect({ hostname, port: server.port });
    assertEquals(replyText(await client.call("PING")), "+PONG");
  }
  const other = await RespClient.connect({
    hostname: "127.0.0.3",
    port: server.port,
  })
    .catch((error) => error);
  assertEquals(other instanceof Deno.errors.ConnectionRefused, true);
});

Deno.test("an address with a minus sign may be missing", async () => {
  await using server = await startTsredis({
    args: ["--bind", "127.0.0.1", "-192.0.2.1"],
  });
  using client = await server.connect();
  assertEquals(replyText(await client.call("PING")), "+PONG");
});

Deno.test("a unix socket has the wanted permissions and vanishes with the server", async () => {
  const dir = await Deno.makeTempDir({ prefix: "tsredis-test-" });
  const path = `${dir}/socket`;
  try {
    await using server = await startTsredis({
      args: ["--unixsocket", path, "--unixsocketperm", "700"],
    });
    assertEquals((await Deno.stat(path)).mode! & 0o777, 0o700);
    using client = await RespClient.connect({ path });
    assertEquals(replyText(await client.call("SET", "k", "v")), "+OK");
    assertMatch(
      await client.text("CLIENT", "INFO"),
      new RegExp(`addr=${path}:0 laddr=${path}:0 .*flags=U`),
    );
    using tcp = await server.connect();
    assertEquals(replyText(await tcp.call("GET", "k")), '"v"');
    server.signal("SIGTERM");
    await server.exitCode();
    assertThrows(() => Deno.statSync(path), Deno.errors.NotFound);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
});

Deno.test("the log has Redis's line format and tells version, port and process id", async () => {
  await using server = await startTsredis();
  const lines = server.log.trimEnd().split("\n");
  for (const line of lines) assertMatch(line, LOG_LINE);
  assertMatch(server.log, /tsredis version=\d+\.\d+\.\d+/);
  assertMatch(server.log, new RegExp(`pid=${server.pid}\\b`));
  assertMatch(server.log, new RegExp(`port=${server.port}\\b`));
  assertMatch(server.log, /Server initialized\n.*Ready to accept connections/);
});

Deno.test("logfile takes the log, pidfile the process id", async () => {
  await using server = await startTsredis({
    args: ["--logfile", "server.log", "--pidfile", "server.pid"],
  });
  assertEquals(server.log, "");
  assertMatch(
    await Deno.readTextFile(`${server.dir}/server.log`),
    /Ready to accept connections/,
  );
  assertEquals(
    (await Deno.readTextFile(`${server.dir}/server.pid`)).trim(),
    `${server.pid}`,
  );
  using client = await server.connect();
  await client.send("SHUTDOWN NOSAVE\r\n");
  await server.exitCode();
  assertThrows(
    () => Deno.statSync(`${server.dir}/server.pid`),
    Deno.errors.NotFound,
  );
});

Deno.test("requirepass on the command line asks every client for it", async () => {
  await using server = await startTsredis({
    args: ["--requirepass", "a secret"],
  });
  using client = await server.connect();
  assertEquals(
    replyText(await client.call("GET", "k")),
    "-NOAUTH Authentication required.",
  );
  assertEquals(replyText(await client.call("AUTH", "a secret")), "+OK");
  assertEquals(replyText(await client.call("GET", "k")), "nil");
});

Deno.test("CONFIG REWRITE keeps the file's comments and writes what was changed", async () => {
  await using server = await startTsredis({
    configLines: ["# mine", "timeout 7", "maxmemory 1mb"],
  });
  using client = await server.connect();
  await client.text(
    "CONFIG",
    "SET",
    "timeout",
    9,
    "hash-max-listpack-entries",
    33,
  );
  await client.text("CONFIG", "REWRITE");
  const text = await Deno.readTextFile(`${server.dir}/server.conf`);
  assertMatch(text, /^# mine$/m);
  assertMatch(text, /^timeout 9$/m);
  assertMatch(text, /^maxmemory 1mb$/m);
  assertMatch(text, /^hash-max-listpack-entries 33$/m);
  await using again = await startTsredis({
    configLines: text.trimEnd().split("\n"),
  });
  assertEquals(await configOf(again, "timeout"), '["timeout", "9"]');
});

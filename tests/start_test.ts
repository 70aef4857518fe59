/**
 * The program from outside: what it does with its command line, how it tells why
 * it does not start, and how signals end it.
 */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { versionText } from "../lib/config/usage.ts";
import { payloadText } from "./support/reply_text.ts";
import { RespClient } from "./support/resp_client.ts";
import {
  freePort,
  runToEnd,
  type ServerProcess,
  startTsredis,
  tsredisCommand,
} from "./support/server_process.ts";

/** Runs the program with these words, to its end. */
function run(words: string[], stdin?: string) {
  return runToEnd([...tsredisCommand(), ...words], { stdin });
}

/** What CONFIG GET says of one directive. */
async function directive(server: ServerProcess, name: string): Promise<string> {
  using client = await server.connect();
  const reply = await client.call("CONFIG", "GET", name);
  assert(reply.type === "array" && reply.items.length === 2);
  const [, value] = reply.items;
  assert(value.type === "bulk");
  return new TextDecoder().decode(value.value);
}

Deno.test("--version prints one line, --help the usage, and both exit 0", async () => {
  for (const word of ["--version", "-v"]) {
    const { code, stdout, stderr } = await run([word]);
    assertEquals([code, stdout, stderr], [0, `${versionText()}\n`, ""]);
  }
  const { code, stdout } = await run(["--help"]);
  assertEquals(code, 0);
  assertMatch(stdout, /^Usage: tsredis \[\/path\/to\/redis\.conf\]/);
});

Deno.test("A wrong option or value is one line on stderr that names it, exit 1", async () => {
  const cases: [words: string[], line: string][] = [
    [
      ["--maxclints", "10"],
      `tsredis: bad option 'maxclints "10"': Bad directive or wrong number of arguments; did you mean 'maxclients'?`,
    ],
    [
      ["--port", "70000"],
      `tsredis: bad option 'port "70000"': argument must be between 0 and 65535 inclusive`,
    ],
    [
      ["--dir", "/nowhere"],
      `tsredis: bad option 'dir "/nowhere"': No such file or directory`,
    ],
    [
      ["/nowhere.conf"],
      "tsredis: Fatal error, can't open config file '/nowhere.conf': No such file or directory",
    ],
  ];
  for (const [words, line] of cases) {
    const { code, stdout, stderr } = await run(words);
    assertEquals([code, stdout, stderr], [1, "", `${line}\n`]);
  }
});

Deno.test("A mistake in the configuration from standard input is told as Redis tells it", async () => {
  const { code, stderr } = await run(["-"], "port 0\nrename-command NOPE x\n");
  assertEquals(code, 1);
  assertMatch(
    stderr,
    /^\n\*\*\* FATAL CONFIG FILE ERROR \(tsredis .*\) \*\*\*\nReading the configuration file, at line 2\n>>> 'rename-command NOPE x'\nNo such command in rename-command\n$/,
  );
});

Deno.test("A port that is taken is one line, exit 1", async () => {
  using listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  const { port } = listener.addr;
  const { code, stdout, stderr } = await run([
    "--bind",
    "127.0.0.1",
    "--port",
    `${port}`,
  ]);
  assertEquals([code, stderr], [1, ""]);
  assertMatch(
    stdout.trimEnd().split("\n").at(-1) ?? "",
    new RegExp(
      `# Failed listening on port ${port} \\(tcp\\) of 127\\.0\\.0\\.1, aborting: bind: Address already in use$`,
    ),
  );
});

Deno.test("SIGTERM and SIGINT end the server with exit code 0", async () => {
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    await using server = await startTsredis();
    server.signal(signal);
    assertEquals((await server.status).code, 0);
    assertMatch(
      server.log,
      new RegExp(`Received ${signal} scheduling shutdown`),
    );
    assertMatch(server.log, /ready to exit, bye bye/);
  }
});

Deno.test("The log says what tools wait for, with the process ID", async () => {
  await using server = await startTsredis({
    args: ["--always-show-logo", "yes"],
  });
  assertMatch(server.log, new RegExp(` PID: ${server.pid}\n`));
  assertMatch(server.log, new RegExp(` Port: ${server.port}\n`));
  assertMatch(
    server.log,
    new RegExp(
      `^${server.pid}:M \\d\\d [A-Z][a-z]{2} \\d{4} \\d\\d:\\d\\d:\\d\\d\\.\\d{3} \\* Server initialized$`,
      "m",
    ),
  );
  assertMatch(server.log, /\* Ready to accept connections tcp$/m);
});

Deno.test("logfile and pidfile count from dir, and the pid file goes with the server", async () => {
  await using server = await startTsredis({
    args: ["--logfile", "server.log", "--pidfile", "server.pid"],
  });
  assertMatch(
    Deno.readTextFileSync(`${server.dir}/server.log`),
    /Ready to accept connections tcp/,
  );
  const pidPath = `${server.dir}/server.pid`;
  assertEquals(Deno.readTextFileSync(pidPath), `${server.pid}\n`);
  server.signal("SIGTERM");
  await server.status;
  assertEquals(
    [...Deno.readDirSync(server.dir)].map(({ name }) => name).sort(),
    [
      "server.log",
      "stdout.log",
    ],
  );
});

Deno.test("Options count more than the file, and save points add up", async () => {
  await using server = await startTsredis({
    configLines: ["timeout 1", "save 900 1", 'requirepass ""', "hz 20"],
    args: ["--timeout", "2", "--save", "300 10"],
  });
  assertEquals(await directive(server, "timeout"), "2");
  assertEquals(await directive(server, "save"), "900 1 300 10");
  assertEquals(await directive(server, "hz"), "20");
});

Deno.test("CONFIG REWRITE writes what CONFIG SET changed into the file", async () => {
  await using server = await startTsredis({
    configLines: ["# kept", "timeout 1"],
  });
  using client = await server.connect();
  await client.text("CONFIG", "SET", "timeout", "7", "maxmemory", "1gb");
  assertEquals(await client.text("CONFIG", "REWRITE"), "OK");
  const lines = Deno.readTextFileSync(`${server.dir}/server.conf`).split("\n");
  assertEquals(lines.slice(0, 2), ["# kept", "timeout 7"]);
  assert(lines.includes("maxmemory 1gb"));
  assert(lines.includes(`port ${server.port}`));
});

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
  assertEquals(await directive(server, "timeout"), "0");
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

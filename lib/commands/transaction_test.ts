import { assertEquals } from "@std/assert";
import { CommandError } from "../router/command_error.ts";
import { flagBit } from "../router/command_table.ts";
import { CommandRunner } from "../../tests/support/command_runner.ts";

function runAll(runner: CommandRunner, ...commands: string[]): string[] {
  return commands.map((command) => runner.run(command));
}

Deno.test("what a transaction changes is passed on together, what it reads is not", () => {
  const runner = new CommandRunner();
  runAll(runner, "MULTI", "SET a 1", "GET a", "INCR a", "EXEC");
  assertEquals(runner.takeEffects(), ["MULTI", "SET a 1", "INCR a", "EXEC"]);
});

Deno.test("a transaction with one effect needs no MULTI, one without none passes nothing on", () => {
  const runner = new CommandRunner();
  runAll(runner, "MULTI", "SET a 1", "GET a", "EXEC");
  assertEquals(runner.takeEffects(), ["SET a 1"]);
  runAll(runner, "MULTI", "GET a", "DEL none", "EXEC");
  runAll(runner, "MULTI", "EXEC");
  runAll(runner, "MULTI", "SET a 2", "DISCARD");
  assertEquals(runner.takeEffects(), []);
});

Deno.test("SELECT inside is passed on as the databases of what follows", () => {
  const runner = new CommandRunner();
  runAll(runner, "MULTI", "SET a 1", "SELECT 2", "SET a 2", "EXEC");
  assertEquals(runner.takeEffects(), [
    "MULTI",
    "SET a 1",
    "SELECT 2",
    "SET a 2",
    "EXEC",
  ]);
});

Deno.test("relative times inside are passed on as moments", () => {
  const runner = new CommandRunner();
  runAll(runner, "MULTI", "SET a 1", "EXPIRE a 100", "EXEC");
  const at = runner.clock.nowMs() + 100_000;
  assertEquals(runner.takeEffects(), [
    "MULTI",
    "SET a 1",
    `pexpireat a ${at}`,
    "EXEC",
  ]);
});

Deno.test("a transaction that scans or picks a key is passed on together, too", () => {
  for (const command of ["SCAN 0", "RANDOMKEY"]) {
    const runner = new CommandRunner();
    runAll(runner, "MULTI", "SET a 1", command, "SET b 1", "EXEC");
    assertEquals(runner.takeEffects(), ["MULTI", "SET a 1", "SET b 1", "EXEC"]);
  }
});

Deno.test("a key that expires while a transaction runs is passed on with it", () => {
  const runner = new CommandRunner();
  runner.run("SET a 1 PX 10");
  runner.takeEffects();
  runAll(runner, "MULTI", "GET a", "SET b 1");
  runner.clock.advance(20);
  assertEquals(runner.run("EXEC"), "*2\r\n$-1\r\n+OK\r\n");
  assertEquals(runner.takeEffects(), ["MULTI", "DEL a", "SET b 1", "EXEC"]);
});

Deno.test("an error inside is answered in its place and passed on nowhere", () => {
  const runner = new CommandRunner();
  runner.run("SET a text");
  runner.takeEffects();
  runAll(runner, "MULTI", "INCR a", "SET b 1");
  assertEquals(
    runner.run("EXEC"),
    "*2\r\n-ERR value is not an integer or out of range\r\n+OK\r\n",
  );
  assertEquals(runner.takeEffects(), ["SET b 1"]);
});

Deno.test("CLIENT REPLY inside silences what follows it, and brings replies back", () => {
  const runner = new CommandRunner();
  runAll(runner, "MULTI", "PING 1", "CLIENT REPLY OFF", "PING 2");
  assertEquals(runner.run("EXEC"), "*3\r\n$1\r\n1\r\n");
  assertEquals(
    runAll(runner, "MULTI", "PING 3", "CLIENT REPLY ON", "PING 4"),
    ["", "", "", ""],
  );
  assertEquals(runner.run("EXEC"), "+OK\r\n$1\r\n4\r\n");
});

Deno.test("a watch ends with its transaction, its client's RESET and UNWATCH", () => {
  const runner = new CommandRunner();
  const { watchedKeys } = runner.server.parts;
  const endings = [
    ["MULTI", "EXEC"],
    ["MULTI", "DISCARD"],
    ["UNWATCH"],
    [
      "RESET",
    ],
    ["MULTI", "NOPE", "EXEC"],
    ["MULTI", "EXEC x"],
  ];
  for (const ending of endings) {
    runner.run("WATCH a b a");
    assertEquals(watchedKeys.size, 2);
    runAll(runner, ...ending);
    assertEquals(watchedKeys.size, 0, ending.join());
  }
});

Deno.test("a watched key that expires fails EXEC though nobody has removed it", () => {
  const runner = new CommandRunner();
  runner.run("SET a 1 PX 10");
  runner.run("WATCH a");
  runner.clock.advance(11);
  runner.run("MULTI");
  assertEquals(runner.run("EXEC"), "*-1\r\n");
});

Deno.test("a key that was dead when it was watched may go, but not come back", () => {
  const runner = new CommandRunner();
  const watchDead = () => {
    runner.run("SET a 1 PX 10");
    runner.clock.advance(11);
    runner.run("WATCH a");
  };
  watchDead();
  runner.run("GET a");
  runner.run("MULTI");
  assertEquals(runner.run("EXEC"), "*0\r\n");
  watchDead();
  runner.run("SET a 2");
  runner.run("MULTI");
  assertEquals(runner.run("EXEC"), "*-1\r\n");
});

Deno.test("EXEC is refused where one of its commands would be", () => {
  const runner = new CommandRunner();
  const refusal = new CommandError("MASTERDOWN gone");
  const refuse = () =>
    runner.server.router.guards.set(
      "stale",
      (_client, _command, flags) =>
        (flags & flagBit("stale")) === 0 ? refusal : undefined,
    );
  const accept = () => runner.server.router.guards.set("stale", undefined);
  runAll(runner, "MULTI", "TIME", "GET a");
  refuse();
  assertEquals(
    runner.run("EXEC"),
    "-EXECABORT Transaction discarded because of: MASTERDOWN gone\r\n",
  );
  assertEquals(
    runAll(runner, "MULTI", "ECHO x", "EXEC"),
    ["+OK\r\n", "+QUEUED\r\n", "*1\r\n$1\r\nx\r\n"],
  );
  assertEquals(
    runAll(runner, "MULTI", "GET a", "EXEC").slice(1),
    [
      "-MASTERDOWN gone\r\n",
      "-EXECABORT Transaction discarded because of previous errors.\r\n",
    ],
  );
  accept();
  assertEquals(runner.run("GET a"), "$-1\r\n");
});

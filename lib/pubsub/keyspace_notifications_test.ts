import { assertEquals } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";

/** A runner whose client hears of these classes, on the channels that a pattern matches. */
function listening(classes: string, pattern = "__key*"): CommandRunner {
  const runner = new CommandRunner();
  runner.run("HELLO 3");
  runner.runWords("CONFIG", "SET", "notify-keyspace-events", classes);
  runner.run(`PSUBSCRIBE ${pattern}`);
  return runner;
}

/** The notifications that a command causes, as `channel content`. */
function heard(runner: CommandRunner, command: string): string[] {
  const reply = runner.run(command);
  const bulk = "\\$\\d+\\r\\n(.*)\\r\\n";
  const push = new RegExp(
    `>4\\r\\n\\$8\\r\\npmessage\\r\\n${bulk}${bulk}${bulk}`,
    "g",
  );
  return [...reply.matchAll(push)].map(([, , channel, content]) =>
    `${channel} ${content}`
  );
}

Deno.test("a change is told on the key's channel and on the event's", () => {
  const runner = listening("KEA");
  assertEquals(heard(runner, "SET k v EX 10"), [
    "__keyspace@0__:k set",
    "__keyevent@0__:set k",
    "__keyspace@0__:k expire",
    "__keyevent@0__:expire k",
  ]);
  runner.run("SELECT 3");
  assertEquals(heard(runner, "INCRBY n 2"), [
    "__keyspace@3__:n incrby",
    "__keyevent@3__:incrby n",
  ]);
});

Deno.test("only the classes that were asked for are told", () => {
  const events = listening("Eg");
  assertEquals(heard(events, "SET k v"), []);
  assertEquals(heard(events, "DEL k"), ["__keyevent@0__:del k"]);
  const keys = listening("K$");
  assertEquals(heard(keys, "SET k v"), ["__keyspace@0__:k set"]);
  assertEquals(heard(keys, "DEL k"), []);
  for (const classes of ["K", "E", "KE", "A", "g$"]) {
    assertEquals(heard(listening(classes), "SET k v"), []);
  }
});

Deno.test("a new key is told before what was done to it", () => {
  const runner = listening("En$g");
  assertEquals(heard(runner, "SET k v"), [
    "__keyevent@0__:new k",
    "__keyevent@0__:set k",
  ]);
  assertEquals(heard(runner, "SET k w"), ["__keyevent@0__:set k"]);
  assertEquals(heard(runner, "RENAME k l"), [
    "__keyevent@0__:new l",
    "__keyevent@0__:rename_from k",
    "__keyevent@0__:rename_to l",
  ]);
});

Deno.test("a read that finds nothing is told, a write and OBJECT are not", () => {
  const runner = listening("Em");
  for (
    const command of [
      "GET k",
      "MGET k",
      "EXISTS k",
      "TTL k",
      "TYPE k",
      "TOUCH k",
      "STRLEN k",
    ]
  ) assertEquals(heard(runner, command), ["__keyevent@0__:keymiss k"], command);
  for (const command of ["OBJECT ENCODING k", "DEL k", "APPEND k v", "GET k"]) {
    assertEquals(heard(runner, command), [], command);
  }
});

Deno.test("a miss is no change: it wakes no WATCH", () => {
  const runner = listening("Em");
  runner.run("WATCH k");
  runner.run("GET k");
  runner.run("MULTI");
  assertEquals(runner.run("EXEC"), "*0\r\n");
});

Deno.test("expired keys are told when they are removed", () => {
  const runner = listening("Kx");
  runner.run("SET k v PX 100");
  runner.clock.advance(101);
  assertEquals(heard(runner, "GET k"), ["__keyspace@0__:k expired"]);
});

Deno.test("nothing is told any more once nothing is asked for", () => {
  const runner = listening("KEA");
  runner.runWords("CONFIG", "SET", "notify-keyspace-events", "");
  assertEquals(heard(runner, "SET k v"), []);
  assertEquals(heard(runner, "GET none"), []);
});

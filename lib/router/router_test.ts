import { assertEquals } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";

/** Seconds since a key was used, as OBJECT IDLETIME tells. */
function idleSeconds(runner: CommandRunner, key: string): string {
  return runner.runWords("object", "idletime", key);
}

Deno.test("a client in no-touch mode leaves no trace, and leaves one again after it", () => {
  const runner = new CommandRunner();
  runner.runWords("set", "k", "v");
  runner.runWords("client", "no-touch", "on");
  runner.clock.advance(60_000);
  runner.runWords("get", "k");
  assertEquals(idleSeconds(runner, "k"), ":60\r\n");
  runner.runWords("touch", "k");
  assertEquals(idleSeconds(runner, "k"), ":0\r\n");
  runner.clock.advance(60_000);
  runner.runWords("client", "no-touch", "off");
  runner.runWords("get", "k");
  assertEquals(idleSeconds(runner, "k"), ":0\r\n");
});

Deno.test("CLIENT REPLY SKIP drops the next reply only, OFF all until ON", () => {
  const runner = new CommandRunner();
  assertEquals(runner.runWords("client", "reply", "skip"), "");
  assertEquals(runner.runWords("ping"), "");
  assertEquals(runner.runWords("ping"), "+PONG\r\n");
  assertEquals(runner.runWords("client", "reply", "off"), "");
  assertEquals(runner.runWords("ping"), "");
  assertEquals(runner.runWords("nonsense"), "");
  assertEquals(runner.runWords("client", "reply", "on"), "+OK\r\n");
  assertEquals(runner.runWords("ping"), "+PONG\r\n");
});

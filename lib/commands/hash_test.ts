import { assertEquals } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";

Deno.test("changes of a hash are told as Redis tells them", () => {
  const runner = new CommandRunner();
  runner.run("HSET k a 1 b 2");
  assertEquals(runner.takeEvents(), ["new k", "hset k"]);
  runner.run("HSET k a 2");
  runner.run("HINCRBY k a 1");
  runner.run("HINCRBYFLOAT k a 0.5");
  runner.run("HDEL k a");
  runner.run("HDEL k missing");
  assertEquals(runner.takeEvents(), [
    "hset k",
    "hincrby k",
    "hincrbyfloat k",
    "hdel k",
  ]);
  runner.run("HDEL k b");
  assertEquals(runner.takeEvents(), ["hdel k", "del k"]);
});

Deno.test("hash commands are passed on as they came, HINCRBYFLOAT as its result", () => {
  const runner = new CommandRunner();
  runner.run("HSET k a 1 b 2");
  runner.run("HSETNX k a 5");
  runner.run("HSETNX k c 5");
  runner.run("HINCRBYFLOAT k a 0.5");
  runner.run("HDEL k missing");
  runner.run("HDEL k a b");
  assertEquals(runner.takeEffects(), [
    "HSET k a 1 b 2",
    "HSETNX k c 5",
    "HSET k a 1.5",
    "HDEL k a b",
  ]);
});

Deno.test("every field that changes counts", () => {
  const runner = new CommandRunner();
  const { keyspace } = runner.server.parts;
  runner.run("HSET k a 1 b 2 c 3");
  assertEquals(keyspace.dirty, 3);
  runner.run("HDEL k a b x");
  assertEquals(keyspace.dirty, 5);
});

Deno.test("a hash keeps its expiry when it grows out of its record", () => {
  const runner = new CommandRunner();
  runner.run("HSET k a 1");
  runner.run("PEXPIREAT k 99999999999999");
  runner.runWords("HSET", "k", "b", "x".repeat(2000));
  assertEquals(runner.run("PEXPIRETIME k"), ":99999999999999\r\n");
  assertEquals(runner.run("HGET k a"), "$1\r\n1\r\n");
  runner.clock.advance(1e14);
  assertEquals(runner.run("HLEN k"), ":0\r\n");
});

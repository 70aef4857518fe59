import { assertEquals, assertMatch } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";

Deno.test("changes of sets are told as Redis tells them", () => {
  const runner = new CommandRunner();
  runner.run("SADD a 1 2");
  runner.run("SADD a 1");
  runner.run("SREM a 3");
  assertEquals(runner.takeEvents(), ["new a", "sadd a"]);
  runner.run("SMOVE a b 1");
  assertEquals(runner.takeEvents(), ["srem a", "new b", "sadd b"]);
  runner.run("SMOVE a b 2");
  assertEquals(runner.takeEvents(), ["srem a", "del a", "sadd b"]);
  runner.run("SPOP b");
  runner.run("SPOP b 5");
  assertEquals(runner.takeEvents(), ["spop b", "spop b", "del b"]);
  runner.run("SADD a 1 2");
  runner.run("SUNIONSTORE c a");
  runner.run("SINTERSTORE c a");
  runner.run("SDIFFSTORE c a a");
  assertEquals(runner.takeEvents(), [
    ...["new a", "sadd a"],
    ...["new c", "sunionstore c", "sinterstore c", "del c"],
  ]);
});

Deno.test("SPOP is passed on as what it popped", () => {
  const runner = new CommandRunner();
  runner.run("SADD k a b c d e");
  runner.takeEffects();
  runner.run("SPOP k");
  assertMatch(runner.takeEffects().join(), /^srem k [abcde]$/);
  runner.run("SPOP k 2");
  assertMatch(runner.takeEffects().join(), /^srem k [abcde] [abcde]$/);
  runner.run("SPOP k 9");
  assertEquals(runner.takeEffects(), ["del k"]);
  runner.run("SPOP k 9");
  runner.run("SADD k a");
  runner.run("SPOP k");
  assertEquals(runner.takeEffects(), ["SADD k a", "srem k a"]);
});

Deno.test("SPOP of many members is passed on in one transaction of SREMs", () => {
  const runner = new CommandRunner();
  const members = Array.from({ length: 3000 }, (_, i) => `m${i}`);
  runner.runWords("SADD", "k", ...members);
  runner.takeEffects();
  for (const count of [1100, 1100]) {
    runner.run(`SPOP k ${count}`);
    const effects = runner.takeEffects();
    assertEquals(effects.map((effect) => effect.split(" ")[0]), [
      ...["MULTI", "srem", "srem", "EXEC"],
    ]);
    assertEquals(effects[1].split(" ").length, 2 + 1024);
  }
  assertEquals(runner.run("SCARD k"), ":800\r\n");
});

Deno.test("every member that changes counts", () => {
  const runner = new CommandRunner();
  const { keyspace } = runner.server.parts;
  const dirtyOf = (command: string) => {
    const before = keyspace.dirty;
    runner.run(command);
    return keyspace.dirty - before;
  };
  assertEquals(dirtyOf("SADD a 1 2 3 4 5 6"), 6);
  assertEquals(dirtyOf("SADD a 1"), 0);
  assertEquals(dirtyOf("SREM a 1 9"), 1);
  assertEquals(dirtyOf("SMOVE a b 2"), 2);
  assertEquals(dirtyOf("SPOP a"), 1);
  assertEquals(dirtyOf("SPOP a 2"), 2);
  assertEquals(dirtyOf("SPOP a 2"), 1);
  assertEquals(dirtyOf("SUNIONSTORE c b"), 1);
});

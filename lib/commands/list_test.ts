import { assertEquals } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";

/** A command on lists `k` of "a b c" and `m` of "x", what it passes on, and its events. */
const EFFECTS: readonly (readonly [string, string[], string[]])[] = [
  ["LPUSH k v w", ["LPUSH k v w"], ["lpush k"]],
  ["RPUSH new v", ["RPUSH new v"], ["new new", "rpush new"]],
  ["LPUSHX none v", [], []],
  ["RPUSHX k v", ["RPUSHX k v"], ["rpush k"]],
  ["LPOP k", ["LPOP k"], ["lpop k"]],
  ["RPOP k 9", ["RPOP k 9"], ["rpop k", "del k"]],
  ["LPOP k 0", [], []],
  ["LPOP none", [], []],
  ["LRANGE k 0 -1", [], []],
  ["LSET k 0 v", ["LSET k 0 v"], ["lset k"]],
  ["LINSERT k BEFORE b v", ["LINSERT k BEFORE b v"], ["linsert k"]],
  ["LINSERT k BEFORE none v", [], []],
  ["LREM k 0 b", ["LREM k 0 b"], ["lrem k"]],
  ["LREM m 0 x", ["LREM m 0 x"], ["lrem m", "del m"]],
  ["LREM k 0 none", [], []],
  ["LTRIM k 0 0", ["LTRIM k 0 0"], ["ltrim k"]],
  ["LTRIM k 5 9", ["LTRIM k 5 9"], ["ltrim k", "del k"]],
  // Nothing is removed: others need not know, but who watches the key does.
  ["LTRIM k 0 -1", [], ["ltrim k"]],
  ["LMOVE k m LEFT RIGHT", ["LMOVE k m LEFT RIGHT"], ["rpush m", "lpop k"]],
  ["LMOVE m k LEFT LEFT", ["LMOVE m k LEFT LEFT"], [
    "lpush k",
    "lpop m",
    "del m",
  ]],
  ["RPOPLPUSH k k", ["RPOPLPUSH k k"], ["lpush k", "rpop k"]],
  ["RPOPLPUSH k new", ["RPOPLPUSH k new"], ["new new", "lpush new", "rpop k"]],
  ["LMPOP 2 none k RIGHT COUNT 9", ["rpop k 3"], ["rpop k", "del k"]],
  ["LMPOP 1 none LEFT", [], []],
  ["BLPOP none k 0", ["lpop k"], ["lpop k"]],
  ["BRPOP m 0", ["rpop m"], ["rpop m", "del m"]],
  ["BLMPOP 0 1 k LEFT COUNT 2", ["lpop k 2"], ["lpop k"]],
  ["BLMOVE k m RIGHT LEFT 0", ["lmove k m RIGHT LEFT"], [
    "lpush m",
    "rpop k",
  ]],
  ["BRPOPLPUSH k m 0", ["rpoplpush k m"], ["lpush m", "rpop k"]],
];

Deno.test("lists pass on what means the same elsewhere, and tell what happened", () => {
  for (const [command, effects, events] of EFFECTS) {
    const runner = new CommandRunner();
    runner.run("RPUSH k a b c");
    runner.run("RPUSH m x");
    runner.takeEffects();
    runner.takeEvents();
    runner.run(command);
    assertEquals(
      [command, runner.takeEffects(), runner.takeEvents()],
      [command, effects, events],
    );
  }
});

Deno.test("every changed element counts as a change", () => {
  for (
    const [command, changes] of [
      ["RPUSH k x y z", 3],
      ["LPOP k 2", 2],
      ["LREM k 0 a", 2],
      ["LTRIM k 1 1", 4],
      ["LTRIM k 0 -1", 0],
      ["LSET k 0 x", 1],
      ["LMOVE k k LEFT RIGHT", 1],
      ["LMPOP 1 k LEFT COUNT 3", 3],
    ] as const
  ) {
    const runner = new CommandRunner();
    runner.run("RPUSH k a b a c d");
    const { keyspace } = runner.server.parts;
    const before = keyspace.dirty;
    runner.run(command);
    assertEquals([command, keyspace.dirty - before], [command, changes]);
  }
});

Deno.test("a list keeps its expiry while it grows out of its record and shrinks back", () => {
  const runner = new CommandRunner();
  runner.run("RPUSH k a");
  runner.run("PEXPIRE k 5000");
  const long = "x".repeat(300);
  for (let i = 0; i < 40; i++) runner.run(`LPUSH k ${long}`);
  const { map } = runner.database;
  const isObject = () => map.isObject(runner.database.peekKey(KEY));
  assertEquals(isObject(), true);
  assertEquals(runner.run("PTTL k"), ":5000\r\n");
  runner.run("LTRIM k -1 -1");
  assertEquals(isObject(), false);
  assertEquals(runner.run("LRANGE k 0 -1"), "*1\r\n$1\r\na\r\n");
  assertEquals(runner.run("PTTL k"), ":5000\r\n");
  runner.clock.advance(5001);
  assertEquals(runner.run("LLEN k"), ":0\r\n");
});

const KEY = new TextEncoder().encode("k");

Deno.test("a list under a key that is too long for a record is an object from the start", () => {
  const runner = new CommandRunner();
  const key = "k".repeat(9000);
  runner.run(`RPUSH ${key} a b c`);
  runner.run(`LPOP ${key}`);
  assertEquals(
    runner.run(`LRANGE ${key} 0 -1`),
    "*2\r\n$1\r\nb\r\n$1\r\nc\r\n",
  );
  assertEquals(runner.run(`COPY ${key} k`), ":1\r\n");
  runner.run("LPOP k 2");
  assertEquals(runner.run(`LLEN ${key}`), ":2\r\n");
});

import { assert, assertEquals } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";
import { type LargeString, TYPE_LIST } from "../keyspace/record.ts";
import { sourceOf } from "../keyspace/record_store.ts";
import { bytesOfText, textOfBytes } from "../resp/byte_text.ts";

const WRONG_TYPE =
  "-WRONGTYPE Operation against a key holding the wrong kind of value";

/** The start of the test clock, and how the moments below are said. */
const NOW = 1_700_000_000_000;

/** A command on a string `k` of "1" that expires in 5 s, what it passes on, and its events on k. */
const EFFECTS: readonly (readonly [string, string[], string[]])[] = [
  ["GET k", [], []],
  ["SET k v", ["SET k v"], ["set"]],
  ["SET k v EX 10", [`set k v PXAT ${NOW + 10_000}`], ["set", "expire"]],
  ["SET k v PX 10 GET", [`set k v PXAT ${NOW + 10}`], ["set", "expire"]],
  ["SET k v EXAT 1800000000", ["set k v PXAT 1800000000000"], [
    "set",
    "expire",
  ]],
  ["SET k v PXAT 1800000000000 XX", ["SET k v PXAT 1800000000000 XX"], [
    "set",
    "expire",
  ]],
  ["SET k get GeT KEEPTTL get XX", ["SET k get KEEPTTL XX"], ["set"]],
  ["SET k v NX", [], []],
  ["SET k v NX GET", [], []],
  ["SETNX k v", [], []],
  ["SETNX other v", ["SETNX other v"], []],
  ["SETEX k 10 v", [`set k v PXAT ${NOW + 10_000}`], ["set", "expire"]],
  ["PSETEX k 10 v", [`set k v PXAT ${NOW + 10}`], ["set", "expire"]],
  ["GETSET k v", ["set k v"], ["set"]],
  ["GETDEL k", ["del k"], ["del"]],
  ["GETDEL missing", [], []],
  ["GETEX k", [], []],
  ["GETEX k EX 10", [`pexpireat k ${NOW + 10_000}`], ["expire"]],
  ["GETEX k PXAT 1800000000000", ["pexpireat k 1800000000000"], ["expire"]],
  ["GETEX k EXAT 1", ["del k"], ["del"]],
  ["GETEX k PERSIST", ["persist k"], ["persist"]],
  ["MSET k v other w", ["MSET k v other w"], ["set"]],
  ["MSETNX k v other w", [], []],
  ["MSETNX a v b w", ["MSETNX a v b w"], []],
  ["APPEND k x", ["APPEND k x"], ["append"]],
  ["SETRANGE k 3 x", ["SETRANGE k 3 x"], ["setrange"]],
  ["INCR k", ["INCR k"], ["incrby"]],
  ["DECRBY k 9223372036854775800", ["DECRBY k 9223372036854775800"], [
    "incrby",
  ]],
  ["INCRBYFLOAT k 0.5", ["set k 1.5 KEEPTTL"], ["incrbyfloat"]],
];

Deno.test("strings pass on what means the same elsewhere, and tell what happened", () => {
  for (const [command, effects, events] of EFFECTS) {
    const runner = new CommandRunner();
    runner.run("SET k 1 PX 5000");
    runner.takeEffects();
    runner.takeEvents();
    runner.run(command);
    assertEquals(
      [command, runner.takeEffects(), runner.takeEvents().filter(isOfK)],
      [command, effects, events.map((name) => `${name} k`)],
    );
  }
});

function isOfK(event: string): boolean {
  return event.endsWith(" k");
}

Deno.test("a new key is told of before what was done to it", () => {
  const runner = new CommandRunner();
  for (
    const [command, event] of [
      ["SET a v EX 10", "set"],
      ["MSETNX b v", "set"],
      ["INCR c", "incrby"],
      ["INCRBY d 9223372036854775807", "incrby"],
      ["INCRBYFLOAT e 1", "incrbyfloat"],
      ["APPEND f x", "append"],
      ["SETRANGE g 1 x", "setrange"],
    ]
  ) {
    const key = command.split(" ")[1];
    runner.run(command);
    assertEquals(runner.takeEvents().slice(0, 2), [
      `new ${key}`,
      `${event} ${key}`,
    ]);
  }
});

Deno.test("every changed pair counts as a change, an expiry beside a value does not", () => {
  const runner = new CommandRunner();
  const { keyspace } = runner.server.parts;
  for (
    const [command, changes] of [
      ["SET a 1 EX 10", 1],
      ["MSET a 1 b 2", 2],
      ["GETEX a EX 10", 1],
      ["GETEX a", 0],
      ["SETRANGE a 0 x", 1],
      ["INCR b", 1],
      ["SETRANGE b 0 ", 0],
    ] as const
  ) {
    const before = keyspace.dirty;
    runner.run(command);
    assertEquals([command, keyspace.dirty - before], [command, changes]);
  }
});

Deno.test("a deletion by GETEX is passed on as UNLINK when lazy freeing is on", () => {
  const runner = new CommandRunner();
  runner.run("CONFIG SET lazyfree-lazy-expire yes");
  runner.run("SET k v");
  runner.takeEffects();
  runner.run("GETEX k PXAT 1");
  assertEquals(runner.takeEffects(), ["unlink k"]);
});

Deno.test("what INCRBYFLOAT makes counts as no integer, until it is counted on", () => {
  const runner = new CommandRunner();
  runner.run("SET old 10");
  for (const key of ["old", "new"]) {
    runner.run(`INCRBYFLOAT ${key} 1`);
    assertEquals(runner.run(`OBJECT ENCODING ${key}`), "$6\r\nembstr\r\n");
    runner.run(`INCR ${key}`);
    assertEquals(runner.run(`OBJECT ENCODING ${key}`), "$3\r\nint\r\n");
  }
});

Deno.test("an expiry stays, goes or changes with a value as the command says", () => {
  const runner = new CommandRunner();
  const long = "x".repeat(20_000);
  const left = (command: string) => {
    runner.run("SET k 1 PX 5000");
    runner.run(command);
    return runner.run("PTTL k");
  };
  for (const value of ["2", "a-longer-value", long]) {
    assertEquals(left(`SET k ${value}`), ":-1\r\n");
    assertEquals(left(`SET k ${value} KEEPTTL`), ":5000\r\n");
    assertEquals(left(`SET k ${value} PX 7000`), ":7000\r\n");
    assertEquals(left(`GETSET k ${value}`), ":-1\r\n");
    assertEquals(left(`APPEND k ${value}`), ":5000\r\n");
    assertEquals(left(`SETRANGE k 9 ${value}`), ":5000\r\n");
  }
  assertEquals(left("INCR k"), ":5000\r\n");
  assertEquals(left("INCRBY k 99999999999999"), ":5000\r\n");
  assertEquals(left("INCRBYFLOAT k 0.25"), ":5000\r\n");
  assertEquals(runner.database.volatile.size, 1);
  runner.clock.advance(5001);
  assertEquals(runner.run("GET k"), "$-1\r\n");
  assertEquals(runner.database.volatile.size, 0);
});

Deno.test("a reply keeps the value that it told, whatever changes it behind it", () => {
  const runner = new CommandRunner();
  const text = "v".repeat(100_000);
  for (const read of ["GET k", "GETRANGE k 0 -2", "SET k w GET"]) {
    for (const change of ["APPEND k x", "SETRANGE k 0 x", "SETRANGE k 50 x"]) {
      runner.run(`SET k ${text}`);
      const large = valueOfK(runner) as LargeString;
      const told = large.bytes;
      runner.run(read);
      runner.run(change);
      assert(textOfBytes(told) === text, `${change} after ${read}`);
    }
  }
});

Deno.test("appends to a value that nobody reads copy it only now and then", () => {
  const runner = new CommandRunner();
  runner.run(`SET k ${"v".repeat(100_000)}`);
  const buffers = new Set<ArrayBufferLike>();
  for (let i = 0; i < 1000; i++) {
    runner.run(`APPEND k ${"x".repeat(1000)}`);
    buffers.add((valueOfK(runner) as LargeString).bytes.buffer);
  }
  assertEquals(runner.run("STRLEN k"), ":1100000\r\n");
  assert(buffers.size <= 5, `${buffers.size} buffers`);
});

/** Commands on a key `l` that holds a list, and their first line of reply; none changes it. */
const ON_LIST: readonly (readonly [string, string])[] = [
  ...[
    "GET l",
    "GETSET l v",
    "GETDEL l",
    "GETEX l EX 10",
    "GETEX l EX -1",
    "SET l v GET",
    "SET l v NX GET",
    "STRLEN l",
    "GETRANGE l 0 1",
    "APPEND l v",
    "SETRANGE l 0 v",
    "SETRANGE l 0 ",
    "INCR l",
    "INCRBY l 9223372036854775807",
    "INCRBYFLOAT l x",
  ].map((command) => [command, WRONG_TYPE] as const),
  ["GETRANGE l a 1", "-ERR value is not an integer or out of range"],
  ["SETRANGE l -1 v", "-ERR offset is out of range"],
  ["SET l v GET EX 0", "-ERR invalid expire time in 'set' command"],
  ["GETEX l EX 1 PX 1", "-ERR syntax error"],
  ["DECRBY l x", "-ERR value is not an integer or out of range"],
  ["DECRBY l -9223372036854775808", "-ERR decrement would overflow"],
  ["LCS l other x", "-ERR The specified keys must contain string values"],
  ["SETNX l v", ":0"],
  ["MSETNX l v", ":0"],
  ["MGET l", "*1"],
  ["SET l v NX", "$-1"],
];

Deno.test("what is no string is refused, in Redis's order of checks, and left alone", () => {
  const runner = new CommandRunner();
  const { map } = runner.database, key = sourceOf(bytesOfText("l"));
  map.find(key, 0, 1);
  const ref = map.putObject(0, key, 0, 1, TYPE_LIST, {});
  for (const [command, reply] of ON_LIST) {
    const answered = runner.run(command).split("\r\n", 1)[0];
    assertEquals([command, answered], [command, reply]);
    assertEquals(map.typeOf(ref), TYPE_LIST);
  }
  assertEquals(runner.takeEffects(), []);
  assertEquals(runner.run("SET l v"), "+OK\r\n");
  assertEquals(runner.run("GET l"), "$1\r\nv\r\n");
});

function valueOfK({ database }: CommandRunner): unknown {
  return database.map.object(database.peekKey(bytesOfText("k")));
}

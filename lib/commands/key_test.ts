import { assert, assertEquals } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";
import { LargeString } from "../keyspace/record.ts";
import { sourceOf } from "../keyspace/record_store.ts";
import { bytesOfText } from "../resp/byte_text.ts";

/** The start of the test clock. */
const NOW = 1_700_000_000_000;

/**
 * A command on a string `k` that expires in 5 s beside a string `other`, what it
 * passes on, its events in order, and how many changes it counts as.
 */
const EFFECTS: readonly (readonly [string, string[], string[], number])[] = [
  ["DEL k missing other", ["DEL k missing other"], ["del k", "del other"], 2],
  ["UNLINK k", ["UNLINK k"], ["del k"], 1],
  ["DEL missing", [], [], 0],
  ["EXPIRE k 10", [`pexpireat k ${NOW + 10_000}`], ["expire k"], 1],
  ["PEXPIRE k 10 xx", [`pexpireat k ${NOW + 10} xx`], ["expire k"], 1],
  ["EXPIREAT k 1800000000", ["pexpireat k 1800000000000"], ["expire k"], 1],
  [
    "PEXPIREAT k 1800000000000 GT",
    [
      "pexpireat k 1800000000000 GT",
    ],
    ["expire k"],
    1,
  ],
  [
    "PEXPIREAT k 9007199254740993",
    [
      "pexpireat k 9007199254740993",
    ],
    ["expire k"],
    1,
  ],
  ["EXPIRE k 10 NX", [], [], 0],
  ["EXPIRE k 1 GT", [], [], 0],
  ["EXPIRE missing 10", [], [], 0],
  ["EXPIRE k -1", ["del k"], ["del k"], 1],
  [`PEXPIREAT k ${NOW}`, ["del k"], ["del k"], 1],
  ["PERSIST k", ["PERSIST k"], ["persist k"], 1],
  ["PERSIST other", [], [], 0],
  ["RENAME k new", ["RENAME k new"], [
    "new new",
    "rename_from k",
    "rename_to new",
  ], 1],
  ["RENAME k other", ["RENAME k other"], [
    "new other",
    "rename_from k",
    "rename_to other",
  ], 1],
  ["RENAME k k", [], [], 0],
  ["RENAMENX k other", [], [], 0],
  ["COPY k new", ["COPY k new"], ["new new", "copy_to new"], 1],
  ["COPY k other", [], [], 0],
  ["COPY k other REPLACE", ["COPY k other REPLACE"], [
    "new other",
    "copy_to other",
  ], 1],
  ["MOVE k 1", ["MOVE k 1"], ["new k", "move_from k", "move_to k"], 1],
  ["TOUCH k", [], [], 0],
  ["SWAPDB 0 1", ["SWAPDB 0 1"], [], 1],
  ["SWAPDB 1 1", ["SWAPDB 1 1"], [], 1],
  ["FLUSHDB", ["FLUSHDB"], [], 2],
  ["FLUSHALL ASYNC", ["FLUSHALL ASYNC"], [], 2],
];

Deno.test("keys pass on what means the same elsewhere, tell what happened, and count it", () => {
  for (const [command, effects, events, changes] of EFFECTS) {
    const runner = new CommandRunner();
    const { keyspace } = runner.server.parts;
    runner.run("SET k 1 PX 5000");
    runner.run("SET other 2");
    runner.takeEffects();
    runner.takeEvents();
    const before = keyspace.dirty;
    runner.run(command);
    assertEquals(
      [
        command,
        runner.takeEffects(),
        runner.takeEvents(),
        keyspace.dirty - before,
      ],
      [command, effects, events, changes],
    );
  }
});

Deno.test("FLUSHALL of an empty server is passed on, because replicas may have keys", () => {
  const runner = new CommandRunner();
  assertEquals(runner.run("FLUSHALL"), "+OK\r\n");
  assertEquals(runner.takeEffects(), ["FLUSHALL"]);
});

Deno.test("a deletion by EXPIRE is passed on as UNLINK when lazy freeing is on", () => {
  const runner = new CommandRunner();
  runner.run("CONFIG SET lazyfree-lazy-expire yes");
  runner.run("SET k v");
  runner.takeEffects();
  runner.run("EXPIRE k 0");
  assertEquals(runner.takeEffects(), ["unlink k"]);
});

Deno.test("EXPIRE keeps a key whose time is over where keys may not expire", () => {
  const runner = new CommandRunner();
  runner.run("SET k v");
  runner.server.parts.keyspace.isPaused = true;
  assertEquals(runner.run("PEXPIREAT k 5"), ":1\r\n");
  assertEquals(runner.run("DBSIZE"), ":1\r\n");
  assertEquals(runner.run("EXISTS k"), ":0\r\n");
});

Deno.test("moments are exact to the last bit of 64", () => {
  const runner = new CommandRunner();
  runner.run("SET k v");
  for (
    const moment of [
      `${2 ** 53 - 1}`,
      "9007199254740993",
      "9223372036854775807",
      "4102444800123",
    ]
  ) {
    runner.run(`PEXPIREAT k ${moment}`);
    assertEquals(runner.run("PEXPIRETIME k"), `:${moment}\r\n`);
    runner.run("COPY k copy REPLACE");
    runner.run("RENAME copy renamed");
    assertEquals(runner.run("PEXPIRETIME renamed"), `:${moment}\r\n`);
    runner.run("DEL renamed");
  }
  runner.run("PEXPIREAT k 9223372036854775806");
  assertEquals(runner.run("PEXPIREAT k 9223372036854775805 GT"), ":0\r\n");
  assertEquals(runner.run("PEXPIREAT k 9223372036854775807 GT"), ":1\r\n");
  assertEquals(runner.run("PEXPIREAT k 9223372036854775806 LT"), ":1\r\n");
});

/** A value in a record, values too large for one, and a key too long for one. */
const SIZES = [["k", 5], ["k", 20_000], ["k", 100_000], ["k".repeat(9000), 5]];

Deno.test("COPY, RENAME and MOVE carry values and keys of every size", () => {
  for (const [key, length] of SIZES as [string, number][]) {
    const runner = new CommandRunner();
    const value = "v".repeat(length);
    const whole = `$${length}\r\n${value}\r\n`;
    runner.runWords("SET", key, value);
    runner.runWords("PEXPIREAT", key, `${NOW + 777}`);
    assertEquals(runner.runWords("COPY", key, "copy"), ":1\r\n");
    assertEquals(runner.runWords("RENAME", key, "renamed"), "+OK\r\n");
    assertEquals(runner.runWords("RENAME", "copy", key), "+OK\r\n");
    assertEquals(runner.runWords("MOVE", key, "1"), ":1\r\n");
    assertEquals(runner.runWords("EXISTS", key, "copy"), ":0\r\n");
    assertEquals(runner.run("GET renamed"), whole);
    assertEquals(runner.run("PTTL renamed"), ":777\r\n");
    runner.run("SELECT 1");
    assertEquals(runner.runWords("GET", key), whole);
    assertEquals(runner.runWords("PTTL", key), ":777\r\n");
    assertEquals(runner.runWords("RANDOMKEY"), `$${key.length}\r\n${key}\r\n`);
  }
});

Deno.test("a copy of a large value shares nothing with it", () => {
  const runner = new CommandRunner();
  const value = "v".repeat(100_000);
  runner.runWords("SET", "a", value);
  runner.run("GET a");
  runner.run("COPY a b");
  runner.run("SETRANGE a 0 x");
  runner.run("APPEND b y");
  assertEquals(runner.run("GETRANGE a 0 1"), "$2\r\nxv\r\n");
  assertEquals(runner.run("GETRANGE b 0 1"), "$2\r\nvv\r\n");
  assertEquals(runner.run("STRLEN a"), ":100000\r\n");
  assertEquals(runner.run("GETRANGE b -2 -1"), "$2\r\nvy\r\n");
});

Deno.test("encodings survive RENAME, COPY and MOVE", () => {
  const runner = new CommandRunner();
  runner.run("APPEND raw 12");
  runner.run("APPEND raw 3");
  runner.run("INCRBYFLOAT float 1");
  for (const [key, encoding] of [["raw", "raw"], ["float", "embstr"]]) {
    runner.run(`COPY ${key} copy REPLACE`);
    runner.run("RENAME copy renamed");
    const expected = `$${encoding.length}\r\n${encoding}\r\n`;
    assertEquals(runner.run("OBJECT ENCODING renamed"), expected);
    runner.run("MOVE renamed 1");
    runner.run("SELECT 1");
    assertEquals(runner.run("OBJECT ENCODING renamed"), expected);
    runner.run("FLUSHDB");
    runner.run("SELECT 0");
  }
});

Deno.test("a moved object is not disposed of, a replaced one is", () => {
  const runner = new CommandRunner();
  const { databases } = runner.server.parts.keyspace;
  let disposed = 0;
  class Owned extends LargeString {
    [Symbol.dispose]() {
      disposed++;
    }
  }
  const { map } = databases[0];
  map.find(sourceOf(bytesOfText("k")), 0, 1);
  const owned = new Owned(bytesOfText("v".repeat(30_000)));
  map.putObject(0, sourceOf(bytesOfText("k")), 0, 1, 1, owned);
  runner.run("RENAME k l");
  runner.run("MOVE l 1");
  assertEquals(disposed, 0);
  const moved = databases[1].peekKey(bytesOfText("l"));
  assert(databases[1].map.object(moved) === owned);
  runner.run("SET l v");
  runner.run("COPY l l DB 1 REPLACE");
  assertEquals(disposed, 1);
});

Deno.test("OBJECT IDLETIME counts from the last use, which TYPE, TTL, EXISTS and OBJECT are not", () => {
  const runner = new CommandRunner();
  runner.run("SET k v");
  runner.clock.advance(60_000);
  for (const command of ["TYPE k", "TTL k", "EXISTS k", "OBJECT FREQ k"]) {
    runner.run(command);
  }
  assertEquals(runner.run("OBJECT IDLETIME k"), ":60\r\n");
  runner.run("COPY k copy");
  assertEquals(runner.run("OBJECT IDLETIME k"), ":0\r\n");
  runner.clock.advance(7_000);
  runner.run("RENAME copy renamed");
  assertEquals(runner.run("OBJECT IDLETIME renamed"), ":0\r\n");
  assertEquals(runner.run("OBJECT IDLETIME k"), ":7\r\n");
});

Deno.test("CLIENT NO-TOUCH leaves no trace of reads, but TOUCH does", () => {
  const runner = new CommandRunner();
  runner.run("SET k v");
  runner.clock.advance(60_000);
  runner.run("CLIENT NO-TOUCH ON");
  runner.run("GET k");
  assertEquals(runner.run("OBJECT IDLETIME k"), ":60\r\n");
  runner.run("TOUCH k");
  assertEquals(runner.run("OBJECT IDLETIME k"), ":0\r\n");
});

Deno.test("OBJECT FREQ counts under an LFU policy, and new keys begin at 5", () => {
  const runner = new CommandRunner();
  runner.run("CONFIG SET maxmemory-policy allkeys-lfu lfu-log-factor 0");
  runner.run("SET k v");
  assertEquals(runner.run("OBJECT FREQ k"), ":5\r\n");
  for (let i = 0; i < 10; i++) runner.run("GET k");
  assertEquals(runner.run("OBJECT FREQ k"), ":15\r\n");
  runner.clock.advance(3 * 60_000);
  assertEquals(runner.run("OBJECT FREQ k"), ":12\r\n");
  runner.run("CONFIG SET lfu-decay-time 0");
  assertEquals(runner.run("OBJECT FREQ k"), ":15\r\n");
});

Deno.test("hits and misses are counted where Redis counts them", () => {
  const runner = new CommandRunner();
  const { stats } = runner.server.parts.keyspace;
  runner.run("SET k v");
  const counted = (command: string) => {
    const { hits, misses } = stats;
    runner.run(command);
    return [command, stats.hits - hits, stats.misses - misses];
  };
  for (
    const expected of [
      ["EXISTS k missing k", 2, 1],
      ["TYPE k", 1, 0],
      ["TTL missing", 0, 1],
      ["TOUCH k missing", 1, 1],
      ["OBJECT ENCODING k", 1, 0],
      ["COPY missing x", 0, 1],
      ["EXPIRE k 100", 0, 0],
      ["DEL missing", 0, 0],
      ["RENAME missing x", 0, 0],
    ] as const
  ) assertEquals(counted(expected[0]), [...expected]);
});

import { assert, assertEquals } from "@std/assert";
import { argsOf } from "../../tests/support/args_of.ts";
import { CommandRunner } from "../../tests/support/command_runner.ts";

/** Makes a stream `x` whose block has a deleted entry, another field list, and an ID above its entries. */
const MAKING = [
  "XADD x 1-1 f v g 12",
  "XADD x 1-2 f w g -7",
  "XADD x 2-1 other -70000",
  "XADD x 2-5 f v g 12",
  "XDEL x 1-1 2-1",
  "XSETID x 18446744073709551615-3 ENTRIESADDED 9223372036854775807 MAXDELETEDID 5-5",
  "PEXPIREAT x 1700009000000",
];

/** A server with `x` as commands have made it, or loaded again. */
function makeStream(isLoaded: boolean): CommandRunner {
  const runner = new CommandRunner();
  for (const command of MAKING) runner.run(command);
  if (isLoaded) reload(runner, "x");
  return runner;
}

function reload(runner: CommandRunner, key: string): void {
  const reply = runner.run(`DUMP ${key}`);
  const payload = reply.slice(reply.indexOf("\r\n") + 2, -2);
  const ttl = runner.run(`PTTL ${key}`).slice(1, -2);
  assertEquals(
    runner.runWords(
      "RESTORE",
      key,
      ttl === "-1" ? "0" : ttl,
      payload,
      "REPLACE",
    ),
    "+OK\r\n",
  );
}

function isObject({ database: { map } }: CommandRunner): boolean {
  const args = argsOf("GET", "x");
  const ref = map.find(args, args.offset(1), args.length(1));
  assert(ref !== 0);
  return map.isObject(ref);
}

/** Commands about `x`, each with whether it makes an object of what was bytes. */
const COMMANDS: readonly (readonly [string, boolean])[] = [
  ["XLEN x", false],
  ["XRANGE x - +", false],
  ["XREVRANGE x + - COUNT 1", false],
  ["XREAD STREAMS x 1-2", false],
  ["XREAD STREAMS x $", false],
  ["XINFO STREAM x", false],
  ["XINFO STREAM x FULL", false],
  ["XINFO GROUPS x", false],
  ["XPENDING x g", false],
  ["XACK x g 1-1", false],
  ["XREADGROUP GROUP g c STREAMS x >", false],
  ["XCLAIM x g c 0 1-2", false],
  ["XAUTOCLAIM x g c 0 0", false],
  ["XGROUP SETID x g 0", false],
  ["XGROUP DESTROY x g", false],
  ["XGROUP CREATECONSUMER x g c", false],
  ["TYPE x", false],
  ["OBJECT ENCODING x", false],
  ["DEBUG DIGEST-VALUE x", false],
  ["DUMP x", false],
  ["PTTL x", false],
  ["PERSIST x", false],
  ["SORT x", false],
  ["LPUSH x a", false],
  ["XADD x 9-9 f v", true],
  ["XADD x * f v", true],
  ["XDEL x 1-2", true],
  ["XDEL x 1-2 2-5", true],
  ["XTRIM x MAXLEN 1", true],
  ["XTRIM x MINID 2", true],
  ["XSETID x 3-3", true],
  ["XSETID x 18446744073709551615-4", true],
  ["XGROUP CREATE x g 0", true],
  ["XGROUP CREATE x g $ ENTRIESREAD 3", true],
];

for (const [command, makesObject] of COMMANDS) {
  Deno.test(`${command} does the same to a stream that was loaded`, () => {
    const made = makeStream(false), loaded = makeStream(true);
    assertEquals([isObject(made), isObject(loaded)], [true, false]);
    for (const runner of [made, loaded]) {
      runner.takeEffects();
      runner.takeEvents();
    }
    assertEquals(loaded.run(command), made.run(command));
    assertEquals(loaded.takeEffects(), made.takeEffects());
    assertEquals(loaded.takeEvents(), made.takeEvents());
    assertEquals(isObject(loaded), makesObject);
    const after = [
      "DEBUG DIGEST",
      "PEXPIRETIME x",
      "XINFO STREAM x FULL",
      "XADD x 18446744073709551615-7 f v",
      "XRANGE x - +",
    ];
    for (const question of after) {
      assertEquals(loaded.run(question), made.run(question), question);
    }
  });
}

Deno.test("a loaded stream can be renamed, copied, moved and saved", () => {
  const runner = makeStream(true), made = makeStream(false);
  const value = made.run("DEBUG DIGEST-VALUE x");
  runner.run("RENAME x y");
  runner.run("COPY y z");
  runner.run("COPY y w");
  runner.run("MOVE z 3");
  assertEquals(runner.run("DEBUG DIGEST-VALUE y"), value);
  assertEquals(runner.run("DEBUG DIGEST-VALUE w"), value);
  runner.run("SELECT 3");
  assertEquals(runner.run("DEBUG DIGEST-VALUE z"), value);
  reload(runner, "z");
  assertEquals(runner.run("DEBUG DIGEST-VALUE z"), value);
});

Deno.test("a stream with groups, of two blocks, without entries, or long stays an object", () => {
  const makings = [
    ["XADD x 1-1 f v", "XGROUP CREATE x g 0"],
    [
      "CONFIG SET stream-node-max-entries 1",
      "XADD x 1-1 f v",
      "XADD x 1-2 f v",
    ],
    ["XADD x 1-1 f v", "XDEL x 1-1"],
    [`XADD x 1-1 f ${"v".repeat(1000)}`],
  ];
  for (const making of makings) {
    const runner = new CommandRunner();
    for (const command of making) runner.run(command);
    const value = runner.run("XINFO STREAM x FULL");
    reload(runner, "x");
    assertEquals(isObject(runner), true, making.join());
    assertEquals(runner.run("XINFO STREAM x FULL"), value);
  }
});

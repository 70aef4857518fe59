import { assertEquals } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";

/** A runner after these commands, with nothing to be taken yet. */
function after(...commands: string[]): CommandRunner {
  const runner = new CommandRunner();
  for (const command of commands) runner.run(command);
  runner.takeEffects();
  runner.takeEvents();
  return runner;
}

/** What commands pass on, and which events they cause. */
function outcome(
  runner: CommandRunner,
  ...commands: string[]
): { effects: string[]; events: string[] } {
  for (const command of commands) runner.run(command);
  return { effects: runner.takeEffects(), events: runner.takeEvents() };
}

const ENTRIES = ["XADD s 1-0 f a", "XADD s 2-0 f b", "XADD s 3-0 f c"];

Deno.test("XADD passes on the ID that it chose", () => {
  const runner = after("XADD s 5-3 f v");
  assertEquals(outcome(runner, "XADD s 5-* f v", "XADD s 9-9 f v"), {
    effects: ["XADD s 5-4 f v", "XADD s 9-9 f v"],
    events: ["xadd s", "xadd s"],
  });
  const { nowMs } = runner.server.parts.keyspace;
  runner.run("XADD s * f v");
  assertEquals(runner.takeEffects(), [`XADD s ${nowMs}-0 f v`]);
});

Deno.test("XADD and XTRIM pass on what ~ has kept", () => {
  const runner = after("CONFIG SET stream-node-max-entries 2", ...ENTRIES);
  assertEquals(
    outcome(
      runner,
      "XADD s MAXLEN ~ 1 4-0 f d",
      "XTRIM s MAXLEN ~ 0 LIMIT 1",
      "XADD s MINID ~ 4 5-0 f e",
      "XTRIM s MINID ~ 9",
    ),
    {
      effects: [
        "XADD s MAXLEN = 2 4-0 f d",
        "XADD s MINID = 3-0 5-0 f e",
        "XTRIM s MINID = 18446744073709551615-18446744073709551615",
      ],
      events: ["xadd s", "xtrim s", "xadd s", "xtrim s"],
    },
  );
});

Deno.test("XTRIM and XDEL count what they remove and are passed on once", () => {
  const runner = after(...ENTRIES);
  const { keyspace } = runner.server.parts;
  const before = keyspace.dirty;
  assertEquals(outcome(runner, "XTRIM s MAXLEN 2", "XDEL s 2-0 3-0 9-0"), {
    effects: ["XTRIM s MAXLEN 2", "XDEL s 2-0 3-0 9-0"],
    events: ["xtrim s", "xdel s"],
  });
  assertEquals(keyspace.dirty - before, 3);
});

Deno.test("XREADGROUP passes on an XCLAIM for each entry that it gives", () => {
  const runner = after(...ENTRIES, "XGROUP CREATE s g 0");
  const { nowMs } = runner.server.parts.keyspace;
  const claim = (id: string) =>
    `XCLAIM s g c 0 ${id} TIME ${nowMs} RETRYCOUNT 1 FORCE JUSTID LASTID ${id}`;
  assertEquals(outcome(runner, "XREADGROUP GROUP g c COUNT 2 STREAMS s >"), {
    effects: ["MULTI", claim("1-0"), claim("2-0"), "EXEC"],
    events: ["xgroup-createconsumer s"],
  });
  assertEquals(outcome(runner, "XREADGROUP GROUP g c STREAMS s 0"), {
    effects: [],
    events: [],
  });
});

Deno.test("XREADGROUP with NOACK passes on the consumer and where the group is", () => {
  const runner = after(...ENTRIES, "XGROUP CREATE s g 0");
  assertEquals(
    outcome(runner, "XREADGROUP GROUP g c NOACK STREAMS s >").effects,
    [
      "MULTI",
      "XGROUP CREATECONSUMER s g c",
      "XGROUP SETID s g 3-0 ENTRIESREAD 3",
      "EXEC",
    ],
  );
});

Deno.test("XCLAIM and XAUTOCLAIM pass on what changed, deleted entries too", () => {
  const runner = after(
    ...ENTRIES,
    "XGROUP CREATE s g 0",
    "XREADGROUP GROUP g c STREAMS s >",
    "XDEL s 1-0",
  );
  const { nowMs } = runner.server.parts.keyspace;
  const claim = (consumer: string, id: string, count: number) =>
    `XCLAIM s g ${consumer} 0 ${id} TIME ${nowMs} RETRYCOUNT ${count} FORCE JUSTID LASTID 3-0`;
  assertEquals(outcome(runner, "XCLAIM s g d 0 2-0 JUSTID"), {
    effects: [claim("d", "2-0", 1)],
    events: ["xgroup-createconsumer s"],
  });
  assertEquals(outcome(runner, "XAUTOCLAIM s g d 0 - COUNT 2").effects, [
    "MULTI",
    claim("c", "1-0", 1),
    claim("d", "2-0", 2),
    "EXEC",
  ]);
  assertEquals(outcome(runner, "XCLAIM s g d 9999 3-0 LASTID 7-0").effects, [
    "XGROUP SETID s g 7-0 ENTRIESREAD 3",
  ]);
});

Deno.test("XGROUP and XSETID are passed on as they came", () => {
  const commands = [
    "XGROUP CREATE s g $ MKSTREAM",
    "XGROUP SETID s g 5",
    "XGROUP CREATECONSUMER s g c",
    "XGROUP DELCONSUMER s g c",
    "XSETID s 9-0 ENTRIESADDED 7",
    "XGROUP DESTROY s g",
  ];
  assertEquals(outcome(new CommandRunner(), ...commands), {
    effects: commands,
    events: [
      "new s",
      "xgroup-create s",
      "xgroup-setid s",
      "xgroup-createconsumer s",
      "xgroup-delconsumer s",
      "xsetid s",
      "xgroup-destroy s",
    ],
  });
});

Deno.test("a group's lag is known again behind the last deleted entry", () => {
  const runner = after(
    ...ENTRIES,
    "XADD s 4-0 f d",
    "XGROUP CREATE s g 0",
    "XDEL s 2-0",
    "XREADGROUP GROUP g c COUNT 1 STREAMS s >",
  );
  const lag = () =>
    /\$3\r\nlag\r\n(.*)\r\n$/.exec(runner.run("XINFO GROUPS s"))?.[1];
  assertEquals(lag(), "$-1");
  runner.run("XREADGROUP GROUP g c STREAMS s >");
  assertEquals(lag(), ":0");
});

Deno.test("consumers show when they were seen and when they were given something", () => {
  const runner = after("XADD s 1-0 f a", "XGROUP CREATE s g 0");
  const consumers = () => {
    const reply = runner.run("XINFO CONSUMERS s g");
    return [...reply.matchAll(/(?:idle|inactive)\r\n:(-?\d+)/g)]
      .map(([, number]) => Number(number));
  };
  runner.run("XGROUP CREATECONSUMER s g c");
  runner.clock.advance(50);
  assertEquals(consumers(), [50, -1]);
  runner.run("XREADGROUP GROUP g c STREAMS s >");
  runner.clock.advance(20);
  runner.run("XREADGROUP GROUP g c STREAMS s >");
  runner.clock.advance(5);
  assertEquals(consumers(), [5, 25]);
});

import { assertEquals } from "@std/assert";
import { argsOf } from "../../tests/support/args_of.ts";
import { CommandRunner } from "../../tests/support/command_runner.ts";
import type { Client } from "../net/client.ts";
import { textOfBytes } from "../resp/byte_text.ts";
import { LatencyMonitor } from "./latency_monitor.ts";
import { SlowCommands } from "./slow_commands.ts";
import { Slowlog } from "./slowlog.ts";

const CLIENT = {
  name: "me",
  link: { remoteAddress: "127.0.0.1:1" },
} as Client;
const { commands } = new CommandRunner().server.parts;

function setUp(slowlogMicroseconds: number, latencyMs: number) {
  const slowlog = new Slowlog(), latency = new LatencyMonitor();
  slowlog.thresholdMicroseconds = slowlogMicroseconds;
  latency.thresholdMs = latencyMs;
  const slow = new SlowCommands(slowlog, latency);
  let isExact: boolean | undefined;
  slow.onChange = (value) => isExact = value;
  slow.update();
  const note = (microseconds: number, ...words: string[]) =>
    slow.note(
      commands.byName.get(words[0])!,
      CLIENT,
      argsOf(...words),
      microseconds,
      5000,
    );
  return { slowlog, latency, slow, note, isExact: () => isExact };
}

Deno.test("SlowCommands' threshold is the lower one of those in use", () => {
  const threshold = (slowlog: number, latency: number) =>
    setUp(slowlog, latency).slow.thresholdMicroseconds;
  assertEquals(threshold(10_000, 0), 10_000);
  assertEquals(threshold(10_000, 5), 5000);
  assertEquals(threshold(-1, 5), 5000);
  assertEquals(threshold(-1, 0), Infinity);
});

Deno.test("SlowCommands wants each command timed when the threshold is small", () => {
  assertEquals(setUp(10_000, 0).isExact(), false);
  assertEquals(setUp(100, 0).isExact(), true);
});

Deno.test("SlowCommands notes a command where its time passes the threshold", () => {
  const { slowlog, latency, note } = setUp(10_000, 20);
  note(15_000, "keys", "*");
  note(25_500, "get", "k");
  assertEquals(slowlog.entries.map(({ id }) => id), [1, 0]);
  assertEquals([...latency.events.keys()], ["fast-command"]);
  const [{ args, atSeconds, microseconds, address, clientName }] =
    slowlog.entries;
  assertEquals(args.map(textOfBytes), ["get", "k"]);
  assertEquals(
    [atSeconds, microseconds, address, clientName],
    [5, 25_500, "127.0.0.1:1", "me"],
  );
});

Deno.test("the slow log shows no passwords, and shortens what is long", () => {
  const { slowlog, note } = setUp(0, 0);
  note(1, "auth", "user", "secret");
  note(1, "mget", ...Array.from({ length: 40 }, (_, i) => `key${i}`));
  note(1, "set", "k", "v".repeat(200));
  const [long, many, secret] = slowlog.entries.map(({ args }) =>
    args.map(textOfBytes)
  );
  assertEquals(secret, ["auth", "(redacted)", "(redacted)"]);
  assertEquals(many.length, 32);
  assertEquals(many[31], "... (10 more arguments)");
  assertEquals(long[2], "v".repeat(128) + "... (72 more bytes)");
});

Deno.test("the slow log keeps the newest entries", () => {
  const { slowlog, note } = setUp(0, 0);
  slowlog.entriesMax = 2;
  for (let i = 0; i < 5; i++) note(1, "ping");
  assertEquals(slowlog.entries.map(({ id }) => id), [4, 3]);
});

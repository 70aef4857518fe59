import { assertEquals } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";

function tracking(options: string): CommandRunner {
  const runner = new CommandRunner();
  runner.run("HELLO 3");
  runner.run(`CLIENT TRACKING ON ${options}`.trim());
  return runner;
}

/** The keys that a reply says are no longer valid, `*` for all. */
function invalidated(reply: string): string[] {
  const push =
    />2\r\n\$10\r\ninvalidate\r\n(?:(_)|\*\d+\r\n((?:\$\d+\r\n\w*\r\n)+))/g;
  return [...reply.matchAll(push)].flatMap(([, all, keys]) =>
    all !== undefined
      ? ["*"]
      : [...keys.matchAll(/\r\n(\w*)\r\n/g)].map(([, key]) => key)
  );
}

Deno.test("KeyTracking tells what a command changes behind its reply", () => {
  const runner = tracking("");
  runner.run("GET a");
  runner.run("GET b");
  const reply = runner.run("MSET a 1 b 2 c 3");
  assertEquals(reply.startsWith("+OK\r\n>2\r\n"), true, reply);
  assertEquals(invalidated(reply), ["a", "b"]);
  assertEquals(invalidated(runner.run("MSET a 2 b 3")), []);
});

Deno.test("KeyTracking forgets the keys that were read first over the maximum", () => {
  const runner = tracking("NOLOOP");
  runner.runWords("CONFIG", "SET", "tracking-table-max-keys", "2");
  assertEquals(invalidated(runner.run("MGET a b")), []);
  assertEquals(invalidated(runner.run("GET c")), ["a"]);
  assertEquals(
    invalidated(
      runner.runWords("CONFIG", "SET", "tracking-table-max-keys", "1"),
    ),
    ["b"],
  );
  const { tracking: counts } = runner.server.parts;
  assertEquals([counts.keyCount, counts.readerCount], [1, 1]);
});

Deno.test("KeyTracking forgets what was read when nobody tracks any more", () => {
  const runner = tracking("");
  runner.run("GET a");
  runner.run("CLIENT TRACKING OFF");
  assertEquals(runner.server.parts.tracking.keyCount, 0);
  runner.run("CLIENT TRACKING ON");
  assertEquals(invalidated(runner.run("SET a 1")), []);
});

Deno.test("KeyTracking broadcasts after the turn, sorted, each key once", async () => {
  const runner = tracking("BCAST PREFIX k PREFIX l");
  assertEquals(invalidated(runner.run("MSET k2 1 l1 1 k1 1 m 1")), []);
  runner.run("SET k2 2");
  await Promise.resolve();
  assertEquals(invalidated(runner.run("PING")), ["k1", "k2", "l1"]);
});

Deno.test("KeyTracking tells of everything once for FLUSHALL", () => {
  const runner = tracking("");
  runner.run("MGET a b");
  assertEquals(invalidated(runner.run("FLUSHALL")), ["*"]);
  assertEquals(runner.server.parts.tracking.keyCount, 0);
});

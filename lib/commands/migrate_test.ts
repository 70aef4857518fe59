import { assertEquals, assertMatch } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";
import {
  type Answer,
  ScriptedTarget,
} from "../../tests/support/scripted_target.ts";
import { keyEvent, NOTIFY_STRING } from "../keyspace/key_event.ts";

const REPLY_TIMEOUT_MS = 5_000;

/** A server and a target that answers as told. */
class Pair implements AsyncDisposable {
  readonly runner = new CommandRunner();
  readonly target: ScriptedTarget;

  constructor(answer: Answer = () => "+OK") {
    this.target = new ScriptedTarget(answer);
  }

  /** Runs MIGRATE to the target up to its reply; `meanwhile` once something has arrived there. */
  async migrate(
    rest: string,
    meanwhile: () => void = () => {},
  ): Promise<string> {
    const { runner, target } = this;
    const client = runner.newClient();
    const before = target.received.length;
    let text = runner.runAs(
      client,
      `MIGRATE 127.0.0.1 ${target.port} ${rest}`,
    );
    assertEquals(text, "", "it waits");
    await until(() => target.received.length > before || !client.isParked);
    meanwhile();
    await until(() => (text += runner.sentTo(client)) !== "");
    return text;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.runner.server.parts.migrations.stop();
    await this.target[Symbol.asyncDispose]();
  }
}

async function until(check: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + REPLY_TIMEOUT_MS;
  while (!check()) {
    if (performance.now() > deadlineMs) throw new Error("nothing happened");
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

/** Answers that come when they are let go. */
function heldAnswers(): { answer: Answer; letGo: (reply?: string) => void } {
  const gate = Promise.withResolvers<string | undefined>();
  return {
    answer: (words) => words[0] === "SELECT" ? "+OK" : gate.promise,
    letGo: (reply = "+OK") => gate.resolve(reply),
  };
}

Deno.test("MIGRATE passes on one DEL of the keys that have arrived", async () => {
  await using pair = new Pair((words) =>
    words[1] === "b" ? "-BUSYKEY Target key name already exists." : "+OK"
  );
  const { runner, target } = pair;
  runner.run("MSET a 1 b 2 c 3");
  runner.run("PEXPIRE a 5000");
  runner.takeEffects();
  runner.takeEvents();
  assertEquals(
    await pair.migrate(" 5 1000 REPLACE KEYS a b missing c"),
    "-ERR Target instance replied with error: BUSYKEY Target key name already exists.\r\n",
  );
  assertEquals(runner.takeEffects(), ["DEL a c"]);
  assertEquals(runner.takeEvents(), ["del a", "del c"]);
  assertEquals(runner.run("EXISTS a b c"), ":1\r\n");
  const [select, ...restores] = target.received;
  assertEquals(select, "SELECT 5");
  assertMatch(restores[0], /^RESTORE a 5000 .* REPLACE$/s);
  assertMatch(restores[1], /^RESTORE b 0 .* REPLACE$/s);
  assertMatch(restores[2], /^RESTORE c 0 .* REPLACE$/s);
});

Deno.test("MIGRATE COPY removes and passes on nothing", async () => {
  await using pair = new Pair();
  const { runner } = pair;
  runner.run("SET a 1");
  runner.takeEffects();
  assertEquals(await pair.migrate("a 0 1000 COPY"), "+OK\r\n");
  assertEquals(runner.takeEffects(), []);
  assertEquals(runner.run("EXISTS a"), ":1\r\n");
});

Deno.test("MIGRATE holds back what would change its keys, and nothing else", async () => {
  const { answer, letGo } = heldAnswers();
  await using pair = new Pair(answer);
  const { runner } = pair;
  runner.run("MSET a 1 b 2");
  const writer = runner.newClient(), emptier = runner.newClient();
  const transaction = runner.newClient();
  const reply = await pair.migrate("a 0 1000", () => {
    assertEquals(runner.run("GET a"), "$1\r\n1\r\n");
    assertEquals(runner.run("INCR b"), ":3\r\n");
    runner.runAs(transaction, "MULTI");
    assertEquals(runner.runAs(transaction, "INCR a"), "+QUEUED\r\n");
    assertEquals(runner.runAs(transaction, "EXEC"), "");
    assertEquals(runner.runAs(writer, "INCR a"), "");
    assertEquals(runner.runAs(emptier, "FLUSHALL"), "");
    assertEquals(
      [writer, emptier, transaction].map(({ isParked }) => isParked),
      [true, true, true],
    );
    letGo();
  });
  assertEquals(reply, "+OK\r\n");
  assertEquals(writer.isParked, false);
  assertEquals(runner.run("EXISTS a"), ":0\r\n");
  // The connection of a parked client runs its command again.
  assertEquals(runner.runAs(writer, "INCR a"), ":1\r\n");
  assertEquals(runner.runAs(transaction, "EXEC"), "*1\r\n:2\r\n");
});

Deno.test("MIGRATE keeps a key that was changed all the same", async () => {
  const { answer, letGo } = heldAnswers();
  await using pair = new Pair(answer);
  const { runner } = pair;
  runner.run("MSET a 1 b 2");
  const reply = await pair.migrate(" 0 1000 KEYS a b", () => {
    const { database, server: { parts } } = runner;
    const set = keyEvent(NOTIFY_STRING, "set");
    parts.keyspace.publish(database, new Uint8Array([97]), set);
    letGo();
  });
  assertMatch(reply, /^-ERR Keys were changed while they were being sent/);
  assertEquals(runner.run("MGET a b"), "*2\r\n$1\r\n1\r\n$-1\r\n");
});

Deno.test("MIGRATE is finished for a client that has gone", async () => {
  const { answer, letGo } = heldAnswers();
  await using pair = new Pair(answer);
  const { runner, target } = pair;
  runner.run("SET a 1");
  const client = runner.newClient();
  runner.runAs(client, `MIGRATE 127.0.0.1 ${target.port} a 0 1000`);
  await until(() => target.received.length === 2);
  client.isClosing = true;
  runner.server.parts.blocked.release(client);
  letGo();
  await until(() => runner.run("EXISTS a") === ":0\r\n");
  assertEquals(runner.sentTo(client), "");
});

Deno.test("MIGRATE leaves all as it is when the server has become a replica", async () => {
  const { answer, letGo } = heldAnswers();
  await using pair = new Pair(answer);
  const { runner } = pair;
  runner.run("SET a 1");
  const reply = await pair.migrate("a 0 1000", () => {
    runner.server.parts.keyspace.isReplica = true;
    runner.server.parts.blocked.unblockAll("UNBLOCKED so");
    letGo();
  });
  assertEquals(reply, "-UNBLOCKED so\r\n");
  const { holds } = runner.server.parts;
  await until(() => !holds.isActive);
  assertEquals(runner.run("EXISTS a"), ":1\r\n");
});

Deno.test("MIGRATE uses a connection again, and selects a database only when it has to", async () => {
  await using pair = new Pair();
  const { runner, target } = pair;
  runner.run("MSET a 1 b 2 c 3");
  for (const key of ["a", "b"]) {
    assertEquals(await pair.migrate(`${key} 1 1000`), "+OK\r\n");
  }
  assertEquals(await pair.migrate("c 2 1000 AUTH2 me secret"), "+OK\r\n");
  assertEquals(target.connections, 1);
  assertEquals(
    target.received.map((line) => line.split(" ", 2).join(" ")),
    ["SELECT 1", "RESTORE a", "RESTORE b", "AUTH me", "SELECT 2", "RESTORE c"],
  );
  const { targets } = runner.server.parts.migrations;
  assertEquals(targets.size, 1);
  runner.clock.advance(10_001);
  targets.trim();
  assertEquals(targets.size, 0);
});

Deno.test("MIGRATE connects anew when its connection was closed meanwhile", async () => {
  await using pair = new Pair();
  const { runner, target } = pair;
  runner.run("MSET a 1 b 2");
  assertEquals(await pair.migrate("a 1 1000"), "+OK\r\n");
  target.disconnect();
  assertEquals(await pair.migrate("b 1 1000"), "+OK\r\n");
  assertEquals(target.connections, 2);
});

Deno.test("MIGRATE tries twice when the target closes, and removes only what was acknowledged", async () => {
  await using pair = new Pair(() => undefined);
  const { runner, target } = pair;
  runner.run("MSET a 1 b 2");
  const failed = "-IOERR error or timeout reading to target instance\r\n";
  assertEquals(await pair.migrate("a 0 1000"), failed);
  assertEquals(target.connections, 2);
  assertEquals(runner.run("EXISTS a b"), ":2\r\n");
  target.answer = (words) => words[1] === "b" ? undefined : "+OK";
  assertEquals(await pair.migrate(" 0 1000 KEYS a b"), failed);
  assertEquals(target.connections, 3);
  assertEquals(runner.run("MGET a b"), "*2\r\n$-1\r\n$1\r\n2\r\n");
});

Deno.test("MIGRATE waits no longer than its timeout, and does not try again then", async () => {
  const { answer, letGo } = heldAnswers();
  await using pair = new Pair(answer);
  const { runner, target } = pair;
  runner.run("SET a 1");
  assertEquals(
    await pair.migrate("a 0 30"),
    "-IOERR error or timeout reading to target instance\r\n",
  );
  letGo();
  assertEquals(target.connections, 1);
  assertEquals(runner.server.parts.migrations.targets.size, 0);
  assertEquals(runner.run("EXISTS a"), ":1\r\n");
});

Deno.test("MIGRATE has arrived nowhere when the target refuses the password", async () => {
  await using pair = new Pair((words) =>
    words[0] === "AUTH" ? "-WRONGPASS no" : "+OK"
  );
  const { runner } = pair;
  runner.run("SET a 1");
  assertEquals(
    await pair.migrate("a 0 1000 AUTH x"),
    "-ERR Target instance replied with error: WRONGPASS no\r\n",
  );
  assertEquals(runner.run("EXISTS a"), ":1\r\n");
});

Deno.test("MIGRATE cannot wait inside of a transaction", () => {
  const runner = new CommandRunner();
  runner.run("SET a 1");
  runner.run("MULTI");
  runner.run("MIGRATE 127.0.0.1 1 a 0 10");
  runner.run("MIGRATE 127.0.0.1 1 missing 0 10");
  assertEquals(
    runner.run("EXEC"),
    "*2\r\n-ERR MIGRATE has to wait for the target, and cannot be used inside of a transaction or a script\r\n+NOKEY\r\n",
  );
});

import { assertEquals } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";

Deno.test("PUBLISH is passed on to replicas though nobody listens, and not to a file", () => {
  const runner = new CommandRunner();
  const isForReplicasOnly: boolean[] = [];
  runner.server.router.effects.listen(({ runs }) => {
    isForReplicasOnly.push(...runs.map((run) => run.isForReplicasOnly));
  });
  assertEquals(runner.run("PUBLISH c m"), ":0\r\n");
  assertEquals(runner.run("SPUBLISH c m"), ":0\r\n");
  assertEquals(runner.takeEffects(), ["PUBLISH c m", "SPUBLISH c m"]);
  assertEquals(isForReplicasOnly, [true, true]);
});

Deno.test("PUBLISH in a transaction keeps MULTI and EXEC for those who leave it out", () => {
  const runner = new CommandRunner();
  const left: string[] = [];
  runner.server.router.effects.listen(({ bytes, runs }) => {
    for (const { start, end, isForReplicasOnly } of runs) {
      if (isForReplicasOnly) continue;
      left.push(new TextDecoder().decode(bytes.subarray(start, end)));
    }
  });
  runner.run("SET a 1");
  left.length = 0;
  runner.takeEffects();
  for (const command of ["MULTI", "PUBLISH c m", "INCR a", "EXEC"]) {
    runner.run(command);
  }
  assertEquals(runner.takeEffects(), [
    "MULTI",
    "PUBLISH c m",
    "INCR a",
    "EXEC",
  ]);
  assertEquals(
    left.join(""),
    "*1\r\n$5\r\nMULTI\r\n*2\r\n$4\r\nINCR\r\n$1\r\na\r\n*1\r\n$4\r\nEXEC\r\n",
  );
});

Deno.test("subscriptions and topics are gone when the last one ends", () => {
  const runner = new CommandRunner();
  const { topics } = runner.server.parts.pubsub;
  runner.run("HELLO 3");
  runner.run("SUBSCRIBE a b");
  runner.run("PSUBSCRIBE p");
  runner.run("SSUBSCRIBE s");
  assertEquals(sizes(topics), [2, 1, 1]);
  assertEquals(
    runner.run("UNSUBSCRIBE"),
    ">3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:2\r\n" +
      ">3\r\n$11\r\nunsubscribe\r\n$1\r\nb\r\n:1\r\n",
  );
  assertEquals(sizes(topics), [0, 1, 1]);
  runner.run("RESET");
  assertEquals(sizes(topics), [0, 0, 0]);
});

Deno.test("what a client causes itself follows the reply of its command", () => {
  const runner = new CommandRunner();
  runner.run("HELLO 3");
  runner.run("SUBSCRIBE a");
  assertEquals(
    runner.run("PUBLISH a m"),
    ":1\r\n>3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nm\r\n",
  );
  runner.run("MULTI");
  runner.run("PUBLISH a 1");
  runner.run("PUBLISH a 2");
  assertEquals(
    runner.run("EXEC"),
    "*2\r\n:1\r\n:1\r\n" +
      ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\n1\r\n" +
      ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\n2\r\n",
  );
});

Deno.test("a large message is sent from where it is", () => {
  const runner = new CommandRunner();
  const large = "x".repeat(100_000);
  runner.run("HELLO 3");
  runner.run("SUBSCRIBE a");
  assertEquals(
    runner.runWords("PUBLISH", "a", large),
    `:1\r\n>3\r\n$7\r\nmessage\r\n$1\r\na\r\n$100000\r\n${large}\r\n`,
  );
});

function sizes(topics: Record<string, ReadonlyMap<string, unknown>>): number[] {
  return ["channels", "patterns", "shardChannels"].map((kind) =>
    topics[kind].size
  );
}

Deno.test("messages of one turn reach a subscriber before the reply of its next command", () => {
  const runner = new CommandRunner();
  const { pubsub } = runner.server.parts;
  const bytes = (text: string) => new TextEncoder().encode(text);
  runner.run("HELLO 3");
  runner.run("SUBSCRIBE a");
  runner.run("MULTI");
  runner.run("PUBLISH b 1");
  runner.run("PING");
  // As another client's command does in the same turn.
  assertEquals(pubsub.publish(bytes("a"), bytes("m")), 1);
  assertEquals(
    runner.run("EXEC"),
    ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nm\r\n*2\r\n:0\r\n+PONG\r\n",
  );
  pubsub.publish(bytes("a"), bytes("n"));
  assertEquals(
    runner.run("UNSUBSCRIBE a"),
    ">3\r\n$7\r\nmessage\r\n$1\r\na\r\n$1\r\nn\r\n" +
      ">3\r\n$11\r\nunsubscribe\r\n$1\r\na\r\n:0\r\n",
  );
});

Deno.test("a message to another topic ends what is collected for the first", async () => {
  const runner = new CommandRunner();
  const { pubsub } = runner.server.parts;
  const bytes = (text: string) => new TextEncoder().encode(text);
  runner.run("HELLO 3");
  runner.run("SUBSCRIBE a b");
  for (const text of ["a1", "a2", "b3", "a4"]) {
    pubsub.publish(bytes(text[0]), bytes(text));
  }
  await Promise.resolve();
  const received = [...runner.run("PING").matchAll(/\r\n([ab]\d)\r\n/g)];
  assertEquals(received.map(([, text]) => text), ["a1", "a2", "b3", "a4"]);
});

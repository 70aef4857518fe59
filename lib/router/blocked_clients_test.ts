import { assertEquals } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";
import type { Client } from "../net/client.ts";

/** A runner whose server has no timer left behind; clients that wait in it. */
function withWaiting(
  commands: readonly string[],
  act: (runner: CommandRunner, clients: Client[]) => void,
): void {
  const runner = new CommandRunner();
  const clients = commands.map((command) => {
    const client = runner.newClient();
    assertEquals(runner.runAs(client, command), "");
    return client;
  });
  try {
    act(runner, clients);
  } finally {
    runner.server.parts.blocked.stop();
  }
}

Deno.test("each served client is a unit of its own, behind what served it", () => {
  withWaiting(
    ["BLMOVE a b LEFT RIGHT 0", "BLPOP b 0", "BLPOP a 0", "BRPOP a 0"],
    (runner, clients) => {
      runner.run("MULTI");
      runner.run("RPUSH a 1 2");
      runner.run("SET s v");
      runner.run("EXEC");
      assertEquals(runner.takeEffects(), [
        "MULTI",
        "RPUSH a 1 2",
        "SET s v",
        "EXEC",
        "lmove a b LEFT RIGHT",
        "lpop a",
        "lpop b",
      ]);
      assertEquals(clients.map((client) => runner.sentTo(client)), [
        "$1\r\n1\r\n",
        "*2\r\n$1\r\nb\r\n$1\r\n1\r\n",
        "*2\r\n$1\r\na\r\n$1\r\n2\r\n",
        "",
      ]);
      assertEquals(clients.map(({ isBlocked }) => isBlocked), [
        false,
        false,
        false,
        true,
      ]);
    },
  );
});

Deno.test("who waits for several keys is served once", () => {
  withWaiting(["BLPOP a b c 0"], (runner, [client]) => {
    runner.run("MULTI");
    for (const key of ["c", "b", "a"]) runner.run(`RPUSH ${key} ${key}`);
    runner.run("EXEC");
    assertEquals(
      runner.sentTo(client),
      "*2\r\n$1\r\na\r\n$1\r\na\r\n",
    );
    assertEquals(runner.run("EXISTS a b c"), ":2\r\n");
    assertEquals(runner.server.parts.blocked.keyCount(), 0);
  });
});

Deno.test("a wait keeps its deadline while others are served", () => {
  withWaiting(["BLMOVE a b LEFT LEFT 1", "BLPOP a 2"], (runner, clients) => {
    const { blocked } = runner.server.parts;
    runner.clock.advance(900);
    // The first takes the element, the second waits on.
    runner.run("RPUSH a 1");
    runner.sentTo(clients[0]);
    runner.clock.advance(1099);
    blocked.expire();
    assertEquals(runner.sentTo(clients[1]), "");
    runner.clock.advance(1);
    blocked.expire();
    assertEquals(runner.sentTo(clients[1]), "*-1\r\n");
    assertEquals(blocked.size, 0);
  });
});

Deno.test("a wait that ends by its time, or with an error, counts as a call", () => {
  withWaiting(["BLPOP a 1", "BLPOP a 0"], (runner, [first, second]) => {
    const { blocked, stats } = runner.server.parts;
    const command = first.lastCommand!;
    const before = stats.commandsProcessed;
    assertEquals(command.calls, 0);
    runner.clock.advance(1000);
    blocked.expire();
    assertEquals([command.calls, command.failedCalls], [1, 0]);
    assertEquals(runner.sentTo(first), "*-1\r\n");
    assertEquals(blocked.unblock(second), true);
    assertEquals([command.calls, command.failedCalls], [2, 1]);
    assertEquals(stats.errors.get("UNBLOCKED"), 1);
    assertEquals(stats.commandsProcessed, before + 2);
    assertEquals(
      runner.sentTo(second),
      "-UNBLOCKED client unblocked via CLIENT UNBLOCK\r\n",
    );
  });
});

Deno.test("a list that has expired when its turn comes is left alone", () => {
  withWaiting(["BLPOP a 0"], (runner, [client]) => {
    runner.run("MULTI");
    runner.run("RPUSH a 1");
    runner.run("PEXPIRE a 100");
    runner.clock.stepMs = 60;
    runner.run("EXEC");
    runner.clock.stepMs = 0;
    assertEquals([runner.sentTo(client), client.isBlocked], ["", true]);
    assertEquals(runner.takeEffects().includes("DEL a"), false);
    assertEquals(runner.run("EXISTS a"), ":0\r\n");
    assertEquals(runner.takeEffects(), ["DEL a"]);
  });
});

Deno.test("a client whose replies are off is not answered when its time is over", () => {
  withWaiting([], (runner) => {
    const client = runner.newClient();
    runner.runAs(client, "CLIENT REPLY OFF");
    runner.runAs(client, "BLPOP a 1");
    runner.clock.advance(1000);
    runner.server.parts.blocked.expire();
    assertEquals([runner.sentTo(client), client.isBlocked], ["", false]);
  });
});

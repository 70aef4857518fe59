import { assertEquals } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";

Deno.test("TIME tells the clock's seconds and microseconds", () => {
  const runner = new CommandRunner();
  const seconds = Math.floor(runner.clock.nowMs() / 1000) + 10;
  runner.clock.advance(seconds * 1000 + 7 - runner.clock.nowMs());
  assertEquals(
    runner.run("time"),
    `*2\r\n$${String(seconds).length}\r\n${seconds}\r\n$4\r\n7000\r\n`,
  );
});

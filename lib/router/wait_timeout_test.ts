import { assertEquals } from "@std/assert";
import { argsOf } from "../../tests/support/args_of.ts";
import type { CommandError } from "./command_error.ts";
import { secondsToWait } from "./wait_timeout.ts";

const NOW = 1_700_000_000_000;

Deno.test("secondsToWait rounds fractions of a millisecond up", () => {
  for (
    const [text, timeoutMs] of [
      ["0", 0],
      ["1", 1000],
      ["0.1", 100],
      ["0.0001", 1],
      ["2.5e1", 25000],
      ["-0.0000001", -0],
    ] as const
  ) {
    assertEquals([text, secondsToWait(argsOf(text), 0, NOW)], [
      text,
      timeoutMs,
    ]);
  }
});

Deno.test("secondsToWait refuses what is no time", () => {
  for (
    const [text, message] of [
      ["x", "ERR timeout is not a float or out of range"],
      ["", "ERR timeout is not a float or out of range"],
      ["-1", "ERR timeout is negative"],
      ["-inf", "ERR timeout is negative"],
      ["inf", "ERR timeout is out of range"],
      ["9223372036854775", "ERR timeout is out of range"],
    ] as const
  ) {
    let thrown: unknown;
    try {
      secondsToWait(argsOf(text), 0, NOW);
    } catch (error) {
      thrown = error;
    }
    assertEquals(
      [text, (thrown as CommandError | undefined)?.text],
      [text, message],
    );
  }
});

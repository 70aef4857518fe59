import { assertEquals } from "@std/assert";
import {
  assertChanges,
  type ChangeCase,
} from "../../tests/support/change_cases.ts";
import { CommandRunner } from "../../tests/support/command_runner.ts";

/** A command after `PFADD k a` and `PFADD other b`, how many changes it counts, its events. */
const CHANGES: readonly ChangeCase[] = [
  ["PFADD k a", 0, []],
  ["PFADD k b c", 2, ["pfadd k"]],
  ["PFADD new", 1, ["new new", "pfadd new"]],
  ["PFADD new a b", 3, ["new new", "pfadd new"]],
  ["PFCOUNT k", 1, [" k"]],
  ["PFCOUNT k other", 0, []],
  ["PFMERGE k other", 1, ["pfadd k"]],
  ["PFMERGE new", 1, ["new new", "pfadd new"]],
  ["PFDEBUG ENCODING k", 0, []],
  ["PFDEBUG GETREG k", 1, []],
  ["PFDEBUG TODENSE k", 1, []],
];

Deno.test("HyperLogLogs tell of their changes and pass them on, cached counts too", () => {
  assertChanges(["PFADD k a", "PFADD other b"], CHANGES);
});

Deno.test("a count that is kept is not computed again", () => {
  const runner = new CommandRunner();
  runner.run("PFADD k a b");
  assertEquals(runner.run("PFCOUNT k"), ":2\r\n");
  runner.runWords("SETRANGE", "k", "8", "\x05");
  runner.takeEffects();
  assertEquals(runner.run("PFCOUNT k"), ":5\r\n");
  assertEquals(runner.takeEffects(), []);
  runner.run("PFADD k a");
  assertEquals(runner.run("PFCOUNT k"), ":5\r\n");
  runner.run("PFADD k c");
  assertEquals(runner.run("PFCOUNT k"), ":3\r\n");
});

import { assertEquals } from "@std/assert";
import {
  assertChanges,
  type ChangeCase,
} from "../../tests/support/change_cases.ts";
import { CommandRunner } from "../../tests/support/command_runner.ts";

/** A command on a string `k` of "1", how many changes it counts, and its events. */
const CHANGES: readonly ChangeCase[] = [
  ["SETBIT k 6 1", 1, ["setbit k"]],
  ["SETBIT k 7 1", 0, []],
  ["SETBIT k 8 0", 1, ["setbit k"]],
  ["SETBIT new 0 0", 1, ["new new", "setbit new"]],
  ["GETBIT k 0", 0, []],
  ["BITCOUNT k", 0, []],
  ["BITPOS k 1", 0, []],
  ["BITOP NOT k k", 1, ["set k"]],
  ["BITOP NOT new k", 1, ["new new", "set new"]],
  ["BITOP OR k missing", 1, ["del k"]],
  ["BITOP OR new missing", 0, []],
  ["BITFIELD k GET u8 0", 0, []],
  ["BITFIELD k SET u8 0 49", 0, []],
  ["BITFIELD k SET u8 0 50 INCRBY u8 0 1", 2, ["setbit k"]],
  ["BITFIELD k SET u8 #1 0 SET u8 #1 0", 2, ["setbit k"]],
  ["BITFIELD k OVERFLOW FAIL SET u8 0 256", 0, []],
  ["BITFIELD new OVERFLOW FAIL SET u8 0 256", 0, ["new new"]],
];

Deno.test("bits that stay as they are count as no change and are not passed on", () => {
  assertChanges(["SET k 1"], CHANGES);
});

Deno.test("bits can be set up to the longest string that clients may make", () => {
  const runner = new CommandRunner();
  runner.run("CONFIG SET proto-max-bulk-len 1048576");
  assertEquals(runner.run("SETBIT k 8388607 1"), ":0\r\n");
  assertEquals(
    runner.run("SETBIT k 8388608 1"),
    "-ERR bit offset is not an integer or out of range\r\n",
  );
});

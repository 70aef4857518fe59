import { assertEquals } from "@std/assert";
import {
  assertChanges,
  type ChangeCase,
} from "../../tests/support/change_cases.ts";
import { CommandRunner } from "../../tests/support/command_runner.ts";

/** A command on a list `l` of 3 1 2 and a list `d`, how many changes it counts, its events. */
const CHANGES: readonly ChangeCase[] = [
  ["SORT l", 0, []],
  ["SORT_RO l", 0, []],
  ["SORT l STORE d", 3, ["sortstore d"]],
  ["SORT l STORE new", 3, ["new new", "sortstore new"]],
  ["SORT l GET # GET x* LIMIT 0 2 STORE d", 4, ["sortstore d"]],
  ["SORT missing STORE d", 1, ["del d"]],
  ["SORT missing STORE new", 0, []],
  ["SORT l STORE l", 3, ["sortstore l"]],
];

Deno.test("SORT counts what it stores, tells of it and passes itself on", () => {
  assertChanges(["RPUSH l 3 1 2", "RPUSH d x"], CHANGES);
});

Deno.test("SORT counts the keys that its patterns name as hits and misses", () => {
  const runner = new CommandRunner();
  runner.run("RPUSH l 1 2 3");
  runner.run("SET w:1 5");
  const { stats } = runner.server.parts.keyspace;
  const { hits, misses } = stats;
  runner.run("SORT l BY w:* GET w:* GET #");
  assertEquals([stats.hits - hits, stats.misses - misses], [3, 4]);
});

Deno.test("keys that have expired while a list is sorted are missing", () => {
  const runner = new CommandRunner();
  runner.run("RPUSH l 1 2 3");
  runner.run("MSET w:1 3 w:2 2 w:3 1");
  runner.run("PEXPIRE w:1 10");
  runner.clock.advance(20);
  assertEquals(
    runner.run("SORT l BY w:* GET w:*"),
    "*3\r\n$-1\r\n$1\r\n1\r\n$1\r\n2\r\n",
  );
});

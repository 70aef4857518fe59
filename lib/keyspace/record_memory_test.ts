import { assert, assertEquals } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import { recordMemoryBytes } from "./record_memory.ts";

function usage(key: string, ...options: string[]): number {
  const runner = new CommandRunner();
  runner.runWords("set", key, ...options);
  const { database } = runner;
  return recordMemoryBytes(database, database.peekKey(bytesOfText(key)));
}

Deno.test("a small string takes its record, in units of 16 bytes, and a slot", () => {
  // Three words of header, a word of key, four words of value.
  assertEquals(usage("k", "v".repeat(16)), 32 + 8);
  assertEquals(usage("k", "v".repeat(17)), 48 + 8);
});

Deno.test("an expiry takes two words and a slot in the second table", () => {
  assertEquals(usage("k", "v".repeat(16), "ex", "100"), 48 + 16);
});

Deno.test("a large value and a large key count with all their bytes", () => {
  const large = usage("k", "v".repeat(100_000));
  assert(large > 100_000 && large < 101_000, `${large}`);
  const both = usage("k".repeat(20_000), "v".repeat(100_000));
  // The value keeps the buffer of its command, in which the key is too.
  assert(both > 140_000 && both < 141_000, `${both}`);
});

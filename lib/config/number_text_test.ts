import { assertEquals } from "@std/assert";
import {
  formatMemory,
  parseLenientInteger,
  parseMemory,
  parseOctal,
  parseStrictInteger,
} from "./number_text.ts";

type Rows = readonly (readonly [string, bigint | undefined])[];

function check(parse: (text: string) => bigint | undefined, rows: Rows): void {
  for (const [text, value] of rows) {
    assertEquals(parse(text), value, JSON.stringify(text));
  }
}

Deno.test("parseStrictInteger takes only what Redis would print", () => {
  check(parseStrictInteger, [
    ["0", 0n],
    ["-1", -1n],
    ["9223372036854775807", 9223372036854775807n],
    ["-9223372036854775808", -9223372036854775808n],
    ["9223372036854775808", undefined],
    ["-0", undefined],
    ["+1", undefined],
    ["01", undefined],
    ["", undefined],
    [" 1", undefined],
    ["1e3", undefined],
    ["0x10", undefined],
    ["1\n", undefined],
  ]);
});

Deno.test("parseLenientInteger reads as strtoll does", () => {
  check(parseLenientInteger, [
    ["", 0n],
    [" \t+007", 7n],
    ["-3", -3n],
    ["99999999999999999999", 9223372036854775807n],
    ["-99999999999999999999", -9223372036854775808n],
    ["1 ", undefined],
    ["x", undefined],
    ["+", undefined],
  ]);
});

Deno.test("parseOctal reads octal digits", () => {
  check(parseOctal, [
    ["", 0n],
    ["777", 511n],
    ["-1", -1n],
    ["8", undefined],
  ]);
});

Deno.test("parseMemory knows units of 1000 and of 1024", () => {
  check(parseMemory, [
    ["", 0n],
    ["100", 100n],
    ["1b", 1n],
    ["1k", 1000n],
    ["1KB", 1024n],
    ["2m", 2000000n],
    ["2mb", 2097152n],
    ["3G", 3000000000n],
    ["1gb", 1073741824n],
    ["18446744073709551616", 18446744073709551615n],
    ["18446744073709551615k", 18446744073709550616n],
    ["-1", undefined],
    ["1tb", undefined],
    ["1 kb", undefined],
    ["kb1", undefined],
    ["1".repeat(128), undefined],
  ]);
});

Deno.test("formatMemory writes the largest unit that fits", () => {
  assertEquals(formatMemory(0n), "0");
  assertEquals(formatMemory(1023n), "1023");
  assertEquals(formatMemory(1024n), "1kb");
  assertEquals(formatMemory(3n * 1024n ** 2n), "3mb");
  assertEquals(formatMemory(1025n * 1024n ** 3n), "1025gb");
});

import { assertEquals } from "@std/assert";
import { globMatch, isGlob } from "./glob.ts";

const bytes = (text: string) =>
  Uint8Array.from(text, (char) => char.charCodeAt(0));

function matches(pattern: string, text: string, ignoreCase = false): boolean {
  return globMatch(bytes(pattern), bytes(text), ignoreCase);
}

/** Rows of pattern, text and whether Redis 7.2 matches them. */
const CASES: readonly (readonly [string, string, boolean])[] = [
  ["", "", true],
  ["", "a", false],
  ["*", "", false],
  ["**", "", false],
  ["*", "a", true],
  ["a", "a", true],
  ["a", "b", false],
  ["a", "ab", false],
  ["ab", "a", false],
  ["h?llo", "hello", true],
  ["h?llo", "hllo", false],
  ["?", "ab", false],
  ["h*llo", "heeeello", true],
  ["h*llo", "hllo", true],
  ["h*l*o", "hello world, oh no", true],
  ["h*l*o", "hello world, oh yes", false],
  ["*a", "banana", true],
  ["*ana", "banana", true],
  ["a**b***", "axb", true],
  ["h[ae]llo", "hallo", true],
  ["h[ae]llo", "hillo", false],
  ["h[^e]llo", "hallo", true],
  ["h[^e]llo", "hello", false],
  ["h[a-b]llo", "hbllo", true],
  ["h[b-a]llo", "hallo", true],
  ["h[a-b]llo", "hcllo", false],
  ["[a-]", "-", false],
  ["[a-]", "_", true],
  ["[a-z", "b", true],
  ["[abc", "c", true],
  ["[", "[", false],
  ["[]", "]", false],
  ["[^]", "a", true],
  ["[\\]]", "]", true],
  ["[\\", "\\", true],
  ["\\*", "*", true],
  ["\\*", "a", false],
  ["\\a", "a", true],
  ["a\\", "a\\", true],
  ["*\\?*", "what?", true],
  ["[a-\xff]", "0", true],
  ["[a-\xff]", "b", false],
  ["\x00*\xff", "\x00\x80\xff", true],
];

Deno.test("globMatch decides as Redis does", () => {
  for (const [pattern, text, expected] of CASES) {
    assertEquals(matches(pattern, text), expected, `${pattern} on ${text}`);
  }
});

Deno.test("globMatch folds ASCII letters when the case is ignored", () => {
  assertEquals(matches("MAX*", "maxmemory"), false);
  assertEquals(matches("MAX*", "maxmemory", true), true);
  assertEquals(matches("[A-C]x", "bX", true), true);
  assertEquals(matches("[\\A]", "a", true), false);
  assertEquals(matches("\xc9", "\xe9", true), false);
});

Deno.test("globMatch answers at once on a pattern made to backtrack", () => {
  const text = "a".repeat(10_000);
  assertEquals(matches("a*".repeat(500) + "b", text), false);
  assertEquals(matches("*a".repeat(500), text), true);
});

Deno.test("globMatch gives a pattern up after 1000 stars", () => {
  const text = "a".repeat(2000);
  assertEquals(matches("*a".repeat(1000), text), true);
  assertEquals(matches("*a".repeat(1001), text), false);
  assertEquals(matches("*a".repeat(1000) + "*", text), true);
});

Deno.test("isGlob sees the characters that CONFIG GET takes as a pattern", () => {
  assertEquals(isGlob(bytes("maxmemory")), false);
  assertEquals(isGlob(bytes("max*")), true);
  assertEquals(isGlob(bytes("ma?")), true);
  assertEquals(isGlob(bytes("[m]")), true);
  assertEquals(isGlob(bytes("a\\")), false);
});

import { assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import { bytesOfText, textOfBytes } from "../resp/byte_text.ts";
import { LcsTable } from "./lcs_table.ts";

function tableOf(first: string, second: string): LcsTable {
  return LcsTable.of(bytesOfText(first), bytesOfText(second))!;
}

/** Two strings and the common subsequence that redis-server 7.2 answers. */
const COMMON: readonly (readonly [string, string, string])[] = [
  ["", "", ""],
  ["abc", "", ""],
  ["abc", "xyz", ""],
  ["ohmytext", "mynewtext", "mytext"],
  ["abc", "abc", "abc"],
  ["ab", "ba", "b"],
  ["abcbdab", "bdcaba", "bdab"],
  ["\x00\xffa", "\xff\x00a", "\xffa"],
];

Deno.test("the longest common subsequence is the one that Redis takes", () => {
  for (const [first, second, common] of COMMON) {
    const table = tableOf(first, second);
    assertEquals(
      [first, second, textOfBytes(table.common())],
      [first, second, common],
    );
    assertEquals(table.length, common.length);
  }
});

Deno.test("matches are runs of both strings, the last first", () => {
  assertEquals([...tableOf("ohmytext", "mynewtext").matches()], [
    { first: 4, second: 5, length: 4 },
    { first: 2, second: 0, length: 2 },
  ]);
  assertEquals([...tableOf("abc", "xyz").matches()], []);
  assertEquals([...tableOf("aXb", "aYb").matches()], [
    { first: 2, second: 2, length: 1 },
    { first: 0, second: 0, length: 1 },
  ]);
});

Deno.test(`what is found is common to both, and no shorter than by brute force, seed ${TEST_SEED}`, () => {
  const random = new Random(TEST_SEED);
  const word = () =>
    random.repeat(random.below(9), () => random.pick(["a", "b", "c"])).join("");
  for (let i = 0; i < 500; i++) {
    const first = word(), second = word();
    const common = textOfBytes(tableOf(first, second).common());
    assertEquals([first, isWithin(common, first)], [first, true]);
    assertEquals([second, isWithin(common, second)], [second, true]);
    const longest = Math.max(
      ...subsequences(first).filter((part) => isWithin(part, second))
        .map((part) => part.length),
    );
    assertEquals([first, second, common.length], [first, second, longest]);
  }
});

/** Whether the characters of `part` are in `text` in their order. */
function isWithin(part: string, text: string): boolean {
  let at = 0;
  for (const character of text) if (character === part[at]) at++;
  return at === part.length;
}

function subsequences(text: string): string[] {
  if (text === "") return [""];
  const rest = subsequences(text.slice(1));
  return [...rest, ...rest.map((part) => text[0] + part)];
}

Deno.test("the memory of a table is known before it is made", () => {
  assertEquals(LcsTable.byteLength(0, 0), 4);
  assertEquals(LcsTable.byteLength(9, 19), 800);
  assertEquals(
    LcsTable.of(new Uint8Array(2 ** 20), new Uint8Array(2 ** 20)),
    undefined,
  );
});

import {
  assert,
  assertEquals,
  AssertionError,
  assertNotEquals,
  assertRejects,
  assertStringIncludes,
  assertThrows,
} from "@std/assert";
import {
  concat,
  copy,
  endsWith,
  equals,
  indexOfNeedle,
  startsWith,
} from "@std/bytes";
import { parseArgs } from "@std/cli";

// These hold for the stand-ins and for the real packages alike.

Deno.test("assertEquals compares bytes, maps and nested arrays deeply", () => {
  assertEquals(Uint8Array.of(1, 2), Uint8Array.of(1, 2));
  assertEquals(
    new Map([["a", [1, { b: 2 }]]]),
    new Map([["a", [1, { b: 2 }]]]),
  );
  assertNotEquals(Uint8Array.of(1, 2), Uint8Array.of(1, 3));
  assertNotEquals(new Map([["a", 1]]), new Map([["a", 2]]));
  const error = assertThrows(
    () => assertEquals<unknown>(["one", "two"], ["one", "three"], "the note"),
    AssertionError,
    "the note",
  );
  assertStringIncludes(error.message, "two");
  assertStringIncludes(error.message, "three");
});

Deno.test("assertThrows wants the class and the text", () => {
  const thrown = new RangeError("too far");
  assert(
    assertThrows(
      () => {
        throw thrown;
      },
      RangeError,
      "far",
    ) === thrown,
  );
  for (
    const wrong of [
      () => assertThrows(() => {}),
      () =>
        assertThrows(() => {
          throw thrown;
        }, TypeError),
      () =>
        assertThrows(
          () => {
            throw thrown;
          },
          RangeError,
          "near",
        ),
    ]
  ) {
    assertThrows(wrong, AssertionError);
  }
});

Deno.test("assertRejects wants a promise that rejects", async () => {
  await assertRejects(() => Promise.reject(new RangeError("far")), RangeError);
  await assertRejects(
    () => assertRejects(() => Promise.resolve(1)),
    AssertionError,
  );
  await assertRejects(
    () =>
      assertRejects(() => {
        throw new RangeError("far");
      }, RangeError),
    AssertionError,
  );
});

Deno.test("bytes are joined, copied, compared and found", () => {
  const bytes = concat([Uint8Array.of(1, 2), Uint8Array.of(3, 1, 2)]);
  assertEquals(bytes, Uint8Array.of(1, 2, 3, 1, 2));
  assert(equals(bytes, Uint8Array.from(bytes)));
  assert(!equals(bytes, bytes.subarray(1)));
  assert(startsWith(bytes, Uint8Array.of(1, 2)));
  assert(!startsWith(bytes.subarray(0, 1), Uint8Array.of(1, 2)));
  assert(endsWith(bytes, Uint8Array.of(1, 2)));
  assert(!endsWith(Uint8Array.of(2), Uint8Array.of(1, 2)));
  const needle = Uint8Array.of(1, 2);
  assertEquals(indexOfNeedle(bytes, needle), 0);
  assertEquals(indexOfNeedle(bytes, needle, 1), 3);
  assertEquals(indexOfNeedle(bytes, needle, -2), 3);
  assertEquals(indexOfNeedle(bytes, needle, -1), -1);
  assertEquals(indexOfNeedle(bytes.subarray(1), needle), 2);
  assertEquals(indexOfNeedle(bytes, new Uint8Array(0)), -1);
  const target = new Uint8Array(3);
  assertEquals(copy(bytes, target, 1), 2);
  assertEquals(target, Uint8Array.of(0, 1, 2));
});

Deno.test("parseArgs reads flags, values, repeats and defaults", () => {
  const unknown: string[] = [];
  const args = parseArgs(
    ["--json", "--size=3", "--suite", "a", "--suite", "b", "--odd"],
    {
      boolean: ["json", "markdown"],
      string: ["size", "suite", "rounds", "target"],
      collect: ["suite"],
      default: { rounds: "5" },
      unknown: (name) => (unknown.push(name), false),
    },
  );
  const { json, markdown, size, suite, rounds, target } = args;
  assertEquals({ json, markdown, size, suite, rounds, target }, {
    json: true,
    markdown: false,
    size: "3",
    suite: ["a", "b"],
    rounds: "5",
    target: undefined,
  });
  assertEquals(unknown, ["--odd"]);
});

/** SCAN: cursors, filters, and its promise while keys come and go. */
import { error, OK, satisfying, unordered } from "../support/expectation.ts";
import { payloadText } from "../support/reply_text.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import type { Conversation } from "./conversation.ts";
import { NOT_AN_INTEGER, SYNTAX } from "./expected_replies.ts";

const INVALID_CURSOR = error("ERR invalid cursor");

/** Scans from start to end; answers every key as often as it was returned. */
async function scanAll(
  t: Conversation,
  options = "",
  between?: () => Promise<void>,
) {
  const keys: string[] = [];
  let cursor = "0";
  do {
    const reply = await t.call(`SCAN ${cursor} ${options}`);
    if (reply.type !== "array" || reply.items[1].type !== "array") {
      throw new Error("SCAN answered no pair of cursor and keys");
    }
    cursor = payloadText(reply.items[0])!;
    for (const key of reply.items[1].items) keys.push(payloadText(key)!);
    await between?.();
  } while (cursor !== "0");
  return keys;
}

async function fill(
  t: Conversation,
  count: number,
  prefix = "key:",
): Promise<string[]> {
  const keys = Array.from({ length: count }, (_, i) => `${prefix}${i}`);
  await t.expect(["MSET", ...keys.flatMap((key) => [key, "v"])], OK);
  return keys;
}

function expectSame(
  found: Iterable<string>,
  expected: Iterable<string>,
  what: string,
): void {
  const [left, right] = [found, expected].map((keys) =>
    [...new Set(keys)].sort().join(" ")
  );
  if (left !== right) {
    throw new Error(`${what}\n  expected: ${right}\n  answered: ${left}`);
  }
}

const whole: ConformanceCase[] = [
  {
    name: "SCAN returns every key, in steps",
    covers: ["scan"],
    run: async (t) => {
      const keys = await fill(t, 1000);
      expectSame(await scanAll(t), keys, "SCAN");
      expectSame(await scanAll(t, "COUNT 7"), keys, "SCAN COUNT 7");
      expectSame(await scanAll(t, "COUNT 100000"), keys, "SCAN COUNT 100000");
    },
  },
  {
    name: "SCAN of an empty database answers cursor 0 and nothing",
    steps: [["SCAN 0", ["0", []]], ["SCAN 17 MATCH * COUNT 5", ["0", []]]],
  },
  {
    name: "SCAN COUNT bounds the work of a step",
    covers: ["scan"],
    run: async (t) => {
      await fill(t, 1000);
      await t.expect(
        "SCAN 0 COUNT 10",
        satisfying(
          "some of the keys and a cursor to go on",
          (reply) =>
            reply.type === "array" && payloadText(reply.items[0]) !== "0" &&
            reply.items[1].type === "array" &&
            reply.items[1].items.length < 100,
        ),
      );
    },
  },
  {
    name:
      "SCAN returns every key that was there from start to end while others come and go",
    covers: ["scan"],
    run: async (t) => {
      const keys = await fill(t, 500, "stays:");
      let round = 0;
      const found = await scanAll(t, "COUNT 20", async () => {
        await fill(t, 200, `new:${round}:`);
        if (round > 0) {
          const old = Array.from(
            { length: 200 },
            (_, i) => `new:${round - 1}:${i}`,
          );
          await t.expect(["DEL", ...old], 200);
        }
        round++;
      });
      expectSame(
        found.filter((key) => key.startsWith("stays:")),
        keys,
        "SCAN during changes",
      );
    },
  },
];

const filters: ConformanceCase[] = [
  {
    name: "SCAN MATCH returns the keys that match",
    covers: ["scan"],
    run: async (t) => {
      await fill(t, 300);
      const expected = Array.from({ length: 10 }, (_, i) => `key:1${i}`);
      expectSame(
        await scanAll(t, "MATCH key:1?"),
        expected,
        "SCAN MATCH key:1?",
      );
      expectSame(await scanAll(t, "MATCH nothing*"), [], "SCAN MATCH nothing*");
      expectSame(
        await scanAll(t, "match key:7 count 1000"),
        ["key:7"],
        "SCAN MATCH key:7",
      );
    },
  },
  {
    name: "SCAN TYPE returns the keys of a type",
    covers: ["scan"],
    run: async (t) => {
      const keys = await fill(t, 20);
      expectSame(await scanAll(t, "TYPE string"), keys, "SCAN TYPE string");
      expectSame(
        await scanAll(t, "TYPE STRING MATCH key:1 COUNT 9"),
        ["key:1"],
        "TYPE, MATCH",
      );
      expectSame(await scanAll(t, "TYPE hash"), [], "SCAN TYPE hash");
      expectSame(await scanAll(t, "TYPE no-type"), [], "SCAN TYPE no-type");
    },
  },
  {
    name: "SCAN leaves out expired keys",
    steps: [
      ["MSET a 1 b 2", OK],
      ["PEXPIREAT a 1", 1],
      ["SCAN 0 COUNT 100", ["0", ["b"]]],
    ],
  },
  {
    name: "SCAN takes the last of an option given twice",
    steps: [
      ["MSET a 1 b 2", OK],
      ["SCAN 0 MATCH a MATCH b COUNT 1 COUNT 100", ["0", ["b"]]],
      ["SCAN 0 COUNT 100", ["0", unordered("a", "b")]],
    ],
  },
];

const errors: ConformanceCase[] = [
  {
    name: "SCAN refuses a cursor that is no number",
    steps: [
      ["SCAN x", INVALID_CURSOR],
      ["SCAN 1x", INVALID_CURSOR],
      ['SCAN " 0"', INVALID_CURSOR],
      ['SCAN "0 "', INVALID_CURSOR],
      ["SCAN 18446744073709551616", INVALID_CURSOR],
      ["SCAN 18446744073709551615", ["0", []]],
    ],
  },
  {
    name: "SCAN refuses wrong options",
    steps: [
      ["SCAN 0 COUNT 0", SYNTAX],
      ["SCAN 0 COUNT -1", SYNTAX],
      ["SCAN 0 COUNT x", NOT_AN_INTEGER],
      ["SCAN 0 COUNT", SYNTAX],
      ["SCAN 0 MATCH", SYNTAX],
      ["SCAN 0 TYPE", SYNTAX],
      ["SCAN 0 BAD x", SYNTAX],
    ],
  },
];

export const group: ConformanceGroup = {
  name: "scan",
  cases: [...whole, ...filters, ...errors],
};

/** Sets: members, encodings, algebra, scans and chance. */
import {
  error,
  type Expected,
  NULL,
  OK,
  oneOf,
  satisfying,
  set,
  unordered,
} from "../support/expectation.ts";
import { payloadText } from "../support/reply_text.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import { NOT_AN_INTEGER, SYNTAX } from "./expected_replies.ts";

const WRONG_TYPE = error(
  "WRONGTYPE Operation against a key holding the wrong kind of value",
);
const NOT_POSITIVE = error("ERR value is out of range, must be positive");

function numbers(count: number, from = 0): string[] {
  return Array.from({ length: count }, (_, i) => String(from + i));
}

/** So many different items, in an array or a set. */
function different(count: number): Expected {
  return satisfying(
    `${count} different items`,
    (reply) =>
      (reply.type === "array" || reply.type === "set") &&
      reply.items.length === count &&
      new Set(reply.items.map(payloadText)).size === count,
  );
}

const members: ConformanceCase[] = [
  {
    name: "SADD and SREM answer how many members came and went",
    steps: [
      ["SADD k a b a", 2],
      ["SADD k a", 0],
      ["SADD k c", 1],
      ["SCARD k", 3],
      ["SMEMBERS k", set("a", "b", "c")],
      ["SISMEMBER k a", 1],
      ["SISMEMBER k x", 0],
      ["SMISMEMBER k a x c", [1, 0, 1]],
      ["SREM k a x", 1],
      ["SREM k b c d", 2],
      ["EXISTS k", 0],
    ],
  },
  {
    name: "a set that is not there is empty",
    steps: [
      ["SCARD k", 0],
      ["SMEMBERS k", set()],
      ["SISMEMBER k a", 0],
      ["SMISMEMBER k a b", [0, 0]],
      ["SREM k a", 0],
      ["SPOP k", NULL],
      ["SPOP k 3", set()],
      ["SRANDMEMBER k", NULL],
      ["SRANDMEMBER k 3", []],
      ["SSCAN k 0", ["0", []]],
    ],
  },
  {
    name: "SMEMBERS answers an intset in ascending order",
    steps: [
      ["SADD k 10 -3 9 0 9223372036854775807 -9223372036854775808", 6],
      [
        "SRANDMEMBER k 100",
        [
          "-9223372036854775808",
          "-3",
          "0",
          "9",
          "10",
          "9223372036854775807",
        ],
      ],
    ],
  },
  {
    name: "SMOVE moves a member",
    steps: [
      ["SADD a 1 2", 2],
      ["SMOVE a b 1", 1],
      ["SMOVE a b 3", 0],
      ["SMOVE missing b 1", 0],
      ["SMOVE a a 2", 1],
      ["SMOVE a a 3", 0],
      ["SMOVE a b 2", 1],
      ["EXISTS a", 0],
      ["SMEMBERS b", set("1", "2")],
      ["SET s x", OK],
      ["SMOVE b s 1", WRONG_TYPE],
      ["SMOVE s b 1", WRONG_TYPE],
      ["SMOVE missing s 1", 0],
    ],
  },
  {
    name: "set commands refuse keys of other types",
    steps: [
      ["SET s x", OK],
      ["SADD s a", WRONG_TYPE],
      ["SREM s a", WRONG_TYPE],
      ["SMEMBERS s", WRONG_TYPE],
      ["SPOP s", WRONG_TYPE],
      ["SPOP s 2", WRONG_TYPE],
      ["SRANDMEMBER s 2", WRONG_TYPE],
      ["SINTER missing s", WRONG_TYPE],
      ["SUNIONSTORE d s", WRONG_TYPE],
      ["SINTERCARD 1 s", WRONG_TYPE],
      ["SSCAN s 0", WRONG_TYPE],
    ],
  },
  {
    name: "members are any bytes of any length",
    steps: [
      [["SADD", "k", "", "\x00\r\n", "\xff".repeat(300)], 3],
      [["SADD", "k", "x".repeat(50_000)], 1],
      [["SISMEMBER", "k", "x".repeat(50_000)], 1],
      [["SISMEMBER", "k", "\xff".repeat(300)], 1],
      ["SISMEMBER k ''", 1],
    ],
  },
];

const encodings: ConformanceCase[] = [
  {
    name: "a set's encoding follows its members",
    since: "7.2",
    steps: [
      ["SADD i 1 2 3", 3],
      ["OBJECT ENCODING i", "intset"],
      ["SADD i a", 1],
      ["OBJECT ENCODING i", "listpack"],
      ["SREM i a", 1],
      ["OBJECT ENCODING i", "listpack"],
      [["SADD", "i", "v".repeat(65)], 1],
      ["OBJECT ENCODING i", "hashtable"],
      [["SADD", "n", ...numbers(512)], 512],
      ["OBJECT ENCODING n", "intset"],
      ["SADD n 512", 1],
      ["OBJECT ENCODING n", "hashtable"],
      [["SADD", "l", "a", ...numbers(127)], 128],
      ["OBJECT ENCODING l", "listpack"],
      ["SADD l 127", 1],
      ["OBJECT ENCODING l", "hashtable"],
      [["SADD", "m", ...numbers(200)], 200],
      ["SADD m a", 1],
      ["OBJECT ENCODING m", "hashtable"],
    ],
  },
  {
    name: "a count of members converts a set in advance",
    since: "7.2",
    steps: [
      [["SADD", "l", "a", ...Array(128).fill("a")], 1],
      ["OBJECT ENCODING l", "hashtable"],
      ["SADD k 1", 1],
      [["SADD", "k", ...Array(513).fill("1")], 0],
      ["OBJECT ENCODING k", "hashtable"],
    ],
  },
  {
    name: "SINTERSTORE makes an intset when only integers are left",
    since: "7.2",
    steps: [
      ["SADD a 1 2 x", 3],
      ["SADD b 1 2 y", 3],
      ["SINTERSTORE d a b", 2],
      ["OBJECT ENCODING d", "intset"],
      ["SUNIONSTORE d a b", 4],
      ["OBJECT ENCODING d", "listpack"],
    ],
  },
  {
    name: "SPOP of nearly all members leaves a compact set",
    since: "7.2",
    steps: [
      [["SADD", "k", "a", ...numbers(299)], 300],
      ["OBJECT ENCODING k", "hashtable"],
      ["SPOP k 100", different(100)],
      ["OBJECT ENCODING k", "hashtable"],
      ["SPOP k 190", different(190)],
      ["OBJECT ENCODING k", "listpack"],
      ["SCARD k", 10],
    ],
  },
];

const algebra: ConformanceCase[] = [
  {
    name: "SINTER, SUNION and SDIFF answer sets",
    steps: [
      ["SADD a 1 2 3 x", 4],
      ["SADD b 2 3 4", 3],
      ["SADD c 3", 1],
      ["SINTER a b", set("2", "3")],
      ["SINTER a b c", set("3")],
      ["SINTER a a", set("1", "2", "3", "x")],
      ["SINTER a missing", set()],
      ["SUNION a b missing", set("1", "2", "3", "4", "x")],
      ["SDIFF a b", set("1", "x")],
      ["SDIFF a b missing c", set("1", "x")],
      ["SDIFF a a", set()],
      ["SDIFF missing a", set()],
      ["SDIFF c b a", set()],
    ],
  },
  {
    name: "large sets intersect with small and with large ones",
    steps: [
      [["SADD", "a", ...numbers(2000), "x"], 2001],
      [["SADD", "b", ...numbers(2000, 1995), "x"], 2001],
      ["SADD c 1 1996 y", 3],
      ["SINTER a b", set(...numbers(5, 1995), "x")],
      ["SINTER a b c", set("1996")],
      ["SINTERCARD 2 a b", 6],
      ["SDIFF c a", set("y")],
      ["SDIFFSTORE d a b", 1995],
      ["SUNIONSTORE u a b c", 3997],
      ["SINTERSTORE i u d", 1995],
    ],
  },
  {
    name: "the STORE forms replace what the key held, or delete it",
    steps: [
      ["SADD a 1 2", 2],
      ["SET d x EX 100", OK],
      ["SUNIONSTORE d a", 2],
      ["TTL d", -1],
      ["SINTERSTORE d a missing", 0],
      ["EXISTS d", 0],
      ["SDIFFSTORE d missing a", 0],
      ["SDIFFSTORE a a", 2],
      ["SINTERSTORE a a a", 2],
      ["SMEMBERS a", set("1", "2")],
    ],
  },
  {
    name: "SINTERCARD counts up to a limit",
    steps: [
      ["SADD a 1 2 3", 3],
      ["SINTERCARD 1 a", 3],
      ["SINTERCARD 1 a LIMIT 2", 2],
      ["SINTERCARD 1 a LIMIT 0", 3],
      ["SINTERCARD 1 a LIMIT 9", 3],
      ["SINTERCARD 2 a missing", 0],
      ["SINTERCARD 0 a", error("ERR numkeys should be greater than 0")],
      ["SINTERCARD x a", error("ERR numkeys should be greater than 0")],
      [
        "SINTERCARD 2 a",
        error("ERR Number of keys can't be greater than number of args"),
      ],
      ["SINTERCARD 1 a LIMIT -1", error("ERR LIMIT can't be negative")],
      ["SINTERCARD 1 a LIMIT x", error("ERR LIMIT can't be negative")],
      ["SINTERCARD 1 a LIMIT", SYNTAX],
      ["SINTERCARD 1 a b", SYNTAX],
    ],
  },
];

const chance: ConformanceCase[] = [
  {
    name: "SPOP removes what it answers",
    steps: [
      ["SADD k a b c", 3],
      ["SPOP k", oneOf("a", "b", "c")],
      ["SCARD k", 2],
      ["SPOP k 0", set()],
      ["SPOP k 5", different(2)],
      ["EXISTS k", 0],
      ["SADD k a", 1],
      ["SPOP k", "a"],
      ["EXISTS k", 0],
      ["SPOP k -1", NOT_POSITIVE],
      ["SPOP k x", NOT_POSITIVE],
      ["SPOP k 1 2", SYNTAX],
    ],
  },
  {
    name: "SPOP and SRANDMEMBER pick different members, however many",
    covers: ["spop", "srandmember"],
    run: async (t) => {
      for (const size of [20, 600]) {
        for (const count of [1, 3, 10, 15, 19]) {
          await t.call("DEL k");
          await t.call(["SADD", "k", "x", ...numbers(size - 1)]);
          await t.expect(`SRANDMEMBER k ${count}`, different(count));
          await t.expect(`SPOP k ${count}`, different(count));
          await t.expect("SCARD k", size - count);
          await t.expect("SMEMBERS k", different(size - count));
        }
      }
    },
  },
  {
    name: "SRANDMEMBER repeats members with a negative count",
    steps: [
      ["SADD k a b", 2],
      ["SRANDMEMBER k", oneOf("a", "b")],
      [
        "SRANDMEMBER k -9",
        satisfying(
          "nine members",
          (reply) =>
            reply.type === "array" && reply.items.length === 9 &&
            reply.items.every((item) => /^[ab]$/.test(payloadText(item)!)),
        ),
      ],
      ["SRANDMEMBER k 9", unordered("a", "b")],
      ["SRANDMEMBER k 0", []],
      ["SRANDMEMBER k x", NOT_AN_INTEGER],
      ["SRANDMEMBER k 1 2", SYNTAX],
      [
        "SRANDMEMBER k -9223372036854775808",
        error(
          "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
        ),
      ],
    ],
  },
];

const scans: ConformanceCase[] = [
  {
    name: "SSCAN answers a compact set at once",
    since: "7.2",
    steps: [
      ["SADD k a b 1", 3],
      ["SSCAN k 0 COUNT 1", ["0", unordered("a", "b", "1")]],
      ["SSCAN k 0 MATCH a", ["0", ["a"]]],
      ["SSCAN k x", error("ERR invalid cursor")],
      ["SSCAN k 0 COUNT 0", SYNTAX],
      ["SSCAN k 0 BAD", SYNTAX],
    ],
  },
  {
    name:
      "SSCAN returns every member that stays while the set grows and shrinks",
    covers: ["sscan"],
    run: async (t) => {
      const stays = numbers(100).map((n) => `stays${n}`);
      await t.call(["SADD", "k", ...stays, ...numbers(1000)]);
      const found = new Set<string>();
      let cursor = "0", round = 0;
      do {
        const reply = await t.call(`SSCAN k ${cursor} COUNT 10`);
        if (reply.type !== "array" || reply.items[1].type !== "array") {
          throw new Error("SSCAN answered no pair of cursor and members");
        }
        cursor = payloadText(reply.items[0])!;
        for (const item of reply.items[1].items) found.add(payloadText(item)!);
        if (round === 3) await t.call(["SREM", "k", ...numbers(1000)]);
        if (round === 6) await t.call(["SADD", "k", ...numbers(5000)]);
        round++;
      } while (cursor !== "0");
      const missing = stays.filter((member) => !found.has(member));
      if (missing.length > 0) throw new Error(`SSCAN missed ${missing}`);
    },
  },
];

export const group: ConformanceGroup = {
  name: "sets",
  cases: [...members, ...encodings, ...algebra, ...chance, ...scans],
};

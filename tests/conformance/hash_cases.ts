/** Hashes: fields, numbers, encodings, scans and chance. */
import {
  error,
  NULL,
  OK,
  oneOf,
  perProtocol,
  satisfying,
  unordered,
  unorderedMap,
} from "../support/expectation.ts";
import { payloadText } from "../support/reply_text.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import type { Conversation } from "./conversation.ts";
import {
  NOT_A_FLOAT,
  NOT_AN_INTEGER,
  SYNTAX,
  WRONG_ARITY,
} from "./expected_replies.ts";

const WRONG_TYPE = error(
  "WRONGTYPE Operation against a key holding the wrong kind of value",
);
const OUT_OF_RANGE = error("ERR value is out of range");
const LONG = "v".repeat(65);

function pairs(count: number): string {
  return Array.from({ length: count }, (_, i) => `f${i} v${i}`).join(" ");
}

const fields: ConformanceCase[] = [
  {
    name: "HSET sets fields and answers how many are new",
    steps: [
      ["HSET k a 1 b 2 a 3", 2],
      ["HSET k a 1 c 4", 1],
      ["HGET k a", "1"],
      ["HGET k missing", NULL],
      ["HGET missing a", NULL],
      ["HMGET k a x c", ["1", NULL, "4"]],
      ["HMGET missing a b", [NULL, NULL]],
      ["HLEN k", 3],
      ["HLEN missing", 0],
      ["HSTRLEN k c", 1],
      ["HSTRLEN k x", 0],
      ["HEXISTS k a", 1],
      ["HEXISTS k x", 0],
      ["TYPE k", { text: "+hash", accepts: (r) => payloadText(r) === "hash" }],
    ],
  },
  {
    name: "HMSET sets fields and answers OK",
    steps: [["HMSET k a 1 b 2", OK], ["HLEN k", 2]],
  },
  {
    name: "HSET and HMSET want whole pairs",
    steps: [
      ["HSET k a 1 b", WRONG_ARITY("hset")],
      ["HMSET k a 1 b", WRONG_ARITY("hmset")],
      ["EXISTS k", 0],
    ],
  },
  {
    name: "HSETNX sets what is not there",
    steps: [["HSETNX k a 1", 1], ["HSETNX k a 2", 0], ["HGET k a", "1"]],
  },
  {
    name: "HGETALL, HKEYS and HVALS answer everything",
    steps: [
      ["HSET k a 1 b 2", 2],
      ["HGETALL k", unorderedMap(["a", "1"], ["b", "2"])],
      ["HKEYS k", unordered("a", "b")],
      ["HVALS k", unordered("1", "2")],
      ["HGETALL missing", unorderedMap()],
      ["HKEYS missing", []],
      ["HVALS missing", []],
    ],
  },
  {
    name: "HDEL answers how many went, and the last one takes the key along",
    steps: [
      ["HSET k a 1 b 2 c 3", 3],
      ["HDEL k a x a", 1],
      ["HDEL k b c b", 2],
      ["EXISTS k", 0],
      ["HDEL k a", 0],
    ],
  },
  {
    name: "fields and values are any bytes of any length",
    steps: [
      [["HSET", "k", "", "", "\x00\r\n", "\xff".repeat(300)], 2],
      [["HGET", "k", ""], ""],
      [["HGET", "k", "\x00\r\n"], "\xff".repeat(300)],
      [["HSET", "k", "big", "x".repeat(100_000)], 1],
      ["HSTRLEN k big", 100_000],
      [["HGET", "k", "\x00\r\n"], "\xff".repeat(300)],
    ],
  },
  {
    name: "hash commands refuse keys of other types",
    steps: [
      ["SET s x", OK],
      ["HSET s a 1", WRONG_TYPE],
      ["HGET s a", WRONG_TYPE],
      ["HMGET s a", WRONG_TYPE],
      ["HGETALL s", WRONG_TYPE],
      ["HDEL s a", WRONG_TYPE],
      ["HINCRBY s a 1", WRONG_TYPE],
      ["HSCAN s 0", WRONG_TYPE],
      ["HRANDFIELD s", WRONG_TYPE],
      ["HSET h a 1", 1],
      ["GET h", WRONG_TYPE],
    ],
  },
];

const numbers: ConformanceCase[] = [
  {
    name: "HINCRBY counts in 64 bits",
    steps: [
      ["HINCRBY k n 5", 5],
      ["HINCRBY k n -7", -2],
      ["HINCRBY k n 9223372036854775807", 9223372036854775805n],
      [
        "HINCRBY k n 3",
        error("ERR increment or decrement would overflow"),
      ],
      ["HGET k n", "9223372036854775805"],
      ["HINCRBY k n x", NOT_AN_INTEGER],
      ["HSET k s abc", 1],
      ["HINCRBY k s 1", error("ERR hash value is not an integer")],
      ["HINCRBY k n 1.5", NOT_AN_INTEGER],
    ],
  },
  {
    name: "HINCRBYFLOAT counts in long doubles",
    steps: [
      ["HINCRBYFLOAT k n 0.1", "0.1"],
      ["HINCRBYFLOAT k n 0.2", "0.3"],
      ["HINCRBYFLOAT k n 5e-1", "0.8"],
      ["HINCRBYFLOAT k n x", NOT_A_FLOAT],
      ["HINCRBYFLOAT k n inf", error("ERR value is NaN or Infinity")],
      ["HSET k s abc", 1],
      ["HINCRBYFLOAT k s 1", error("ERR hash value is not a float")],
      ["HGET k n", "0.8"],
    ],
  },
];

const encodings: ConformanceCase[] = [
  {
    name: "a hash is a hashtable from one field too many on, and stays one",
    config: { "hash-max-listpack-entries": "128" },
    steps: [
      [`HSET k ${pairs(128)}`, 128],
      ["OBJECT ENCODING k", "listpack"],
      ["HSET k one more", 1],
      ["OBJECT ENCODING k", "hashtable"],
      ["HDEL k one f1 f2", 3],
      ["OBJECT ENCODING k", "hashtable"],
      ["HGET k f127", "v127"],
    ],
  },
  {
    name: "a hash is a hashtable from the first long value or field on",
    steps: [
      [`HSET v a ${LONG.slice(1)}`, 1],
      ["OBJECT ENCODING v", "listpack"],
      [`HSET v a ${LONG}`, 0],
      ["OBJECT ENCODING v", "hashtable"],
      ["HSET v a 1", 0],
      ["OBJECT ENCODING v", "hashtable"],
      [`HSET f ${LONG} 1`, 1],
      ["OBJECT ENCODING f", "hashtable"],
      ["COPY v w", 1],
      ["OBJECT ENCODING w", "hashtable"],
    ],
  },
  {
    name: "HSET with more pairs than a listpack takes makes a hashtable",
    since: "7.2",
    config: { "hash-max-listpack-entries": "128" },
    steps: [
      [["HSET", "k", ...Array(129).fill(["a", "1"]).flat()], 1],
      ["OBJECT ENCODING k", "hashtable"],
    ],
  },
  {
    name: "what a hash is, follows the directives",
    config: {
      "hash-max-listpack-entries": "2",
      "hash-max-listpack-value": "3",
    },
    steps: [
      ["HSET k a 1 b 2", 2],
      ["OBJECT ENCODING k", "listpack"],
      ["HSET k c 3", 1],
      ["OBJECT ENCODING k", "hashtable"],
      ["HSET v a 1234", 1],
      ["OBJECT ENCODING v", "hashtable"],
    ],
  },
];

/** HSCAN from start to end: every item as often as it was returned. */
async function scanAll(
  t: Conversation,
  options: string,
  between?: () => Promise<void>,
): Promise<string[]> {
  const items: string[] = [];
  let cursor = "0";
  do {
    const reply = await t.call(`HSCAN k ${cursor} ${options}`);
    if (reply.type !== "array" || reply.items[1].type !== "array") {
      throw new Error("HSCAN answered no pair of cursor and fields");
    }
    cursor = payloadText(reply.items[0])!;
    for (const item of reply.items[1].items) items.push(payloadText(item)!);
    await between?.();
  } while (cursor !== "0");
  return items;
}

const scans: ConformanceCase[] = [
  {
    name: "HSCAN answers a small hash at once",
    steps: [
      ["HSET k a 1 b 2", 2],
      ["HSCAN k 0 COUNT 1", ["0", unordered("a", "1", "b", "2")]],
      ["HSCAN k 0 MATCH a*", ["0", ["a", "1"]]],
      ["HSCAN missing 0", ["0", []]],
      ["HSCAN missing 0 BAD", ["0", []]],
      ["HSCAN k x", error("ERR invalid cursor")],
      ["HSCAN k 0 COUNT 0", SYNTAX],
      ["HSCAN k 0 COUNT x", NOT_AN_INTEGER],
      ["HSCAN k 0 BAD", SYNTAX],
      ["HSCAN k 0 TYPE hash", SYNTAX],
    ],
  },
  {
    name: "HSCAN NOVALUES answers fields only",
    since: "7.4",
    steps: [
      ["HSET k a 1 b 2", 2],
      ["HSCAN k 0 NOVALUES MATCH a", ["0", ["a"]]],
    ],
  },
  {
    name: "HSCAN returns every field that stays while others come and go",
    covers: ["hscan"],
    run: async (t) => {
      await t.call(`HSET k ${pairs(1000)}`);
      let round = 0;
      const items = await scanAll(t, "COUNT 20", async () => {
        round++;
        const many = Array.from({ length: 100 }, (_, i) => `x${round}.${i}`);
        if (round % 2 === 0) {
          await t.call(["HSET", "k", ...many.flatMap((f) => [f, "v"])]);
        } else await t.call(`DEL other${round}`);
        if (round === 20) {
          await t.call([
            "HDEL",
            "k",
            ...Array.from({ length: 800 }, (_, i) => `f${i + 200}`),
          ]);
        }
      });
      const found = new Set(items.filter((_, i) => i % 2 === 0));
      for (let i = 0; i < 200; i++) {
        if (!found.has(`f${i}`)) throw new Error(`f${i} was not returned`);
      }
      items.forEach((item, i) => {
        if (/^f\d/.test(item) && items[i + 1] !== item.replace("f", "v")) {
          throw new Error(`${item} came with ${items[i + 1]}`);
        }
      });
    },
  },
];

const chance: ConformanceCase[] = [
  {
    name: "HRANDFIELD answers one, several, or repeated fields",
    steps: [
      ["HSET k a 1 b 2 c 3", 3],
      ["HRANDFIELD k", oneOf("a", "b", "c")],
      ["HRANDFIELD k 10", unordered("a", "b", "c")],
      ["HRANDFIELD k 0", []],
      ["HRANDFIELD missing", NULL],
      ["HRANDFIELD missing 5", []],
      ["HRANDFIELD missing -5", []],
      [
        "HRANDFIELD k 10 WITHVALUES",
        perProtocol(
          satisfying(
            "six items",
            (r) => r.type === "array" && r.items.length === 6,
          ),
          unordered(["a", "1"], ["b", "2"], ["c", "3"]),
        ),
      ],
      [
        "HRANDFIELD k -7",
        satisfying(
          "seven fields",
          (reply) =>
            reply.type === "array" && reply.items.length === 7 &&
            reply.items.every((item) => /^[abc]$/.test(payloadText(item)!)),
        ),
      ],
      [
        "HRANDFIELD k 2",
        satisfying(
          "two different fields",
          (reply) =>
            reply.type === "array" &&
            new Set(reply.items.map(payloadText)).size === 2,
        ),
      ],
    ],
  },
  {
    name: "HRANDFIELD refuses wrong counts and options",
    steps: [
      ["HSET k a 1", 1],
      ["HRANDFIELD k x", NOT_AN_INTEGER],
      ["HRANDFIELD k 1 WITHVALUE", SYNTAX],
      ["HRANDFIELD k 1 WITHVALUES x", SYNTAX],
      [
        "HRANDFIELD k -9223372036854775808",
        error(
          "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
        ),
      ],
      ["HRANDFIELD k -9223372036854775807 WITHVALUES", OUT_OF_RANGE],
      ["HRANDFIELD k 4611686018427387904 WITHVALUES", OUT_OF_RANGE],
    ],
  },
  {
    name: "HRANDFIELD takes several different fields of a large hash",
    covers: ["hrandfield"],
    run: async (t) => {
      await t.call(`HSET k ${pairs(500)}`);
      for (const count of [5, 100, 499, 500]) {
        await t.expect(
          `HRANDFIELD k ${count}`,
          satisfying(
            `${count} different fields`,
            (reply) =>
              reply.type === "array" && reply.items.length === count &&
              new Set(reply.items.map(payloadText)).size === count,
          ),
        );
      }
    },
  },
];

export const group: ConformanceGroup = {
  name: "hashes",
  cases: [...fields, ...numbers, ...encodings, ...scans, ...chance],
};

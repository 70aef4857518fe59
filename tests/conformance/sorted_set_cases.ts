/** Sorted sets and geo: members, ranges, pops, combinations, places. */
import {
  error,
  NULL,
  NULL_ARRAY,
  satisfying,
  simple,
} from "../support/expectation.ts";
import { payloadText } from "../support/reply_text.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import { NOT_A_FLOAT, SYNTAX, WRONG_ARITY } from "./expected_replies.ts";

const BAD_SCORE_RANGE = error("ERR min or max is not a float");
const BAD_MEMBER_RANGE = error("ERR min or max not valid string range item");
const WRONG_TYPE = error(
  "WRONGTYPE Operation against a key holding the wrong kind of value",
);
const LONG = "m".repeat(65);

const members: ConformanceCase[] = [
  {
    name: "ZADD answers how many members are new, with CH how many changed",
    steps: [
      ["ZADD z 1 a 2 b", 2],
      ["ZADD z 3 a 4 c", 1],
      ["ZADD z CH 5 a 6 d 2 b", 2],
      ["ZADD z NX 9 a", 0],
      ["ZADD z XX 9 x", 0],
      ["ZADD z GT CH 4 a", 0],
      ["ZADD z LT CH 4 a", 1],
      ["ZADD none XX 1 a", 0],
      ["EXISTS none", 0],
      ["ZCARD z", 4],
      ["ZREM z a x b", 2],
      ["ZREM z c d", 2],
      ["EXISTS z", 0],
    ],
  },
  {
    name: "ZADD and ZINCRBY refuse what is no score or no combination",
    steps: [
      ["ZADD z x a", NOT_A_FLOAT],
      ["ZADD z nan a", NOT_A_FLOAT],
      ["ZADD z 1", WRONG_ARITY("zadd")],
      ["ZADD z 1 a 2", SYNTAX],
      [
        "ZADD z NX XX 1 a",
        error("ERR XX and NX options at the same time are not compatible"),
      ],
      [
        "ZADD z GT LT 1 a",
        error(
          "ERR GT, LT, and/or NX options at the same time are not compatible",
        ),
      ],
      [
        "ZADD z INCR 1 a 2 b",
        error("ERR INCR option supports a single increment-element pair"),
      ],
      ["ZADD z inf a", 1],
      ["ZINCRBY z -inf a", error("ERR resulting score is not a number (NaN)")],
      ["SET s v", simple("OK")],
      ["ZADD s 1 a", WRONG_TYPE],
    ],
  },
  {
    name: "ranks and scores of members",
    covers: ["zincrby", "zscore", "zmscore", "zrevrank"],
    steps: [
      ["ZADD z 1 a 1 b 2 c", 3],
      ["ZRANK z b", 1],
      ["ZREVRANK z b", 1],
      ["ZRANK z c", 2],
      ["ZRANK z x", NULL],
      ["ZREVRANK none x", NULL],
      ["ZSCORE z x", NULL],
      ["ZMSCORE none x y", [NULL, NULL]],
    ],
  },
  {
    name: "a sorted set's encoding follows its size and never goes back",
    steps: [
      ["ZADD z 1 a", 1],
      ["OBJECT ENCODING z", "listpack"],
      [`ZADD z 1 ${LONG}`, 1],
      ["OBJECT ENCODING z", "skiplist"],
      [`ZREM z ${LONG}`, 1],
      ["OBJECT ENCODING z", "skiplist"],
    ],
  },
];

const ranges: ConformanceCase[] = [
  {
    name: "ranges by rank, score and member",
    steps: [
      ["ZADD z 1 a 2 b 3 c 4 d", 4],
      ["ZRANGE z 1 2", ["b", "c"]],
      ["ZRANGE z 0 0 REV", ["d"]],
      ["ZREVRANGE z 0 1", ["d", "c"]],
      ["ZRANGE z (1 3 BYSCORE", ["b", "c"]],
      ["ZRANGE z 3 (1 BYSCORE REV LIMIT 1 5", ["b"]],
      ["ZRANGEBYSCORE z -inf +inf LIMIT 1 2", ["b", "c"]],
      ["ZREVRANGEBYSCORE z 3 1 LIMIT -1 2", []],
      ["ZRANGEBYLEX z [b (d", ["b", "c"]],
      ["ZREVRANGEBYLEX z + [c", ["d", "c"]],
      ["ZCOUNT z (1 3", 2],
      ["ZLEXCOUNT z - +", 4],
      ["ZRANGESTORE y z 1 2", 2],
      ["ZRANGE y 0 -1", ["b", "c"]],
      ["ZRANGESTORE y z 5 6", 0],
      ["EXISTS y", 0],
    ],
  },
  {
    name: "ranges that are none are refused",
    steps: [
      ["ZRANGE z a b BYSCORE", BAD_SCORE_RANGE],
      ["ZCOUNT z 1 x", BAD_SCORE_RANGE],
      ["ZRANGEBYLEX z a b", BAD_MEMBER_RANGE],
      ["ZRANGE z 0 1 REV REV", SYNTAX],
      [
        "ZRANGE z 0 1 LIMIT 0 1",
        error(
          "ERR syntax error, LIMIT is only supported in combination with either BYSCORE or BYLEX",
        ),
      ],
    ],
  },
  {
    name: "ranges are removed, and the key with the last member",
    steps: [
      ["ZADD z 1 a 2 b 3 c 4 d 5 e", 5],
      ["ZREMRANGEBYRANK z 0 0", 1],
      ["ZREMRANGEBYSCORE z (2 3", 1],
      ["ZREMRANGEBYLEX z [d [d", 1],
      ["ZRANGE z 0 -1", ["b", "e"]],
      ["ZREMRANGEBYRANK z 0 -1", 2],
      ["EXISTS z", 0],
    ],
  },
];

const pops: ConformanceCase[] = [
  {
    name: "pops take from both ends, waiting or not",
    covers: ["zpopmin", "zpopmax", "zmpop", "bzpopmin", "bzpopmax", "bzmpop"],
    steps: [
      ["ZPOPMIN z", []],
      ["ZPOPMAX z 2", []],
      ["ZPOPMIN z -1", error("ERR value is out of range, must be positive")],
      ["ZMPOP 1 z MIN", NULL_ARRAY],
      ["ZMPOP 1 z MID", SYNTAX],
      ["ZMPOP 0 z MIN", error("ERR numkeys should be greater than 0")],
      ["BZPOPMIN z 0.01", NULL_ARRAY],
      ["BZPOPMAX z 0.01", NULL_ARRAY],
      ["BZMPOP 0.01 1 z MAX", NULL_ARRAY],
      ["ZADD z 1 a", 1],
      ["ZMPOP 1 z MIN COUNT 0", error("ERR count should be greater than 0")],
    ],
  },
];

const combinations: ConformanceCase[] = [
  {
    name: "sorted sets and sets are combined",
    steps: [
      ["ZADD z 1 a 2 b", 2],
      ["ZADD y 5 b 1 c", 2],
      ["SADD s c d", 2],
      ["ZUNION 2 z y", ["a", "c", "b"]],
      ["ZINTER 2 z y", ["b"]],
      ["ZDIFF 2 z y", ["a"]],
      ["ZUNIONSTORE u 3 z y s WEIGHTS 1 2 3 AGGREGATE MAX", 4],
      ["ZRANGE u 0 -1", ["a", "c", "d", "b"]],
      ["ZINTERSTORE u 2 y s", 1],
      ["ZDIFFSTORE u 2 z z", 0],
      ["EXISTS u", 0],
      ["ZINTERCARD 2 z y LIMIT 1", 1],
      [
        "ZUNION 0 z",
        error("ERR at least 1 input key is needed for 'zunion' command"),
      ],
      ["ZUNION 3 z y", SYNTAX],
      ["ZUNION 1 z WEIGHTS x", error("ERR weight value is not a float")],
    ],
  },
  {
    name: "ZRANDMEMBER and ZSCAN answer members",
    steps: [
      ["ZADD z 1 a", 1],
      ["ZRANDMEMBER z", "a"],
      ["ZRANDMEMBER z -2", ["a", "a"]],
      ["ZRANDMEMBER none", NULL],
      ["ZRANDMEMBER none 2", []],
      ["ZSCAN z 0", ["0", ["a", "1"]]],
      ["ZSCAN z 0 MATCH b*", ["0", []]],
    ],
  },
  {
    name:
      "ZSCAN returns every member that stays while the sorted set grows and shrinks",
    covers: ["zscan"],
    run: async (t) => {
      const numbered = (count: number, name: string) =>
        Array.from({ length: count }, (_, i) => [i, name + i]).flat();
      const others = Array.from({ length: 1_000 }, (_, i) => `other${i}`);
      await t.call(["ZADD", "z", ...numbered(200, "stays")]);
      await t.call(["ZADD", "z", ...numbered(1_000, "other")]);
      const found = new Map<string, string>();
      let cursor = "0", round = 0;
      do {
        const reply = await t.call(`ZSCAN z ${cursor} COUNT 10`);
        if (reply.type !== "array" || reply.items[1].type !== "array") {
          throw new Error("ZSCAN answered no pair of cursor and members");
        }
        cursor = payloadText(reply.items[0])!;
        const items = reply.items[1].items.map((item) => payloadText(item)!);
        for (let i = 0; i < items.length; i += 2) {
          found.set(items[i], items[i + 1]);
        }
        if (round === 3) await t.call(["ZREM", "z", ...others]);
        if (round === 6) await t.call(["ZADD", "z", ...numbered(5_000, "new")]);
        round++;
      } while (cursor !== "0");
      for (let i = 0; i < 200; i++) {
        if (found.get(`stays${i}`) === `${i}`) continue;
        throw new Error(`stays${i} came with ${found.get(`stays${i}`)}`);
      }
    },
  },
];

const UNITS = error("ERR unsupported unit provided. please use M, KM, FT, MI");

const places: ConformanceCase[] = [
  {
    name: "places are kept, measured and found",
    covers: ["geopos"],
    steps: [
      [
        "GEOADD g 13.361389 38.115556 Palermo 15.087269 37.502669 Catania",
        2,
      ],
      ["GEOADD g XX CH 13.4 38 Palermo 1 1 x", 1],
      ["GEOADD g CH 13.361389 38.115556 Palermo", 1],
      ["GEOHASH g Palermo x", ["sqc8b49rny0", NULL]],
      ["GEODIST g Palermo Catania", "166274.1516"],
      ["GEODIST g Palermo Catania km", "166.2742"],
      ["GEODIST g Palermo x", NULL],
      ["GEODIST g Palermo Catania yd", UNITS],
      ["GEOPOS g x", [NULL_ARRAY]],
      [
        "GEOSEARCH g FROMLONLAT 15 37 BYRADIUS 200 km ASC WITHDIST",
        [["Catania", "56.4413"], ["Palermo", "190.4424"]],
      ],
      ["GEOSEARCH g FROMMEMBER Palermo BYBOX 10 10 km", ["Palermo"]],
      ["GEOSEARCHSTORE d g FROMLONLAT 15 37 BYRADIUS 100 km", 1],
      ["GEORADIUS g 15 37 200 km DESC", ["Palermo", "Catania"]],
      ["GEORADIUS g 15 37 200 km STORE d", 2],
      ["GEORADIUS_RO g 15 37 200 km STORE d", SYNTAX],
      ["GEORADIUSBYMEMBER g Palermo 1 m", ["Palermo"]],
      ["GEORADIUSBYMEMBER_RO g Palermo 1 m WITHHASH", [[
        "Palermo",
        3479099956230698,
      ]]],
    ],
  },
  {
    name: "places and areas that are none are refused",
    steps: [
      [
        "GEOADD g 200 1 a",
        error("ERR invalid longitude,latitude pair 200.000000,1.000000"),
      ],
      ["GEOADD g 1 1 a", 1],
      ["GEORADIUS g 1 1 -1 km", error("ERR radius cannot be negative")],
      [
        "GEOSEARCH g FROMMEMBER x BYRADIUS 1 km",
        error("ERR could not decode requested zset member"),
      ],
      [
        "GEOSEARCH g FROMMEMBER a BYRADIUS 1 km ANY",
        error("ERR the ANY argument requires COUNT argument"),
      ],
    ],
  },
  {
    name:
      "of places as far away as each other those come that Redis's sort takes",
    steps: [
      ["GEOADD g 1 1 a 1 1 b 1 1 c 1 1 d 1 1 e 1 1 f 1 1 g", 7],
      ["GEOSEARCH g FROMLONLAT 1 1 BYRADIUS 1 km COUNT 3", ["d", "b", "c"]],
      [
        "GEOSEARCH g FROMLONLAT 1 1 BYRADIUS 1 km DESC COUNT 7",
        ["a", "b", "c", "d", "e", "f", "g"],
      ],
    ],
  },
  {
    name: "GEOPOS answers the middle of a place's cell",
    run: async (t) => {
      await t.call("GEOADD g 13.361389 38.115556 Palermo");
      await t.expect(
        "GEOPOS g Palermo",
        satisfying("a place near by", (reply) => {
          const [place] = reply.type === "array" ? reply.items : [];
          if (place?.type !== "array") return false;
          const [longitude] = place.items;
          const text = payloadText(longitude) ?? JSON.stringify(longitude);
          return text.includes("13.36138");
        }),
      );
    },
  },
];

export const group: ConformanceGroup = {
  name: "sorted sets",
  cases: [...members, ...ranges, ...pops, ...combinations, ...places],
};

/** Strings beyond SET: counters, ranges, LCS. */
import { error, map, NULL, OK } from "../support/expectation.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import {
  NOT_A_FLOAT,
  NOT_AN_INTEGER,
  SYNTAX,
  ttlOf,
} from "./expected_replies.ts";

const OVERFLOW = error("ERR increment or decrement would overflow");
const TOO_LONG = error(
  "ERR string exceeds maximum allowed size (proto-max-bulk-len)",
);
const NAN_OR_INFINITY = error("ERR increment would produce NaN or Infinity");

const counters: ConformanceCase[] = [
  {
    name: "INCR, DECR, INCRBY and DECRBY count from 0 and keep the expiry",
    steps: [
      ["INCR k", 1],
      ["EXPIRE k 100", 1],
      ["INCRBY k 9", 10],
      ["DECR k", 9],
      ["DECRBY k 19", -10],
      ["INCRBY k -5", -15],
      ["DECRBY k -20", 5],
      ["GET k", "5"],
      ["TTL k", ttlOf(100)],
      ["DECR other", -1],
    ],
  },
  {
    name: "counters are exact at the edges of 64 bits and refuse to pass them",
    steps: [
      ["SET k 9007199254740993", OK],
      ["INCR k", 9007199254740994n],
      ["INCRBY k 9007199254740993", 18014398509481987n],
      ["SET k 9223372036854775806", OK],
      ["INCR k", 9223372036854775807n],
      ["INCR k", OVERFLOW],
      ["INCRBY k 1", OVERFLOW],
      ["GET k", "9223372036854775807"],
      ["DECRBY k 9223372036854775807", 0],
      ["SET k -9223372036854775807", OK],
      ["DECR k", -9223372036854775808n],
      ["DECR k", OVERFLOW],
      ["INCRBY k -1", OVERFLOW],
      ["INCRBY k 9223372036854775807", -1],
      ["INCRBY k 9223372036854775808", NOT_AN_INTEGER],
      ["DECRBY k 9223372036854775807", -9223372036854775808n],
    ],
  },
  {
    name: "DECRBY refuses the number that has no negative",
    steps: [
      ["SET k 1", OK],
      ["DECRBY k -9223372036854775808", error("ERR decrement would overflow")],
      ["GET k", "1"],
    ],
  },
  {
    name: "counters refuse a value that is no canonical integer",
    steps: [
      ["MSET a x b 1.5 c ' 1' d 1\\x20 e 01 f +1", OK],
      ...["a", "b", "c", "d", "e", "f"].map((key) =>
        [`INCR ${key}`, NOT_AN_INTEGER] as const
      ),
      ["MSET a '' b -0 c 0x1 d 1e3 e 9223372036854775808 f '1 2'", OK],
      ...["a", "b", "c", "d", "e", "f"].map((key) =>
        [`INCR ${key}`, NOT_AN_INTEGER] as const
      ),
      ["SET a -1", OK],
      ["INCR a", 0],
    ],
  },
  {
    name: "INCRBY and DECRBY refuse an amount that is no integer",
    steps: [
      ["INCRBY k x", NOT_AN_INTEGER],
      ["INCRBY k 1.0", NOT_AN_INTEGER],
      ['DECRBY k ""', NOT_AN_INTEGER],
      ["DECRBY k 9223372036854775808", NOT_AN_INTEGER],
      ["EXISTS k", 0],
    ],
  },
  {
    name:
      "INCRBYFLOAT adds and answers without exponent and without trailing zeros",
    steps: [
      ["INCRBYFLOAT k 1", "1"],
      ["INCRBYFLOAT k 0.25", "1.25"],
      ["INCRBYFLOAT k -1.25", "0"],
      ["SET k 3.0e3", OK],
      ["INCRBYFLOAT k 200", "3200"],
      ["SET k 5.0e3", OK],
      ["INCRBYFLOAT k 2.0e2", "5200"],
      ["SET k 10.50", OK],
      ["INCRBYFLOAT k 0.1", "10.6"],
      ["INCRBYFLOAT k -5", "5.6"],
      ["SET k 1e20", OK],
      ["INCRBYFLOAT k 1", "100000000000000000000"],
      ["SET k 0.0000001", OK],
      ["INCRBYFLOAT k 0.0000001", "0.0000002"],
      ["SET k 17179869184", OK],
      ["INCRBYFLOAT k 1.5", "17179869185.5"],
      ["SET k -0", OK],
      ["INCRBYFLOAT k 0", "0"],
    ],
  },
  {
    name: "INCRBYFLOAT keeps the expiry",
    steps: [["SET k 1 EX 100", OK], ["INCRBYFLOAT k 0.5", "1.5"], [
      "TTL k",
      ttlOf(100),
    ]],
  },
  {
    name:
      "INCRBYFLOAT refuses what is no float, and results that are not finite",
    steps: [
      ["INCRBYFLOAT k x", NOT_A_FLOAT],
      ['INCRBYFLOAT k ""', NOT_A_FLOAT],
      ['INCRBYFLOAT k " 1"', NOT_A_FLOAT],
      ['INCRBYFLOAT k "1 "', NOT_A_FLOAT],
      ["INCRBYFLOAT k nan", NOT_A_FLOAT],
      ["INCRBYFLOAT k inf", NAN_OR_INFINITY],
      ["INCRBYFLOAT k -inf", NAN_OR_INFINITY],
      ["SET k ' 11'", OK],
      ["INCRBYFLOAT k 1", NOT_A_FLOAT],
      ["SET k '11 '", OK],
      ["INCRBYFLOAT k 1", NOT_A_FLOAT],
      ["SET k 0x10", OK],
      ["INCRBYFLOAT k 1", "17"],
      ["SET k abc", OK],
      ["INCRBYFLOAT k 1", NOT_A_FLOAT],
    ],
  },
];

const parts: ConformanceCase[] = [
  {
    name: "APPEND makes or lengthens a value and keeps the expiry",
    steps: [
      ["APPEND k foo", 3],
      ["EXPIRE k 100", 1],
      ["APPEND k bar", 6],
      ['APPEND k ""', 6],
      ["GET k", "foobar"],
      ["TTL k", ttlOf(100)],
      ["SET n 12", OK],
      ["APPEND n 34", 4],
      ["INCR n", 1235],
      ['APPEND empty ""', 0],
      ["EXISTS empty", 1],
    ],
  },
  {
    name: "STRLEN counts bytes",
    steps: [
      ["STRLEN k", 0],
      ['SET k "a\\x00\\xff"', OK],
      ["STRLEN k", 3],
      ["SET k -12345", OK],
      ["STRLEN k", 6],
    ],
  },
  {
    name: "GETRANGE and SUBSTR cut with offsets from either end",
    steps: ["GETRANGE", "SUBSTR"].flatMap((command) => [
      ["SET k 'Hello World'", OK] as const,
      [`${command} k 0 4`, "Hello"] as const,
      [`${command} k 0 -1`, "Hello World"] as const,
      [`${command} k -5 -1`, "World"] as const,
      [`${command} k 5 100`, " World"] as const,
      [`${command} k -100 2`, "Hel"] as const,
      [`${command} k 3 1`, ""] as const,
      [`${command} k -1 -5`, ""] as const,
      [`${command} k 11 20`, ""] as const,
      [`${command} k -100 -100`, "H"] as const,
      [`${command} k -100 -90`, "H"] as const,
      [`${command} missing 0 -1`, ""] as const,
      [`${command} k 0 9223372036854775807`, "Hello World"] as const,
      [`${command} k a 1`, NOT_AN_INTEGER] as const,
      [`${command} k 0 9223372036854775808`, NOT_AN_INTEGER] as const,
      ["SET n 1234", OK] as const,
      [`${command} n 1 2`, "23"] as const,
    ]),
  },
  {
    name: "SETRANGE overwrites, pads with zero bytes and keeps the expiry",
    steps: [
      ["SET k foo EX 100", OK],
      ["SETRANGE k 1 XYZW", 5],
      ["GET k", "fXYZW"],
      ["SETRANGE k 7 !", 8],
      ["GET k", "fXYZW\x00\x00!"],
      ["TTL k", ttlOf(100)],
      ["SETRANGE new 2 a", 3],
      ["GET new", "\x00\x00a"],
      ["SET n 1234", OK],
      ["SETRANGE n 1 9", 4],
      ["INCR n", 1935],
    ],
  },
  {
    name: "SETRANGE with an empty value changes nothing",
    steps: [
      ['SETRANGE k 5 ""', 0],
      ["EXISTS k", 0],
      ["SET k foo", OK],
      ['SETRANGE k 10 ""', 3],
      ["GET k", "foo"],
    ],
  },
  {
    name: "SETRANGE refuses a wrong offset and a value above the limit",
    steps: [
      ["SETRANGE k -1 x", error("ERR offset is out of range")],
      ["SETRANGE k a x", NOT_AN_INTEGER],
      ["SETRANGE k 536870912 x", TOO_LONG],
      ["SETRANGE k 9223372036854775807 x", TOO_LONG],
      ["SET k v", OK],
      ["SETRANGE k 536870911 xx", TOO_LONG],
      ["GET k", "v"],
    ],
  },
  {
    name: "APPEND refuses a value above proto-max-bulk-len",
    config: { "proto-max-bulk-len": "1048576" },
    steps: [
      [["SET", "k", "x".repeat(1_000_000)], OK],
      [["APPEND", "k", "x".repeat(50_000)], TOO_LONG],
      ["STRLEN k", 1_000_000],
      ["SETRANGE k 1048576 x", TOO_LONG],
      ["SETRANGE k 1048575 x", 1_048_576],
    ],
  },
];

const lcs: ConformanceCase[] = [
  {
    name: "LCS answers the longest common subsequence or its length",
    steps: [
      ["MSET a ohmytext b mynewtext", OK],
      ["LCS a b", "mytext"],
      ["LCS a b LEN", 6],
      ["LCS a missing", ""],
      ["LCS missing other LEN", 0],
      ["LCS a a", "ohmytext"],
    ],
  },
  {
    name: "LCS IDX answers the matching ranges, last first",
    steps: [
      ["MSET a ohmytext b mynewtext", OK],
      [
        "LCS a b IDX",
        map(["matches", [[[4, 7], [5, 8]], [[2, 3], [0, 1]]]], ["len", 6]),
      ],
      [
        "LCS a b IDX MINMATCHLEN 4",
        map(["matches", [[[4, 7], [5, 8]]]], ["len", 6]),
      ],
      [
        "LCS a b IDX WITHMATCHLEN",
        map(["matches", [[[4, 7], [5, 8], 4], [[2, 3], [0, 1], 2]]], [
          "len",
          6,
        ]),
      ],
      [
        "LCS a b WITHMATCHLEN MINMATCHLEN 4 IDX",
        map(["matches", [[[4, 7], [5, 8], 4]]], ["len", 6]),
      ],
      [
        "LCS a b IDX MINMATCHLEN -5",
        map(["matches", [[[4, 7], [5, 8]], [[2, 3], [0, 1]]]], [
          "len",
          6,
        ]),
      ],
      ["LCS a missing IDX", map(["matches", []], ["len", 0])],
    ],
  },
  {
    name: "LCS refuses wrong options",
    steps: [
      ["LCS a b BAD", SYNTAX],
      ["LCS a b MINMATCHLEN", SYNTAX],
      ["LCS a b MINMATCHLEN x", NOT_AN_INTEGER],
      [
        "LCS a b LEN IDX",
        error(
          "ERR If you want both the length and indexes, please just use IDX.",
        ),
      ],
      ["LCS a b LEN WITHMATCHLEN", 0],
    ],
  },
];

const encodings: ConformanceCase[] = [
  {
    name: "OBJECT ENCODING tells integers, short and long strings apart",
    steps: [
      ["SET k 12345", OK],
      ["OBJECT ENCODING k", "int"],
      ["SET k 9223372036854775807", OK],
      ["OBJECT ENCODING k", "int"],
      ["SET k 9223372036854775808", OK],
      ["OBJECT ENCODING k", "embstr"],
      ["SET k 01", OK],
      ["OBJECT ENCODING k", "embstr"],
      ["SET k ''", OK],
      ["OBJECT ENCODING k", "embstr"],
      [["SET", "k", "x".repeat(44)], OK],
      ["OBJECT ENCODING k", "embstr"],
      [["SET", "k", "x".repeat(45)], OK],
      ["OBJECT ENCODING k", "raw"],
      ["OBJECT ENCODING missing", NULL],
    ],
  },
  {
    name: "OBJECT ENCODING follows what changed the value",
    steps: [
      ["SET k 1", OK],
      ["APPEND k 2", 2],
      ["OBJECT ENCODING k", "raw"],
      ["INCR k", 13],
      ["OBJECT ENCODING k", "int"],
      ["SETRANGE k 0 9", 2],
      ["OBJECT ENCODING k", "raw"],
      ["INCRBYFLOAT k 1", "94"],
      ["OBJECT ENCODING k", "embstr"],
      ["INCRBYFLOAT k 0.5", "94.5"],
      ["OBJECT ENCODING k", "embstr"],
      ["APPEND new 1", 1],
      ["OBJECT ENCODING new", "int"],
      ["SETRANGE fresh 0 1", 1],
      ["OBJECT ENCODING fresh", "raw"],
      ["COPY k copy", 1],
      ["OBJECT ENCODING copy", "embstr"],
    ],
  },
];

export const group: ConformanceGroup = {
  name: "string",
  cases: [...counters, ...parts, ...lcs, ...encodings],
};

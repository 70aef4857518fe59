/** Lists: their ends, ranges and what is in the middle. */
import { error, NULL, NULL_ARRAY, OK } from "../support/expectation.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import { NO_SUCH_KEY, NOT_AN_INTEGER, SYNTAX } from "./expected_replies.ts";

const WRONG_TYPE = error(
  "WRONGTYPE Operation against a key holding the wrong kind of value",
);
const NOT_POSITIVE = error("ERR value is out of range, must be positive");

const ends: ConformanceCase[] = [
  {
    name: "LPUSH and RPUSH make a list and answer its length",
    steps: [
      ["RPUSH l b c", 2],
      ["LPUSH l a", 3],
      ["LPUSH l y x", 5],
      ["LRANGE l 0 -1", ["x", "y", "a", "b", "c"]],
      ["LLEN l", 5],
      ["LLEN missing", 0],
    ],
  },
  {
    name: "LPUSHX and RPUSHX push only to a list that exists",
    steps: [
      ["LPUSHX l a", 0],
      ["RPUSHX l a b", 0],
      ["EXISTS l", 0],
      ["RPUSH l a", 1],
      ["LPUSHX l c b", 3],
      ["RPUSHX l d", 4],
      ["LRANGE l 0 -1", ["b", "c", "a", "d"]],
    ],
  },
  {
    name: "LPOP and RPOP take one element, and the key with the last",
    steps: [
      ["LPOP l", NULL],
      ["RPOP l", NULL],
      ["RPUSH l a b c", 3],
      ["LPOP l", "a"],
      ["RPOP l", "c"],
      ["RPOP l", "b"],
      ["EXISTS l", 0],
    ],
  },
  {
    name: "LPOP and RPOP with a count answer an array",
    steps: [
      ["LPOP l 1", NULL_ARRAY],
      ["RPOP l 0", NULL_ARRAY],
      ["RPUSH l a b c d e", 5],
      ["LPOP l 0", []],
      ["LPOP l 2", ["a", "b"]],
      ["RPOP l 2", ["e", "d"]],
      ["RPOP l 9", ["c"]],
      ["EXISTS l", 0],
      ["LPOP l -1", NOT_POSITIVE],
      ["LPOP l x", NOT_POSITIVE],
      ["LPOP l 1 2", error("ERR wrong number of arguments for 'lpop' command")],
    ],
  },
  {
    name: "a list keeps elements of any bytes and length",
    steps: [
      [["RPUSH", "l", "", "\r\n", "\x00\xff", "x".repeat(5000)], 4],
      [["LPUSH", "l", "y".repeat(100_000)], 5],
      ["LRANGE l 1 3", ["", "\r\n", "\x00\xff"]],
      ["LPOP l", "y".repeat(100_000)],
      ["RPOP l", "x".repeat(5000)],
    ],
  },
  {
    name: "commands on lists refuse keys of other types",
    steps: [
      ["SET s v", OK],
      ["LPUSH s a", WRONG_TYPE],
      ["RPUSHX s a", WRONG_TYPE],
      ["LPOP s", WRONG_TYPE],
      ["LPOP s 0", WRONG_TYPE],
      ["LLEN s", WRONG_TYPE],
      ["LRANGE s 0 1", WRONG_TYPE],
      ["LRANGE s x 1", NOT_AN_INTEGER],
      ["RPUSH l a", 1],
      ["GET l", WRONG_TYPE],
      ["SET l v", OK],
      ["GET l", "v"],
    ],
  },
];

const ranges: ConformanceCase[] = [
  {
    name:
      "LRANGE counts negative positions from the end and cuts what is beyond",
    steps: [
      ["RPUSH l a b c d e", 5],
      ["LRANGE l 1 3", ["b", "c", "d"]],
      ["LRANGE l -2 -1", ["d", "e"]],
      ["LRANGE l -100 1", ["a", "b"]],
      ["LRANGE l 3 100", ["d", "e"]],
      ["LRANGE l 3 2", []],
      ["LRANGE l 5 9", []],
      ["LRANGE l 0 -6", []],
      ["LRANGE l -9223372036854775808 9223372036854775807", [
        ..."abcde",
      ]],
      ["LRANGE missing 0 -1", []],
      ["LRANGE l 0 x", NOT_AN_INTEGER],
    ],
  },
];

const RANK_ZERO =
  "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list";

const middles: ConformanceCase[] = [
  {
    name: "LINDEX and LSET reach an element from either end",
    steps: [
      ["RPUSH l a b c", 3],
      ["LINDEX l 0", "a"],
      ["LINDEX l -1", "c"],
      ["LINDEX l 3", NULL],
      ["LINDEX l -4", NULL],
      ["LINDEX l x", NOT_AN_INTEGER],
      ["LINDEX missing x", NULL],
      ["LSET l 1 B", OK],
      ["LSET l -1 a-longer-one", OK],
      ["LRANGE l 0 -1", ["a", "B", "a-longer-one"]],
      ["LSET l 3 x", error("ERR index out of range")],
      ["LSET l -4 x", error("ERR index out of range")],
      ["LSET l x x", NOT_AN_INTEGER],
      ["LSET missing x x", NO_SUCH_KEY],
    ],
  },
  {
    name: "LINSERT puts an element beside the first one that is the pivot",
    steps: [
      ["RPUSH l a b a", 3],
      ["LINSERT l before a 1", 4],
      ["LINSERT l AFTER b 2", 5],
      ["LINSERT l AFTER none 3", -1],
      ["LINSERT missing AFTER a b", 0],
      ["LINSERT l beside a b", SYNTAX],
      ["LRANGE l 0 -1", ["1", "a", "b", "2", "a"]],
    ],
  },
  {
    name: "LREM removes from the head, from the tail, or all",
    steps: [
      ["RPUSH l a b a c a b a", 7],
      ["LREM l 1 a", 1],
      ["LREM l -2 a", 2],
      ["LRANGE l 0 -1", ["b", "a", "c", "b"]],
      ["LREM l 0 b", 2],
      ["LREM l 0 none", 0],
      ["LREM l 5 a", 1],
      ["LREM l -5 c", 1],
      ["EXISTS l", 0],
      ["LREM l 0 a", 0],
      ["LREM l x a", NOT_AN_INTEGER],
    ],
  },
  {
    name: "LTRIM keeps a range",
    steps: [
      ["RPUSH l a b c d e", 5],
      ["LTRIM l 1 -2", OK],
      ["LRANGE l 0 -1", ["b", "c", "d"]],
      ["LTRIM l -100 100", OK],
      ["LLEN l", 3],
      ["LTRIM l 2 1", OK],
      ["EXISTS l", 0],
      ["LTRIM missing 0 1", OK],
      ["LTRIM l 0 x", NOT_AN_INTEGER],
    ],
  },
  {
    name: "LPOS answers where an element is",
    steps: [
      ["RPUSH l a b c 1 2 3 c c", 8],
      ["LPOS l c", 2],
      ["LPOS l none", NULL],
      ["LPOS missing c", NULL],
      ["LPOS missing c COUNT 0", []],
      ["LPOS l c RANK 2", 6],
      ["LPOS l c RANK -1", 7],
      ["LPOS l c RANK -9", NULL],
      ["LPOS l c COUNT 2", [2, 6]],
      ["LPOS l c COUNT 0 RANK -1", [7, 6, 2]],
      ["LPOS l c COUNT 0 RANK 2", [6, 7]],
      ["LPOS l c COUNT 0 MAXLEN 3", [2]],
      ["LPOS l c MAXLEN 2", NULL],
      ["LPOS l 1 RANK -1 MAXLEN 4", NULL],
      ["LPOS l 1 RANK -1 MAXLEN 5", 3],
    ],
  },
  {
    name: "LPOS refuses options that are none",
    since: "7.2",
    steps: [
      ["LPOS l c RANK 0", error(RANK_ZERO)],
      ["LPOS l c RANK x", NOT_AN_INTEGER],
      [
        "LPOS l c RANK -9223372036854775808",
        error(
          "ERR value is out of range, value must between -9223372036854775807 and 9223372036854775807",
        ),
      ],
      ["LPOS l c COUNT -1", error("ERR COUNT can't be negative")],
      ["LPOS l c COUNT x", error("ERR COUNT can't be negative")],
      ["LPOS l c MAXLEN -1", error("ERR MAXLEN can't be negative")],
      ["LPOS l c MAXLEN", SYNTAX],
      ["LPOS l c FIRST 1", SYNTAX],
    ],
  },
];

const moves: ConformanceCase[] = [
  {
    name: "LMOVE moves between the ends of two lists",
    steps: [
      ["RPUSH l a b c d", 4],
      ["LMOVE l m LEFT LEFT", "a"],
      ["LMOVE l m left right", "b"],
      ["LMOVE l m RIGHT LEFT", "d"],
      ["LMOVE l m RIGHT RIGHT", "c"],
      ["EXISTS l", 0],
      ["LRANGE m 0 -1", ["d", "a", "b", "c"]],
      ["LMOVE l m LEFT LEFT", NULL],
      ["LMOVE l m UP LEFT", SYNTAX],
      ["LMOVE l m LEFT UP", SYNTAX],
    ],
  },
  {
    name: "LMOVE and RPOPLPUSH turn a list round",
    steps: [
      ["RPUSH l a b c", 3],
      ["RPOPLPUSH l l", "c"],
      ["LMOVE l l LEFT RIGHT", "c"],
      ["LMOVE l l LEFT LEFT", "a"],
      ["LRANGE l 0 -1", ["a", "b", "c"]],
      ["RPUSH one x", 1],
      ["RPOPLPUSH one one", "x"],
      ["LRANGE one 0 -1", ["x"]],
    ],
  },
  {
    name: "RPOPLPUSH leaves both keys alone when one is no list",
    steps: [
      ["RPUSH l a", 1],
      ["SET s v", OK],
      ["RPOPLPUSH l s", WRONG_TYPE],
      ["RPOPLPUSH s l", WRONG_TYPE],
      ["RPOPLPUSH missing s", NULL],
      ["LRANGE l 0 -1", ["a"]],
      ["GET s", "v"],
    ],
  },
  {
    name: "LMPOP pops from the first list that is there",
    steps: [
      ["RPUSH l a b c d", 4],
      ["LMPOP 2 none l LEFT", ["l", ["a"]]],
      ["LMPOP 2 none l right COUNT 2", ["l", ["d", "c"]]],
      ["LMPOP 1 l LEFT COUNT 10", ["l", ["b"]]],
      ["LMPOP 1 l LEFT", NULL_ARRAY],
      ["LMPOP 0 l LEFT", error("ERR numkeys should be greater than 0")],
      ["LMPOP x l LEFT", error("ERR numkeys should be greater than 0")],
      ["LMPOP 2 l LEFT", SYNTAX],
      ["LMPOP 1 l UP", SYNTAX],
      [
        "LMPOP 1 l LEFT COUNT 0",
        error("ERR count should be greater than 0"),
      ],
      ["LMPOP 1 l LEFT COUNT 1 COUNT 1", SYNTAX],
      ["LMPOP 1 l LEFT COUNT", SYNTAX],
      ["SET s v", OK],
      ["LMPOP 2 none s LEFT", WRONG_TYPE],
    ],
  },
];

const encodings: ConformanceCase[] = [
  {
    name:
      "a list becomes a quicklist by its length, and a listpack again below half of it",
    since: "7.2.0",
    config: { "list-max-listpack-size": "4" },
    steps: [
      ["RPUSH l a b c d", 4],
      ["OBJECT ENCODING l", "listpack"],
      ["RPUSH l e", 5],
      ["OBJECT ENCODING l", "quicklist"],
      ["RPOP l", "e"],
      ["RPOP l", "d"],
      ["OBJECT ENCODING l", "quicklist"],
      ["RPOP l", "c"],
      ["OBJECT ENCODING l", "listpack"],
      ["LINSERT l AFTER none x", -1],
      ["OBJECT ENCODING l", "listpack"],
    ],
  },
  {
    name: "a list becomes a quicklist by its size, before it is sure to grow",
    since: "7.2.0",
    config: { "list-max-listpack-size": "-1" },
    steps: [
      [["RPUSH", "l", "x".repeat(4000)], 1],
      ["OBJECT ENCODING l", "listpack"],
      [["LINSERT", "l", "AFTER", "none", "y".repeat(100)], -1],
      ["OBJECT ENCODING l", "quicklist"],
      ["LSET l 0 small", OK],
      ["OBJECT ENCODING l", "listpack"],
      [["LSET", "l", "7", "y".repeat(5000)], error("ERR index out of range")],
      ["OBJECT ENCODING l", "quicklist"],
    ],
  },
];

const alone: ConformanceCase[] = [
  {
    name: "DEBUG QUICKLIST-PACKED-THRESHOLD has elements kept by themselves",
    since: "7.2.0",
    needsDebug: true,
    config: { "list-max-listpack-size": "4" },
    steps: [
      ["DEBUG QUICKLIST-PACKED-THRESHOLD 3b", OK],
      ["RPUSH l a b long-one c long-two", 5],
      ["LPUSH l long-three", 6],
      ["LSET l 1 long-four", OK],
      ["LSET l 3 d", OK],
      ["LINSERT l BEFORE c long-five", 7],
      ["LRANGE l 0 -1", [
        "long-three",
        "long-four",
        "b",
        "d",
        "long-five",
        "c",
        "long-two",
      ]],
      ["LREM l 1 b", 1],
      ["RPOP l 3", ["long-two", "c", "long-five"]],
      ["LRANGE l 0 -1", ["long-three", "long-four", "d"]],
      ["DEBUG QUICKLIST-PACKED-THRESHOLD 0", OK],
      [
        "DEBUG QUICKLIST-PACKED-THRESHOLD 4gb",
        error(
          "ERR argument must be a memory value bigger than 1 and smaller than 4gb",
        ),
      ],
    ],
  },
];

export const group: ConformanceGroup = {
  name: "list",
  cases: [...ends, ...ranges, ...middles, ...moves, ...encodings, ...alone],
};

/** Lists: their ends, ranges and what is in the middle. */
import { error, NULL, NULL_ARRAY, OK } from "../support/expectation.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import { NOT_AN_INTEGER } from "./expected_replies.ts";

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

export const group: ConformanceGroup = {
  name: "list",
  cases: [...ends, ...ranges],
};

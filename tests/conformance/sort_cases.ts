/** SORT and SORT_RO. */
import { error, NULL, OK } from "../support/expectation.ts";
import type {
  ConformanceCase,
  ConformanceGroup,
  Step,
} from "./conformance_case.ts";
import { NOT_AN_INTEGER, SYNTAX } from "./expected_replies.ts";

const WRONG_TYPE = error(
  "WRONGTYPE Operation against a key holding the wrong kind of value",
);
const NO_SCORES = error(
  "ERR One or more scores can't be converted into double",
);

/** A list, weights that turn its order round, and names in hashes. */
const WEIGHTED: readonly Step[] = [
  ["RPUSH l 1 2 3 10", 4],
  ["MSET w:1 4 w:2 3 w:3 2 w:10 1", OK],
  ["HSET h:1 name one weight 30", 2],
  ["HSET h:2 name two weight 20", 2],
  ["HSET h:3 name three weight 10", 2],
];

const orders: ConformanceCase[] = [
  {
    name: "SORT sorts numbers, ALPHA sorts texts, DESC turns round",
    steps: [
      ["RPUSH l 10 9 1.5 -2 1e1 9", 6],
      ["SORT l", ["-2", "1.5", "9", "9", "10", "1e1"]],
      ["SORT l DESC", ["1e1", "10", "9", "9", "1.5", "-2"]],
      ["SORT l ALPHA", ["-2", "1.5", "10", "1e1", "9", "9"]],
      ["sort l alpha desc asc", ["-2", "1.5", "10", "1e1", "9", "9"]],
      ["SORT_RO l ALPHA DESC", ["9", "9", "1e1", "10", "1.5", "-2"]],
      ["SORT missing", []],
      ["SADD s 3 20 1", 3],
      ["SORT s", ["1", "3", "20"]],
      ["SORT s ALPHA", ["1", "20", "3"]],
    ],
  },
  {
    name: "LIMIT skips and counts, and bears any bounds",
    steps: [
      ["RPUSH l 5 4 3 2 1", 5],
      ["SORT l LIMIT 1 2", ["2", "3"]],
      ["SORT l LIMIT 3 100", ["4", "5"]],
      ["SORT l LIMIT 100 1", []],
      ["SORT l LIMIT -5 2", ["1", "2"]],
      ["SORT l LIMIT 2 -1", ["3", "4", "5"]],
      ["SORT l LIMIT 2 -9223372036854775808", ["3", "4", "5"]],
      ["SORT l LIMIT 0 0", []],
      ["SORT l LIMIT x 1", NOT_AN_INTEGER],
      ["SORT l LIMIT 0 x", NOT_AN_INTEGER],
      ["SORT l LIMIT 0", SYNTAX],
    ],
  },
  {
    name: "SORT reads numbers as strtod does",
    steps: [
      [["RPUSH", "l", " 2", "", "0x3", "inf", "-inf", "1\0x"], 6],
      ["SORT l", ["-inf", "", "1\0x", " 2", "0x3", "inf"]],
      ["RPUSH bad 1 x", 2],
      ["SORT bad", NO_SCORES],
      ["SORT bad STORE d", NO_SCORES],
      ["SORT bad ALPHA", ["1", "x"]],
      ["EXISTS d", 0],
      [["RPUSH", "spaces", " ", "1"], 2],
      ["SORT spaces", NO_SCORES],
      [["RPUSH", "behind", "1 ", "1"], 2],
      ["SORT behind", NO_SCORES],
      ["RPUSH nan nan", 1],
      ["SORT nan", NO_SCORES],
    ],
  },
];

const patterns: ConformanceCase[] = [
  {
    name:
      "BY sorts by other keys or by fields of hashes; what is missing counts as 0",
    steps: [
      ...WEIGHTED,
      ["SORT l BY w:*", ["10", "3", "2", "1"]],
      ["SORT l BY w:* DESC", ["1", "2", "3", "10"]],
      ["SORT l BY h:*->weight", ["10", "3", "2", "1"]],
      ["SORT l BY h:*->name ALPHA", ["10", "1", "3", "2"]],
      ["SORT l BY missing:*", ["1", "10", "2", "3"]],
      ["SORT l BY w:* LIMIT 1 2", ["3", "2"]],
      ["SORT l BY h:*->name", NO_SCORES],
    ],
  },
  {
    name: "BY without * leaves the order, which DESC turns round",
    steps: [
      ["RPUSH l 3 1 2", 3],
      ["SORT l BY nosort", ["3", "1", "2"]],
      ["SORT l BY nosort DESC", ["2", "1", "3"]],
      ["SORT l BY nosort LIMIT 1 1", ["1"]],
      ["SORT l BY nosort DESC LIMIT 0 2", ["2", "1"]],
    ],
  },
  {
    name: "GET answers other keys, fields of hashes and the element itself",
    steps: [
      ...WEIGHTED,
      ["SORT l GET #", ["1", "2", "3", "10"]],
      ["SORT l GET w:*", ["4", "3", "2", "1"]],
      ["SORT l LIMIT 0 2 GET # GET h:*->name GET h:*->missing", [
        "1",
        "one",
        NULL,
        "2",
        "two",
        NULL,
      ]],
      ["SORT l LIMIT 3 1 GET h:*->name GET constant GET h:*", [
        NULL,
        NULL,
        NULL,
      ]],
      ["SORT l BY nosort GET h:*->name LIMIT 0 1", ["one"]],
      ["SET h:1-> arrow", OK],
      ["SORT l LIMIT 0 1 GET h:*->", ["arrow"]],
      ["SORT l LIMIT 0 1 GET l GET *", [NULL, NULL]],
    ],
  },
];

const sortedSets: ConformanceCase[] = [
  {
    name: "SORT sorts the members of a sorted set, or leaves them in its order",
    steps: [
      ["ZADD z 1 c 2 b 3 10 4 9", 4],
      ["SORT z ALPHA", ["10", "9", "b", "c"]],
      ["SORT z BY nosort", ["c", "b", "10", "9"]],
      ["SORT z BY nosort DESC LIMIT 1 2", ["10", "b"]],
      ["SORT z", NO_SCORES],
      ["SORT z BY nosort LIMIT 0 2 STORE d", 2],
      ["LRANGE d 0 -1", ["c", "b"]],
    ],
  },
  {
    name: "a sorted set that was sorted is a skiplist",
    steps: [
      ["ZADD z 1 a 2 b", 2],
      ["OBJECT ENCODING z", "listpack"],
      ["SORT_RO z BY nosort", ["a", "b"]],
      ["OBJECT ENCODING z", "skiplist"],
      ["ZADD z 3 c", 1],
      ["ZRANGE z 0 -1", ["a", "b", "c"]],
      ["OBJECT ENCODING z", "skiplist"],
    ],
  },
];

const storing: ConformanceCase[] = [
  {
    name: "STORE keeps the result as a list, missing values as empty strings",
    steps: [
      ...WEIGHTED,
      ["SET d v EX 100", OK],
      ["SORT l BY w:* STORE d", 4],
      ["LRANGE d 0 -1", ["10", "3", "2", "1"]],
      ["TTL d", -1],
      ["SORT l GET # GET h:*->name STORE d", 8],
      ["LRANGE d 4 -1", ["3", "three", "10", ""]],
      ["SORT l DESC STORE l", 4],
      ["LRANGE l 0 -1", ["10", "3", "2", "1"]],
      ["SORT missing STORE d", 0],
      ["EXISTS d", 0],
      ["SORT_RO l STORE d", SYNTAX],
    ],
  },
  {
    name: "a set that is not to be sorted is stored in the order of its texts",
    steps: [
      ["SADD s c b 10 9 a", 5],
      ["SORT s BY nosort STORE d", 5],
      ["LRANGE d 0 -1", ["10", "9", "a", "b", "c"]],
      ["SORT s BY nosort DESC LIMIT 0 2 STORE d", 2],
      ["LRANGE d 0 -1", ["c", "b"]],
    ],
  },
  {
    name: "SORT tells its keys, the last STORE among them",
    steps: [
      ["COMMAND GETKEYS SORT abc STORE def", ["abc", "def"]],
      ["COMMAND GETKEYS SORT abc STORE invalid STORE stillbad STORE def", [
        "abc",
        "def",
      ]],
      ["COMMAND GETKEYS SORT abc LIMIT store 1 BY store GET store", ["abc"]],
      ["COMMAND GETKEYS SORT_RO abc GET w:*", ["abc"]],
    ],
  },
  {
    name: "SORT refuses other types and unknown options",
    steps: [
      ["SET k v", OK],
      ["SORT k", WRONG_TYPE],
      ["SORT k x", SYNTAX],
      ["SORT_RO k", WRONG_TYPE],
      ["SORT l BY", SYNTAX],
      ["SORT l GET", SYNTAX],
      ["SORT l STORE", SYNTAX],
    ],
  },
];

export const group: ConformanceGroup = {
  name: "sort",
  cases: [...orders, ...patterns, ...sortedSets, ...storing],
};

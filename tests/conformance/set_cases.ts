/** SET with all its options, and the commands that are SET by another name. */
import { error, NULL, OK } from "../support/expectation.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import {
  BAD_EXPIRY,
  FAR_MS,
  FAR_SECONDS,
  NOT_AN_INTEGER,
  SYNTAX,
  ttlOf,
} from "./expected_replies.ts";

const values: ConformanceCase[] = [
  {
    name: "SET and GET keep an empty value",
    steps: [['SET k ""', OK], ["GET k", ""]],
  },
  {
    name: "SET and GET keep every byte of key and value",
    steps: [
      [["SET", "\x00\r\n\xff key", "\x00\x01\r\n\x80\xff"], OK],
      [["GET", "\x00\r\n\xff key"], "\x00\x01\r\n\x80\xff"],
      ['EXISTS ""', 0],
      ['SET "" "empty key"', OK],
      ['GET ""', "empty key"],
    ],
  },
  {
    name: "SET and GET keep values of 1 MB",
    steps: [[["SET", "k", "x".repeat(1_000_000)], OK], [
      "GET k",
      "x".repeat(1_000_000),
    ]],
  },
  {
    name: "GET answers nil for a key that does not exist",
    steps: [["GET k", NULL]],
  },
  {
    name: "SET replaces the value and drops the expiry",
    steps: [
      ["SET k 1 EX 100", OK],
      ["SET k 2", OK],
      ["GET k", "2"],
      ["TTL k", -1],
    ],
  },
  {
    name: "command names and options are read in any case",
    steps: [
      ["sEt k v nX eX 100", OK],
      ["get k", "v"],
      ["tTl k", ttlOf(100)],
    ],
  },
];

const conditions: ConformanceCase[] = [
  {
    name: "SET NX sets only a key that does not exist",
    steps: [
      ["SET k 1 NX", OK],
      ["SET k 2 NX", NULL],
      ["GET k", "1"],
    ],
  },
  {
    name: "SET XX sets only a key that exists",
    steps: [
      ["SET k 1 XX", NULL],
      ["EXISTS k", 0],
      ["SET k 1", OK],
      ["SET k 2 XX", OK],
      ["GET k", "2"],
    ],
  },
  {
    name: "SET NX that does not set leaves the expiry alone",
    steps: [
      ["SET k 1 EX 100", OK],
      ["SET k 2 NX EX 5", NULL],
      ["TTL k", ttlOf(100)],
    ],
  },
  {
    name: "SET GET answers the old value",
    steps: [
      ["SET k 1 GET", NULL],
      ["SET k 2 GET", "1"],
      ["SET k 3 XX GET EX 100", "2"],
      ["GET k", "3"],
      ["TTL k", ttlOf(100)],
    ],
  },
  {
    name: "SET XX GET on a missing key answers nil and sets nothing",
    steps: [["SET k 1 XX GET", NULL], ["EXISTS k", 0]],
  },
  {
    name: "SET NX GET answers the value that kept it from setting",
    steps: [
      ["SET k 1 NX GET", NULL],
      ["SET k 2 GET NX", "1"],
      ["GET k", "1"],
    ],
  },
];

const expiries: ConformanceCase[] = [
  {
    name: "SET EX, PX, EXAT and PXAT set an expiry",
    steps: [
      ["SET a v EX 100", OK],
      ["TTL a", ttlOf(100)],
      ["SET b v PX 100000", OK],
      ["TTL b", ttlOf(100)],
      [`SET c v EXAT ${FAR_SECONDS}`, OK],
      ["EXPIRETIME c", FAR_SECONDS],
      [`SET d v PXAT ${FAR_MS}`, OK],
      ["PEXPIRETIME d", FAR_MS],
    ],
  },
  {
    name: "SET with a moment in the past sets a key that is gone at once",
    steps: [
      ["SET k v EXAT 1", OK],
      ["GET k", NULL],
      ["SET k v PXAT 1", OK],
      ["EXISTS k", 0],
    ],
  },
  {
    name: "SET KEEPTTL keeps the expiry",
    steps: [
      ["SET k 1 EX 100", OK],
      ["SET k 2 KEEPTTL", OK],
      ["TTL k", ttlOf(100)],
      ["SET k 3 KEEPTTL GET XX", "2"],
      ["TTL k", ttlOf(100)],
    ],
  },
  {
    name: "SET refuses an expiry that is zero, negative or too large",
    steps: [
      ["SET k v EX 0", BAD_EXPIRY("set")],
      ["SET k v EX -1", BAD_EXPIRY("set")],
      ["SET k v PX 0", BAD_EXPIRY("set")],
      ["SET k v EXAT 0", BAD_EXPIRY("set")],
      ["SET k v PXAT -5", BAD_EXPIRY("set")],
      ["SET k v EX 9223372036854775807", BAD_EXPIRY("set")],
      ["SET k v EX 9223372036854776", BAD_EXPIRY("set")],
      ["SET k v PX 9223372036854775807", BAD_EXPIRY("set")],
      ["SET k v EXAT 9223372036854776", BAD_EXPIRY("set")],
      ["SET k v PXAT 9223372036854775807", OK],
      ["SET k v PX 9223372036854775808", NOT_AN_INTEGER],
      ["SET k v EX abc", NOT_AN_INTEGER],
      ['SET k v EX ""', NOT_AN_INTEGER],
      ["SET k v EX 1.5", NOT_AN_INTEGER],
      ['SET k v EX " 1"', NOT_AN_INTEGER],
      ["SET k v EX +1", NOT_AN_INTEGER],
      ["SET k v EX 0x10", NOT_AN_INTEGER],
    ],
  },
  {
    name: "SET refuses options that exclude each other",
    steps: [
      ["SET k v NX XX", SYNTAX],
      ["SET k v XX NX", SYNTAX],
      ["SET k v EX 1 PX 1", SYNTAX],
      ["SET k v PX 1 EXAT 1", SYNTAX],
      ["SET k v EXAT 1 PXAT 1", SYNTAX],
      ["SET k v EX 1 KEEPTTL", SYNTAX],
      ["SET k v KEEPTTL PX 1", SYNTAX],
      ["SET k v PERSIST", SYNTAX],
      ["SET k v EX", SYNTAX],
      ["SET k v BAD", SYNTAX],
      ['SET k v ""', SYNTAX],
      ["SET k v GETX", SYNTAX],
      ["EXISTS k", 0],
    ],
  },
  {
    name: "SET takes the same option twice, and the last expiry",
    steps: [["SET k v NX NX", OK], ["SET k w GET GET", "v"], [
      "SET k v KEEPTTL KEEPTTL",
      OK,
    ]],
  },
];

const relatives: ConformanceCase[] = [
  {
    name: "SETNX answers whether it set",
    steps: [["SETNX k 1", 1], ["SETNX k 2", 0], ["GET k", "1"]],
  },
  {
    name: "SETEX and PSETEX set value and expiry",
    steps: [
      ["SETEX k 100 v", OK],
      ["GET k", "v"],
      ["TTL k", ttlOf(100)],
      ["PSETEX k 200000 w", OK],
      ["GET k", "w"],
      ["TTL k", ttlOf(200)],
    ],
  },
  {
    name: "SETEX and PSETEX refuse a wrong expiry",
    steps: [
      ["SETEX k 0 v", BAD_EXPIRY("setex")],
      ["SETEX k -10 v", BAD_EXPIRY("setex")],
      ["SETEX k 9223372036854775807 v", BAD_EXPIRY("setex")],
      ["SETEX k x v", NOT_AN_INTEGER],
      ["PSETEX k 0 v", BAD_EXPIRY("psetex")],
      ["PSETEX k -1 v", BAD_EXPIRY("psetex")],
      ["PSETEX k 9223372036854775807 v", BAD_EXPIRY("psetex")],
      ["PSETEX k 1.5 v", NOT_AN_INTEGER],
      ["EXISTS k", 0],
    ],
  },
  {
    name: "GETSET swaps the value and drops the expiry",
    steps: [
      ["GETSET k 1", NULL],
      ["EXPIRE k 100", 1],
      ["GETSET k 2", "1"],
      ["GET k", "2"],
      ["TTL k", -1],
    ],
  },
  {
    name: "GETDEL answers the value and deletes the key",
    steps: [["SET k v", OK], ["GETDEL k", "v"], ["EXISTS k", 0], [
      "GETDEL k",
      NULL,
    ]],
  },
  {
    name: "GETEX without options leaves the expiry alone",
    steps: [
      ["GETEX k", NULL],
      ["SET k v EX 100", OK],
      ["GETEX k", "v"],
      ["TTL k", ttlOf(100)],
    ],
  },
  {
    name: "GETEX sets or removes the expiry",
    steps: [
      ["SET k v", OK],
      ["GETEX k EX 100", "v"],
      ["TTL k", ttlOf(100)],
      ["GETEX k PX 200000", "v"],
      ["TTL k", ttlOf(200)],
      [`GETEX k EXAT ${FAR_SECONDS}`, "v"],
      ["EXPIRETIME k", FAR_SECONDS],
      [`GETEX k PXAT ${FAR_MS}`, "v"],
      ["PEXPIRETIME k", FAR_MS],
      ["GETEX k PERSIST", "v"],
      ["TTL k", -1],
    ],
  },
  {
    name:
      "GETEX with a moment in the past answers the value and deletes the key",
    steps: [["SET k v", OK], ["GETEX k EXAT 1", "v"], ["EXISTS k", 0]],
  },
  {
    name: "GETEX refuses wrong options, but looks at the key first",
    steps: [
      ["GETEX k EX 0", NULL],
      ["GETEX k EX abc", NULL],
      ["SET k v", OK],
      ["GETEX k EX 0", BAD_EXPIRY("getex")],
      ["GETEX k PX -1", BAD_EXPIRY("getex")],
      ["GETEX k EX abc", NOT_AN_INTEGER],
      ["GETEX k EX 9223372036854775807", BAD_EXPIRY("getex")],
      ["GETEX k EX", SYNTAX],
      ["GETEX k EX 1 PX 1", SYNTAX],
      ["GETEX k EX 1 PERSIST", SYNTAX],
      ["GETEX k PERSIST EX 1", SYNTAX],
      ["GETEX k KEEPTTL", SYNTAX],
      ["GETEX k NX", SYNTAX],
      ["GETEX k GET", SYNTAX],
      ["GETEX missing BAD", SYNTAX],
    ],
  },
];

const several: ConformanceCase[] = [
  {
    name:
      "MSET sets all keys, the last value of a key given twice, and drops expiries",
    steps: [
      ["SET a 0 EX 100", OK],
      ["MSET a 1 b 2 a 3", OK],
      ["MGET a b", ["3", "2"]],
      ["TTL a", -1],
    ],
  },
  {
    name: "MSET and MSETNX refuse a key without a value",
    steps: [
      ["MSET a 1 b", error("ERR wrong number of arguments for 'mset' command")],
      [
        "MSETNX a 1 b",
        error("ERR wrong number of arguments for 'msetnx' command"),
      ],
      ["EXISTS a", 0],
    ],
  },
  {
    name: "MSETNX sets all keys or none",
    steps: [
      ["MSETNX a 1 b 2", 1],
      ["MSETNX c 3 b 4", 0],
      ["EXISTS c", 0],
      ["MSETNX c 3 c 4", 1],
      ["MGET a b c", ["1", "2", "4"]],
    ],
  },
  {
    name: "MGET answers nil for each key that does not exist",
    steps: [["SET a 1", OK], ["MGET a missing a", ["1", NULL, "1"]]],
  },
];

export const group: ConformanceGroup = {
  name: "set",
  cases: [...values, ...conditions, ...expiries, ...relatives, ...several],
};

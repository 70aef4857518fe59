/** SAVE, BGSAVE, LASTSAVE and what INFO says of them. */
import { between, error, NULL, OK, textLike } from "../support/expectation.ts";
import {
  DUMPED_HASH,
  DUMPED_INTEGER,
  DUMPED_INTSET,
  DUMPED_LIST,
  DUMPED_LISTPACK_SET,
  DUMPED_STREAM,
  DUMPED_TEXT,
} from "../support/dump_payloads.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import { NOT_AN_INTEGER, SYNTAX, WRONG_ARITY } from "./expected_replies.ts";

const saving: ConformanceCase[] = [
  {
    name: "SAVE writes the data, and counts changes from 0 again",
    steps: [
      ["SET k v", OK],
      ["SAVE", OK],
      ["INFO persistence", textLike(/rdb_changes_since_last_save:0\r/)],
      ["LASTSAVE", between(1.5e9, 1e10)],
      ["SAVE now", WRONG_ARITY("save")],
      ["LASTSAVE now", WRONG_ARITY("lastsave")],
    ],
  },
  {
    name: "BGSAVE refuses wrong options, and waits for EXEC to end",
    steps: [
      ["BGSAVE now", SYNTAX],
      ["BGSAVE SCHEDULE now", SYNTAX],
      ["MULTI", OK],
      ["SAVE", error("ERR Command not allowed inside a transaction")],
      ["DISCARD", OK],
    ],
  },
];

const rewriting: ConformanceCase[] = [
  {
    name: "BGREWRITEAOF takes no options, and waits for EXEC to end",
    steps: [
      ["BGREWRITEAOF now", WRONG_ARITY("bgrewriteaof")],
      ["MULTI", OK],
      ["BGREWRITEAOF now", WRONG_ARITY("bgrewriteaof")],
      ["DISCARD", OK],
    ],
  },
];

const BAD_FOOTER = error("ERR DUMP payload version or checksum are wrong");

const LARGEST = "9223372036854775807";

const dumps: ConformanceCase[] = [
  {
    name: "DUMP answers nil without a key",
    steps: [["DUMP missing", NULL], ["DUMP", WRONG_ARITY("dump")]],
  },
  {
    name: "RESTORE makes the value that was dumped",
    steps: [
      [["RESTORE", "i", "0", DUMPED_INTEGER], OK],
      ["GET i", "10"],
      ["OBJECT ENCODING i", "int"],
      [["RESTORE", "t", "0", DUMPED_TEXT], OK],
      ["GET t", "abc".repeat(20)],
      [["RESTORE", "l", "0", DUMPED_LIST], OK],
      ["LRANGE l 0 -1", ["a", "1"]],
      [["RESTORE", "s", "0", DUMPED_INTSET], OK],
      ["SISMEMBER s 70000", 1],
      ["OBJECT ENCODING s", "intset"],
      [["RESTORE", "h", "0", DUMPED_HASH], OK],
      ["HGET h f", "v"],
      [["RESTORE", "x", "0", DUMPED_STREAM], OK],
      ["XRANGE x - +", [["1-1", ["f", "v"]]]],
    ],
  },
  {
    name: "RESTORE keeps a listpack of numbers apart from an intset",
    since: "7.2",
    steps: [
      [["RESTORE", "s", "0", DUMPED_LISTPACK_SET], OK],
      ["OBJECT ENCODING s", "listpack"],
      ["SISMEMBER s 1", 1],
      ["SADD s 2", 1],
      ["OBJECT ENCODING s", "listpack"],
    ],
  },
  {
    name: "RESTORE refuses a key that is there, but for REPLACE",
    steps: [
      ["SET k v EX 100", OK],
      [
        ["RESTORE", "k", "0", DUMPED_INTEGER],
        error("BUSYKEY Target key name already exists."),
      ],
      [["RESTORE", "k", "0", DUMPED_INTEGER, "replace"], OK],
      ["TTL k", -1],
      [["RESTORE", "k", "0", DUMPED_LIST, "REPLACE"], OK],
      ["LRANGE k 0 -1", ["a", "1"]],
    ],
  },
  {
    name: "RESTORE takes a time to live, or with ABSTTL a moment",
    steps: [
      [["RESTORE", "k", "100000", DUMPED_INTEGER], OK],
      ["PTTL k", between(90_000, 100_000)],
      [["RESTORE", "l", "4000000000000", DUMPED_LIST, "ABSTTL"], OK],
      ["PEXPIRETIME l", 4_000_000_000_000],
      [["RESTORE", "m", LARGEST, DUMPED_LIST, "ABSTTL"], OK],
      ["PEXPIRETIME m", BigInt(LARGEST)],
      [["RESTORE", "m", LARGEST, DUMPED_LIST, "REPLACE"], OK],
      ["EXISTS m", 0],
      [["RESTORE", "l", "1", DUMPED_LIST, "ABSTTL", "REPLACE"], OK],
      ["EXISTS l", 0],
      [
        ["RESTORE", "l", "-1", DUMPED_LIST],
        error("ERR Invalid TTL value, must be >= 0"),
      ],
      [["RESTORE", "l", "x", DUMPED_LIST], NOT_AN_INTEGER],
    ],
  },
  {
    name: "RESTORE notes how the key was used",
    steps: [
      [["RESTORE", "k", "0", DUMPED_INTEGER, "IDLETIME", "1000"], OK],
      ["OBJECT IDLETIME k", between(1000, 1010)],
      [
        ["RESTORE", "q", "0", DUMPED_INTEGER, "IDLETIME", "-1"],
        error("ERR Invalid IDLETIME value, must be >= 0"),
      ],
      [
        ["RESTORE", "q", "0", DUMPED_INTEGER, "FREQ", "256"],
        error("ERR Invalid FREQ value, must be >= 0 and <= 255"),
      ],
      [
        ["RESTORE", "q", "0", DUMPED_INTEGER, "FREQ", "1", "IDLETIME", "1"],
        SYNTAX,
      ],
      [["RESTORE", "q", "0", DUMPED_INTEGER, "BAD"], SYNTAX],
      ["EXISTS q", 0],
    ],
  },
  {
    name: "RESTORE refuses damage",
    steps: [
      ["RESTORE k 0 short", BAD_FOOTER],
      [["RESTORE", "k", "0", DUMPED_INTEGER.slice(2)], BAD_FOOTER],
      [
        ["RESTORE", "k", "0", DUMPED_INTEGER.replace("\x0a", "\x0b")],
        BAD_FOOTER,
      ],
      ["EXISTS k", 0],
      [["RESTORE-ASKING", "k", "0", DUMPED_INTEGER], OK],
      ["GET k", "10"],
    ],
  },
];

export const group: ConformanceGroup = {
  name: "persistence",
  cases: [...saving, ...rewriting, ...dumps],
};

/** Streams: their entries, added, read and removed. */
import { error, NULL, NULL_ARRAY, OK, simple } from "../support/expectation.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import { NOT_AN_INTEGER, SYNTAX, WRONG_ARITY } from "./expected_replies.ts";

const WRONG_TYPE = error(
  "WRONGTYPE Operation against a key holding the wrong kind of value",
);
const INVALID_ID = error(
  "ERR Invalid stream ID specified as stream command argument",
);
const NOT_ABOVE = error(
  "ERR The ID specified in XADD is equal or smaller than the target stream top item",
);
const LAST = "18446744073709551615-18446744073709551615";

const adding: ConformanceCase[] = [
  {
    name: "XADD takes IDs that rise, and XLEN counts",
    steps: [
      ["XADD s 1-1 a 1", "1-1"],
      ["XADD s 1-1 a 1", NOT_ABOVE],
      ["XADD s 1-0 a 1", NOT_ABOVE],
      ["XADD s 2 a 1", "2-0"],
      ["XADD s 18446744073709551615-5 a 1", "18446744073709551615-5"],
      ["XLEN s", 3],
      ["XLEN missing", 0],
      ["SET str x", OK],
      ["XLEN str", WRONG_TYPE],
      ["XADD str 1-1 a 1", WRONG_TYPE],
      ["DEL str s", 2],
    ],
  },
  {
    name: "XADD finds the number of ms-*, and the whole ID of *",
    steps: [
      ["XADD s 0-* a 1", "0-1"],
      ["XADD s 0-* a 1", "0-2"],
      ["XADD s 7-* a 1", "7-0"],
      ["XADD s 7-* a 1", "7-1"],
      ["XADD s 6-* a 1", NOT_ABOVE],
      [
        "XADD s 18446744073709551615-18446744073709551614 a 1",
        "18446744073709551615-18446744073709551614",
      ],
      ["XADD s * a 1", LAST],
      [
        "XADD s * a 1",
        error(
          "ERR The stream has exhausted the last possible ID, unable to add more items",
        ),
      ],
      ["DEL s", 1],
    ],
  },
  {
    name: "XADD refuses what is no ID, no pair or 0-0, and makes no key",
    steps: [
      [
        "XADD s 0-0 a 1",
        error("ERR The ID specified in XADD must be greater than 0-0"),
      ],
      ["XADD s x a 1", INVALID_ID],
      ["XADD s - a 1", INVALID_ID],
      ["XADD s 1-2-3 a 1", INVALID_ID],
      ["XADD s 18446744073709551616 a 1", INVALID_ID],
      ["XADD s * a", WRONG_ARITY("xadd")],
      ["XADD s * a 1 b", WRONG_ARITY("xadd")],
      ["XADD s NOMKSTREAM * a 1", NULL],
      ["EXISTS s", 0],
    ],
  },
  {
    name: "XADD and XTRIM trim by length and by ID",
    steps: [
      ["XADD s 1 a 1", "1-0"],
      ["XADD s 2 a 1", "2-0"],
      ["XADD s 3 a 1", "3-0"],
      ["XADD s MAXLEN 2 4 a 1", "4-0"],
      ["XRANGE s - +", [["3-0", ["a", "1"]], ["4-0", ["a", "1"]]]],
      ["XADD s MINID = 4 5 a 1", "5-0"],
      ["XLEN s", 2],
      ["XTRIM s MAXLEN ~ 1", 0],
      ["XTRIM s MAXLEN = 1", 1],
      ["XTRIM s MINID 9", 1],
      ["XTRIM missing MAXLEN 1", 0],
      [
        "XTRIM s MAXLEN 1 MINID 1",
        error(
          "ERR syntax error, MAXLEN and MINID options at the same time are not compatible",
        ),
      ],
      ["XTRIM s MAXLEN -1", error("ERR The MAXLEN argument must be >= 0.")],
      ["XTRIM s MAXLEN x", NOT_AN_INTEGER],
      [
        "XTRIM s MAXLEN 1 LIMIT 5",
        error(
          "ERR syntax error, LIMIT cannot be used without the special ~ option",
        ),
      ],
      [
        "XTRIM s LIMIT 5 LIMIT 6",
        error(
          "ERR syntax error, LIMIT cannot be used without specifying a trimming strategy",
        ),
      ],
      [
        "XTRIM s LIMIT 0 LIMIT 0",
        error(
          "ERR syntax error, XTRIM must be called with a trimming strategy",
        ),
      ],
      [
        "XTRIM s MAXLEN ~ 1 LIMIT -1",
        error("ERR The LIMIT argument must be >= 0."),
      ],
      ["XTRIM s x 1", SYNTAX],
      ["DEL s", 1],
    ],
  },
  {
    name: "XTRIM with ~ removes whole blocks, up to LIMIT",
    config: { "stream-node-max-entries": "2" },
    steps: [
      ["XADD s 1 a 1", "1-0"],
      ["XADD s 2 a 1", "2-0"],
      ["XADD s 3 a 1", "3-0"],
      ["XADD s 4 a 1", "4-0"],
      ["XADD s 5 a 1", "5-0"],
      ["XTRIM s MAXLEN ~ 0 LIMIT 1", 0],
      ["XTRIM s MAXLEN ~ 2 LIMIT 0", 2],
      ["XTRIM s MINID ~ 5", 2],
      ["XLEN s", 1],
      ["DEL s", 1],
    ],
  },
];

const reading: ConformanceCase[] = [
  {
    name: "XRANGE and XREVRANGE answer the entries of an interval",
    steps: [
      ["XADD s 1-1 a 1 b two", "1-1"],
      ["XADD s 1-2 a -70000 b x", "1-2"],
      ["XADD s 2-0 c 9223372036854775807", "2-0"],
      ["XRANGE s - +", [
        ["1-1", ["a", "1", "b", "two"]],
        ["1-2", ["a", "-70000", "b", "x"]],
        ["2-0", ["c", "9223372036854775807"]],
      ]],
      ["XREVRANGE s + - COUNT 1", [["2-0", ["c", "9223372036854775807"]]]],
      ["XRANGE s 1 1 COUNT 1", [["1-1", ["a", "1", "b", "two"]]]],
      ["XRANGE s (1-1 (2-0", [["1-2", ["a", "-70000", "b", "x"]]]],
      ["XREVRANGE s (2-0 (1-1", [["1-2", ["a", "-70000", "b", "x"]]]],
      ["XRANGE s 3 +", []],
      ["XRANGE s - + COUNT 0", NULL_ARRAY],
      ["XRANGE s - + COUNT -1", NULL_ARRAY],
      ["XRANGE missing - + COUNT 0", []],
      ["XRANGE s - + COUNT x", NOT_AN_INTEGER],
      ["XRANGE s - + COUNT", SYNTAX],
      ["XRANGE s x +", INVALID_ID],
      ["XRANGE s (- +", INVALID_ID],
      [`XRANGE s (${LAST} +`, error("ERR invalid start ID for the interval")],
      ["XRANGE s - (0-0", error("ERR invalid end ID for the interval")],
      ["DEL s", 1],
    ],
  },
];

const removing: ConformanceCase[] = [
  {
    name: "XDEL removes entries, and an empty stream stays",
    steps: [
      ["XADD s 1 a 1", "1-0"],
      ["XADD s 2 a 1", "2-0"],
      ["XDEL s 1 9 1-0", 1],
      ["XDEL s x 2", INVALID_ID],
      ["XDEL s 2", 1],
      ["XDEL missing 1", 0],
      ["EXISTS s", 1],
      ["XLEN s", 0],
      ["XRANGE s - +", []],
      ["XADD s 2 a 1", NOT_ABOVE],
      ["DEL s", 1],
    ],
  },
  {
    name: "XSETID sets the last ID, and what else a replica needs",
    since: "7.2",
    steps: [
      ["XSETID s 5", error("ERR no such key")],
      ["XADD s 5 a 1", "5-0"],
      [
        "XSETID s 4",
        error(
          "ERR The ID specified in XSETID is smaller than the target stream top item",
        ),
      ],
      [
        "XSETID s 9 ENTRIESADDED 0",
        error(
          "ERR The entries_added specified in XSETID is smaller than the target stream length",
        ),
      ],
      [
        "XSETID s 9 ENTRIESADDED -1",
        error("ERR entries_added must be positive"),
      ],
      [
        "XSETID s 9 MAXDELETEDID 10",
        error(
          "ERR The ID specified in XSETID is smaller than the provided max_deleted_entry_id",
        ),
      ],
      ["XSETID s 9 ENTRIESADDED 7 MAXDELETEDID 4", OK],
      [
        "XSETID s 3",
        error(
          "ERR The ID specified in XSETID is smaller than current max_deleted_entry_id",
        ),
      ],
      ["XSETID s 9 NOPE 1", SYNTAX],
      ["XSETID s 9 ENTRIESADDED", SYNTAX],
      ["XADD s 9 a 1", NOT_ABOVE],
      ["OBJECT ENCODING s", "stream"],
      ["TYPE s", simple("stream")],
      ["DEL s", 1],
    ],
  },
];

export const group: ConformanceGroup = {
  name: "streams",
  cases: [...adding, ...reading, ...removing],
};

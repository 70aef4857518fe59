/** Strings as bitmaps and as arrays of integers. */
import { error, NULL, OK, simple } from "../support/expectation.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import { NOT_AN_INTEGER, SYNTAX } from "./expected_replies.ts";

const BAD_OFFSET = error("ERR bit offset is not an integer or out of range");
const BAD_BIT = error("ERR bit is not an integer or out of range");
const BAD_TYPE = error(
  "ERR Invalid bitfield type. Use something like i16 u8. Note that u64 is not supported but i64 is.",
);
const WRONG_TYPE = error(
  "WRONGTYPE Operation against a key holding the wrong kind of value",
);
const INT64_MAX = 9223372036854775807n;
const INT64_MIN = -9223372036854775808n;

const bits: ConformanceCase[] = [
  {
    name: "SETBIT makes a string, answers the old bit, GETBIT reads it",
    steps: [
      ["SETBIT k 7 1", 0],
      ["SETBIT k 7 1", 1],
      ["GET k", "\x01"],
      ["SETBIT k 17 0", 0],
      ["GET k", "\x01\x00\x00"],
      ["SETBIT k 7 0", 1],
      ["GETBIT k 7", 0],
      ["GETBIT k 1000", 0],
      ["GETBIT missing 0", 0],
      ["OBJECT ENCODING k", "raw"],
    ],
  },
  {
    name: "SETBIT changes the digits of a number, which is one no longer",
    steps: [
      ["SET k 1", OK],
      ["SETBIT k 6 1", 0],
      ["GET k", "3"],
      ["OBJECT ENCODING k", "raw"],
    ],
  },
  {
    name: "SETBIT reaches as far as a string may be long",
    steps: [
      ["SETBIT k 200000 1", 0],
      ["STRLEN k", 25001],
      ["GETBIT k 200000", 1],
      ["BITCOUNT k", 1],
      ["BITPOS k 1", 200000],
      ["SETBIT k 4294967296 1", BAD_OFFSET],
    ],
  },
  {
    name: "SETBIT and GETBIT refuse what is no offset or no bit",
    steps: [
      ["SETBIT k -1 1", BAD_OFFSET],
      ["SETBIT k x 1", BAD_OFFSET],
      ["SETBIT k #1 1", BAD_OFFSET],
      ["SETBIT k 0 2", BAD_BIT],
      ["SETBIT k 0 -1", BAD_BIT],
      ["SETBIT k 0 x", BAD_BIT],
      ["SETBIT k x x", BAD_OFFSET],
      ["GETBIT k -1", BAD_OFFSET],
      ["GETBIT k 4294967296", BAD_OFFSET],
      ["EXISTS k", 0],
    ],
  },
  {
    name:
      "a write to a string that was just answered does not change the answer",
    steps: [
      [["SET", "k", "x".repeat(100_000)], OK],
      ["GET k", "x".repeat(100_000)],
      ["SETBIT k 0 1", 0],
      ["GETRANGE k 0 1", "\xf8x"],
    ],
  },
];

const ranges: ConformanceCase[] = [
  {
    name: "BITCOUNT counts all bits, or those of a range of bytes or bits",
    steps: [
      ["SET k foobar", OK],
      ["BITCOUNT k", 26],
      ["BITCOUNT k 0 0", 4],
      ["BITCOUNT k 1 1", 6],
      ["BITCOUNT k 1 1 BYTE", 6],
      ["BITCOUNT k 5 30 BIT", 17],
      ["BITCOUNT k 0 -1", 26],
      ["BITCOUNT k -2 -1 bit", 1],
      ["BITCOUNT k 2 1", 0],
      ["BITCOUNT k -1 -2", 0],
      ["BITCOUNT k 100 200", 0],
      ["BITCOUNT k -9223372036854775807 -9223372036854775808", 0],
      ["BITCOUNT k -9223372036854775808 9223372036854775807", 26],
      ["BITCOUNT missing", 0],
    ],
  },
  {
    name: "BITCOUNT refuses a bad range only of a key that exists",
    steps: [
      ["BITCOUNT k x", 0],
      ["BITCOUNT k 0 1 x y", 0],
      ["SET k v", OK],
      ["BITCOUNT k 0", SYNTAX],
      ["BITCOUNT k 0 x", NOT_AN_INTEGER],
      ["BITCOUNT k 0 1 x", SYNTAX],
      ["BITCOUNT k 0 1 BIT x", SYNTAX],
    ],
  },
  {
    name: "BITCOUNT works on long strings",
    steps: [
      [["SET", "k", "\x55".repeat(100_001)], OK],
      ["BITCOUNT k", 400_004],
      ["BITCOUNT k 3 -2", 399_988],
      ["BITCOUNT k 3 -3 BIT", 400_002],
    ],
  },
  {
    name: "BITPOS finds the first set and the first clear bit",
    steps: [
      [["SET", "k", "\xff\xf0\x00"], OK],
      ["BITPOS k 0", 12],
      ["BITPOS k 1", 0],
      ["BITPOS k 1 2", -1],
      ["BITPOS k 0 2 -1 BYTE", 16],
      ["BITPOS k 1 7 15 BIT", 7],
      ["BITPOS k 0 -3 -1 BIT", 21],
      ["BITPOS missing 0", 0],
      ["BITPOS missing 1", -1],
    ],
  },
  {
    name: "BITPOS finds a clear bit behind a string without an end only",
    steps: [
      [["SET", "k", "\xff\xff\xff"], OK],
      ["BITPOS k 0", 24],
      ["BITPOS k 0 0", 24],
      ["BITPOS k 0 0 -1", -1],
      ["BITPOS k 0 3", -1],
      ["BITPOS k 0 0 -1 BIT", -1],
      ['SET empty ""', OK],
      ["BITPOS empty 0", -1],
      ["BITPOS empty 1", -1],
    ],
  },
  {
    name: "BITPOS passes over long runs",
    steps: [
      [
        ["SET", "k", "\x00".repeat(50_000) + "\x10" + "\xff".repeat(50_000)],
        OK,
      ],
      ["BITPOS k 1", 400_003],
      ["BITPOS k 0 50001", 800_008],
      ["BITPOS k 0 50001 -1", -1],
      ["BITPOS k 1 0 49999", -1],
    ],
  },
  {
    name: "BITPOS refuses what is no bit or no range",
    steps: [
      ["BITPOS k 2", error("ERR The bit argument must be 1 or 0.")],
      ["BITPOS k x", NOT_AN_INTEGER],
      ["SET k v", OK],
      ["BITPOS k 1 x", NOT_AN_INTEGER],
      ["BITPOS k 1 0 1 x", SYNTAX],
      ["BITPOS k 1 0 1 BIT x", SYNTAX],
    ],
  },
];

const combinations: ConformanceCase[] = [
  {
    name: "BITOP combines strings of different lengths",
    steps: [
      [["SET", "a", "\xff\x0f\xaa"], OK],
      [["SET", "b", "\x0f\xff"], OK],
      ["BITOP AND d a b", 3],
      ["GET d", "\x0f\x0f\x00"],
      ["BITOP or d a b missing", 3],
      ["GET d", "\xff\xff\xaa"],
      ["BITOP XOR d a b", 3],
      ["GET d", "\xf0\xf0\xaa"],
      ["BITOP NOT d a", 3],
      ["GET d", "\x00\xf0\x55"],
      ["OBJECT ENCODING d", "raw"],
      ["BITOP AND a a missing", 3],
      ["GET a", "\x00\x00\x00"],
    ],
  },
  {
    name: "BITOP of nothing deletes the destination",
    steps: [
      ["SET d v", OK],
      ["BITOP AND d missing other", 0],
      ["EXISTS d", 0],
      ["BITOP NOT d missing", 0],
    ],
  },
  {
    name: "BITOP replaces a value with its expiry",
    steps: [
      ["SET d v EX 100", OK],
      ["SET a a", OK],
      ["BITOP OR d a", 1],
      ["TTL d", -1],
      ["GET d", "a"],
    ],
  },
  {
    name: "BITOP works on long strings",
    steps: [
      [["SET", "a", "\x33".repeat(40_003)], OK],
      [["SET", "b", "\x55".repeat(20_001)], OK],
      ["BITOP AND d a b", 40_003],
      ["BITCOUNT d", 40_002],
      ["BITOP XOR d a b", 40_003],
      ["BITCOUNT d", 160_012],
      ["BITOP NOT d d", 40_003],
      ["BITCOUNT d", 160_012],
    ],
  },
  {
    name: "BITOP refuses unknown operations and NOT of several keys",
    steps: [
      ["BITOP NAND d a", SYNTAX],
      [
        "BITOP NOT d a b",
        error("ERR BITOP NOT must be called with a single source key."),
      ],
    ],
  },
];

const fields: ConformanceCase[] = [
  {
    name: "BITFIELD sets, adds and gets integers",
    steps: [
      ["BITFIELD k SET u8 0 255 GET i8 0 INCRBY i5 #2 1 GET u4 0", [
        0,
        -1,
        1,
        15,
      ]],
      ["GET k", "\xff\x02"],
      ["BITFIELD k GET u63 0 GET i64 #1", [9187624714812522496n, 0]],
      ["BITFIELD missing GET u8 0", [0]],
      ["BITFIELD missing", []],
      ["EXISTS missing", 0],
    ],
  },
  {
    name: "BITFIELD wraps, saturates or fails",
    steps: [
      ["BITFIELD k SET u8 0 250 INCRBY u8 0 10 INCRBY u8 0 -10", [0, 4, 250]],
      ["BITFIELD k OVERFLOW SAT INCRBY u8 0 10 INCRBY u8 0 -300", [255, 0]],
      ["BITFIELD k OVERFLOW FAIL INCRBY u8 0 -1 GET u8 0", [NULL, 0]],
      ["BITFIELD k OVERFLOW sat SET i8 0 -200 GET i8 0", [0, -128]],
      ["BITFIELD k OVERFLOW SAT SET u8 0 -1 GET u8 0", [128, 255]],
      [
        "BITFIELD k OVERFLOW FAIL SET i8 0 128 OVERFLOW WRAP SET i8 0 128",
        [NULL, -1],
      ],
    ],
  },
  {
    name: "BITFIELD is exact in 64 bits",
    steps: [
      ["BITFIELD k SET i64 3 9223372036854775807 INCRBY i64 3 1", [
        0,
        INT64_MIN,
      ]],
      ["BITFIELD k OVERFLOW SAT INCRBY i64 3 -1 GET i64 3", [
        INT64_MIN,
        INT64_MIN,
      ]],
      ["BITFIELD k SET u63 #1 -1 GET u63 #1", [0, INT64_MAX]],
      ["BITFIELD k OVERFLOW SAT SET i8 0 -9223372036854775808 GET i8 0", [
        16,
        127,
      ]],
    ],
  },
  {
    name: "BITFIELD grows the string for a write even when it fails",
    steps: [
      ["BITFIELD k OVERFLOW FAIL SET u2 30 9", [NULL]],
      ["GET k", "\x00\x00\x00\x00"],
    ],
  },
  {
    name: "BITFIELD refuses what it cannot read before it changes anything",
    steps: [
      ["BITFIELD k SET u8 0 1 GET u64 0", BAD_TYPE],
      ["BITFIELD k GET i65 0", BAD_TYPE],
      ["BITFIELD k GET u0 0", BAD_TYPE],
      ["BITFIELD k GET x8 0", BAD_TYPE],
      ["BITFIELD k GET I8 0", BAD_TYPE],
      ["BITFIELD k GET u8 -1", BAD_OFFSET],
      ["BITFIELD k GET u8 #x", BAD_OFFSET],
      ["BITFIELD k GET u8 4294967296", BAD_OFFSET],
      ["BITFIELD k SET u8 0 x", NOT_AN_INTEGER],
      ["BITFIELD k OVERFLOW x", error("ERR Invalid OVERFLOW type specified")],
      ["BITFIELD k SET u8 0", SYNTAX],
      ["BITFIELD k x", SYNTAX],
      ["EXISTS k", 0],
    ],
  },
  {
    name: "BITFIELD_RO only gets",
    steps: [
      ["SET k A", OK],
      ["BITFIELD_RO k GET u8 0 GET u4 #1", [65, 1]],
      [
        "BITFIELD_RO k GET u8 0 SET u8 0 1",
        error("ERR BITFIELD_RO only supports the GET subcommand"),
      ],
      ["BITFIELD_RO k", []],
    ],
  },
];

const types: ConformanceCase[] = [
  {
    name: "the bit commands refuse what is no string",
    steps: [
      ["SADD s a", 1],
      ["SETBIT s 0 1", WRONG_TYPE],
      ["GETBIT s 0", WRONG_TYPE],
      ["BITCOUNT s x", WRONG_TYPE],
      ["BITPOS s 1", WRONG_TYPE],
      ["BITOP NOT d s", WRONG_TYPE],
      ["BITFIELD s GET u8 0", WRONG_TYPE],
      ["BITFIELD s SET u8 0 1", WRONG_TYPE],
      ["BITFIELD_RO s GET u8 0", WRONG_TYPE],
      ["SET a a", OK],
      ["BITOP NOT s a", 1],
      ["TYPE s", simple("string")],
    ],
  },
];

export const group: ConformanceGroup = {
  name: "bitmap",
  cases: [...bits, ...ranges, ...combinations, ...fields, ...types],
};

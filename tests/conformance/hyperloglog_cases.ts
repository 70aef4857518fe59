/** HyperLogLogs: their counts and their bytes. */
import { error, OK, simple } from "../support/expectation.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";

const NO_HYPERLOGLOG = error(
  "WRONGTYPE Key is not a valid HyperLogLog string value.",
);
const BROKEN = error("INVALIDOBJ Corrupted HLL object detected");
const NO_KEY = error("ERR The specified key does not exist");
/** A value without elements, as PFADD makes it and then marks it as changed. */
const EMPTY = "HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80\x7f\xff";

function numbers(count: number): string[] {
  return Array.from({ length: count }, (_, i) => String(i));
}

const counts: ConformanceCase[] = [
  {
    name: "PFADD answers whether anything changed, PFCOUNT how many there are",
    steps: [
      ["PFADD h a b c", 1],
      ["PFADD h a b c", 0],
      ["PFADD h", 0],
      ["PFCOUNT h", 3],
      ["PFCOUNT missing", 0],
      ["PFADD new", 1],
      ["PFADD new", 0],
      ["PFCOUNT new", 0],
    ],
  },
  {
    name: "the bytes are those of Redis, in all stages",
    steps: [
      ["PFADD h", 1],
      ["GET h", EMPTY],
      ["PFCOUNT h", 0],
      ["GET h", "HYLL\x01\0\0\0\0\0\0\0\0\0\0\0\x7f\xff"],
      ["PFADD h a b c", 1],
      ["PFDEBUG DECODE h", "Z:8436 v:1,1 Z:4274 v:2,1 Z:3068 v:1,1 Z:603"],
      ["PFCOUNT h", 3],
      ["GETRANGE h 8 15", "\x03\0\0\0\0\0\0\0"],
      ["STRLEN h", 27],
      ["OBJECT ENCODING h", "raw"],
    ],
  },
  {
    name: "a value becomes dense when it would be too long",
    config: { "hll-sparse-max-bytes": "30" },
    steps: [
      ["PFADD h a b c", 1],
      ["PFDEBUG ENCODING h", simple("sparse")],
      ["PFADD h d e f g", 1],
      ["PFDEBUG ENCODING h", simple("dense")],
      ["STRLEN h", 12304],
      ["PFCOUNT h", 7],
      ["PFADD h a", 0],
      ["PFADD h h", 1],
      ["PFCOUNT h", 8],
      ["PFDEBUG DECODE h", error("ERR HLL encoding is not sparse")],
    ],
  },
  {
    name: "counts of many elements are estimates, the same ones as Redis's",
    steps: [
      [["PFADD", "h", ...numbers(1000)], 1],
      ["PFCOUNT h", 1001],
      [["PFADD", "h", ...numbers(20_000)], 1],
      ["PFCOUNT h", 19_891],
      ["PFDEBUG ENCODING h", simple("dense")],
    ],
  },
  {
    name: "PFCOUNT of several keys counts their union",
    steps: [
      ["PFADD a 1 2 3", 1],
      ["PFADD b 3 4", 1],
      ["PFCOUNT a b missing", 4],
      ["PFDEBUG TODENSE b", 1],
      ["PFDEBUG TODENSE b", 0],
      ["PFCOUNT a b", 4],
      ["PFCOUNT b b", 2],
    ],
  },
  {
    name: "PFMERGE adds to the destination; one dense source makes it dense",
    steps: [
      ["PFADD a 1 2 3", 1],
      ["PFADD b 3 4", 1],
      ["PFMERGE d a b", OK],
      ["PFCOUNT d", 4],
      ["PFDEBUG ENCODING d", simple("sparse")],
      ["PFMERGE a b missing", OK],
      ["PFCOUNT a", 4],
      ["PFDEBUG TODENSE b", 1],
      ["PFMERGE d b", OK],
      ["PFDEBUG ENCODING d", simple("dense")],
      ["PFCOUNT d", 4],
      ["PFMERGE new", OK],
      ["GET new", EMPTY],
    ],
  },
  {
    name: "an expiry stays while elements are added",
    steps: [
      ["PFADD h a", 1],
      ["PEXPIREAT h 4102444800123", 1],
      ["PFADD h b c d e", 1],
      ["PFDEBUG TODENSE h", 1],
      ["PFCOUNT h", 5],
      ["PEXPIRETIME h", 4102444800123],
    ],
  },
];

const refusals: ConformanceCase[] = [
  {
    name: "strings that are no HyperLogLog are refused",
    steps: [
      ["SET k foo", OK],
      ["PFADD k a", NO_HYPERLOGLOG],
      ["PFCOUNT k", NO_HYPERLOGLOG],
      ["PFCOUNT k k", NO_HYPERLOGLOG],
      ["PFMERGE d k", NO_HYPERLOGLOG],
      ["PFMERGE k", NO_HYPERLOGLOG],
      ["PFDEBUG ENCODING k", NO_HYPERLOGLOG],
      ["PFADD h a", 1],
      ["SETRANGE h 4 \x02", 27 - 6],
      ["PFADD h b", NO_HYPERLOGLOG],
      [["SET", "dense", "HYLL\x00" + "\0".repeat(12298)], OK],
      ["PFCOUNT dense", NO_HYPERLOGLOG],
    ],
  },
  {
    name: "broken sparse values are found out",
    steps: [
      [["SET", "k", "HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80\x7f\xfe"], OK],
      ["PFCOUNT k", BROKEN],
      ["PFCOUNT k k", BROKEN],
      ["PFMERGE d k", BROKEN],
      ["PFDEBUG GETREG k", BROKEN],
      ["PFDEBUG TODENSE k", BROKEN],
      [["SET", "k", "HYLL\x01\0\0\0\0\0\0\0\0\0\0\x80"], OK],
      ["PFADD k a", BROKEN],
      ["PFADD k", 0],
      ["EXISTS d", 0],
    ],
  },
  {
    name: "PFDEBUG refuses missing keys and unknown subcommands",
    steps: [
      ["PFDEBUG ENCODING missing", NO_KEY],
      ["PFADD h a", 1],
      ["PFDEBUG x h", error("ERR Unknown PFDEBUG subcommand 'x'")],
      [
        "PFDEBUG ENCODING",
        error(/^ERR wrong number of arguments for 'pfdebug'/),
      ],
    ],
  },
];

const tests: ConformanceCase[] = [
  { name: "PFSELFTEST finds nothing wrong", steps: [["PFSELFTEST", OK]] },
  {
    name: "PFDEBUG GETREG answers all registers",
    steps: [
      ["PFADD h a", 1],
      [
        "PFDEBUG GETREG h",
        Array.from({ length: 16384 }, (_, i) => i === 12711 ? 2 : 0),
      ],
      ["PFDEBUG ENCODING h", simple("dense")],
    ],
  },
];

export const group: ConformanceGroup = {
  name: "hyperloglog",
  cases: [...counts, ...refusals, ...tests],
};

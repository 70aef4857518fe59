/** MEMORY, and LOLWUT, which is for fun. */
import {
  ANY,
  between,
  error,
  mapIncluding,
  NULL,
  OK,
  satisfying,
  textLike,
} from "../support/expectation.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import {
  helpOf,
  NOT_AN_INTEGER,
  SYNTAX,
  WRONG_ARITY,
} from "./expected_replies.ts";

const memory: ConformanceCase[] = [
  {
    name: "MEMORY USAGE answers the bytes of a key and its value, or nil",
    steps: [
      ["MEMORY USAGE missing", NULL],
      ["SET k v", OK],
      ["MEMORY USAGE k", between(10, 200)],
      ["MEMORY USAGE k SAMPLES 0", between(10, 200)],
      [["SET", "k", "x".repeat(100_000)], OK],
      ["MEMORY USAGE k samples 5", between(100_000, 140_000)],
    ],
  },
  {
    name: "MEMORY USAGE refuses wrong options",
    steps: [
      ["SET k v", OK],
      ["MEMORY USAGE k SAMPLES", SYNTAX],
      ["MEMORY USAGE k SAMPLES -1", SYNTAX],
      ["MEMORY USAGE k SAMPLES x", NOT_AN_INTEGER],
      ["MEMORY USAGE k BAD 1", SYNTAX],
    ],
  },
  {
    name: "MEMORY STATS answers figures of the whole server",
    steps: [
      ["MSET a 1 b 2", OK],
      [
        "MEMORY STATS",
        mapIncluding(
          ["total.allocated", between(1, 1e12)],
          ["peak.allocated", between(1, 1e12)],
          ["startup.allocated", between(0, 1e12)],
          ["keys.count", 2],
          ["dataset.bytes", between(0, 1e12)],
          ["db.0", mapIncluding(["overhead.hashtable.main", between(0, 1e12)])],
        ),
      ],
    ],
  },
  {
    name:
      "MEMORY DOCTOR reports, MEMORY PURGE gives memory back, MEMORY MALLOC-STATS tells of it",
    steps: [
      ["MEMORY DOCTOR", textLike(/./)],
      ["MEMORY PURGE", OK],
      ["MEMORY MALLOC-STATS", ANY],
    ],
  },
  {
    name: "MEMORY refuses what it does not know",
    steps: [
      ["MEMORY", WRONG_ARITY("memory")],
      ["MEMORY NOPE", error("ERR unknown subcommand 'NOPE'. Try MEMORY HELP.")],
      ["MEMORY USAGE", WRONG_ARITY("memory|usage")],
      ["MEMORY DOCTOR x", WRONG_ARITY("memory|doctor")],
    ],
  },
  {
    name: "MEMORY HELP lists the subcommands",
    since: "7.2",
    steps: [["MEMORY HELP", helpOf("MEMORY")]],
  },
];

const lolwut: ConformanceCase[] = [
  {
    name: "LOLWUT answers something and the version",
    steps: [
      ["LOLWUT", textLike(/Redis ver\. 7\.\d+\.\d+\n$/)],
      ["LOLWUT VERSION 1", textLike(/Redis ver\. 7\.\d+\.\d+\n$/)],
      ["LOLWUT VERSION x", NOT_AN_INTEGER],
      [
        "LOLWUT VERSION 5 1 1 1",
        satisfying("a drawing", (reply) => reply.type !== "error"),
      ],
    ],
  },
];

export const group: ConformanceGroup = {
  name: "memory",
  cases: [...memory, ...lolwut],
};

/** Streams: readers that wait, consumer groups, and what XINFO tells. */
import {
  ANY,
  error,
  type Expected,
  map,
  NULL,
  NULL_ARRAY,
  OK,
  perProtocol,
  textLike,
} from "../support/expectation.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import {
  helpOf,
  NO_SUCH_KEY,
  SYNTAX,
  WRONG_ARITY,
} from "./expected_replies.ts";

const ENTRY_1 = ["1-0", ["a", "1"]];
const ENTRY_2 = ["2-0", ["a", "2"]];
const ENTRY_3 = ["3-0", ["a", "3"]];
const NO_GROUP = (subject: string) => error(`NOGROUP No such ${subject}`);

const ONE_WAITS = textLike(/^blocked_clients:1\r$/m);

/** The entries of streams, by key. */
function streams(...entries: [string, Expected][]): Expected {
  return perProtocol(entries, map(...entries));
}

/** A stream `s` of three entries. */
const THREE_ENTRIES: ConformanceCase["steps"] = [
  ["XADD s 1 a 1", "1-0"],
  ["XADD s 2 a 2", "2-0"],
  ["XADD s 3 a 3", "3-0"],
];

const reading: ConformanceCase[] = [
  {
    name: "XREAD answers what is behind an ID, of each stream that has it",
    since: "7.2",
    steps: [
      ...THREE_ENTRIES,
      ["XADD t 7 a 7", "7-0"],
      [
        "XREAD COUNT 2 STREAMS s t 1 0",
        streams(["s", [ENTRY_2, ENTRY_3]], ["t", [["7-0", ["a", "7"]]]]),
      ],
      ["XREAD STREAMS s t 1 9", streams(["s", [ENTRY_2, ENTRY_3]])],
      ["XREAD STREAMS s missing $ 0", NULL_ARRAY],
      [
        "XREAD STREAMS s t 1",
        error(
          "ERR Unbalanced 'xread' list of streams: for each stream key an ID or '$' must be specified.",
        ),
      ],
      ["XREAD COUNT 1 STREAMS", SYNTAX],
      [
        "XREAD NOACK STREAMS s 1",
        error(
          "ERR The NOACK option is only supported by XREADGROUP. You called XREAD instead.",
        ),
      ],
      ["XREAD BLOCK -1 STREAMS s $", error("ERR timeout is negative")],
      [
        "XREAD BLOCK x STREAMS s $",
        error("ERR timeout is not an integer or out of range"),
      ],
      ["XREAD BLOCK 1 STREAMS s $", NULL_ARRAY],
      ["DEL s t", 2],
    ],
  },
  {
    name: "XREAD with BLOCK waits for what comes behind $",
    covers: ["xread", "xadd"],
    async run(t) {
      await t.expect("XADD s 1 a 1", "1-0");
      const reader = await t.other();
      await reader.start("XREAD BLOCK 0 STREAMS s t $ $");
      await t.eventually("INFO clients", ONE_WAITS);
      await t.expect("XADD s 2 a 2", "2-0");
      await reader.receive(streams(["s", [ENTRY_2]]));
      await t.expect("DEL s", 1);
    },
  },
  {
    name: "XREADGROUP that waits ends with its group, or its key",
    since: "7.2",
    covers: ["xreadgroup", "xgroup|destroy", "xgroup|create"],
    async run(t) {
      const message =
        "key 's' or consumer group 'g' in XREADGROUP with GROUP option";
      for (const end of ["XGROUP DESTROY s g", "DEL s"]) {
        await t.expect("XGROUP CREATE s g $ MKSTREAM", OK);
        const reader = await t.other();
        await reader.start("XREADGROUP GROUP g c BLOCK 0 STREAMS s >");
        await t.eventually("INFO clients", ONE_WAITS);
        await t.expect(end, 1);
        await reader.receive(NO_GROUP(message));
        await t.expect("DEL s", end === "DEL s" ? 0 : 1);
      }
    },
  },
  {
    name: "XREADGROUP waits on when its group is moved, until an entry comes",
    since: "7.2",
    covers: ["xreadgroup", "xgroup|setid"],
    async run(t) {
      await t.expect("XADD s 1 a 1", "1-0");
      await t.expect("XGROUP CREATE s g $", OK);
      const reader = await t.other();
      await reader.start("XREADGROUP GROUP g c BLOCK 0 STREAMS s >");
      await t.eventually("INFO clients", ONE_WAITS);
      for (
        const change of [
          "XGROUP SETID s g 0",
          "XGROUP CREATE s h 0",
          "XSETID s 1",
        ]
      ) await t.expect(change, OK);
      await t.expect("INFO clients", ONE_WAITS);
      await t.expect("XADD s 2 a 2", "2-0");
      await reader.receive(streams(["s", [ENTRY_1, ENTRY_2]]));
      await t.expect("DEL s", 1);
    },
  },
];

/** What is no change for WATCH: entries and their streams stay as they are. */
const CHANGES_OF_GROUPS = [
  "XGROUP CREATE s h 0",
  "XGROUP SETID s g 0",
  "XGROUP CREATECONSUMER s g d",
  "XGROUP DELCONSUMER s g c",
  "XGROUP DESTROY s h",
  "XREADGROUP GROUP g e STREAMS s >",
  "XCLAIM s g f 0 1-0",
  "XAUTOCLAIM s g c 0 0",
  "XACK s g 1-0",
  "XSETID s 5",
];

const groups: ConformanceCase[] = [
  {
    name: "WATCH does not mind changes of groups, but the making of a stream",
    covers: ["xgroup|create", "xsetid", "watch"],
    async run(t) {
      await t.expect("XGROUP CREATE s g $ MKSTREAM", OK);
      await t.expect("XADD s 1 a 1", "1-0");
      for (const change of CHANGES_OF_GROUPS) {
        await t.expect("WATCH s", OK);
        await t.call(change);
        await t.expect("MULTI", OK);
        await t.expect("EXEC", []);
      }
      for (const change of ["XADD s 9 a 1", "XDEL s 9", "XTRIM s MAXLEN 0"]) {
        await t.expect("WATCH s", OK);
        await t.call(change);
        await t.expect("MULTI", OK);
        await t.expect("EXEC", NULL_ARRAY);
      }
      await t.expect("WATCH t", OK);
      await t.expect("XGROUP CREATE t g $ MKSTREAM", OK);
      await t.expect("MULTI", OK);
      await t.expect("EXEC", NULL_ARRAY);
      await t.expect("DEL s t", 2);
    },
  },
  {
    name: "XGROUP makes, moves and removes groups and consumers",
    since: "7.2",
    steps: [
      [
        "XGROUP CREATE s g $",
        error(
          "ERR The XGROUP subcommand requires the key to exist. Note that for CREATE you may want to use the MKSTREAM option to create an empty stream automatically.",
        ),
      ],
      ["XGROUP CREATE s g $ MKSTREAM", OK],
      [
        "XGROUP CREATE s g $",
        error("BUSYGROUP Consumer Group name already exists"),
      ],
      [
        "XGROUP CREATE s h 0 ENTRIESREAD -2",
        error("ERR value for ENTRIESREAD must be positive or -1"),
      ],
      ["XGROUP CREATECONSUMER s g c", 1],
      ["XGROUP CREATECONSUMER s g c", 0],
      [
        "XGROUP CREATECONSUMER s h c",
        NO_GROUP("consumer group 'h' for key name 's'"),
      ],
      ["XGROUP DELCONSUMER s g c", 0],
      ["XGROUP SETID s g 5 ENTRIESREAD 2", OK],
      ["XINFO GROUPS s", [map(
        ["name", "g"],
        ["consumers", 0],
        ["pending", 0],
        ["last-delivered-id", "5-0"],
        ["entries-read", 2],
        ["lag", 0],
      )]],
      ["XGROUP DESTROY s g", 1],
      ["XGROUP DESTROY s g", 0],
      [
        "XGROUP SETID s g 5 MKSTREAM",
        error(
          "ERR unknown subcommand or wrong number of arguments for 'SETID'. Try XGROUP HELP.",
        ),
      ],
      ["XGROUP", WRONG_ARITY("xgroup")],
      ["XGROUP HELP", helpOf("XGROUP")],
      ["DEL s", 1],
    ],
  },
  {
    name: "XREADGROUP gives new entries, and the history of a consumer",
    steps: [
      ...THREE_ENTRIES,
      ["XGROUP CREATE s g 0", OK],
      ["XREADGROUP GROUP g c COUNT 1 STREAMS s >", streams(["s", [ENTRY_1]])],
      [
        "XREADGROUP GROUP g d NOACK STREAMS s >",
        streams(["s", [ENTRY_2, ENTRY_3]]),
      ],
      ["XREADGROUP GROUP g c STREAMS s >", NULL_ARRAY],
      ["XREADGROUP GROUP g c STREAMS s 0", streams(["s", [ENTRY_1]])],
      ["XREADGROUP GROUP g d STREAMS s 0", streams(["s", []])],
      ["XDEL s 1", 1],
      [
        "XREADGROUP GROUP g c STREAMS s 0",
        streams(["s", [["1-0", NULL_ARRAY]]]),
      ],
      ["XACK s g 1 2", 1],
      ["XACK s nope 1", 0],
      ["XREADGROUP GROUP g c STREAMS s $", error(/^ERR The \$ ID is meaning/)],
      [
        "XREADGROUP GROUP nope c STREAMS s >",
        NO_GROUP(
          "key 's' or consumer group 'nope' in XREADGROUP with GROUP option",
        ),
      ],
      [
        "XREADGROUP COUNT 1 BLOCK 1 STREAMS s >",
        error("ERR Missing GROUP option for XREADGROUP"),
      ],
      ["DEL s", 1],
    ],
  },
  {
    name: "XPENDING, XCLAIM and XAUTOCLAIM know who has what",
    steps: [
      ...THREE_ENTRIES,
      ["XGROUP CREATE s g 0", OK],
      ["XPENDING s g", [0, NULL, NULL, NULL_ARRAY]],
      ["XREADGROUP GROUP g c STREAMS s >", ANY],
      ["XPENDING s g", [3, "1-0", "3-0", [["c", "3"]]]],
      ["XPENDING s g - + 2 c", [["1-0", "c", ANY, 1], ["2-0", "c", ANY, 1]]],
      ["XPENDING s g IDLE 99999999 - + 2", []],
      ["XPENDING s g - + 2 nobody", []],
      ["XPENDING s g -", SYNTAX],
      ["XPENDING s nope", NO_GROUP("key 's' or consumer group 'nope'")],
      ["XCLAIM s g d 0 1 RETRYCOUNT 5", [ENTRY_1]],
      ["XCLAIM s g d 99999999 2", []],
      ["XCLAIM s g d 0 2 JUSTID", ["2-0"]],
      ["XPENDING s g (1 + 9", [["2-0", "d", ANY, 1], ["3-0", "c", ANY, 1]]],
      [
        "XCLAIM s g d x 1",
        error("ERR Invalid min-idle-time argument for XCLAIM"),
      ],
      ["XCLAIM s g d 0 1 NOPE", error("ERR Unrecognized XCLAIM option 'NOPE'")],
      ["XDEL s 2", 1],
      ["XAUTOCLAIM s g e 0 - COUNT 2", ["3-0", [ENTRY_1], ["2-0"]]],
      ["XAUTOCLAIM s g e 0 3 JUSTID", ["0-0", ["3-0"], []]],
      ["XAUTOCLAIM s g e 0 3 COUNT 0", error("ERR COUNT must be > 0")],
      ["XPENDING s g", [2, "1-0", "3-0", [["e", "2"]]]],
      ["DEL s", 1],
    ],
  },
];

const info: ConformanceCase[] = [
  {
    name: "XINFO tells of a stream, its groups and consumers",
    since: "7.2",
    steps: [
      ["XINFO STREAM s", NO_SUCH_KEY],
      ...THREE_ENTRIES,
      ["XGROUP CREATE s g 0", OK],
      ["XREADGROUP GROUP g c COUNT 1 STREAMS s >", ANY],
      [
        "XINFO STREAM s",
        map(
          ["length", 3],
          ["radix-tree-keys", 1],
          ["radix-tree-nodes", 2],
          ["last-generated-id", "3-0"],
          ["max-deleted-entry-id", "0-0"],
          ["entries-added", 3],
          ["recorded-first-entry-id", "1-0"],
          ["groups", 1],
          ["first-entry", ENTRY_1],
          ["last-entry", ENTRY_3],
        ),
      ],
      ["XINFO GROUPS s", [map(
        ["name", "g"],
        ["consumers", 1],
        ["pending", 1],
        ["last-delivered-id", "1-0"],
        ["entries-read", 1],
        ["lag", 2],
      )]],
      ["XDEL s 2", 1],
      ["XINFO GROUPS s", [map(
        ["name", "g"],
        ["consumers", 1],
        ["pending", 1],
        ["last-delivered-id", "1-0"],
        ["entries-read", 1],
        ["lag", NULL],
      )]],
      [
        "XINFO STREAM s FULL NOPE",
        error(
          "ERR unknown subcommand or wrong number of arguments for 'STREAM'. Try XINFO HELP.",
        ),
      ],
      [
        "XINFO CONSUMERS s nope",
        NO_GROUP("consumer group 'nope' for key name 's'"),
      ],
      ["XINFO HELP", helpOf("XINFO")],
      ["DEL s", 1],
    ],
  },
  {
    name: "XINFO tells when consumers were seen and active",
    since: "7.2",
    steps: [
      ...THREE_ENTRIES,
      ["XGROUP CREATE s g 0", OK],
      ["XREADGROUP GROUP g c COUNT 1 STREAMS s >", ANY],
      ["XGROUP CREATECONSUMER s g b", 1],
      ["XINFO CONSUMERS s g", [
        map(["name", "b"], ["pending", 0], ["idle", ANY], ["inactive", -1]),
        map(["name", "c"], ["pending", 1], ["idle", ANY], ["inactive", ANY]),
      ]],
      [
        "XINFO STREAM s FULL COUNT 1",
        map(
          ["length", 3],
          ["radix-tree-keys", 1],
          ["radix-tree-nodes", 2],
          ["last-generated-id", "3-0"],
          ["max-deleted-entry-id", "0-0"],
          ["entries-added", 3],
          ["recorded-first-entry-id", "1-0"],
          ["entries", [ENTRY_1]],
          ["groups", [map(
            ["name", "g"],
            ["last-delivered-id", "1-0"],
            ["entries-read", 1],
            ["lag", 2],
            ["pel-count", 1],
            ["pending", [["1-0", "c", ANY, 1]]],
            ["consumers", [
              map(
                ["name", "b"],
                ["seen-time", ANY],
                ["active-time", -1],
                ["pel-count", 0],
                ["pending", []],
              ),
              map(
                ["name", "c"],
                ["seen-time", ANY],
                ["active-time", ANY],
                ["pel-count", 1],
                ["pending", [["1-0", ANY, 1]]],
              ),
            ]],
          )]],
        ),
      ],
      ["DEL s", 1],
    ],
  },
];

export const group: ConformanceGroup = {
  name: "stream groups",
  cases: [...reading, ...groups, ...info],
};

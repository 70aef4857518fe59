/** Transactions: MULTI, EXEC, DISCARD, WATCH, UNWATCH. */
import {
  error,
  type Expected,
  NULL,
  NULL_ARRAY,
  OK,
  PONG,
  QUEUED,
  simple,
  textLike,
} from "../support/expectation.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import { type Conversation, wait } from "./conversation.ts";
import { NOT_AN_INTEGER, SYNTAX, WRONG_ARITY } from "./expected_replies.ts";

const ABORTED = error(
  "EXECABORT Transaction discarded because of previous errors.",
);
const UNKNOWN = error(/^ERR unknown command 'NOPE'/);

const queueing: ConformanceCase[] = [
  {
    name: "EXEC runs what was queued and answers each",
    steps: [
      ["MULTI", OK],
      ["SET k 1", QUEUED],
      ["INCR k", QUEUED],
      ["GET k", QUEUED],
      ["GET none", QUEUED],
      ["EXEC", [OK, 2, "2", NULL]],
      ["GET k", "2"],
      ["EXEC", error("ERR EXEC without MULTI")],
    ],
  },
  {
    name: "an empty transaction answers an empty array",
    steps: [["MULTI", OK], ["EXEC", []]],
  },
  {
    name: "DISCARD forgets what was queued",
    steps: [
      ["MULTI", OK],
      ["SET k v", QUEUED],
      ["DISCARD", OK],
      ["EXISTS k", 0],
      ["DISCARD", error("ERR DISCARD without MULTI")],
      ["UNWATCH", OK],
    ],
  },
  {
    name: "an error inside does not stop the rest",
    steps: [
      ["SET k v", OK],
      ["MULTI", OK],
      ["INCR k", QUEUED],
      ["SET k v BADOPTION", QUEUED],
      ["SET k w", QUEUED],
      ["EXEC", [NOT_AN_INTEGER, SYNTAX, OK]],
      ["GET k", "w"],
    ],
  },
  {
    name: "MULTI does not nest and WATCH comes too late, which spoils nothing",
    steps: [
      ["MULTI", OK],
      ["MULTI", error("ERR MULTI calls can not be nested")],
      ["WATCH k", error("ERR WATCH inside MULTI is not allowed")],
      ["SET k v", QUEUED],
      ["EXEC", [OK]],
    ],
  },
  {
    name: "a command that cannot be queued spoils the transaction",
    steps: [
      ["MULTI", OK],
      ["SET k v", QUEUED],
      ["NOPE", UNKNOWN],
      ["SET k w", QUEUED],
      ["EXEC", ABORTED],
      ["EXISTS k", 0],
      ["MULTI", OK],
      ["GET", WRONG_ARITY("get")],
      ["EXEC", ABORTED],
      ["MULTI", OK],
      ["CLIENT NOPE", error(/^ERR unknown subcommand 'NOPE'/)],
      ["EXEC", ABORTED],
      ["MULTI", OK],
      ["WATCH", WRONG_ARITY("watch")],
      ["EXEC", ABORTED],
      ["MULTI", OK],
      ["NOPE", UNKNOWN],
      ["DISCARD", OK],
      ["EXEC", error("ERR EXEC without MULTI")],
    ],
  },
  {
    name: "an EXEC that is refused itself ends the transaction",
    steps: [
      ["MULTI", OK],
      ["SET k v", QUEUED],
      [
        "EXEC x",
        error(
          "EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command",
        ),
      ],
      ["EXEC", error("ERR EXEC without MULTI")],
      ["EXISTS k", 0],
    ],
  },
  {
    name: "some commands are not allowed inside",
    since: "7.0.0",
    steps: [
      ["MULTI", OK],
      ["SHUTDOWN", error("ERR Command not allowed inside a transaction")],
      ["EXEC", ABORTED],
    ],
  },
  {
    name: "SELECT holds from its place on, and after the transaction",
    steps: [
      ["MULTI", OK],
      ["SET k 0", QUEUED],
      ["SELECT 1", QUEUED],
      ["SET k 1", QUEUED],
      ["GET k", QUEUED],
      ["EXEC", [OK, OK, OK, "1"]],
      ["GET k", "1"],
      ["SELECT 0", OK],
      ["GET k", "0"],
    ],
  },
  {
    name: "RESET ends a transaction and its watches",
    run: async (t) => {
      await t.expect("WATCH k", OK);
      await t.expect("MULTI", OK);
      await t.expect("SET k v", QUEUED);
      await t.expect("RESET", simple("RESET"));
      await t.expect("EXEC", error("ERR EXEC without MULTI"), 2);
      await t.expect("EXISTS k", 0, 2);
    },
    covers: ["reset"],
  },
  {
    name: "QUIT inside a transaction is not queued",
    run: async (t) => {
      const other = await t.other();
      await other.expect("MULTI", OK);
      await other.expect("SET k v", QUEUED);
      await other.expect("QUIT", OK);
      await other.receiveClose();
      await t.expect("EXISTS k", 0);
    },
    covers: ["quit"],
  },
];

/** What happens to a watched key, and whether EXEC fails of it. */
function watching(
  name: string,
  isFailing: boolean,
  prepare: readonly string[],
  change: readonly string[],
): ConformanceCase {
  const outcome: Expected = isFailing ? NULL_ARRAY : [PONG];
  return {
    name,
    covers: ["watch", "exec"],
    run: async (t) => {
      const other = await t.other();
      for (const command of prepare) await t.call(command);
      await t.expect("WATCH k other-key", OK);
      for (const command of change) await other.call(command);
      await t.expect("MULTI", OK);
      await t.expect("PING", QUEUED);
      await t.expect("EXEC", outcome);
      // The watch is over in any case.
      await other.call("SET k v");
      await t.expect("MULTI", OK);
      await t.expect("PING", QUEUED);
      await t.expect("EXEC", [PONG]);
    },
  };
}

const SET = ["SET k v"];

const watches: ConformanceCase[] = [
  watching("EXEC runs when no watched key was changed", false, SET, [
    "GET k",
    "SET unwatched v",
    "SELECT 1",
    "SET k v",
  ]),
  watching("EXEC fails when a watched key was set", true, SET, ["SET k v"]),
  watching("EXEC fails when a missing watched key is made", true, [], SET),
  watching("EXEC fails when a watched key is gone", true, SET, ["DEL k"]),
  watching("EXEC fails when a key was made and removed again", true, [], [
    "SET k v",
    "DEL k",
  ]),
  watching("EXEC fails when a watched key got an expiry", true, SET, [
    "EXPIRE k 100",
  ]),
  watching("a command that changes nothing is no change", false, SET, [
    "SETNX k w",
    "DEL none",
    "PERSIST k",
    "EXPIRE none 1",
  ]),
  watching("EXEC fails when the second watched key was renamed away", true, [
    "SET other-key v",
  ], ["RENAME other-key x"]),
  watching("EXEC fails when something was renamed to a watched key", true, [
    "SET x v",
  ], ["RENAME x k"]),
  watching("EXEC fails after FLUSHALL of a key", true, SET, ["FLUSHALL"]),
  watching("EXEC fails after FLUSHDB of a key", true, SET, ["FLUSHDB"]),
  watching("FLUSHALL does not change a key that is missing", false, [], [
    "FLUSHALL",
  ]),
  watching("FLUSHDB of another database does not matter", false, SET, [
    "SELECT 1",
    "SET k v",
    "FLUSHDB",
  ]),
  watching("EXEC fails when SWAPDB takes a key away", true, SET, [
    "SWAPDB 0 1",
  ]),
  watching("EXEC fails when SWAPDB brings a key", true, [
    "SELECT 1",
    "SET k v",
    "SELECT 0",
  ], ["SWAPDB 1 0"]),
  watching("SWAPDB of databases without the key does not matter", false, [], [
    "SWAPDB 0 1",
  ]),
  watching("SWAPDB of other databases does not matter", false, SET, [
    "SWAPDB 1 2",
  ]),
];

/** Makes `k` a key whose time is over and that nobody has removed. */
async function makeDead(t: Conversation): Promise<void> {
  await t.expect("DEBUG SET-ACTIVE-EXPIRE 0", OK);
  await t.expect("SET k v PX 1", OK);
  await wait(5);
}

const expiries: ConformanceCase[] = [
  {
    name: "EXEC fails when a watched key has expired, seen by anybody or not",
    needsDebug: true,
    run: async (t) => {
      await t.expect("DEBUG SET-ACTIVE-EXPIRE 0", OK);
      const other = await t.other();
      for (const isSeen of [true, false]) {
        await t.expect("SET k v PX 200", OK);
        await t.expect("WATCH k", OK);
        await wait(210);
        if (isSeen) await other.expect("GET k", NULL);
        await t.expect("MULTI", OK);
        await t.expect("EXEC", NULL_ARRAY);
      }
      await t.expect("DEBUG SET-ACTIVE-EXPIRE 1", OK);
    },
    covers: ["watch", "exec"],
  },
  {
    name: "a key that had expired when it was watched may be removed",
    since: "6.0.9",
    needsDebug: true,
    run: async (t) => {
      const other = await t.other();
      for (const removal of ["GET k", "FLUSHALL", "SWAPDB 0 1", "EXISTS k"]) {
        await makeDead(t);
        await t.expect("WATCH k", OK);
        await other.call(removal);
        await t.expect("MULTI", OK);
        await t.expect("PING", QUEUED);
        await t.expect("EXEC", [PONG]);
        await t.call("FLUSHALL");
      }
      await t.expect("DEBUG SET-ACTIVE-EXPIRE 1", OK);
    },
    covers: ["watch", "exec"],
  },
  {
    name: "a key that had expired when it was watched may not be made anew",
    since: "6.0.9",
    needsDebug: true,
    run: async (t) => {
      const other = await t.other();
      await makeDead(t);
      await t.expect("WATCH k", OK);
      await other.expect("SET k new", OK);
      await t.expect("MULTI", OK);
      await t.expect("EXEC", NULL_ARRAY);
      await t.expect("DEBUG SET-ACTIVE-EXPIRE 1", OK);
    },
    covers: ["watch", "exec"],
  },
];

const unwatching: ConformanceCase[] = [
  {
    name: "UNWATCH and DISCARD end all watches, also failed ones",
    covers: ["unwatch", "discard"],
    run: async (t) => {
      const other = await t.other();
      for (const way of ["UNWATCH", "DISCARD"]) {
        await t.expect("WATCH k", OK);
        await other.expect("SET k v", OK);
        if (way === "DISCARD") await t.expect("MULTI", OK);
        await t.expect(way, OK);
        await t.expect("MULTI", OK);
        await t.expect("PING", QUEUED);
        await t.expect("EXEC", [PONG]);
      }
    },
  },
  {
    name: "a client's own change counts, and a spoiled EXEC ends its watches",
    steps: [
      ["WATCH k", OK],
      ["SET k v", OK],
      ["MULTI", OK],
      ["EXEC", NULL_ARRAY],
      ["WATCH k", OK],
      ["SET k w", OK],
      ["MULTI", OK],
      ["NOPE", UNKNOWN],
      ["EXEC", ABORTED],
      ["MULTI", OK],
      ["EXEC", []],
    ],
  },
  {
    name: "WATCH belongs to the database that was selected",
    covers: ["watch"],
    run: async (t) => {
      const other = await t.other();
      await t.expect("SELECT 3", OK);
      await t.expect("WATCH k", OK);
      await t.expect("SELECT 0", OK);
      await other.expect("SET k v", OK);
      await t.expect("MULTI", OK);
      await t.expect("EXEC", []);
      await t.expect("SELECT 3", OK);
      await t.expect("WATCH k", OK);
      await t.expect("SELECT 0", OK);
      await other.expect("SELECT 3", OK);
      await other.expect("SET k v", OK);
      await t.expect("MULTI", OK);
      await t.expect("EXEC", NULL_ARRAY);
    },
  },
  {
    name: "UNWATCH inside a transaction is queued and does not help it",
    covers: ["unwatch"],
    run: async (t) => {
      const other = await t.other();
      await t.expect("WATCH k", OK);
      await other.expect("SET k v", OK);
      await t.expect("MULTI", OK);
      await t.expect("UNWATCH", QUEUED);
      await t.expect("EXEC", NULL_ARRAY);
    },
  },
];

const around: ConformanceCase[] = [
  {
    name: "MONITOR shows MULTI, then what EXEC runs, then EXEC",
    covers: ["monitor", "multi", "exec"],
    run: async (t) => {
      const monitor = await t.other();
      await monitor.expect("MONITOR", OK);
      const shown = (args: string) => simpleLike(new RegExp(` ${args}$`));
      await t.expect("MULTI", OK);
      await t.expect("SET k v", QUEUED);
      await t.expect("EXEC", [OK]);
      await t.expect("MULTI", OK);
      await t.expect("EXEC x", error(/^EXECABORT/));
      for (
        const args of [
          '"MULTI"',
          '"SET" "k" "v"',
          '"EXEC"',
          '"MULTI"',
        ]
      ) await monitor.receive(shown(args));
      await monitor.receive(shown('"EXEC" "x"'));
    },
  },
  {
    name: "the slow log has the commands, not EXEC",
    config: { "slowlog-log-slower-than": "0" },
    run: async (t) => {
      await t.expect("SLOWLOG RESET", OK);
      await t.expect("MULTI", OK);
      await t.expect("SET k v", QUEUED);
      await t.expect("EXEC", [OK]);
      const text = await t.text("SLOWLOG GET");
      if (!text.includes('"SET"') || text.includes('"EXEC"')) {
        throw new Error(text);
      }
    },
    covers: ["exec", "slowlog|get"],
  },
  {
    name:
      "CLIENT LIST shows a transaction while it is queued and while it runs",
    covers: ["client|list", "client|info"],
    run: async (t) => {
      const other = await t.other();
      await other.expect("CLIENT SETNAME queueing", OK);
      await other.expect("MULTI", OK);
      await other.expect("SET k v", QUEUED);
      await t.expect(
        "CLIENT LIST",
        textLike(/name=queueing [^\n]*flags=x [^\n]*multi=1 /),
      );
      await other.expect("CLIENT INFO", QUEUED);
      await other.expect("EXEC", [
        OK,
        textLike(/name=queueing [^\n]*flags=x [^\n]*multi=2 /),
      ]);
      await other.expect(
        "CLIENT INFO",
        textLike(/flags=N [^\n]*multi=-1 /),
      );
    },
  },
  {
    name: "CLIENT REPLY works inside a transaction",
    covers: ["client|reply"],
    run: async (t) => {
      await t.expect("MULTI", OK);
      await t.expect("PING 1", QUEUED);
      await t.expect("CLIENT REPLY SKIP", QUEUED);
      await t.expect("PING 2", QUEUED);
      // Of three commands, one has no reply: an element of the next reply takes its place.
      await t.start("EXEC");
      await t.start("PING skipped");
      await t.start("PING shown");
      await t.receive(["1", "2", "shown"]);
      await t.expect("CLIENT REPLY ON", OK);
    },
  },
  {
    name: "a client that has itself killed inside gets the replies up to that",
    covers: ["client|kill"],
    run: async (t) => {
      const other = await t.other();
      const id = await other.text("CLIENT ID");
      await other.expect("MULTI", OK);
      await other.expect("SET k v", QUEUED);
      await other.expect(
        `CLIENT KILL ID ${id.replace(":", "")} SKIPME no`,
        QUEUED,
      );
      await other.expect("SET k w", QUEUED);
      await other.start("EXEC");
      await t.eventually("GET k", "w");
    },
  },
];

function simpleLike(pattern: RegExp): Expected {
  return {
    text: `+${pattern}`,
    accepts: (reply) =>
      reply.type === "simple" &&
      pattern.test(new TextDecoder().decode(reply.value)),
  };
}

export const group: ConformanceGroup = {
  name: "transactions",
  cases: [...queueing, ...watches, ...expiries, ...unwatching, ...around],
};

/** Clients that wait for lists: who is served, when, and with what. */
import {
  error,
  NULL,
  NULL_ARRAY,
  OK,
  QUEUED,
  simple,
  textLike,
} from "../support/expectation.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import { wait, waiting } from "./conversation.ts";
import { SYNTAX } from "./expected_replies.ts";

const WRONG_TYPE = error(
  "WRONGTYPE Operation against a key holding the wrong kind of value",
);

const atOnce: ConformanceCase[] = [
  {
    name: "blocking commands pop at once what is there",
    steps: [
      ["RPUSH l a b c d e f", 6],
      ["BLPOP none l 1", ["l", "a"]],
      ["BRPOP l none 1", ["l", "f"]],
      ["BLMOVE l m LEFT RIGHT 1", "b"],
      ["BRPOPLPUSH l m 1", "e"],
      ["LRANGE m 0 -1", ["e", "b"]],
      ["BLMPOP 1 2 none l RIGHT COUNT 5", ["l", ["d", "c"]]],
      ["EXISTS l", 0],
    ],
  },
  {
    name: "blocking commands answer nil when their time is over",
    steps: [
      ["BLPOP none 0.01", NULL_ARRAY],
      ["BRPOP none other 0.01", NULL_ARRAY],
      ["BLMPOP 0.01 1 none LEFT", NULL_ARRAY],
      ["BLMOVE none l LEFT LEFT 0.01", NULL_ARRAY],
      ["BRPOPLPUSH none l 0.01", NULL_ARRAY],
    ],
  },
  {
    name: "blocking commands answer nil at once in a transaction",
    steps: [
      ["MULTI", OK],
      ["BLPOP none 0", QUEUED],
      ["BRPOP none 0", QUEUED],
      ["BLMPOP 0 1 none LEFT", QUEUED],
      ["BLMOVE none l LEFT LEFT 0", QUEUED],
      ["BRPOPLPUSH none l 0", QUEUED],
      ["RPUSH l a", QUEUED],
      ["BLPOP l 0", QUEUED],
      ["EXEC", [NULL_ARRAY, NULL_ARRAY, NULL_ARRAY, NULL, NULL, 1, ["l", "a"]]],
    ],
  },
  {
    name: "a timeout is a number of seconds",
    since: "7.2",
    steps: [
      ["BLPOP l x", error("ERR timeout is not a float or out of range")],
      ["BLPOP l nan", error("ERR timeout is not a float or out of range")],
      ["BLPOP l -1", error("ERR timeout is negative")],
      ["BLPOP l 1e100", error("ERR timeout is out of range")],
      ["BRPOPLPUSH l l -0.1", error("ERR timeout is negative")],
      ["BLMOVE l l LEFT UP -1", SYNTAX],
      ["BLMPOP -1 0 l LEFT", error("ERR numkeys should be greater than 0")],
      ["BLMPOP -1 1 l LEFT", error("ERR timeout is negative")],
      ["SET s v", OK],
      ["BLPOP s 1", WRONG_TYPE],
      ["BLMOVE s l LEFT LEFT 1", WRONG_TYPE],
    ],
  },
];

const served: ConformanceCase[] = [
  {
    name: "a push serves those who wait for the list, in their order",
    covers: ["blpop", "brpop"],
    run: async (t) => {
      const first = await waiting(t, "BLPOP other l 0");
      const second = await waiting(t, "BRPOP l 0", 2);
      const third = await waiting(t, "BLPOP l 0", 3);
      await t.expect("RPUSH l a b", 2);
      await first.receive(["l", "a"]);
      await second.receive(["l", "b"]);
      await t.expect("EXISTS l", 0);
      await t.expect("RPUSH l c d", 2);
      await third.receive(["l", "c"]);
      await t.expect("LRANGE l 0 -1", ["d"]);
    },
  },
  {
    name: "a transaction serves those who wait after its end",
    run: async (t) => {
      const client = await waiting(t, "BLPOP l 0");
      await t.expect("MULTI", OK);
      await t.expect("RPUSH l a", QUEUED);
      await t.expect("LPUSH l b", QUEUED);
      await t.expect("EXEC", [1, 2]);
      await client.receive(["l", "b"]);
      await t.expect("LRANGE l 0 -1", ["a"]);
    },
  },
  {
    name: "a list that is gone by the end of a transaction serves nobody",
    run: async (t) => {
      const client = await waiting(t, "BLPOP l 0");
      await t.expect("MULTI", OK);
      await t.expect("RPUSH l a", QUEUED);
      await t.expect("DEL l", QUEUED);
      await t.expect("EXEC", [1, 1]);
      await t.expect("SET l v", OK);
      await t.expect("DEL l", 1);
      await t.expect("RPUSH l b", 1);
      await client.receive(["l", "b"]);
    },
  },
  {
    name: "lists are served in the order in which a transaction made them",
    run: async (t) => {
      const one = await waiting(t, "BLMOVE l all LEFT RIGHT 0");
      const other = await waiting(t, "BLMOVE m all LEFT RIGHT 0", 2);
      await t.expect("MULTI", OK);
      await t.expect("FLUSHALL", QUEUED);
      await t.expect("SET l v", QUEUED);
      await t.expect("DEL l", QUEUED);
      await t.expect("RPUSH m a", QUEUED);
      await t.expect("RPUSH l b", QUEUED);
      await t.expect("EXEC", [OK, OK, 1, 1, 1]);
      await one.receive("b");
      await other.receive("a");
      await t.expect("LRANGE all 0 -1", ["a", "b"]);
    },
  },
  {
    name: "a renamed or copied list serves those who wait for its new name",
    run: async (t) => {
      const first = await waiting(t, "BLPOP l 0");
      await t.expect("RPUSH m a", 1);
      await t.expect("RENAME m l", OK);
      await first.receive(["l", "a"]);
      const second = await waiting(t, "BLPOP l 0");
      await t.expect("RPUSH m b", 1);
      await t.expect("COPY m l", 1);
      await second.receive(["l", "b"]);
      await t.expect("EXISTS l m", 1);
    },
  },
  {
    name:
      "a list moved or swapped into the database serves those who wait there",
    run: async (t) => {
      const first = await waiting(t, "BLPOP l 0");
      await t.expect("SELECT 1", OK);
      await t.expect("RPUSH l a", 1);
      await t.expect("MOVE l 0", 1);
      await first.receive(["l", "a"]);
      const second = await waiting(t, "BLPOP l 0");
      await t.expect("RPUSH l b", 1);
      await t.expect("SWAPDB 0 1", OK);
      await second.receive(["l", "b"]);
    },
  },
  {
    name: "BLMOVE serves the next that waits for its destination",
    covers: ["blmove", "brpoplpush"],
    run: async (t) => {
      const last = await waiting(t, "BLMPOP 0 1 c LEFT COUNT 2");
      const middle = await waiting(t, "BRPOPLPUSH b c 0", 2);
      const first = await waiting(t, "BLMOVE a b RIGHT RIGHT 0", 3);
      await t.expect("RPUSH a 1 2", 2);
      await first.receive("2");
      await middle.receive("2");
      await last.receive(["c", ["2"]]);
      await t.expect("LRANGE a 0 -1", ["1"]);
      await t.expect("EXISTS b c", 0);
    },
  },
  {
    name: "BLMOVE to a key of another type answers the error when it is served",
    run: async (t) => {
      const client = await waiting(t, "BLMOVE a b LEFT LEFT 0");
      await t.expect("SET b v", OK);
      await t.expect("RPUSH a 1", 1);
      await client.receive(WRONG_TYPE);
      await t.expect("LRANGE a 0 -1", ["1"]);
    },
  },
  {
    name: "commands behind a blocking one wait with it",
    run: async (t) => {
      const client = await t.other();
      await client.send("BLPOP l 0\r\nPING\r\n");
      await t.eventually(
        "INFO clients",
        textLike(/^blocked_clients:1\r$/m),
      );
      await t.expect("RPUSH l a", 1);
      await client.receive(["l", "a"]);
      await client.receive(simple("PONG"));
    },
  },
  {
    name: "a client that is gone is not served",
    run: async (t) => {
      const client = await waiting(t, "BLPOP l 0");
      client.close();
      await t.eventually(
        "INFO clients",
        textLike(/^blocked_clients:0\r$/m),
      );
      await t.expect("RPUSH l a", 1);
      await t.expect("LRANGE l 0 -1", ["a"]);
    },
  },
];

const ended: ConformanceCase[] = [
  {
    name: "CLIENT UNBLOCK ends a wait as its timeout, or with an error",
    covers: ["client|unblock"],
    run: async (t) => {
      const client = await t.other();
      const id = (await client.text("CLIENT ID")).slice(1);
      await t.expect(`CLIENT UNBLOCK ${id}`, 0);
      const isWaiting = textLike(/^blocked_clients:1\r$/m);
      await client.start("BLPOP l 0");
      await t.eventually("INFO clients", isWaiting);
      await t.expect(`CLIENT UNBLOCK ${id}`, 1);
      await client.receive(NULL_ARRAY);
      await client.start("BLMOVE l m LEFT LEFT 0");
      await t.eventually("INFO clients", isWaiting);
      await t.expect(`CLIENT UNBLOCK ${id} TIMEOUT`, 1);
      await client.receive(NULL_ARRAY);
      await client.start("BLPOP l 0");
      await t.eventually("INFO clients", isWaiting);
      await t.expect(`CLIENT UNBLOCK ${id} error`, 1);
      await client.receive(
        error("UNBLOCKED client unblocked via CLIENT UNBLOCK"),
      );
      await t.expect(`CLIENT UNBLOCK ${id}`, 0);
      await client.expect("PING", simple("PONG"));
    },
  },
  {
    name: "CLIENT UNBLOCK refuses what is no id and no reason",
    steps: [
      [
        "CLIENT UNBLOCK x",
        error("ERR value is not an integer or out of range"),
      ],
      [
        "CLIENT UNBLOCK x y",
        error("ERR CLIENT UNBLOCK reason should be TIMEOUT or ERROR"),
      ],
      ["CLIENT UNBLOCK 123456789", 0],
    ],
  },
  {
    name: "INFO clients counts who waits, for how long and for which keys",
    since: "7.2",
    run: async (t) => {
      await waiting(t, "BLPOP l m 0");
      await waiting(t, "BLPOP m n 100", 2);
      await t.expect(
        "INFO clients",
        textLike(
          /^clients_in_timeout_table:1\r\ntotal_blocking_keys:3\r\ntotal_blocking_keys_on_nokey:0\r$/m,
        ),
      );
    },
  },
  {
    name: "a client that is served in between waits on until its own time",
    run: async (t) => {
      const slow = await waiting(t, "BLPOP l 0.3");
      const fast = await t.other();
      for (let i = 0; i < 3; i++) {
        await wait(20);
        await t.expect("MULTI", OK);
        await t.expect("RPUSH l a", QUEUED);
        await t.expect("LPOP l", QUEUED);
        await t.expect("EXEC", [1, "a"]);
      }
      await slow.receive(NULL_ARRAY);
      fast.close();
    },
  },
];

export const group: ConformanceGroup = {
  name: "blocking lists",
  cases: [...atOnce, ...served, ...ended],
};

/** Publishing and subscribing. */
import {
  error,
  type Expected,
  NULL,
  NULL_ARRAY,
  OK,
  perProtocol,
  PONG,
  push,
  QUEUED,
  simple,
  textLike,
  unordered,
} from "../support/expectation.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import { helpOf, WRONG_ARITY } from "./expected_replies.ts";

const LARGE = "x".repeat(100_000);

function onlySubscriber(command: string): Expected {
  return error(
    `ERR Can't execute '${command}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
  );
}

const channels: ConformanceCase[] = [
  {
    name:
      "SUBSCRIBE answers once per channel and counts; a channel counts once",
    covers: ["subscribe", "unsubscribe"],
    run: async (t) => {
      await t.expect("SUBSCRIBE a b a", push("subscribe", "a", 1));
      await t.receive(push("subscribe", "b", 2));
      await t.receive(push("subscribe", "a", 2));
      await t.expect("UNSUBSCRIBE a nope", push("unsubscribe", "a", 1));
      await t.receive(push("unsubscribe", "nope", 1));
      await t.expect("UNSUBSCRIBE", push("unsubscribe", "b", 0));
      await t.expect("UNSUBSCRIBE", push("unsubscribe", NULL, 0));
      await t.expect("GET k", NULL);
    },
  },
  {
    name: "PUBLISH reaches every subscriber of a channel, and answers how many",
    covers: ["publish", "subscribe"],
    run: async (t) => {
      const one = await t.other(), two = await t.other();
      await t.expect("PUBLISH a nobody", 0);
      await one.expect("SUBSCRIBE a", push("subscribe", "a", 1));
      await two.expect("SUBSCRIBE a b", push("subscribe", "a", 1));
      await two.receive(push("subscribe", "b", 2));
      await t.expect("PUBLISH a hello", 2);
      await t.expect("PUBLISH b there", 1);
      await t.expect("PUBLISH c lost", 0);
      await t.expect(["PUBLISH", "a", "\x00\r\n\xff"], 2);
      await t.expect(["PUBLISH", "a", LARGE], 2);
      await t.expect('PUBLISH a ""', 2);
      await one.receive(push("message", "a", "hello"));
      await two.receive(push("message", "a", "hello"));
      await two.receive(push("message", "b", "there"));
      for (const client of [one, two]) {
        await client.receive(push("message", "a", "\x00\r\n\xff"));
        await client.receive(push("message", "a", LARGE));
        await client.receive(push("message", "a", ""));
      }
    },
  },
  {
    name: "a channel's name may be any bytes, and databases do not matter",
    covers: ["publish", "subscribe"],
    run: async (t) => {
      const name = "\x00 \r\n\xff";
      const other = await t.other();
      await other.expect("SELECT 5", OK);
      await other.expect(
        ["SUBSCRIBE", name, ""],
        push("subscribe", name, 1),
      );
      await other.receive(push("subscribe", "", 2));
      await t.expect(["PUBLISH", name, "m"], 1);
      await other.receive(push("message", name, "m"));
      await t.expect('PUBLISH "" m', 1);
      await other.receive(push("message", "", "m"));
    },
  },
  {
    name: "a connection that is gone is subscribed to nothing",
    covers: ["publish", "subscribe", "psubscribe"],
    run: async (t) => {
      const other = await t.other();
      await other.expect("SUBSCRIBE a", push("subscribe", "a", 1));
      await other.expect("PSUBSCRIBE *", push("psubscribe", "*", 2));
      await t.expect("PUBLISH a m", 2);
      other.close();
      await t.eventually("PUBLISH a m", 0);
      await t.expect("PUBSUB NUMPAT", 0);
      await t.expect("PUBSUB CHANNELS", []);
    },
  },
];

const patterns: ConformanceCase[] = [
  {
    name: "PSUBSCRIBE gets what is published on matching channels",
    covers: ["psubscribe", "punsubscribe"],
    run: async (t) => {
      const other = await t.other();
      await other.expect("PSUBSCRIBE n* x?ws", push("psubscribe", "n*", 1));
      await other.receive(push("psubscribe", "x?ws", 2));
      await other.expect("SUBSCRIBE news", push("subscribe", "news", 3));
      await t.expect("PUBLISH news m", 2);
      await other.receive(push("message", "news", "m"));
      await other.receive(push("pmessage", "n*", "news", "m"));
      await t.expect("PUBLISH nope m", 1);
      await other.receive(push("pmessage", "n*", "nope", "m"));
      await t.expect(["PUBLISH", "n", LARGE], 1);
      await other.receive(push("pmessage", "n*", "n", LARGE));
      await other.expect("PUNSUBSCRIBE n*", push("punsubscribe", "n*", 2));
      await other.expect("PUNSUBSCRIBE", push("punsubscribe", "x?ws", 1));
      await other.expect("PUNSUBSCRIBE", push("punsubscribe", NULL, 1));
      await other.expect("PUNSUBSCRIBE x", push("punsubscribe", "x", 1));
      await t.expect("PUBLISH news m", 1);
      await other.receive(push("message", "news", "m"));
    },
  },
];

const shards: ConformanceCase[] = [
  {
    name: "SSUBSCRIBE and SPUBLISH are a world of their own",
    since: "7.0.0",
    covers: ["ssubscribe", "sunsubscribe", "spublish"],
    run: async (t) => {
      const other = await t.other();
      await other.expect("SUBSCRIBE a", push("subscribe", "a", 1));
      await other.expect("SSUBSCRIBE a b", push("ssubscribe", "a", 1));
      await other.receive(push("ssubscribe", "b", 2));
      await other.expect("PSUBSCRIBE *", push("psubscribe", "*", 2));
      await t.expect("SPUBLISH a shard", 1);
      await t.expect("PUBLISH a all", 2);
      await t.expect("SPUBLISH c nobody", 0);
      await other.receive(push("smessage", "a", "shard"));
      await other.receive(push("message", "a", "all"));
      await other.receive(push("pmessage", "*", "a", "all"));
      await other.expect("SUNSUBSCRIBE a", push("sunsubscribe", "a", 1));
      await other.expect("SUNSUBSCRIBE", push("sunsubscribe", "b", 0));
      await other.expect("SUNSUBSCRIBE", push("sunsubscribe", NULL, 0));
    },
  },
  {
    name: "SSUBSCRIBE is refused in a transaction, SUBSCRIBE is not",
    since: "7.2.0",
    covers: ["ssubscribe", "subscribe"],
    run: async (t) => {
      await t.expect("MULTI", OK);
      await t.expect("SSUBSCRIBE a", QUEUED);
      await t.expect("SUBSCRIBE a b", QUEUED);
      await t.expect("PUBLISH a m", QUEUED);
      await t.start("EXEC");
      await t.receive(perProtocol(
        [
          error(
            "ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client",
          ),
          ["subscribe", "a", 1],
          ["subscribe", "b", 2],
        ],
        [
          error(
            "ERR SSUBSCRIBE isn't allowed for a DENY BLOCKING client",
          ),
          push("subscribe", "a", 1),
          push("subscribe", "b", 2),
        ],
      ));
      // Two channels make one element more than EXEC announced.
      await t.receive(1);
      await t.receive(push("message", "a", "m"));
    },
  },
];

const looking: ConformanceCase[] = [
  {
    name: "PUBSUB CHANNELS, NUMSUB and NUMPAT tell who listens",
    covers: ["pubsub|channels", "pubsub|numsub", "pubsub|numpat"],
    run: async (t) => {
      const one = await t.other(), two = await t.other();
      await t.expect("PUBSUB CHANNELS", []);
      await t.expect("PUBSUB NUMSUB", []);
      await one.expect("SUBSCRIBE a b1", push("subscribe", "a", 1));
      await one.receive(push("subscribe", "b1", 2));
      await two.expect("SUBSCRIBE a", push("subscribe", "a", 1));
      await two.expect("PSUBSCRIBE p*", push("psubscribe", "p*", 2));
      await one.expect("PSUBSCRIBE p*", push("psubscribe", "p*", 3));
      await t.expect("PUBSUB CHANNELS", unordered("a", "b1"));
      await t.expect("PUBSUB CHANNELS b*", ["b1"]);
      await t.expect("PUBSUB CHANNELS a", ["a"]);
      await t.expect("PUBSUB CHANNELS ?", ["a"]);
      await t.expect("PUBSUB NUMSUB a b1 c a", [
        "a",
        2,
        "b1",
        1,
        "c",
        0,
        "a",
        2,
      ]);
      await t.expect("PUBSUB NUMPAT", 1);
      await t.expect("INFO stats", textLike(/pubsub_channels:2\r\n/));
      await t.expect("INFO stats", textLike(/pubsub_patterns:1\r\n/));
    },
  },
  {
    name: "PUBSUB SHARDCHANNELS and SHARDNUMSUB tell who listens to shards",
    since: "7.0.0",
    covers: ["pubsub|shardchannels", "pubsub|shardnumsub"],
    run: async (t) => {
      const other = await t.other();
      await other.expect("SSUBSCRIBE a bb", push("ssubscribe", "a", 1));
      await other.receive(push("ssubscribe", "bb", 2));
      await t.expect("PUBSUB SHARDCHANNELS", unordered("a", "bb"));
      await t.expect("PUBSUB SHARDCHANNELS b*", ["bb"]);
      await t.expect("PUBSUB SHARDNUMSUB a c", ["a", 1, "c", 0]);
      await t.expect("PUBSUB CHANNELS", []);
      await t.expect("INFO stats", textLike(/pubsubshard_channels:2\r\n/));
    },
  },
  {
    name: "PUBSUB HELP, and what PUBSUB refuses",
    since: "7.2",
    covers: ["pubsub|help", "pubsub"],
    steps: [
      ["PUBSUB HELP", helpOf("PUBSUB")],
      ["PUBSUB", WRONG_ARITY("pubsub")],
      ["PUBSUB NOPE", error("ERR unknown subcommand 'NOPE'. Try PUBSUB HELP.")],
      ["PUBSUB NUMPAT x", WRONG_ARITY("pubsub|numpat")],
      [
        "PUBSUB channels a b",
        error(
          "ERR unknown subcommand or wrong number of arguments for 'channels'. Try PUBSUB HELP.",
        ),
      ],
      [
        "PUBSUB SHARDCHANNELS a b",
        error(
          "ERR unknown subcommand or wrong number of arguments for 'SHARDCHANNELS'. Try PUBSUB HELP.",
        ),
      ],
      ["SUBSCRIBE", WRONG_ARITY("subscribe")],
      ["PSUBSCRIBE", WRONG_ARITY("psubscribe")],
      ["SSUBSCRIBE", WRONG_ARITY("ssubscribe")],
      ["PUBLISH a", WRONG_ARITY("publish")],
      ["PUBLISH a b c", WRONG_ARITY("publish")],
      ["SPUBLISH a", WRONG_ARITY("spublish")],
    ],
  },
];

const state: ConformanceCase[] = [
  {
    name: "a subscribed client of RESP2 may do little else",
    protocol: 2,
    covers: ["subscribe"],
    run: async (t) => {
      await t.expect("SUBSCRIBE a", ["subscribe", "a", 1]);
      await t.expect("GET k", onlySubscriber("get"));
      await t.expect("CLIENT ID", onlySubscriber("client|id"));
      await t.expect("PUBLISH a m", onlySubscriber("publish"));
      await t.expect("MULTI", onlySubscriber("multi"));
      await t.expect("HELLO 3", onlySubscriber("hello"));
      await t.expect("NOPE", error(/^ERR unknown command 'NOPE'/));
      await t.expect("GET", WRONG_ARITY("get"));
      await t.expect("PING", ["pong", ""]);
      await t.expect("PING hi", ["pong", "hi"]);
      await t.expect("UNSUBSCRIBE", ["unsubscribe", "a", 0]);
      await t.expect("PING", PONG);
      await t.expect("SSUBSCRIBE s", ["ssubscribe", "s", 1]);
      await t.expect("GET k", onlySubscriber("get"));
      await t.expect("SUNSUBSCRIBE s", ["sunsubscribe", "s", 0]);
      await t.expect("GET k", NULL);
    },
  },
  {
    name: "a subscribed client of RESP3 may do everything",
    protocol: 3,
    covers: ["subscribe"],
    run: async (t) => {
      await t.expect("SUBSCRIBE a", push("subscribe", "a", 1));
      await t.expect("PING", PONG);
      await t.expect("PING hi", "hi");
      await t.expect("SET k v", OK);
      await t.expect("GET k", "v");
      await t.expect("PUBLISH b m", 0);
    },
  },
  {
    name: "what a client publishes to itself follows the reply",
    since: "7.2",
    protocol: 3,
    covers: ["publish", "subscribe"],
    run: async (t) => {
      await t.expect("SUBSCRIBE a", push("subscribe", "a", 1));
      await t.expect("PSUBSCRIBE a*", push("psubscribe", "a*", 2));
      await t.expect("PUBLISH a m", 2);
      await t.receive(push("message", "a", "m"));
      await t.receive(push("pmessage", "a*", "a", "m"));
      await t.expect("MULTI", OK);
      await t.expect("PUBLISH a 1", QUEUED);
      await t.expect("PING", QUEUED);
      await t.expect("EXEC", [2, PONG]);
      await t.receive(push("message", "a", "1"));
      await t.receive(push("pmessage", "a*", "a", "1"));
    },
  },
  {
    name: "CLIENT REPLY OFF silences replies, not messages",
    protocol: 3,
    covers: ["subscribe", "publish", "client|reply"],
    run: async (t) => {
      await t.start("CLIENT REPLY OFF");
      await t.start("SET k v");
      await t.expect("SUBSCRIBE a", push("subscribe", "a", 1));
      await t.expect("PUBLISH a m", push("message", "a", "m"));
      await t.expect("UNSUBSCRIBE", push("unsubscribe", "a", 0));
      await t.expect("CLIENT REPLY ON", OK);
    },
  },
  {
    name: "RESET ends all subscriptions silently",
    covers: ["reset", "subscribe"],
    run: async (t) => {
      const other = await t.other();
      await other.expect("SUBSCRIBE a", push("subscribe", "a", 1));
      await other.expect("PSUBSCRIBE *", push("psubscribe", "*", 2));
      await other.expect("RESET", simple("RESET"));
      await other.expect("CLIENT GETNAME", NULL, 2);
      await t.expect("PUBLISH a m", 0);
      await t.expect("PUBSUB NUMPAT", 0);
    },
  },
  {
    name: "CLIENT LIST shows subscriptions, and knows subscribed clients",
    covers: ["client|list", "client|kill"],
    run: async (t) => {
      const other = await t.other();
      await other.expect("CLIENT SETNAME listener", OK);
      await other.expect("SUBSCRIBE a b", push("subscribe", "a", 1));
      await other.receive(push("subscribe", "b", 2));
      await other.expect("PSUBSCRIBE p", push("psubscribe", "p", 3));
      await t.expect(
        "CLIENT LIST TYPE pubsub",
        textLike(
          /^id=\d+ [^\n]*name=listener [^\n]* flags=P [^\n]*sub=2 psub=1 [^\n]*\n$/,
        ),
      );
      await t.expect("CLIENT KILL TYPE pubsub", 1);
      await other.receiveClose();
      await t.eventually("PUBLISH a m", 0);
    },
  },
  {
    name: "a failed transaction subscribes to nothing",
    covers: ["subscribe", "discard"],
    run: async (t) => {
      await t.expect("MULTI", OK);
      await t.expect("SUBSCRIBE a", QUEUED);
      await t.expect("DISCARD", OK);
      await t.expect("WATCH k", OK);
      await t.expect("SET k v", OK);
      await t.expect("MULTI", OK);
      await t.expect("SUBSCRIBE a", QUEUED);
      await t.expect("EXEC", NULL_ARRAY);
      await t.expect("PUBSUB CHANNELS", []);
    },
  },
];

export const group: ConformanceGroup = {
  name: "pubsub",
  cases: [
    ...channels,
    ...patterns,
    ...shards,
    ...looking,
    ...state,
  ],
};

/** Client-side caching: CLIENT TRACKING and what it has the server tell. */
import {
  error,
  type Expected,
  map,
  NULL,
  OK,
  PONG,
  push,
  QUEUED,
  set,
  simple,
  textLike,
} from "../support/expectation.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import type { Conversation } from "./conversation.ts";
import { NOT_AN_INTEGER, SYNTAX, WRONG_ARITY } from "./expected_replies.ts";

/** What a client is told whose keys have changed. */
function invalidate(...keys: string[]): Expected {
  return push("invalidate", keys);
}

function info(
  flags: string[],
  redirect: number,
  prefixes: string[] = [],
): Expected {
  return map(
    ["flags", set(...flags)],
    ["redirect", redirect],
    ["prefixes", prefixes],
  );
}

/** The number that a client has. */
async function idOf(t: Conversation): Promise<string> {
  return (await t.text("CLIENT ID")).replace(":", "");
}

const COVERS = ["client|tracking"];

const reading: ConformanceCase[] = [
  {
    name: "a client is told once of each key that it has read",
    protocol: 3,
    covers: COVERS,
    run: async (t) => {
      const other = await t.other();
      await t.expect("CLIENT TRACKING ON", OK);
      await t.expect("GET a", NULL);
      await t.expect("MGET b c", [NULL, NULL]);
      await t.expect("SET unread v", OK);
      await other.expect("MSET a 1 b 1 c 1 d 1", OK);
      await t.receive(invalidate("a"));
      await t.receive(invalidate("b"));
      await t.receive(invalidate("c"));
      await other.expect("MSET a 2 b 2", OK);
      await t.expect("PING", PONG);
      await t.expect("GET a", "2");
      await other.expect("DEL a", 1);
      await t.receive(invalidate("a"));
      await t.expect("CLIENT TRACKING OFF", OK);
      await t.expect("GET b", "2");
      await other.expect("SET b 3", OK);
      await t.expect("PING", PONG);
    },
  },
  {
    name:
      "what a client changes itself it is told behind the reply, unless NOLOOP",
    protocol: 3,
    covers: COVERS,
    run: async (t) => {
      await t.expect("CLIENT TRACKING ON", OK);
      await t.expect("MGET a b", [NULL, NULL]);
      await t.expect("MSET a 1 b 1", OK);
      await t.receive(invalidate("a"));
      await t.receive(invalidate("b"));
      await t.expect("MULTI", OK);
      await t.expect("GET a", QUEUED);
      await t.expect("INCR a", QUEUED);
      await t.expect("GET a", QUEUED);
      await t.expect("EXEC", ["1", 2, "2"]);
      await t.receive(invalidate("a"));
      await t.expect("CLIENT TRACKING ON NOLOOP", OK);
      await t.expect("GET b", "1");
      await t.expect("SET b 2", OK);
      await t.expect("PING", PONG);
    },
  },
  {
    name: "expiry and renaming are changes, and so is everything for FLUSHALL",
    protocol: 3,
    covers: COVERS,
    run: async (t) => {
      const other = await t.other();
      await other.expect("MSET a 1 b 2", OK);
      await t.expect("CLIENT TRACKING ON", OK);
      await t.expect("MGET a b c", ["1", "2", NULL]);
      await other.expect("RENAME a c", OK);
      await t.receive(invalidate("a"));
      await t.receive(invalidate("c"));
      await other.expect("PEXPIRE b 1", 1);
      await t.receive(invalidate("b"));
      await other.eventually("EXISTS b", 0);
      await t.expect("EXISTS b", 0);
      await other.expect("FLUSHALL", OK);
      await t.receive(push("invalidate", NULL));
      await other.expect("FLUSHDB", OK);
      await t.receive(push("invalidate", NULL));
      await t.expect("PING", PONG);
    },
  },
  {
    name:
      "OPTIN remembers after CLIENT CACHING YES, OPTOUT unless CLIENT CACHING NO",
    protocol: 3,
    covers: [...COVERS, "client|caching"],
    run: async (t) => {
      const other = await t.other();
      await t.expect("CLIENT TRACKING ON OPTIN", OK);
      await t.expect("GET a", NULL);
      await t.expect("CLIENT CACHING YES", OK);
      await t.expect("CLIENT ID", textOrInteger());
      await t.expect("GET b", NULL);
      await t.expect("GET c", NULL);
      await t.expect("CLIENT CACHING YES", OK);
      await t.expect("MULTI", OK);
      await t.expect("GET d", QUEUED);
      await t.expect("GET e", QUEUED);
      await t.expect("EXEC", [NULL, NULL]);
      await other.expect("MSET a 1 b 1 c 1 d 1 e 1", OK);
      await t.receive(invalidate("b"));
      await t.receive(invalidate("d"));
      await t.receive(invalidate("e"));
      await t.expect("CLIENT TRACKING OFF", OK);
      await t.expect("CLIENT TRACKING ON OPTOUT", OK);
      await t.expect("CLIENT CACHING NO", OK);
      await t.expect("GET a", "1");
      await t.expect("GET b", "1");
      await other.expect("MSET a 2 b 2", OK);
      await t.receive(invalidate("b"));
      await t.expect("PING", PONG);
    },
  },
];

const elsewhere: ConformanceCase[] = [
  {
    name: "messages can be redirected to a subscriber of RESP2",
    protocol: 2,
    covers: [...COVERS, "client|getredir"],
    run: async (t) => {
      const listener = await t.other(), other = await t.other();
      const id = await idOf(listener);
      await listener.expect("SUBSCRIBE __redis__:invalidate", [
        "subscribe",
        "__redis__:invalidate",
        1,
      ]);
      await t.expect("CLIENT GETREDIR", -1);
      await t.expect(`CLIENT TRACKING ON REDIRECT ${id}`, OK);
      await t.expect("CLIENT GETREDIR", Number(id));
      await t.expect("GET a", NULL);
      await other.expect("SET a 1", OK);
      await listener.receive(["message", "__redis__:invalidate", ["a"]]);
      await other.expect("FLUSHALL", OK);
      await listener.receive(["message", "__redis__:invalidate", NULL]);
      // One that is not redirected is told nothing in RESP2.
      await t.expect("CLIENT TRACKING ON", OK);
      await t.expect("CLIENT GETREDIR", 0);
      await t.expect("GET a", NULL);
      await other.expect("SET a 1", OK);
      await t.expect("PING", PONG);
    },
  },
  {
    name: "a redirection to a client that has gone is told as broken",
    protocol: 3,
    covers: COVERS,
    run: async (t) => {
      const listener = await t.other(), other = await t.other();
      const id = await idOf(listener);
      await t.expect(`CLIENT TRACKING ON REDIRECT ${id}`, OK);
      await t.expect("GET a", NULL);
      await other.expect("SET a 1", OK);
      await listener.receive(invalidate("a"));
      await t.expect("GET a", "1");
      await listener.expect("QUIT", OK);
      await listener.receiveClose();
      await other.expect("SET a 2", OK);
      await t.receive(push("tracking-redir-broken", Number(id)));
      await t.expect(
        "CLIENT TRACKINGINFO",
        info(["on", "broken_redirect"], Number(id)),
      );
      await t.expect("CLIENT INFO", textLike(/ flags=tR .* redir=\d+ /));
    },
  },
];

const broadcasts: ConformanceCase[] = [
  {
    name: "BCAST tells of all keys that begin so, read or not",
    protocol: 3,
    covers: COVERS,
    run: async (t) => {
      const other = await t.other();
      await t.expect("CLIENT TRACKING ON BCAST PREFIX a: PREFIX b:", OK);
      await other.expect("MSET a:2 1 a:1 1 c:1 1 b:1 1 a: 1 a 1", OK);
      await t.receive(invalidate("a:", "a:1", "a:2"));
      await t.receive(invalidate("b:1"));
      await other.expect("SET a:1 2", OK);
      await t.receive(invalidate("a:1"));
      await t.expect("SET b:1 2", OK);
      await t.receive(invalidate("b:1"));
      await t.expect("CLIENT TRACKING ON BCAST NOLOOP PREFIX c:", OK);
      await t.expect("SET c:1 3", OK);
      await other.expect("SET c:2 3", OK);
      await t.receive(invalidate("c:2"));
      await t.expect(
        "CLIENT TRACKINGINFO",
        info(["on", "bcast", "noloop"], 0, ["a:", "b:", "c:"]),
      );
      await t.expect("INFO stats", textLike(/tracking_total_prefixes:3\r\n/));
    },
  },
];

const refusals: ConformanceCase[] = [
  {
    name: "CLIENT TRACKING refuses options that exclude each other",
    covers: COVERS,
    run: async (t) => {
      const bcast = error(
        "ERR You can't switch BCAST mode on/off before disabling tracking for this client, and then re-enabling it with a different mode.",
      );
      const opt = error(
        "ERR You can't switch OPTIN/OPTOUT mode before disabling tracking for this client, and then re-enabling it with a different mode.",
      );
      const cases: [command: string, reply: Expected][] = [
        ["CLIENT TRACKING", WRONG_ARITY("client|tracking")],
        ["CLIENT TRACKING maybe", SYNTAX],
        ["CLIENT TRACKING ON NOPE", SYNTAX],
        ["CLIENT TRACKING ON PREFIX", SYNTAX],
        ["CLIENT TRACKING ON REDIRECT", SYNTAX],
        ["CLIENT TRACKING ON REDIRECT x", NOT_AN_INTEGER],
        [
          "CLIENT TRACKING ON REDIRECT 999999",
          error("ERR The client ID you want redirect to does not exist"),
        ],
        [
          "CLIENT TRACKING ON PREFIX a",
          error("ERR PREFIX option requires BCAST mode to be enabled"),
        ],
        [
          "CLIENT TRACKING ON BCAST OPTIN",
          error("ERR OPTIN and OPTOUT are not compatible with BCAST"),
        ],
        [
          "CLIENT TRACKING ON OPTIN OPTOUT",
          error("ERR You can't specify both OPTIN mode and OPTOUT mode"),
        ],
        [
          "CLIENT TRACKING ON BCAST PREFIX ab PREFIX a",
          error(
            "ERR Prefix 'ab' overlaps with another provided prefix 'a'. Prefixes for a single client must not overlap.",
          ),
        ],
        ["CLIENT TRACKING ON OPTIN", OK],
        ["CLIENT TRACKING ON BCAST", bcast],
        ["CLIENT TRACKING ON OPTOUT", opt],
        ["CLIENT TRACKING OFF", OK],
        ["CLIENT TRACKING ON BCAST PREFIX ab", OK],
        ["CLIENT TRACKING ON", bcast],
        [
          "CLIENT TRACKING ON BCAST PREFIX a",
          error(
            "ERR Prefix 'a' overlaps with an existing prefix 'ab'. Prefixes for a single client must not overlap.",
          ),
        ],
        ["CLIENT TRACKINGINFO", info(["on", "bcast"], 0, ["ab"])],
        ["CLIENT TRACKING OFF", OK],
        ["CLIENT TRACKINGINFO", info(["off"], -1)],
      ];
      for (const [command, reply] of cases) await t.expect(command, reply);
    },
  },
  {
    name: "CLIENT CACHING is only for OPTIN and OPTOUT",
    steps: [
      [
        "CLIENT CACHING YES",
        error(
          "ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled",
        ),
      ],
      ["CLIENT TRACKING ON OPTOUT", OK],
      [
        "CLIENT CACHING YES",
        error(
          "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.",
        ),
      ],
      ["CLIENT CACHING nope", SYNTAX],
      ["CLIENT CACHING NO", OK],
      ["CLIENT TRACKINGINFO", info(["on", "optout", "caching-no"], 0)],
      ["PING", PONG],
      ["CLIENT TRACKINGINFO", info(["on", "optout"], 0)],
      [
        "CLIENT CACHING YES",
        error(
          "ERR CLIENT CACHING YES is only valid when tracking is enabled in OPTIN mode.",
        ),
      ],
      ["CLIENT TRACKING OFF", OK],
      ["CLIENT TRACKING ON OPTIN", OK],
      [
        "CLIENT CACHING NO",
        error(
          "ERR CLIENT CACHING NO is only valid when tracking is enabled in OPTOUT mode.",
        ),
      ],
      ["CLIENT CACHING YES", OK],
      ["CLIENT TRACKINGINFO", info(["on", "optin", "caching-yes"], 0)],
    ],
  },
  {
    name: "RESET ends tracking; CLIENT LIST and INFO show it",
    covers: [...COVERS, "reset", "client|trackinginfo"],
    run: async (t) => {
      const other = await t.other();
      await other.expect("CLIENT TRACKING ON", OK);
      await other.expect("GET a", NULL);
      await other.expect("CLIENT INFO", textLike(/ flags=t .* redir=0 /));
      await t.expect("INFO clients", textLike(/tracking_clients:1\r\n/));
      await t.expect("INFO stats", textLike(/tracking_total_items:1\r\n/));
      await other.expect("RESET", simple("RESET"));
      await other.expect("CLIENT GETREDIR", -1, 2);
      await t.expect("INFO clients", textLike(/tracking_clients:0\r\n/));
    },
  },
];

function textOrInteger(): Expected {
  return { text: "an integer", accepts: ({ type }) => type === "integer" };
}

export const group: ConformanceGroup = {
  name: "tracking",
  cases: [...reading, ...elsewhere, ...broadcasts, ...refusals],
};

/** CLIENT and its subcommands. */
import type { Reply } from "../../lib/resp/reply_decoder.ts";
import {
  between,
  error,
  NULL,
  OK,
  PONG,
  type Rule,
  satisfying,
  textLike,
} from "../support/expectation.ts";
import { payloadText } from "../support/reply_text.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import { type Conversation, wait } from "./conversation.ts";
import { helpOf, SYNTAX, WRONG_ARITY } from "./expected_replies.ts";

const NO_SUCH_CLIENT = error("ERR No such client");
const BAD_ID = error("ERR client-id should be greater than 0");

/** Fields of CLIENT LIST and CLIENT INFO in Redis 7.2, in order. */
const FIELDS =
  "id addr laddr fd name age idle flags db sub psub ssub multi qbuf qbuf-free argv-mem " +
  "multi-mem rbs rbp obl oll omem tot-mem events cmd user redir resp lib-name lib-ver";

/** The lines of a CLIENT LIST reply, each as its fields. */
function clientLines(reply: Reply): Map<string, string>[] {
  const lines = payloadText(reply)!.split("\n").slice(0, -1);
  return lines.map((line) =>
    new Map(
      line.split(" ").map((field): [string, string] => {
        const at = field.indexOf("=");
        return [field.slice(0, at), field.slice(at + 1)];
      }),
    )
  );
}

/** A list of clients that are named so, in this order. */
function clientsNamed(...names: string[]): Rule {
  return satisfying(
    `clients ${names}`,
    (reply) =>
      clientLines(reply).map((client) => client.get("name")).join() ===
        names.join(),
  );
}

/** One client whose fields have these values. */
function clientWith(fields: Record<string, string | RegExp>): Rule {
  return satisfying(`a client with ${Object.entries(fields)}`, (reply) => {
    const [client, ...rest] = clientLines(reply);
    return rest.length === 0 &&
      Object.entries(fields).every(([name, expected]) => {
        const value = client.get(name) ?? "";
        return typeof expected === "string"
          ? value === expected
          : expected.test(value);
      });
  });
}

async function idOf(t: Conversation): Promise<number> {
  const reply = await t.call("CLIENT ID");
  return reply.type === "integer" ? Number(reply.value) : NaN;
}

async function addressOf(t: Conversation, field = "addr"): Promise<string> {
  return clientLines(await t.call("CLIENT INFO"))[0].get(field)!;
}

const names: ConformanceCase[] = [
  {
    name:
      "CLIENT SETNAME names the connection and CLIENT GETNAME answers the name",
    steps: [
      ["CLIENT GETNAME", NULL],
      ["CLIENT SETNAME me", OK],
      ["CLIENT GETNAME", "me"],
      [
        "CLIENT SETNAME 'a b'",
        error(
          "ERR Client names cannot contain spaces, newlines or special characters.",
        ),
      ],
      [
        ["CLIENT", "SETNAME", "a\nb"],
        error(
          "ERR Client names cannot contain spaces, newlines or special characters.",
        ),
      ],
      ["CLIENT GETNAME", "me"],
      ['CLIENT SETNAME ""', OK],
      ["CLIENT GETNAME", NULL],
    ],
  },
  {
    name: "CLIENT SETINFO notes name and version of the client library",
    since: "7.2",
    covers: ["client|setinfo", "client|info"],
    run: async (t) => {
      await t.expect(
        "CLIENT INFO",
        clientWith({ "lib-name": "", "lib-ver": "" }),
      );
      await t.expect("CLIENT SETINFO LIB-NAME my-lib", OK);
      await t.expect("CLIENT SETINFO lib-ver 1.2.3", OK);
      await t.expect(
        "CLIENT INFO",
        clientWith({ "lib-name": "my-lib", "lib-ver": "1.2.3" }),
      );
      await t.expect(
        'CLIENT SETINFO LIB-NAME "a b"',
        error(
          "ERR LIB-NAME cannot contain spaces, newlines or special characters.",
        ),
      );
      await t.expect(
        'CLIENT SETINFO Lib-Ver "1\n2"',
        error(
          "ERR Lib-Ver cannot contain spaces, newlines or special characters.",
        ),
      );
      await t.expect(
        "CLIENT SETINFO BAD x",
        error("ERR Unrecognized option 'BAD'"),
      );
      await t.expect('CLIENT SETINFO LIB-NAME ""', OK);
      await t.expect(
        "CLIENT INFO",
        clientWith({ "lib-name": "", "lib-ver": "1.2.3" }),
      );
      await t.expect("RESET", { text: "anything", accepts: () => true });
      await t.expect(
        "CLIENT INFO",
        clientWith({ "lib-ver": "1.2.3", name: "" }),
        2,
      );
    },
  },
  {
    name: "CLIENT ID answers a number that grows with each connection",
    covers: ["client|id"],
    run: async (t) => {
      const other = await t.other();
      const first = await idOf(t);
      await other.expect(
        "CLIENT ID",
        between(first + 1, Number.MAX_SAFE_INTEGER),
      );
      await t.expect("CLIENT ID", first);
    },
  },
];

const lists: ConformanceCase[] = [
  {
    name: "CLIENT INFO has the fields of Redis 7.2 in order",
    since: "7.2",
    steps: [[
      "CLIENT INFO",
      satisfying(FIELDS, (reply) => {
        const lines = clientLines(reply);
        return lines.length === 1 && [...lines[0].keys()].join(" ") === FIELDS;
      }),
    ]],
  },
  {
    name: "CLIENT INFO tells the truth about the connection",
    covers: ["client|info", "client|setname", "select"],
    run: async (t) => {
      await t.expect("CLIENT SETNAME me", OK);
      await t.expect("SELECT 2", OK);
      await t.expect(
        "CLIENT INFO",
        clientWith({
          id: String(await idOf(t)),
          addr: /^127\.0\.0\.1:\d+$/,
          laddr: /^127\.0\.0\.1:\d+$/,
          name: "me",
          age: /^\d+$/,
          idle: "0",
          flags: "N",
          db: "2",
          sub: "0",
          multi: "-1",
          cmd: "client|info",
          user: "default",
          redir: "-1",
          resp: String(t.protocol),
          events: "r",
        }),
      );
      await t.expect("CLIENT INFO", textLike(/^id=\d+ addr=.*\n$/));
    },
  },
  {
    name: "CLIENT LIST lists all clients by age, and filters by type and id",
    covers: ["client|list"],
    run: async (t) => {
      await t.expect("CLIENT SETNAME first", OK);
      const other = await t.other();
      await other.expect("CLIENT SETNAME second", OK);
      const [first, second] = [await idOf(t), await idOf(other)];
      await t.expect(
        `CLIENT LIST ID ${second} ${first} 999999999`,
        clientsNamed("second", "first"),
      );
      await t.expect(
        `client list id ${second}`,
        clientWith({ cmd: "client|id" }),
      );
      await t.expect(
        "CLIENT LIST",
        textLike(/name=first .*\n.*name=second .*\n/s),
      );
      await t.expect(
        "CLIENT LIST TYPE NORMAL",
        textLike(/name=first .*\n.*name=second .*\n/s),
      );
      for (const type of ["master", "replica", "slave", "pubsub"]) {
        await t.expect(`CLIENT LIST TYPE ${type}`, clientsNamed());
      }
      await t.expect("CLIENT LIST ID 999999999", textLike(/^$/));
    },
  },
  {
    name: "CLIENT LIST refuses wrong filters",
    steps: [
      ["CLIENT LIST TYPE nope", error("ERR Unknown client type 'nope'")],
      ["CLIENT LIST TYPE", SYNTAX],
      ["CLIENT LIST ID", SYNTAX],
      ["CLIENT LIST ID x", error("ERR Invalid client ID")],
      ["CLIENT LIST BAD", SYNTAX],
      ["CLIENT LIST TYPE normal ID 1", SYNTAX],
      ["CLIENT INFO x", WRONG_ARITY("client|info")],
    ],
  },
];

const kills: ConformanceCase[] = [
  {
    name: "CLIENT KILL with an address closes that connection",
    covers: ["client|kill"],
    run: async (t) => {
      const other = await t.other();
      await t.expect(`CLIENT KILL ${await addressOf(other)}`, OK);
      await other.receiveClose();
      await t.expect("CLIENT KILL 127.0.0.1:1", NO_SUCH_CLIENT);
      await t.expect("CLIENT KILL nonsense", NO_SUCH_CLIENT);
    },
  },
  {
    name: "CLIENT KILL with filters closes the connections that pass all",
    covers: ["client|kill"],
    run: async (t) => {
      const others = [await t.other(), await t.other(), await t.other()];
      const ids = await Promise.all(others.map(idOf));
      await t.expect(`CLIENT KILL ID ${ids[0]} TYPE pubsub`, 0);
      await t.expect(`CLIENT KILL ID ${ids[0]} TYPE normal USER default`, 1);
      await others[0].receiveClose();
      const address = await addressOf(others[1]);
      await t.expect(`CLIENT KILL ADDR ${address} ID ${ids[2]}`, 0);
      await t.expect(
        `CLIENT KILL ADDR ${address} LADDR ${await addressOf(t, "laddr")}`,
        1,
      );
      await others[1].receiveClose();
      await others[2].expect("PING", PONG);
      await t.expect("CLIENT KILL ID 999999999", 0);
    },
  },
  {
    name: "CLIENT KILL spares the caller unless SKIPME is no",
    covers: ["client|kill"],
    run: async (t) => {
      const id = await idOf(t);
      await t.expect(`CLIENT KILL ID ${id}`, 0);
      await t.expect(`CLIENT KILL ID ${id} SKIPME yes`, 0);
      await t.expect(`CLIENT KILL ID ${id} skipme NO`, 1);
      await t.receiveClose();
    },
  },
  {
    name: "CLIENT KILL of one's own address answers before the close",
    covers: ["client|kill"],
    run: async (t) => {
      await t.expect(`CLIENT KILL ${await addressOf(t)}`, OK);
      await t.receiveClose();
    },
  },
  {
    name: "CLIENT KILL refuses wrong filters",
    steps: [
      ["CLIENT KILL ID x", BAD_ID],
      ["CLIENT KILL ID 0", BAD_ID],
      ["CLIENT KILL ID -1", BAD_ID],
      ["CLIENT KILL TYPE nope", error("ERR Unknown client type 'nope'")],
      ["CLIENT KILL USER nobody", error("ERR No such user 'nobody'")],
      ["CLIENT KILL SKIPME maybe", SYNTAX],
      ["CLIENT KILL BAD x", SYNTAX],
      ["CLIENT KILL ID 1 TYPE", SYNTAX],
      ["CLIENT KILL", WRONG_ARITY("client|kill")],
    ],
  },
];

const switches: ConformanceCase[] = [
  {
    name: "CLIENT NO-EVICT shows in the flags",
    steps: [
      ["CLIENT NO-EVICT on", OK],
      ["CLIENT INFO", clientWith({ flags: "e" })],
      ["CLIENT NO-EVICT OFF", OK],
      ["CLIENT INFO", clientWith({ flags: "N" })],
      ["CLIENT NO-EVICT maybe", SYNTAX],
    ],
  },
  {
    name: "CLIENT NO-TOUCH keeps reads from counting as accesses",
    since: "7.2",
    config: { "maxmemory-policy": "allkeys-lru" },
    covers: ["client|no-touch"],
    run: async (t) => {
      await t.expect("SET k v", OK);
      await t.expect("CLIENT NO-TOUCH on", OK);
      await t.expect("CLIENT INFO", clientWith({ flags: "T" }));
      await wait(2_100);
      await t.expect("GET k", "v");
      await t.expect("OBJECT IDLETIME k", between(1, 20));
      await t.expect("TOUCH k", 1);
      await t.expect("OBJECT IDLETIME k", between(0, 1));
      await t.expect("CLIENT NO-TOUCH Off", OK);
      await t.expect("CLIENT INFO", clientWith({ flags: "N" }));
      await t.expect("CLIENT NO-TOUCH maybe", SYNTAX);
    },
  },
  {
    name: "CLIENT REPLY OFF silences replies until ON, SKIP the next one",
    covers: ["client|reply"],
    run: async (t) => {
      await t.start("CLIENT REPLY OFF");
      await t.start("SET k v");
      await t.start("NOPE");
      await t.expect("CLIENT REPLY ON", OK);
      await t.expect("GET k", "v");
      await t.start("CLIENT REPLY SKIP");
      await t.start("GET k");
      await t.expect("PING", PONG);
      await t.start("CLIENT REPLY SKIP");
      await t.expect("CLIENT REPLY ON", OK);
      await t.expect("CLIENT REPLY maybe", SYNTAX);
    },
  },
];

const pauses: ConformanceCase[] = [
  {
    name: "CLIENT PAUSE holds back all commands until its time is over",
    covers: ["client|pause"],
    run: async (t) => {
      const other = await t.other();
      const startedAtMs = performance.now();
      await t.expect("CLIENT PAUSE 150", OK);
      await other.expect("GET k", NULL);
      const elapsedMs = performance.now() - startedAtMs;
      if (elapsedMs < 140) {
        throw new Error(`GET was answered after ${elapsedMs} ms`);
      }
    },
  },
  {
    name: "CLIENT PAUSE WRITE holds back only writes, CLIENT UNPAUSE ends it",
    covers: ["client|pause", "client|unpause"],
    run: async (t) => {
      const other = await t.other();
      await t.expect("SET k old", OK);
      await t.expect("CLIENT PAUSE 5000 WRITE", OK);
      await other.expect("GET k", "old");
      await other.start("SET k new");
      await wait(50);
      await t.expect("GET k", "old");
      await t.expect("CLIENT UNPAUSE", OK);
      await other.receive(OK);
      await t.expect("GET k", "new");
    },
  },
  {
    name: "keys do not expire while writes are paused",
    covers: ["client|pause", "client|unpause"],
    run: async (t) => {
      await t.expect("SET k v PX 200", OK);
      await t.expect("CLIENT PAUSE 5000 WRITE", OK);
      await wait(300);
      await t.expect("GET k", NULL);
      await t.expect("DBSIZE", 1);
      await t.expect("CLIENT UNPAUSE", OK);
      await t.expect("GET k", NULL);
      await t.expect("DBSIZE", 0);
    },
  },
  {
    name: "commands behind a paused one wait with it, in order",
    covers: ["client|pause"],
    run: async (t) => {
      const other = await t.other();
      await t.expect("CLIENT PAUSE 50 ALL", OK);
      for (const command of ["PING", "SET k 1", "INCR k", "GET k"]) {
        await other.start(command);
      }

      for (const expected of [PONG, OK, 2, "2"]) await other.receive(expected);
    },
  },
  {
    name: "CLIENT PAUSE refuses a wrong time and mode",
    steps: [
      [
        "CLIENT PAUSE x",
        error("ERR timeout is not an integer or out of range"),
      ],
      ["CLIENT PAUSE -1", error("ERR timeout is negative")],
      [
        "CLIENT PAUSE 1 BAD",
        error("ERR CLIENT PAUSE mode must be WRITE or ALL"),
      ],
      ["CLIENT PAUSE", WRONG_ARITY("client|pause")],
      ["CLIENT PAUSE 0", OK],
      ["CLIENT UNPAUSE x", WRONG_ARITY("client|unpause")],
      ["CLIENT UNPAUSE", OK],
    ],
  },
  {
    name: "CLIENT PAUSE refuses a time that overflows",
    since: "7.2",
    steps: [[
      "CLIENT PAUSE 9223372036854775807 WRITE",
      error("ERR timeout is out of range"),
    ]],
  },
  {
    name: "CLIENT refuses what it does not know",
    steps: [
      ["CLIENT", WRONG_ARITY("client")],
      ["CLIENT NOPE", error("ERR unknown subcommand 'NOPE'. Try CLIENT HELP.")],
      ["CLIENT ID x", WRONG_ARITY("client|id")],
      ["CLIENT GETNAME x", WRONG_ARITY("client|getname")],
      ["CLIENT SETNAME", WRONG_ARITY("client|setname")],
      ["CLIENT REPLY", WRONG_ARITY("client|reply")],
      ["CLIENT NO-EVICT", WRONG_ARITY("client|no-evict")],
      ["CLIENT HELP x", WRONG_ARITY("client|help")],
    ],
  },
  {
    name: "CLIENT HELP lists the subcommands",
    since: "7.2",
    steps: [["CLIENT HELP", helpOf("CLIENT")]],
  },
];

export const group: ConformanceGroup = {
  name: "client",
  cases: [...names, ...lists, ...kills, ...switches, ...pauses],
};

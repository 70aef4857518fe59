/** Connections: PING, ECHO, HELLO, AUTH, RESET, QUIT. */
import {
  between,
  error,
  type Expected,
  map,
  matching,
  NULL,
  OK,
  PONG,
  type Protocol,
  type Rule,
  simple,
} from "../support/expectation.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import { WRONG_ARITY } from "./expected_replies.ts";

const NOAUTH = error("NOAUTH Authentication required.");
const WRONGPASS = error(
  "WRONGPASS invalid username-password pair or user is disabled.",
);
const NOPROTO = error("NOPROTO unsupported protocol version");
const BAD_NAME = error(
  "ERR Client names cannot contain spaces, newlines or special characters.",
);

/** What HELLO answers. */
function greeting(protocol: Protocol): Rule {
  return map(
    ["server", "redis"],
    ["version", matching(/^\d+\.\d+\.\d+$/)],
    ["proto", protocol],
    ["id", between(1, Number.MAX_SAFE_INTEGER)],
    ["mode", "standalone"],
    ["role", "master"],
    ["modules", []],
  );
}

const basics: ConformanceCase[] = [
  {
    name: "PING answers PONG or its argument",
    steps: [["PING", PONG], ["PING hello", "hello"], ['PING ""', ""], [[
      "PING",
      "\x00\xff",
    ], "\x00\xff"]],
  },
  {
    name: "ECHO answers its argument",
    steps: [["ECHO hello", "hello"], ['ECHO ""', ""]],
  },
  {
    name: "QUIT answers OK and closes the connection",
    covers: ["quit"],
    run: async (t) => {
      await t.send("QUIT\r\nPING\r\n");
      await t.receive(OK);
      await t.receiveClose();
    },
  },
  {
    name: "QUIT takes any arguments",
    covers: ["quit"],
    run: async (t) => {
      await t.expect("QUIT now please", OK);
      await t.receiveClose();
    },
  },
];

const unknown: ConformanceCase[] = [
  {
    name: "an unknown command is named with its arguments",
    steps: [
      ["NOPE", error("ERR unknown command 'NOPE', with args beginning with: ")],
      [
        "nope a b",
        error("ERR unknown command 'nope', with args beginning with: 'a' 'b' "),
      ],
      ['""', error("ERR unknown command '', with args beginning with: ")],
      [
        ["no\r\npe", "a\nb"],
        error("ERR unknown command 'no  pe', with args beginning with: 'a b' "),
      ],
      [
        ["nope\x00x", "\xff"],
        error("ERR unknown command 'nope', with args beginning with: '\xff' "),
      ],
    ],
  },
  {
    name: "of an unknown command 128 bytes of name and arguments are shown",
    steps: [
      [
        ["x".repeat(200), "y".repeat(200), "z"],
        error(
          `ERR unknown command '${
            "x".repeat(128)
          }', with args beginning with: '${"y".repeat(128)}' `,
        ),
      ],
      [
        ["nope", ..."abcdefghij".split("").map((letter) => letter.repeat(20))],
        error(
          "ERR unknown command 'nope', with args beginning with: " +
            "abcde".split("").map((letter) => `'${letter.repeat(20)}' `).join(
              "",
            ) +
            `'${"f".repeat(13)}' `,
        ),
      ],
    ],
  },
];

const hello: ConformanceCase[] = [
  {
    name: "HELLO without arguments answers in the protocol in use",
    covers: ["hello"],
    run: (t) => t.expect("HELLO", greeting(t.protocol)),
  },
  {
    name: "HELLO switches the protocol back and forth",
    covers: ["hello"],
    run: async (t) => {
      await t.expect("HELLO 3", greeting(3), 3);
      await t.expect("GET missing", NULL, 3);
      await t.expect("HELLO 2", greeting(2), 2);
      await t.expect("GET missing", NULL, 2);
      await t.expect("HELLO 3", greeting(3), 3);
    },
  },
  {
    name: "HELLO refuses other protocols and stays in its own",
    steps: [
      ["HELLO 1", NOPROTO],
      ["HELLO 4", NOPROTO],
      ["HELLO -1", NOPROTO],
      [
        "HELLO x",
        error("ERR Protocol version is not an integer or out of range"),
      ],
      [
        "HELLO 99999999999999999999",
        error(
          "ERR Protocol version is not an integer or out of range",
        ),
      ],
      ["GET missing", NULL],
    ],
  },
  {
    name: "HELLO names the client and authenticates it",
    covers: ["hello", "client|getname"],
    run: async (t) => {
      const { protocol } = t;
      await t.expect(`HELLO ${protocol} SETNAME me`, greeting(protocol));
      await t.expect("CLIENT GETNAME", "me");
      await t.expect(
        `HELLO ${protocol} AUTH default anything SETNAME you`,
        greeting(protocol),
      );
      await t.expect("CLIENT GETNAME", "you");
      await t.expect(`HELLO ${protocol} setname ""`, greeting(protocol));
      await t.expect("CLIENT GETNAME", NULL);
    },
  },
  {
    name: "HELLO with a wrong option changes nothing",
    covers: ["hello", "client|getname"],
    run: async (t) => {
      const other = t.protocol === 2 ? 3 : 2;
      const refusals: [string, Expected][] = [
        ["BAD", error("ERR Syntax error in HELLO option 'BAD'")],
        ["SETNAME", error("ERR Syntax error in HELLO option 'SETNAME'")],
        ["AUTH default", error("ERR Syntax error in HELLO option 'AUTH'")],
        ["AUTH nobody x", WRONGPASS],
        ['SETNAME "a b"', BAD_NAME],
      ];
      for (const [options, expected] of refusals) {
        await t.expect(`HELLO ${other} ${options}`, expected);
        await t.expect("CLIENT GETNAME", NULL);
      }
    },
  },
];

const helloNames: ConformanceCase[] = [{
  name: "HELLO names nobody when a later option is wrong",
  since: "7.2",
  steps: [
    ["HELLO 2 SETNAME me BAD", error("ERR Syntax error in HELLO option 'BAD'")],
    ["CLIENT GETNAME", NULL],
  ],
}];

const auth: ConformanceCase[] = [
  {
    name: "AUTH without a configured password says so",
    steps: [
      [
        "AUTH x",
        error(
          "ERR AUTH <password> called without any password configured for the default user. " +
            "Are you sure your configuration is correct?",
        ),
      ],
      ["AUTH default anything", OK],
      ["AUTH nobody x", WRONGPASS],
      ["AUTH a b c", error("ERR syntax error")],
    ],
  },
  {
    name: "with requirepass a new client may only authenticate",
    config: { requirepass: "secret" },
    covers: ["auth", "hello"],
    run: async (t) => {
      const stranger = await t.stranger();
      await stranger.expect("PING", NOAUTH);
      await stranger.expect("GET k", NOAUTH);
      await stranger.expect("CLIENT SETNAME x", NOAUTH);
      await stranger.expect("COMMAND", NOAUTH);
      await stranger.expect(
        "NOPE",
        error(
          "ERR unknown command 'NOPE', with args beginning with: ",
        ),
      );
      await stranger.expect("GET", WRONG_ARITY("get"));
      await stranger.expect("AUTH wrong", WRONGPASS);
      await stranger.expect("AUTH default wrong", WRONGPASS);
      await stranger.expect("AUTH nobody secret", WRONGPASS);
      await stranger.expect("HELLO 3 AUTH default wrong", WRONGPASS);
      await stranger.expect("AUTH secret", OK);
      await stranger.expect("PING", PONG);
      await stranger.expect("AUTH wrong", WRONGPASS);
      await stranger.expect("PING", PONG);
    },
  },
  {
    name: "HELLO without authentication tells how it could authenticate",
    since: "7.2",
    config: { requirepass: "secret" },
    covers: ["hello"],
    run: async (t) => {
      await (await t.stranger()).expect(
        "HELLO",
        error(
          "NOAUTH HELLO must be called with the client already authenticated, otherwise the " +
            "HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and " +
            "select the RESP protocol version at the same time",
        ),
      );
    },
  },
  {
    name: "AUTH takes the user default, and HELLO the password too",
    config: { requirepass: "secret" },
    covers: ["auth", "hello"],
    run: async (t) => {
      await (await t.stranger()).expect("AUTH default secret", OK);
      const stranger = await t.stranger();
      await stranger.expect("HELLO 3 AUTH default secret", greeting(3), 3);
      await stranger.expect("GET missing", NULL, 3);
    },
  },
  {
    name:
      "QUIT and RESET work without authentication, and RESET asks for it again",
    config: { requirepass: "secret" },
    covers: ["quit", "reset"],
    run: async (t) => {
      const stranger = await t.stranger();
      await stranger.expect("RESET", simple("RESET"));
      await stranger.expect("AUTH secret", OK);
      await stranger.expect("PING", PONG);
      await stranger.expect("RESET", simple("RESET"));
      await stranger.expect("PING", NOAUTH);
      await stranger.expect("QUIT", OK);
      await stranger.receiveClose();
    },
  },
  {
    name: "a client that was connected before the password stays authenticated",
    config: { requirepass: "secret" },
    steps: [["PING", PONG]],
  },
];

const reset: ConformanceCase[] = [
  {
    name: "RESET forgets the database, the name and RESP3",
    covers: ["reset", "select", "client|getname"],
    run: async (t) => {
      await t.expect("SELECT 3", OK);
      await t.expect("SET k v", OK);
      await t.expect("CLIENT SETNAME me", OK);
      await t.expect("RESET", simple("RESET"));
      await t.expect("GET k", NULL, 2);
      await t.expect("CLIENT GETNAME", NULL, 2);
      await t.expect("HELLO", greeting(2), 2);
    },
  },
];

export const group: ConformanceGroup = {
  name: "connection",
  cases: [...basics, ...unknown, ...hello, ...helloNames, ...auth, ...reset],
};

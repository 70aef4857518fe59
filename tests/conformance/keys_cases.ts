/** Commands on keys of any type and on whole databases. */
import {
  between,
  error,
  NULL,
  OK,
  oneOf,
  simple,
  unordered,
} from "../support/expectation.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import {
  DB_OUT_OF_RANGE,
  helpOf,
  NO_SUCH_KEY,
  NOT_AN_INTEGER,
  SYNTAX,
  ttlOf,
  WRONG_ARITY,
} from "./expected_replies.ts";

const SAME_OBJECT = error("ERR source and destination objects are the same");

const basics: ConformanceCase[] = [
  {
    name: "DEL and UNLINK answer how many keys they deleted",
    steps: ["DEL", "UNLINK"].flatMap((command) => [
      ["MSET a 1 b 2 c 3", OK] as const,
      [`${command} a b missing`, 2] as const,
      [`${command} c c`, 1] as const,
      [`${command} c`, 0] as const,
      ["DBSIZE", 0] as const,
    ]),
  },
  {
    name: "EXISTS and TOUCH count a key as often as it is named",
    steps: [
      ["MSET a 1 b 2", OK],
      ["EXISTS a", 1],
      ["EXISTS a b missing a", 3],
      ["EXISTS missing", 0],
      ["TOUCH a b missing a", 3],
      ["TOUCH missing", 0],
    ],
  },
  {
    name: "TYPE answers string or none",
    steps: [["SET k v", OK], ["TYPE k", simple("string")], [
      "TYPE missing",
      simple("none"),
    ]],
  },
  {
    name: "RANDOMKEY answers one of the keys, or nil",
    steps: [
      ["RANDOMKEY", NULL],
      ["MSET a 1 b 2", OK],
      ["RANDOMKEY", oneOf("a", "b")],
      ["DEL a", 1],
      ["RANDOMKEY", "b"],
      ["PEXPIREAT b 1", 1],
      ["RANDOMKEY", NULL],
    ],
  },
  {
    name: "DBSIZE counts the keys of the selected database",
    steps: [
      ["DBSIZE", 0],
      ["MSET a 1 b 2", OK],
      ["DBSIZE", 2],
      ["SELECT 1", OK],
      ["DBSIZE", 0],
    ],
  },
];

const GLOB_KEYS = [
  "foo",
  "fo",
  "fooo",
  "f",
  "bar",
  "h*llo",
  "h[llo",
  "a-c",
  "^a",
  "\\",
  "",
];

const GLOBS: readonly (readonly [pattern: string, ...keys: string[]])[] = [
  ["*", ...GLOB_KEYS],
  // Only the lone star, which is no pattern at all, finds the empty key.
  ["***", ...GLOB_KEYS.slice(0, -1)],
  ["", ""],
  ["foo", "foo"],
  ["FOO"],
  ["f*", "foo", "fo", "fooo", "f"],
  ["f?o", "foo"],
  ["??", "fo", "^a"],
  ["*o*o*", "foo", "fooo"],
  ["foo*bar"],
  ["[fb]*", "foo", "fo", "fooo", "f", "bar"],
  ["[a-c]*", "bar", "a-c"],
  ["[c-a]*", "bar", "a-c"],
  ["[^fbh]*", "a-c", "^a", "\\"],
  ["[f", "f"],
  ["[^f", "\\"],
  ["h\\*llo", "h*llo"],
  ["h\\[llo", "h[llo"],
  ["h[*]llo", "h*llo"],
  ["a[-]c", "a-c"],
  ["[\\^]a", "^a"],
  ["\\", "\\"],
  ["\\\\", "\\"],
  ["f\\oo", "foo"],
];

const globs: ConformanceCase[] = GLOBS.map(([pattern, ...keys]) => ({
  name: `KEYS ${pattern} finds the keys that match`,
  steps: [
    [["MSET", ...GLOB_KEYS.flatMap((key) => [key, "v"])], OK],
    [["KEYS", pattern], unordered(...keys)],
  ],
}));

const keysCases: ConformanceCase[] = [
  {
    name: "KEYS leaves out expired keys",
    steps: [["MSET a 1 b 2", OK], ["PEXPIREAT a 1", 1], ["KEYS *", ["b"]]],
  },
  {
    name: "KEYS matches bytes, not characters",
    steps: [[["SET", "\xff\x00", "v"], OK], ["KEYS ??", ["\xff\x00"]], [
      "KEYS ?",
      [],
    ]],
  },
];

const moves: ConformanceCase[] = [
  {
    name: "RENAME moves value and expiry, over an existing key too",
    steps: [
      ["SET a 1 EX 100", OK],
      ["SET b 2", OK],
      ["RENAME a b", OK],
      ["EXISTS a", 0],
      ["GET b", "1"],
      ["TTL b", ttlOf(100)],
      ["SET a 3", OK],
      ["RENAME a b", OK],
      ["TTL b", -1],
    ],
  },
  {
    name: "RENAME of a key to itself changes nothing, of a missing key fails",
    steps: [
      ["SET a 1", OK],
      ["RENAME a a", OK],
      ["RENAME missing a", NO_SUCH_KEY],
      ["RENAME missing missing", NO_SUCH_KEY],
      ["GET a", "1"],
    ],
  },
  {
    name: "RENAMENX renames unless the new name is taken",
    steps: [
      ["MSET a 1 b 2", OK],
      ["RENAMENX a b", 0],
      ["RENAMENX a a", 0],
      ["RENAMENX a c", 1],
      ["MGET a b c", [NULL, "2", "1"]],
      ["RENAMENX missing d", NO_SUCH_KEY],
    ],
  },
  {
    name: "COPY copies value and expiry, and replaces only with REPLACE",
    steps: [
      ["SET a 1 EX 100", OK],
      ["COPY a b", 1],
      ["GET b", "1"],
      ["TTL b", ttlOf(100)],
      ["SET a 2", OK],
      ["COPY a b", 0],
      ["GET b", "1"],
      ["COPY a b REPLACE", 1],
      ["GET b", "2"],
      ["TTL b", -1],
      ["COPY missing c", 0],
      ["APPEND b x", 2],
      ["GET a", "2"],
    ],
  },
  {
    name: "COPY with DB copies to another database",
    steps: [
      ["SET a 1", OK],
      ["COPY a a DB 1", 1],
      ["COPY a b DB 1 REPLACE DB 2", 1],
      ["SELECT 1", OK],
      ["KEYS *", ["a"]],
      ["SELECT 2", OK],
      ["KEYS *", ["b"]],
    ],
  },
  {
    name: "COPY refuses the same key, wrong databases and wrong options",
    steps: [
      ["COPY a a", SAME_OBJECT],
      ["COPY a a DB 0 REPLACE", SAME_OBJECT],
      ["COPY a b DB 16", DB_OUT_OF_RANGE],
      ["COPY a b DB -1", DB_OUT_OF_RANGE],
      ["COPY a b DB x", NOT_AN_INTEGER],
      [
        "COPY a b DB 99999999999",
        error(
          "ERR value is out of range, value must between -2147483648 and 2147483647",
        ),
      ],
      ["COPY a b DB", SYNTAX],
      ["COPY a b NX", SYNTAX],
    ],
  },
  {
    name:
      "MOVE moves value and expiry to another database unless the key is there",
    steps: [
      ["SET a 1 EX 100", OK],
      ["MOVE a 1", 1],
      ["MOVE a 1", 0],
      ["EXISTS a", 0],
      ["SET a 2", OK],
      ["MOVE a 1", 0],
      ["SELECT 1", OK],
      ["GET a", "1"],
      ["TTL a", ttlOf(100)],
    ],
  },
  {
    name: "MOVE refuses the same database and wrong ones",
    steps: [
      ["MOVE a 0", SAME_OBJECT],
      ["MOVE a 16", DB_OUT_OF_RANGE],
      ["MOVE a -1", DB_OUT_OF_RANGE],
      ["MOVE a x", NOT_AN_INTEGER],
    ],
  },
];

const databases: ConformanceCase[] = [
  {
    name: "SELECT switches the database of this connection",
    steps: [
      ["SET k 0", OK],
      ["SELECT 15", OK],
      ["GET k", NULL],
      ["SET k 15", OK],
      ["SELECT 0", OK],
      ["GET k", "0"],
      ["SELECT 16", DB_OUT_OF_RANGE],
      ["SELECT -1", DB_OUT_OF_RANGE],
      ["SELECT x", NOT_AN_INTEGER],
      [
        "SELECT 99999999999",
        error(
          "ERR value is out of range, value must between -2147483648 and 2147483647",
        ),
      ],
      ["GET k", "0"],
    ],
  },
  {
    name: "SWAPDB swaps two databases under everyone's feet",
    covers: ["swapdb"],
    run: async (t) => {
      const other = await t.other();
      await other.expect("SELECT 1", OK);
      await t.expect("SET k zero", OK);
      await other.expect("SET k one EX 100", OK);
      await t.expect("SWAPDB 0 1", OK);
      await t.expect("GET k", "one");
      await t.expect("TTL k", ttlOf(100));
      await other.expect("GET k", "zero");
      await t.expect("SWAPDB 1 1", OK);
      await other.expect("GET k", "zero");
    },
  },
  {
    name: "SWAPDB refuses wrong databases",
    steps: [
      ["SWAPDB 0 16", DB_OUT_OF_RANGE],
      ["SWAPDB -1 0", DB_OUT_OF_RANGE],
      ["SWAPDB x 0", error("ERR invalid first DB index")],
      ["SWAPDB 99999999999 0", error("ERR invalid first DB index")],
      ["SWAPDB 0 x", error("ERR invalid second DB index")],
    ],
  },
  {
    name: "FLUSHDB empties one database, FLUSHALL all",
    steps: [
      ["SET a 1", OK],
      ["SELECT 1", OK],
      ["SET b 1", OK],
      ["FLUSHDB", OK],
      ["DBSIZE", 0],
      ["SET b 1", OK],
      ["SELECT 0", OK],
      ["DBSIZE", 1],
      ["FLUSHALL", OK],
      ["DBSIZE", 0],
      ["SELECT 1", OK],
      ["DBSIZE", 0],
    ],
  },
  {
    name: "FLUSHDB and FLUSHALL take ASYNC or SYNC",
    steps: ["FLUSHDB", "FLUSHALL"].flatMap((command) => [
      ["SET k v", OK] as const,
      [`${command} ASYNC`, OK] as const,
      ["DBSIZE", 0] as const,
      ["SET k v", OK] as const,
      [`${command} sync`, OK] as const,
      ["DBSIZE", 0] as const,
      [`${command} BAD`, SYNTAX] as const,
      [`${command} ASYNC SYNC`, SYNTAX] as const,
    ]),
  },
];

const NO_LFU = error(
  "ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that " +
    "when switching between policies at runtime LRU and LFU data will take some time to adjust.",
);
const LFU = error(
  "ERR An LFU maxmemory policy is selected, idle time not tracked. Please note that when " +
    "switching between policies at runtime LRU and LFU data will take some time to adjust.",
);

const objects: ConformanceCase[] = [
  {
    name: "OBJECT answers nil for a key that does not exist",
    steps: ["ENCODING", "FREQ", "IDLETIME", "REFCOUNT"].map((
      what,
    ) => [`OBJECT ${what} missing`, NULL] as const),
  },
  {
    name:
      "OBJECT REFCOUNT is 1 for a value of its own and the maximum for a small shared integer",
    steps: [
      ["SET k some-text", OK],
      ["OBJECT REFCOUNT k", 1],
      ["SET k 10000", OK],
      ["OBJECT REFCOUNT k", 1],
      ["SET k 9999", OK],
      ["OBJECT REFCOUNT k", 2147483647],
    ],
  },
  {
    name: "OBJECT IDLETIME counts seconds, and needs a policy other than LFU",
    steps: [
      ["SET k v", OK],
      ["OBJECT IDLETIME k", between(0, 1)],
      ["OBJECT FREQ k", NO_LFU],
      ["OBJECT FREQ missing", NULL],
    ],
  },
  {
    name: "OBJECT FREQ counts accesses under an LFU policy",
    config: { "maxmemory-policy": "allkeys-lfu" },
    steps: [["SET k v", OK], ["OBJECT FREQ k", 5], ["OBJECT IDLETIME k", LFU]],
  },
  {
    name: "OBJECT HELP lists the subcommands",
    since: "7.2",
    covers: ["object|help"],
    steps: [["OBJECT HELP", helpOf("OBJECT")]],
  },
  {
    name: "OBJECT refuses what it does not know",
    steps: [
      [
        "OBJECT NOPE k",
        error("ERR unknown subcommand 'NOPE'. Try OBJECT HELP."),
      ],
      ["OBJECT nope", error("ERR unknown subcommand 'nope'. Try OBJECT HELP.")],
      [
        "OBJECT ENCODING",
        error("ERR wrong number of arguments for 'object|encoding' command"),
      ],
      [
        "OBJECT HELP x",
        error("ERR wrong number of arguments for 'object|help' command"),
      ],
    ],
  },
];

const NO_TARGET = error(
  "IOERR error or timeout writing to target instance",
);

/** Nobody listens on port 1; tests/migration has servers that move keys. */
const migration: ConformanceCase[] = [
  {
    name: "MIGRATE of nothing answers NOKEY, wherever to",
    steps: [
      ["MIGRATE 127.0.0.1 1 missing 0 100", simple("NOKEY")],
      ["MIGRATE 127.0.0.1 1 '' 0 100 KEYS a b", simple("NOKEY")],
      ["MIGRATE 127.0.0.1 1 '' 0 100 KEYS", simple("NOKEY")],
      ["MIGRATE nowhere x '' 99 0 COPY REPLACE AUTH x", simple("NOKEY")],
      ["MIGRATE nowhere x '' 99 -1 AUTH2 x y KEYS a", simple("NOKEY")],
    ],
  },
  {
    name: "MIGRATE to where nobody listens leaves the key",
    steps: [
      ["SET k v", OK],
      ["MIGRATE 127.0.0.1 1 k 0 100", NO_TARGET],
      ["MIGRATE 127.0.0.1 1 '' 0 100 COPY KEYS missing k", NO_TARGET],
      ["MIGRATE 127.0.0.1 x k 0 100", NO_TARGET],
      [
        "MIGRATE 300.1.1.1 1 k 0 100",
        error("IOERR error or timeout connecting to the client"),
      ],
      ["EXISTS k", 1],
    ],
  },
  {
    name: "MIGRATE refuses what it does not understand",
    steps: [
      ["MIGRATE h 1 k 0", WRONG_ARITY("migrate")],
      ["MIGRATE h 1 k x 0", NOT_AN_INTEGER],
      ["MIGRATE h 1 k 0 1.5", NOT_AN_INTEGER],
      ["MIGRATE h 1 k x x NOPE", SYNTAX],
      ["MIGRATE h 1 k 0 0 AUTH", SYNTAX],
      ["MIGRATE h 1 k 0 0 AUTH2 x", SYNTAX],
      [
        "MIGRATE h 1 k 0 0 KEYS a",
        error(
          "ERR When using MIGRATE KEYS option, the key argument must be set to the empty string",
        ),
      ],
    ],
  },
  {
    name: "COMMAND GETKEYS finds the keys of MIGRATE behind its options",
    since: "7.2",
    steps: [
      ["COMMAND GETKEYS MIGRATE h 1 k 0 0 COPY", ["k"]],
      ["COMMAND GETKEYS MIGRATE h 1 '' 0 0 AUTH KEYS KEYS a b", ["a", "b"]],
      [
        "COMMAND GETKEYS MIGRATE h 1 k 0 0 KEYS a",
        error("ERR Invalid arguments specified for command"),
      ],
    ],
  },
];

export const group: ConformanceGroup = {
  name: "keys",
  cases: [
    ...basics,
    ...globs,
    ...keysCases,
    ...moves,
    ...databases,
    ...objects,
    ...migration,
  ],
};

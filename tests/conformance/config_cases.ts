/** CONFIG and its subcommands. */
import {
  error,
  map,
  mapIncluding,
  OK,
  type Rule,
  unorderedMap,
} from "../support/expectation.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import { helpOf, SYNTAX, WRONG_ARITY } from "./expected_replies.ts";

function refused(directive: string, why: string): Rule {
  return error(
    `ERR CONFIG SET failed (possibly related to argument '${directive}') - ${why}`,
  );
}

const NOT_MEMORY = "argument must be a memory value";
const NOT_INTEGER = "argument couldn't be parsed into an integer";
const IMMUTABLE = "can't set immutable config";

const getting: ConformanceCase[] = [
  {
    name: "CONFIG GET answers the directives that match",
    steps: [
      ["CONFIG GET maxmemory", map(["maxmemory", "0"])],
      ["CONFIG GET nope", map()],
      ["CONFIG GET max[a-m]emory-s?mples", map(["maxmemory-samples", "5"])],
      [
        "CONFIG GET hash-max-listpack-*",
        unorderedMap(["hash-max-listpack-entries", "512"], [
          "hash-max-listpack-value",
          "64",
        ]),
      ],
      [
        "CONFIG GET *",
        mapIncluding(["maxmemory", "0"], ["databases", "16"], [
          "appendonly",
          "no",
        ]),
      ],
    ],
  },
  {
    name: "CONFIG GET takes several patterns and answers each directive once",
    steps: [[
      "CONFIG GET maxmemory timeout maxmemory *timeout nope",
      mapIncluding(["maxmemory", "0"], ["timeout", "0"], [
        "repl-timeout",
        "60",
      ]),
    ], [
      "CONFIG GET maxmemory maxmemory-policy maxmemory",
      unorderedMap(["maxmemory", "0"], ["maxmemory-policy", "noeviction"]),
    ]],
  },
  {
    name: "CONFIG GET answers the name as it was asked for",
    steps: [["CONFIG GET MaxMemory", map(["MaxMemory", "0"])]],
  },
  {
    name: "CONFIG GET answers both names of a directive that was renamed",
    steps: [
      [
        "CONFIG GET hash-max-ziplist-entries",
        map(["hash-max-ziplist-entries", "512"]),
      ],
      ["CONFIG GET slave-priority", map(["slave-priority", "100"])],
    ],
  },
];

const setting: ConformanceCase[] = [
  {
    name: "CONFIG SET changes one directive or several",
    config: { maxmemory: "0", timeout: "0" },
    steps: [
      ["CONFIG SET maxmemory 100", OK],
      ["CONFIG GET maxmemory", map(["maxmemory", "100"])],
      ["CONFIG SET MAXMEMORY 1000000000 timeout 100", OK],
      ["CONFIG GET maxmemory", map(["maxmemory", "1000000000"])],
      ["CONFIG GET timeout", map(["timeout", "100"])],
    ],
  },
  {
    name: "CONFIG SET with one wrong directive changes none",
    config: { maxmemory: "0", timeout: "0" },
    steps: [
      ["CONFIG SET timeout 10 maxmemory x", refused("maxmemory", NOT_MEMORY)],
      [
        "CONFIG SET timeout 10 nope 1",
        error(
          "ERR Unknown option or number of arguments for CONFIG SET - 'nope'",
        ),
      ],
      ["CONFIG SET timeout 10 databases 3", refused("databases", IMMUTABLE)],
      [
        "CONFIG SET timeout 10 timeout 11",
        refused("timeout", "duplicate parameter"),
      ],
      ["CONFIG GET timeout", map(["timeout", "0"])],
    ],
  },
  {
    name: "CONFIG SET reads memory with units",
    config: { maxmemory: "0" },
    steps: [
      ["1b", "1"],
      ["1k", "1000"],
      ["1kb", "1024"],
      ["1m", "1000000"],
      ["1MB", "1048576"],
      ["2g", "2000000000"],
      ["1Gb", "1073741824"],
    ].flatMap(([given, bytes]) => [
      [`CONFIG SET maxmemory ${given}`, OK] as const,
      ["CONFIG GET maxmemory", map(["maxmemory", bytes])] as const,
    ]),
  },
  {
    name: "CONFIG SET refuses values of a wrong type",
    steps: [
      ["CONFIG SET maxmemory abc", refused("maxmemory", NOT_MEMORY)],
      ["CONFIG SET maxmemory 1.5gb", refused("maxmemory", NOT_MEMORY)],
      ["CONFIG SET maxmemory -1", refused("maxmemory", NOT_MEMORY)],
      ["CONFIG SET maxmemory 1x", refused("maxmemory", NOT_MEMORY)],
      ["CONFIG SET hz abc", refused("hz", NOT_INTEGER)],
      [
        "CONFIG SET appendonly maybe",
        refused("appendonly", "argument must be 'yes' or 'no'"),
      ],
      [
        "CONFIG SET timeout -1",
        refused(
          "timeout",
          "argument must be between 0 and 2147483647 inclusive",
        ),
      ],
      [
        "CONFIG SET maxclients 0",
        refused(
          "maxclients",
          "argument must be between 1 and 4294967295 inclusive",
        ),
      ],
      [
        "CONFIG SET proto-max-bulk-len 100",
        refused(
          "proto-max-bulk-len",
          "argument must be between 1048576 and 9223372036854775807 inclusive",
        ),
      ],
      [
        "CONFIG SET maxmemory-policy nope",
        refused(
          "maxmemory-policy",
          "argument(s) must be one of the following: volatile-lru, volatile-lfu, " +
            "volatile-random, volatile-ttl, allkeys-lru, allkeys-lfu, allkeys-random, noeviction",
        ),
      ],
    ],
  },
  {
    name: "CONFIG SET loglevel names the levels that there are",
    since: "7.2",
    steps: [
      [
        "CONFIG SET loglevel nope",
        refused(
          "loglevel",
          "argument(s) must be one of the following: debug, verbose, notice, warning, nothing",
        ),
      ],
    ],
  },
  {
    name: "CONFIG SET refuses what can only be set at the start",
    steps: [
      "databases",
      "daemonize",
      "unixsocket",
      "enable-debug-command",
      "cluster-enabled",
    ].map(
      (
        directive,
      ) => [`CONFIG SET ${directive} no`, refused(directive, IMMUTABLE)],
    ),
  },
  {
    name: "CONFIG SET refuses protected directives",
    steps: [
      ["CONFIG SET dir /", refused("dir", "can't set protected config")],
      [
        "CONFIG SET dbfilename x.rdb",
        refused("dbfilename", "can't set protected config"),
      ],
    ],
  },
  {
    name: "CONFIG SET refuses pairs that are not whole",
    steps: [
      ["CONFIG SET maxmemory", WRONG_ARITY("config|set")],
      ["CONFIG SET maxmemory 1 timeout", SYNTAX],
      [
        "CONFIG SET nope 1",
        error(
          "ERR Unknown option or number of arguments for CONFIG SET - 'nope'",
        ),
      ],
    ],
  },
];

const special: ConformanceCase[] = [
  {
    name: "CONFIG SET save takes pairs of seconds and changes",
    config: { save: "" },
    steps: [
      ["CONFIG SET save '3600 1 300 100'", OK],
      ["CONFIG GET save", map(["save", "3600 1 300 100"])],
      ["CONFIG SET save ''", OK],
      ["CONFIG GET save", map(["save", ""])],
      ["CONFIG SET save 1", refused("save", "Invalid save parameters")],
      ["CONFIG SET save '0 1'", refused("save", "Invalid save parameters")],
      ["CONFIG SET save 'x 1'", refused("save", "Invalid save parameters")],
    ],
  },
  {
    name:
      "CONFIG SET client-output-buffer-limit changes the classes that it names",
    config: {
      "client-output-buffer-limit":
        "normal 0 0 0 slave 268435456 67108864 60 pubsub 33554432 8388608 60",
    },
    steps: [
      [
        "CONFIG SET client-output-buffer-limit 'normal 1mb 2kb 3 replica 0 0 0'",
        OK,
      ],
      [
        "CONFIG GET client-output-buffer-limit",
        map([
          "client-output-buffer-limit",
          "normal 1048576 2048 3 slave 0 0 0 pubsub 33554432 8388608 60",
        ]),
      ],
      [
        "CONFIG SET client-output-buffer-limit 'nope 0 0 0'",
        refused(
          "client-output-buffer-limit",
          "Invalid client class specified in buffer limit configuration.",
        ),
      ],
      [
        "CONFIG SET client-output-buffer-limit 'normal 0 0'",
        refused(
          "client-output-buffer-limit",
          "Wrong number of arguments in buffer limit configuration.",
        ),
      ],
      [
        "CONFIG SET client-output-buffer-limit 'normal x 0 0'",
        refused(
          "client-output-buffer-limit",
          "Error in hard, soft or soft_seconds setting in buffer limit configuration.",
        ),
      ],
    ],
  },
  {
    name: "CONFIG SET notify-keyspace-events reads and writes its letters",
    config: { "notify-keyspace-events": "" },
    steps: [
      ["CONFIG SET notify-keyspace-events KEA", OK],
      [
        "CONFIG GET notify-keyspace-events",
        map(["notify-keyspace-events", "AKE"]),
      ],
      ["CONFIG SET notify-keyspace-events Elg", OK],
      [
        "CONFIG GET notify-keyspace-events",
        map(["notify-keyspace-events", "glE"]),
      ],
      [
        "CONFIG SET notify-keyspace-events KEZ",
        refused(
          "notify-keyspace-events",
          "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.",
        ),
      ],
    ],
  },
  {
    name: "CONFIG SET maxmemory-clients takes bytes or a share of maxmemory",
    config: { "maxmemory-clients": "0" },
    steps: [
      ["CONFIG SET maxmemory-clients 5%", OK],
      ["CONFIG GET maxmemory-clients", map(["maxmemory-clients", "5%"])],
      ["CONFIG SET maxmemory-clients 1mb", OK],
      ["CONFIG GET maxmemory-clients", map(["maxmemory-clients", "1048576"])],
      [
        "CONFIG SET maxmemory-clients 101%",
        refused(
          "maxmemory-clients",
          "percentage argument must be less or equal to 100",
        ),
      ],
    ],
  },
  {
    name: "CONFIG RESETSTAT sets the statistics to zero",
    covers: ["config|resetstat", "info"],
    run: async (t) => {
      await t.expect("SET k v", OK);
      await t.expect("GET k", "v");
      await t.expect("GET missing", {
        text: "nil",
        accepts: (reply) => reply.type === "null",
      });
      await t.expect("CONFIG RESETSTAT", OK);
      const info = await t.text("INFO stats");
      for (
        const line of [
          "keyspace_hits:0",
          "keyspace_misses:0",
          "total_commands_processed:1",
        ]
      ) {
        if (!info.includes(`${line}\r\n`)) {
          throw new Error(`${line} is not in ${info}`);
        }
      }
    },
  },
  {
    name: "CONFIG REWRITE needs a config file",
    steps: [[
      "CONFIG REWRITE",
      error("ERR The server is running without a config file"),
    ]],
  },
  {
    name: "CONFIG refuses what it does not know",
    steps: [
      ["CONFIG NOPE", error("ERR unknown subcommand 'NOPE'. Try CONFIG HELP.")],
      ["CONFIG GET", WRONG_ARITY("config|get")],
      ["CONFIG RESETSTAT x", WRONG_ARITY("config|resetstat")],
    ],
  },
  {
    name: "CONFIG HELP lists the subcommands",
    since: "7.2",
    steps: [["CONFIG HELP", helpOf("CONFIG")]],
  },
];

export const group: ConformanceGroup = {
  name: "config",
  cases: [...getting, ...setting, ...special],
};

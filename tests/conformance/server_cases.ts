/** INFO, DEBUG and SHUTDOWN; what ends the server is in tests/process. */
import type { Reply } from "../../lib/resp/reply_decoder.ts";
import {
  error,
  matching,
  OK,
  perProtocol,
  type Rule,
  satisfying,
  set,
  simple,
  textLike,
  unordered,
} from "../support/expectation.ts";
import { payloadText, replyText } from "../support/reply_text.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import type { Conversation } from "./conversation.ts";
import {
  helpOf,
  NO_SUCH_KEY,
  SYNTAX,
  WRONG_ARITY,
} from "./expected_replies.ts";

/** The sections that INFO answers without arguments, in order. */
const DEFAULT_SECTIONS =
  "Server Clients Memory Persistence Stats Replication CPU Modules Errorstats Cluster Keyspace";

/** A text with these sections. */
function sections(names: string): Rule {
  return satisfying(
    `sections ${names}`,
    (reply) => sectionsOf(reply) === names,
  );
}

function sectionsOf(reply: Reply): string {
  const text = payloadText(reply) ?? "";
  return [...text.matchAll(/^# (.*)\r$/gm)].map(([, name]) => name).join(" ");
}

/** Fields of a section, by name. */
async function fieldsOf(
  t: Conversation,
  section: string,
): Promise<Map<string, string>> {
  const text = await t.text(`INFO ${section}`);
  return new Map(
    text.split("\r\n").filter((line) => line.includes(":")).map(
      (line): [string, string] => {
        const at = line.indexOf(":");
        return [line.slice(0, at), line.slice(at + 1)];
      },
    ),
  );
}

function equals(actual: unknown, expected: unknown, what: string): void {
  if (actual !== expected) {
    throw new Error(`${what}: expected ${expected}, found ${actual}`);
  }
}

const info: ConformanceCase[] = [
  {
    name: "INFO answers the default sections, ALL and EVERYTHING more",
    steps: [
      ["INFO", sections(DEFAULT_SECTIONS)],
      ["INFO default", sections(DEFAULT_SECTIONS)],
      ["INFO", textLike(/^# Server\r\n.*\r\n$/s)],
      ["INFO all", textLike(/# Commandstats\r\n.*# Latencystats\r\n/s)],
      [
        "INFO EVERYTHING",
        textLike(/# Commandstats\r\n.*# Latencystats\r\n.*# Keyspace\r\n/s),
      ],
    ],
  },
  {
    name: "INFO answers the sections that are asked for, in its own order",
    steps: [
      ["INFO keyspace", sections("Keyspace")],
      ["INFO KEYSPACE server", sections("Server Keyspace")],
      ["INFO nope", textLike(/^$/)],
      ["INFO nope cpu", sections("CPU")],
    ],
  },
  {
    name: "INFO server names a Redis version that clients understand",
    steps: [[
      "INFO server",
      textLike(
        /^# Server\r\nredis_version:7\.\d+\.\d+\r\n.*redis_mode:standalone\r\n.*process_id:\d+\r\n.*tcp_port:\d+\r\n/s,
      ),
    ]],
  },
  {
    name:
      "INFO keyspace counts keys and expiries of each database that has keys",
    covers: ["info"],
    run: async (t) => {
      equals((await fieldsOf(t, "keyspace")).size, 0, "databases");
      await t.expect("MSET a 1 b 2 c 3", OK);
      await t.expect("EXPIRE a 1000", 1);
      await t.expect("SELECT 9", OK);
      await t.expect("SET d 4", OK);
      const fields = await fieldsOf(t, "keyspace");
      equals([...fields.keys()].join(), "db0,db9", "databases");
      equals(fields.get("db9"), "keys=1,expires=0,avg_ttl=0", "db9");
      equals(
        /^keys=3,expires=1,avg_ttl=\d+$/.test(fields.get("db0")!),
        true,
        "db0",
      );
    },
  },
  {
    name: "INFO stats counts hits, misses, expired keys and commands",
    covers: ["info", "config|resetstat"],
    run: async (t) => {
      await t.expect("CONFIG RESETSTAT", OK);
      await t.expect("SET k v", OK);
      await t.expect("GET k", "v");
      await t.expect("MGET k missing k", ["v", {
        text: "nil",
        accepts: (reply) => reply.type === "null",
      }, "v"]);
      await t.expect("EXISTS k missing", 1);
      await t.expect("PEXPIREAT k 1", 1);
      await t.call("NOPE");
      const fields = await fieldsOf(t, "stats");
      equals(fields.get("keyspace_hits"), "4", "keyspace_hits");
      equals(fields.get("keyspace_misses"), "2", "keyspace_misses");
      equals(fields.get("total_error_replies"), "1", "total_error_replies");
      equals(
        fields.get("total_commands_processed"),
        "6",
        "total_commands_processed",
      );
    },
  },
  {
    name: "INFO clients counts connections",
    covers: ["info"],
    run: async (t) => {
      const before = Number(
        (await fieldsOf(t, "clients")).get("connected_clients"),
      );
      const other = await t.other();
      await other.call("PING");
      equals(
        Number((await fieldsOf(t, "clients")).get("connected_clients")),
        before + 1,
        "clients",
      );
    },
  },
  {
    name:
      "INFO commandstats counts calls, rejected and failed calls of each command",
    covers: ["info"],
    run: async (t) => {
      await t.expect("CONFIG RESETSTAT", OK);
      await t.expect("SET k v", OK);
      await t.call("GET k");
      await t.call("GET k");
      await t.call("GET");
      await t.call("INCR k");
      const fields = await fieldsOf(t, "commandstats");
      const get =
        /^calls=2,usec=\d+,usec_per_call=\d+\.\d\d,rejected_calls=1,failed_calls=0$/;
      const incr =
        /^calls=1,usec=\d+,usec_per_call=\d+\.\d\d,rejected_calls=0,failed_calls=1$/;
      equals(
        get.test(fields.get("cmdstat_get")!),
        true,
        fields.get("cmdstat_get")!,
      );
      equals(
        incr.test(fields.get("cmdstat_incr")!),
        true,
        fields.get("cmdstat_incr")!,
      );
      equals(
        fields.has("cmdstat_config|resetstat"),
        true,
        "cmdstat_config|resetstat",
      );
      const errors = await fieldsOf(t, "errorstats");
      equals(errors.get("errorstat_ERR"), "count=2", "errorstat_ERR");
    },
  },
];

const ATTRIBUTED = "Some real reply following the attribute";

const debug: ConformanceCase[] = [
  {
    name: "DEBUG PROTOCOL answers each type in the form of the protocol",
    needsDebug: true,
    steps: [
      ["DEBUG PROTOCOL string", "Hello World"],
      ["DEBUG PROTOCOL integer", 12345],
      ["DEBUG PROTOCOL double", perProtocol("3.141", text(",3.141"))],
      [
        "DEBUG PROTOCOL bignum",
        perProtocol(
          "1234567999999999999999999999999999999",
          text("(1234567999999999999999999999999999999"),
        ),
      ],
      ["DEBUG PROTOCOL null", perProtocol(text("nil"), text("null"))],
      ["DEBUG PROTOCOL array", [0, 1, 2]],
      ["DEBUG PROTOCOL set", set(0, 1, 2)],
      [
        "DEBUG PROTOCOL map",
        perProtocol([0, 0, 1, 1, 2, 0], text("{:0 => #f, :1 => #t, :2 => #f}")),
      ],
      [
        "DEBUG PROTOCOL attrib",
        perProtocol(
          ATTRIBUTED,
          text(`|{"key-popularity" => ["key:123", :90]} "${ATTRIBUTED}"`),
        ),
      ],
      ["DEBUG PROTOCOL verbatim", textLike(/^This is a verbatim\nstring$/)],
      ["DEBUG PROTOCOL true", perProtocol(1, text("#t"))],
      ["DEBUG PROTOCOL false", perProtocol(0, text("#f"))],
    ],
  },
  {
    name: "DEBUG PROTOCOL push pushes to RESP3 clients only",
    since: "7.2",
    needsDebug: true,
    covers: ["debug"],
    run: async (t) => {
      if (t.protocol === 2) {
        await t.expect(
          "DEBUG PROTOCOL push",
          error("ERR RESP2 is not supported by this command"),
        );
        return;
      }
      // What is pushed while a command runs is sent after its reply.
      await t.expect(
        "DEBUG PROTOCOL push",
        "Some real reply following the push reply",
      );
      await t.receive(text('push["server-cpu-usage", :42]'));
    },
  },
  {
    name: "DEBUG AOF-FLUSH-SLEEP takes a number of microseconds",
    needsDebug: true,
    covers: ["debug"],
    steps: [
      ["DEBUG AOF-FLUSH-SLEEP 100", OK],
      ["SET k v", OK],
      ["DEBUG aof-flush-sleep none", OK],
      [
        "DEBUG AOF-FLUSH-SLEEP",
        error(
          "ERR unknown subcommand or wrong number of arguments for 'AOF-FLUSH-SLEEP'. Try DEBUG HELP.",
        ),
      ],
    ],
  },
  {
    name: "DEBUG OBJECT describes a value",
    needsDebug: true,
    steps: [
      ["DEBUG OBJECT missing", NO_SUCH_KEY],
      ["SET k hello", OK],
      [
        "DEBUG OBJECT k",
        satisfying("a description", (reply) =>
          reply.type === "simple" &&
          /^Value at:0x[0-9a-f]+ refcount:1 encoding:embstr serializedlength:\d+ lru:\d+ lru_seconds_idle:[01]$/
            .test(payloadText(reply)!)),
      ],
    ],
  },
  {
    name: "DEBUG DIGEST is the digest of all keys, values and expiries",
    needsDebug: true,
    steps: [
      ["DEBUG DIGEST", simple("0".repeat(40))],
      ["MSET a 1 b hello", OK],
      ["DEBUG DIGEST", simple("2539797405e828ad7a3aa48c536b3eaf2803a421")],
      ["DEBUG DIGEST-VALUE a b missing", [
        simple("b4fc66738120fba0b5aa500ab5c2bf89cea1c5da"),
        simple("36b23a1456b2dce2c3ed252c456761301dba8060"),
        simple("0".repeat(40)),
      ]],
    ],
  },
  {
    name: "DEBUG POPULATE makes keys",
    needsDebug: true,
    steps: [
      ["DEBUG POPULATE 3", OK],
      ["DEBUG POPULATE 2 p 10", OK],
      ["KEYS *", unordered("key:0", "key:1", "key:2", "p:0", "p:1")],
      ["GET key:1", "value:1"],
      ["GET p:1", "value:1\x00\x00\x00"],
      [
        "DEBUG POPULATE x",
        error("ERR value is out of range, must be positive"),
      ],
    ],
  },
  {
    name:
      "DEBUG SLEEP holds the server up, DEBUG ERROR answers an error, DEBUG LOG logs",
    needsDebug: true,
    covers: ["debug"],
    run: async (t) => {
      const startedAtMs = performance.now();
      await t.expect("DEBUG SLEEP 0.1", OK);
      equals(performance.now() - startedAtMs >= 99, true, "slept for 0.1 s");
      await t.expect("DEBUG ERROR 'OOPS it broke'", error("OOPS it broke"));
      await t.expect("DEBUG LOG hello", OK);
    },
  },
  {
    name: "DEBUG refuses what it does not know",
    needsDebug: true,
    steps: [
      ["DEBUG", WRONG_ARITY("debug")],
      [
        "DEBUG NOPE",
        error(
          "ERR unknown subcommand or wrong number of arguments for 'NOPE'. Try DEBUG HELP.",
        ),
      ],
      [
        "DEBUG SLEEP",
        error(
          "ERR unknown subcommand or wrong number of arguments for 'SLEEP'. Try DEBUG HELP.",
        ),
      ],
      [
        "DEBUG PROTOCOL nope",
        error(
          "ERR Wrong protocol type name. Please use one of the following: string|integer|double|" +
            "bignum|null|array|set|map|attrib|push|verbatim|true|false",
        ),
      ],
    ],
  },
  {
    name: "DEBUG HELP lists the subcommands",
    since: "7.2",
    needsDebug: true,
    steps: [["DEBUG HELP", helpOf("DEBUG")]],
  },
];

/** A reply that replyText shows so. */
function text(expected: string): Rule {
  return satisfying(expected, (reply) => replyText(reply) === expected);
}

const shutdown: ConformanceCase[] = [
  {
    name:
      "SHUTDOWN refuses wrong options, and ABORT when nothing is to be aborted",
    steps: [
      ["SHUTDOWN x", SYNTAX],
      ["SHUTDOWN SAVE NOSAVE", SYNTAX],
      ["SHUTDOWN NOSAVE SAVE", SYNTAX],
      ["SHUTDOWN ABORT NOW", SYNTAX],
      ["SHUTDOWN NOW ABORT", SYNTAX],
      ["SHUTDOWN NOSAVE NOW BAD", SYNTAX],
      ["SHUTDOWN ABORT", error("ERR No shutdown in progress.")],
    ],
  },
  {
    name: "TIME takes no argument",
    steps: [["TIME x", WRONG_ARITY("time")], ["TIME", [
      matching(/^\d+$/),
      matching(/^\d+$/),
    ]]],
  },
];

export const group: ConformanceGroup = {
  name: "server",
  cases: [...info, ...debug, ...shutdown],
};

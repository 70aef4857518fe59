/** Looking at what the server does: SLOWLOG, LATENCY, MONITOR. */
import {
  between,
  error,
  type Expected,
  map,
  matching,
  OK,
  PONG,
  type Rule,
  satisfying,
  textLike,
} from "../support/expectation.ts";
import { payloadText, replyText } from "../support/reply_text.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import { type Conversation, wait } from "./conversation.ts";
import { helpOf, WRONG_ARITY } from "./expected_replies.ts";

const NOW = between(1_700_000_000, 10_000_000_000);

/** An entry of the slow log for a command of this client. */
function slowEntry(args: Expected[], clientName = ""): Expected {
  const address = matching(/^127\.0\.0\.1:\d+$/);
  return [between(0, 1e9), NOW, between(0, 1e7), args, address, clientName];
}

/** The arguments that the slow log keeps of a command. */
async function logged(t: Conversation, command: string[]): Promise<string> {
  await t.call(command);
  const reply = await t.call("SLOWLOG GET 1");
  const entry = reply.type === "array" ? reply.items[0] : reply;
  return entry.type === "array" ? replyText(entry.items[3]) : replyText(entry);
}

const slowlog: ConformanceCase[] = [
  {
    name:
      "SLOWLOG keeps the commands that took longer than the limit, newest first",
    config: { "slowlog-log-slower-than": "10000000", "slowlog-max-len": "128" },
    covers: ["slowlog|get", "slowlog|len", "slowlog|reset"],
    run: async (t) => {
      await t.expect("SLOWLOG RESET", OK);
      await t.expect("SET k fast", OK);
      await t.expect("SLOWLOG LEN", 0);
      await t.expect("SLOWLOG GET", []);
      await t.expect("CLIENT SETNAME me", OK);
      await t.expect("CONFIG SET slowlog-log-slower-than 0", OK);
      await t.expect("SET k slow", OK);
      await t.expect("SLOWLOG GET 2", [
        slowEntry(["SET", "k", "slow"], "me"),
        slowEntry(["CONFIG", "SET", "slowlog-log-slower-than", "0"], "me"),
      ]);
      await t.expect("SLOWLOG LEN", 3);
      await t.expect("CONFIG SET slowlog-log-slower-than -1", OK);
      await t.expect("SLOWLOG RESET", OK);
      await t.expect("SLOWLOG LEN", 0);
    },
  },
  {
    name: "SLOWLOG cuts long commands and long arguments",
    config: { "slowlog-log-slower-than": "0" },
    covers: ["slowlog|get"],
    run: async (t) => {
      const many = await logged(t, [
        "MGET",
        ...Array.from({ length: 40 }, () => "x"),
      ]);
      const expected = ['"MGET"', ...Array.from({ length: 30 }, () => '"x"')];
      equals(many, `[${expected.join(", ")}, "... (10 more arguments)"]`);
      const long = await logged(t, ["ECHO", "y".repeat(130)]);
      equals(long, `["ECHO", "${"y".repeat(128)}... (2 more bytes)"]`);
    },
  },
  {
    name:
      "SLOWLOG keeps no more entries than slowlog-max-len, and GET 10 by default",
    config: { "slowlog-log-slower-than": "0", "slowlog-max-len": "128" },
    covers: ["slowlog|get", "slowlog|len"],
    run: async (t) => {
      await t.expect("SLOWLOG RESET", OK);
      for (let i = 0; i < 15; i++) await t.expect("PING", PONG);
      await t.expect("SLOWLOG GET", entryCount(10));
      await t.expect("SLOWLOG GET -1", entryCount(17));
      await t.expect("SLOWLOG GET 0", []);
      await t.expect("CONFIG SET slowlog-max-len 5", OK);
      await t.expect("SLOWLOG LEN", 5);
      await t.expect("SLOWLOG GET -1", entryCount(5));
    },
  },
  {
    name: "SLOWLOG refuses wrong arguments",
    steps: [
      ["SLOWLOG", WRONG_ARITY("slowlog")],
      [
        "SLOWLOG NOPE",
        error("ERR unknown subcommand 'NOPE'. Try SLOWLOG HELP."),
      ],
      [
        "SLOWLOG GET -2",
        error("ERR count should be greater than or equal to -1"),
      ],
      [
        "SLOWLOG GET x",
        error("ERR count should be greater than or equal to -1"),
      ],
      [
        "SLOWLOG GET 1 2",
        error(
          "ERR unknown subcommand or wrong number of arguments for 'GET'. Try SLOWLOG HELP.",
        ),
      ],
      ["SLOWLOG LEN x", WRONG_ARITY("slowlog|len")],
      ["SLOWLOG RESET x", WRONG_ARITY("slowlog|reset")],
    ],
  },
  {
    name: "SLOWLOG HELP lists the subcommands",
    since: "7.2",
    steps: [["SLOWLOG HELP", helpOf("SLOWLOG")]],
  },
];

function entryCount(count: number): Rule {
  return satisfying(
    `${count} entries`,
    (reply) => reply.type === "array" && reply.items.length === count,
  );
}

function equals(actual: string, expected: string): void {
  if (actual !== expected) {
    throw new Error(`expected ${expected}, found ${actual}`);
  }
}

const latency: ConformanceCase[] = [
  {
    name: "LATENCY keeps the slow events above the threshold",
    needsDebug: true,
    config: { "latency-monitor-threshold": "90" },
    covers: [
      "latency|latest",
      "latency|history",
      "latency|graph",
      "latency|doctor",
      "latency|reset",
    ],
    run: async (t) => {
      await t.expect("LATENCY RESET", between(0, 100));
      await t.expect("LATENCY LATEST", []);
      await t.expect("DEBUG SLEEP 0.1", OK);
      await t.expect("LATENCY LATEST", [[
        "command",
        NOW,
        between(100, 5000),
        between(100, 5000),
      ]]);
      await t.expect("LATENCY HISTORY command", [[NOW, between(100, 5000)]]);
      await t.expect(
        "LATENCY GRAPH command",
        textLike(
          /^command - high \d+ ms, low \d+ ms \(all time high \d+ ms\)\n-{80}\n/,
        ),
      );
      await t.expect(
        "LATENCY DOCTOR",
        textLike(/1\. command: 1 latency spikes/),
      );
      await t.expect("LATENCY RESET command other", 1);
      await t.expect("LATENCY LATEST", []);
    },
  },
  {
    name: "LATENCY without samples answers nothing",
    steps: [
      ["LATENCY HISTORY nope", []],
      ["LATENCY RESET nope nothing", 0],
      [
        "LATENCY GRAPH nope",
        error("ERR No samples available for event 'nope'"),
      ],
    ],
  },
  {
    name: "LATENCY HISTOGRAM counts the calls of each command by their time",
    covers: ["latency|histogram"],
    run: async (t) => {
      await t.expect("CONFIG RESETSTAT", OK);
      for (let i = 0; i < 5; i++) await t.expect("SET k v", OK);
      const histogram = satisfying("a histogram of 5 calls", (reply) => {
        const text = replyText(reply);
        return /"calls"(, | => ):5/.test(text) && /"histogram_usec"/.test(text);
      });
      await t.expect("LATENCY HISTOGRAM set nope get", map(["set", histogram]));
      await t.expect("LATENCY HISTOGRAM nope", map());
    },
  },
  {
    name: "LATENCY refuses what it does not know",
    steps: [
      ["LATENCY", WRONG_ARITY("latency")],
      [
        "LATENCY NOPE",
        error("ERR unknown subcommand 'NOPE'. Try LATENCY HELP."),
      ],
      ["LATENCY LATEST x", WRONG_ARITY("latency|latest")],
      ["LATENCY HISTORY", WRONG_ARITY("latency|history")],
    ],
  },
  {
    name: "LATENCY HELP lists the subcommands",
    since: "7.2",
    steps: [["LATENCY HELP", helpOf("LATENCY")]],
  },
];

/** A line of MONITOR for these arguments. */
function monitored(args: string, database = 0): Rule {
  const line = new RegExp(
    `^\\d+\\.\\d{6} \\[${database} 127\\.0\\.0\\.1:\\d+\\] (.*)$`,
  );
  return satisfying(
    `a line with ${args}`,
    (reply) =>
      reply.type === "simple" && line.exec(payloadText(reply)!)?.[1] === args,
  );
}

const monitor: ConformanceCase[] = [
  {
    name: "MONITOR shows the commands of all clients, quoted",
    covers: ["monitor"],
    run: async (t) => {
      const other = await t.other();
      await t.expect("MONITOR", OK);
      await other.expect(["SET", "k \x00\n", '"\xff\\'], OK);
      await other.expect("SELECT 3", OK);
      await other.expect("get k", {
        text: "nil",
        accepts: (reply) => reply.type === "null",
      });
      await t.receive(monitored(String.raw`"SET" "k \x00\n" "\"\xff\\"`));
      await t.receive(monitored('"SELECT" "3"', 3));
      await t.receive(monitored('"get" "k"', 3));
    },
  },
  {
    name: "MONITOR shows neither passwords nor admin commands",
    covers: ["monitor"],
    run: async (t) => {
      const other = await t.other();
      await t.expect("MONITOR", OK);
      await other.call("AUTH default secret");
      await other.call("CONFIG GET maxmemory");
      await other.call("NOPE");
      await other.call("GET");
      await other.call("HELLO 2 AUTH default secret");
      await other.call("PING");
      await t.receive(monitored('"AUTH" "(redacted)" "(redacted)"'));
      await t.receive(
        monitored('"HELLO" "2" "AUTH" "(redacted)" "(redacted)"'),
      );
      await t.receive(monitored('"PING"'));
    },
  },
  {
    name: "RESET ends MONITOR",
    covers: ["monitor", "reset"],
    run: async (t) => {
      const other = await t.other();
      await t.expect("MONITOR", OK);
      await t.start("RESET");
      await t.receive({
        text: "+RESET",
        accepts: (reply) => payloadText(reply) === "RESET",
      });
      await other.expect("PING", PONG);
      await wait(20);
      await t.expect("PING", PONG);
    },
  },
  {
    name: "MONITOR takes no argument",
    steps: [["MONITOR x", WRONG_ARITY("monitor")]],
  },
];

export const group: ConformanceGroup = {
  name: "monitoring",
  cases: [...slowlog, ...latency, ...monitor],
};

/** COMMAND and its subcommands, and the arity of every command. */
import type { Reply } from "../../lib/resp/reply_decoder.ts";
import {
  ANY,
  error,
  including,
  map,
  mapIncluding,
  matching,
  NULL,
  perProtocol,
  type Rule,
  satisfying,
  set,
  simple,
  unordered,
} from "../support/expectation.ts";
import { payloadText } from "../support/reply_text.ts";
import { COMMAND_FACTS, type CommandFacts } from "./command_facts.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import { helpOf, SYNTAX, WRONG_ARITY } from "./expected_replies.ts";

/** An entry of COMMAND INFO as a line of command_facts.ts. */
function factsLine(reply: Reply): string {
  if (reply.type !== "array") return "no array";
  const [name, arity, flags, first, last, step, categories, tips] = reply.items;
  const words = [payloadText(name), number(arity), list(flags)];
  return [
    ...words,
    number(first),
    number(last),
    number(step),
    list(categories),
    list(tips),
  ]
    .join(" ");
}

function number(reply: Reply): string {
  return reply.type === "integer" ? String(reply.value) : "no integer";
}

function list(reply: Reply): string {
  if (reply.type !== "array" && reply.type !== "set") return "no list";
  return reply.items.map(payloadText).sort().join() || "-";
}

function factsOf({ line }: CommandFacts): Rule {
  return satisfying(
    line,
    (reply) => reply.type === "array" && factsLine(reply.items[0]) === line,
  );
}

/** A key specification whose keys start at an index. */
function keySpec(
  flags: string[],
  index: number,
  last: number,
  step: number,
): Rule {
  return map(
    ["flags", set(...flags.map(simple))],
    ["begin_search", map(["type", "index"], ["spec", map(["index", index])])],
    [
      "find_keys",
      map(["type", "range"], [
        "spec",
        map(["lastkey", last], ["keystep", step], ["limit", 0]),
      ]),
    ],
  );
}

/** An entry of COMMAND INFO with these key specifications. */
function withKeySpecs(name: string, ...specs: Rule[]): Rule {
  return {
    text: `${name} with key specifications ${specs.map((spec) => spec.text)}`,
    accepts: (reply, protocol) =>
      reply.type === "array" && reply.items[0].type === "array" &&
      set(...specs).accepts(reply.items[0].items[8], protocol),
  };
}

const info: ConformanceCase[] = [
  ...COMMAND_FACTS.map((facts): ConformanceCase => ({
    name:
      `COMMAND INFO ${facts.name} tells arity, flags, keys, categories and tips`,
    since: facts.since,
    steps: [[["COMMAND", "INFO", facts.name], factsOf(facts)]],
  })),
  {
    name: "COMMAND INFO answers nil for each name that is no command",
    steps: [
      ["COMMAND INFO nope", [NULL]],
      ["COMMAND INFO config|nope nope|get get|x", [NULL, NULL, NULL]],
      ["COMMAND INFO GET nope", [ANY, NULL]],
    ],
  },
  {
    name: "COMMAND INFO tells where the keys are and what happens to them",
    steps: [
      [
        "COMMAND INFO get",
        withKeySpecs("get", keySpec(["RO", "access"], 1, 0, 1)),
      ],
      [
        "COMMAND INFO mset",
        withKeySpecs("mset", keySpec(["OW", "update"], 1, -1, 2)),
      ],
      [
        "COMMAND INFO del",
        withKeySpecs("del", keySpec(["RM", "delete"], 1, -1, 1)),
      ],
      [
        "COMMAND INFO object|encoding",
        withKeySpecs("object", keySpec(["RO"], 2, 0, 1)),
      ],
      [
        "COMMAND INFO copy",
        withKeySpecs(
          "copy",
          keySpec(["RO", "access"], 1, 0, 1),
          keySpec(["OW", "update"], 2, 0, 1),
        ),
      ],
      ["COMMAND INFO ping", withKeySpecs("ping")],
    ],
  },
  {
    name: "COMMAND and COMMAND INFO without names answer every command",
    steps: ["COMMAND", "COMMAND INFO"].map((command) => [
      command,
      satisfying("an entry for each command", (reply) => {
        if (reply.type !== "array") return false;
        const names = reply.items.map((entry) =>
          entry.type === "array" ? payloadText(entry.items[0]) : ""
        );
        return ["get", "set", "config", "command"].every((name) =>
          names.includes(name)
        );
      }),
    ]),
  },
];

const lists: ConformanceCase[] = [
  {
    name:
      "COMMAND COUNT answers how many commands there are, without subcommands",
    covers: ["command|count", "command|list"],
    run: async (t) => {
      const names = await t.call("COMMAND LIST");
      if (names.type !== "array") {
        throw new Error("COMMAND LIST answered no array");
      }
      const tops = names.items.filter((name) =>
        !payloadText(name)!.includes("|")
      );
      await t.expect("COMMAND COUNT", tops.length);
    },
  },
  {
    name:
      "COMMAND LIST answers all names, subcommands included, or those that pass a filter",
    steps: [
      ["COMMAND LIST", including("get", "config|get", "object|encoding")],
      ["COMMAND LIST FILTERBY PATTERN mset*", unordered("mset", "msetnx")],
      [
        "COMMAND LIST filterby pattern CONFIG|R*",
        unordered("config|resetstat", "config|rewrite"),
      ],
      ["COMMAND LIST FILTERBY PATTERN xget", []],
      [
        "COMMAND LIST FILTERBY ACLCAT keyspace",
        including("del", "expire", "object|freq"),
      ],
      ["COMMAND LIST FILTERBY ACLCAT nope", []],
      ["COMMAND LIST FILTERBY ACLCAT @string", []],
      ["COMMAND LIST FILTERBY MODULE nope", []],
      ["COMMAND LIST FILTERBY", SYNTAX],
      ["COMMAND LIST FILTERBY ACLCAT", SYNTAX],
      ["COMMAND LIST FILTERBY BAD x", SYNTAX],
      ["COMMAND LIST x", SYNTAX],
    ],
  },
  {
    name: "COMMAND DOCS describes commands",
    steps: [
      ["COMMAND DOCS nope", map()],
      [
        "COMMAND DOCS GET",
        map([
          "get",
          mapIncluding(
            ["summary", matching(/./)],
            ["since", "1.0.0"],
            ["group", "string"],
            ["complexity", matching(/^O\(1\)/)],
            ["arguments", [ANY]],
          ),
        ]),
      ],
      [
        "COMMAND DOCS config|get nope",
        map([
          "config|get",
          mapIncluding(["since", "2.0.0"], ["group", "server"]),
        ]),
      ],
      [
        "COMMAND DOCS config",
        map([
          "config",
          mapIncluding(["subcommands", mapIncluding(["config|get", ANY])]),
        ]),
      ],
      [
        "COMMAND DOCS substr",
        map([
          "substr",
          mapIncluding(["doc_flags", set(simple("deprecated"))], [
            "deprecated_since",
            "2.0.0",
          ], ["replaced_by", "`GETRANGE`"]),
        ]),
      ],
    ],
  },
  {
    name: "COMMAND refuses what it does not know",
    steps: [
      [
        "COMMAND NOPE",
        error("ERR unknown subcommand 'NOPE'. Try COMMAND HELP."),
      ],
      ["COMMAND COUNT x", WRONG_ARITY("command|count")],
    ],
  },
  {
    name: "COMMAND HELP lists the subcommands",
    since: "7.2",
    steps: [["COMMAND HELP", helpOf("COMMAND")]],
  },
];

const WRONG_COUNT = error(
  "ERR Invalid number of arguments specified for command",
);

const keys: ConformanceCase[] = [
  {
    name: "COMMAND GETKEYS finds the keys of a whole command",
    steps: [
      ["COMMAND GETKEYS get a", ["a"]],
      ["COMMAND GETKEYS mset a 1 b 2", ["a", "b"]],
      ["COMMAND GETKEYS MGET a b c", ["a", "b", "c"]],
      ["COMMAND GETKEYS copy a b REPLACE", ["a", "b"]],
      ["COMMAND GETKEYS lcs a b LEN", ["a", "b"]],
      ["COMMAND GETKEYS object encoding k", ["k"]],
      ["COMMAND GETKEYS set a 1 EX 10", ["a"]],
    ],
  },
  {
    name:
      "COMMAND GETKEYS refuses commands without keys and with a wrong number of arguments",
    steps: [
      ["COMMAND GETKEYS nope a", error("ERR Invalid command specified")],
      ["COMMAND GETKEYS object nope a", error("ERR Invalid command specified")],
      ["COMMAND GETKEYS ping x", error("ERR The command has no key arguments")],
      [
        "COMMAND GETKEYS config get x",
        error("ERR The command has no key arguments"),
      ],
      ["COMMAND GETKEYS get a b", WRONG_COUNT],
      ["COMMAND GETKEYS mset a", WRONG_COUNT],
    ],
  },
  {
    name: "COMMAND GETKEYS takes a lone command name",
    since: "7.2",
    steps: [["COMMAND GETKEYS get", WRONG_COUNT], [
      "COMMAND GETKEYSANDFLAGS get",
      WRONG_COUNT,
    ]],
  },
  {
    name: "COMMAND GETKEYSANDFLAGS tells what happens to each key",
    steps: [
      ["COMMAND GETKEYSANDFLAGS get k", [keyWith("k", "RO", "access")]],
      ["COMMAND GETKEYSANDFLAGS getdel k", [
        keyWith("k", "RW", "access", "delete"),
      ]],
      ["COMMAND GETKEYSANDFLAGS incr k", [
        keyWith("k", "RW", "access", "update"),
      ]],
      ["COMMAND GETKEYSANDFLAGS set k v", [keyWith("k", "OW", "update")]],
      ["COMMAND GETKEYSANDFLAGS set k v NX GET", [
        keyWith("k", "RW", "access", "update"),
      ]],
      ["COMMAND GETKEYSANDFLAGS rename a b", [
        keyWith("a", "RW", "access", "delete"),
        keyWith("b", "OW", "update"),
      ]],
      [
        "COMMAND GETKEYSANDFLAGS ping x",
        error("ERR The command has no key arguments"),
      ],
    ],
  },
];

function keyWith(key: string, ...flags: string[]): Rule {
  return perProtocol([key, flags.map(simple)], [
    key,
    set(...flags.map(simple)),
  ]);
}

/** EXEC ends a transaction even when it is refused, and says so. */
const EXEC_ARITY = error(
  "EXECABORT Transaction discarded because of: wrong number of arguments for 'exec' command",
);

/** Each command with one argument too few and, when it has a maximum, one too many. */
const arity: ConformanceCase[] = COMMAND_FACTS.flatMap(
  (facts): ConformanceCase[] => {
    const words = facts.name.split("|");
    const wrong = [
      Math.abs(facts.arity) - 1,
      ...(facts.arity > 0 ? [facts.arity + 1] : []),
    ]
      .filter((length) => length >= words.length);
    if (wrong.length === 0) return [];
    return [{
      name: `${facts.name} refuses a wrong number of arguments`,
      since: facts.since,
      steps: wrong.map((length) => [
        [...words, ...Array.from({ length: length - words.length }, () => "1")],
        facts.name === "exec" ? EXEC_ARITY : WRONG_ARITY(facts.name),
      ]),
    }];
  },
);

export const group: ConformanceGroup = {
  name: "command",
  cases: [...info, ...lists, ...keys, ...arity],
};

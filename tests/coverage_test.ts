/**
 * Every command that the server has is in a conformance case and in the fuzz
 * grammar, or excused here with a reason.
 */
import { assertEquals } from "@std/assert";
import type { ConformanceCase } from "./conformance/conformance_case.ts";
import { argumentsOf } from "./conformance/conversation.ts";
import { findGroups } from "./conformance/groups.ts";
import { productionNames } from "./fuzz_grammar.ts";
import { payloadText } from "./support/reply_text.ts";
import { sharedTsredis } from "./support/shared_server.ts";

/** Commands that the fuzzer leaves alone. */
const NOT_FUZZED: Record<string, string> = {
  quit: "ends the connection of the run",
  debug:
    "its subcommands are in the grammar by name, being no commands of their own",
  subscribe: "makes the connection of the run one of messages",
  psubscribe: "makes the connection of the run one of messages",
  ssubscribe: "makes the connection of the run one of messages",
  "pubsub|help": "answers a text of the server's own",
  monitor: "makes the connection of the run a feed of commands",
  "client|help": "answers a text of the server's own",
  "command|help": "answers a text of the server's own",
  "config|help": "answers a text of the server's own",
  "object|help": "answers a text of the server's own",
  "slowlog|help": "answers a text of the server's own",
  "latency|help": "answers a text of the server's own",
  "memory|help": "answers a text of the server's own",
  "xgroup|help": "answers a text of the server's own",
  "xinfo|help": "answers a text of the server's own",
  "command|docs": "answers texts of the server's own",
  dump: "its footer says which release has made it",
  "restore-asking": "does what restore does",
  save: "what it does is a file",
  bgrewriteaof: "whether one runs already is a matter of time",
  bgsave: "whether one runs already is a matter of time",
  lastsave: "answers a moment",
  psync: "makes the connection of the run a replica, or finds replies waiting",
  "client|unblock": "ends what a connection of the run waits for",
  sync: "makes the connection of the run a replica",
};

const server = sharedTsredis();

Deno.test("every command is in a conformance case", async () => {
  const covered = new Set(
    (await findGroups()).flatMap(({ cases }) => cases.flatMap(namesIn)),
  );
  const missing = (await commandNames()).filter((name) => !covered.has(name));
  assertEquals(missing, []);
});

Deno.test("every command is in the fuzz grammar or excused", async () => {
  const made = new Set(
    productionNames().flatMap((name) => [name, name.split("|")[0]]),
  );
  const names = await commandNames();
  assertEquals(
    names.filter((name) => !made.has(name) && !(name in NOT_FUZZED)),
    [],
  );
  assertEquals(
    Object.keys(NOT_FUZZED).filter((name) => !names.includes(name)),
    [],
    "excused, but no command",
  );
});

Deno.test("every name that a conformance case says it covers is a command", async () => {
  const names = new Set(await commandNames());
  const claimed = (await findGroups()).flatMap(({ cases }) =>
    cases.flatMap(({ covers }) => covers ?? [])
  );
  assertEquals(claimed.filter((name) => !names.has(name)), []);
});

async function commandNames(): Promise<string[]> {
  using client = await server().connect();
  const reply = await client.call("COMMAND", "LIST");
  if (reply.type !== "array") throw new Error("COMMAND LIST answered no array");
  return reply.items.map((name) => payloadText(name)!).sort();
}

/** The commands that a case sends, with and without their first argument as a subcommand. */
function namesIn({ steps = [], covers = [] }: ConformanceCase): string[] {
  const sent = steps.flatMap(([command]) => {
    const [name, first] = argumentsOf(command).map((arg) =>
      String(arg).toLowerCase()
    );
    return [name, `${name}|${first}`];
  });
  return [...sent, ...covers, ...covers.map((name) => name.split("|")[0])];
}

/** COMMAND: what commands there are, answered from the table. */

import type { Args } from "../router/args.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand } from "../router/command.ts";
import type { Command, CommandTable } from "../router/command_table.ts";
import { aclCategories, findAclCategory } from "../router/acl_categories.ts";
import { findKeys, hasKeys } from "../router/key_positions.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { globMatch } from "../types/glob.ts";
import {
  replyCommandDocs,
  replyCommandInfo,
  replyKeyFlags,
} from "./command_reply.ts";
import { helpSubcommand } from "./help_subcommand.ts";

const CATEGORIES = ["connection"];

/** COMMAND COUNT. {@link https://redis.io/docs/latest/commands/command-count/} */
const commandCount = defineCommand({
  name: "count",
  arity: 2,
  flags: ["loading", "stale"],
  group: "server",
  since: "2.8.13",
  complexity: "O(1)",
  summary: "Returns a count of commands.",
  syntax: "",
  categories: CATEGORIES,
  run(call, _args, reply) {
    reply.integer(call.parts.commands.byName.size);
  },
});

/** COMMAND DOCS [command-name ...]: names that do not exist are passed over. */
const commandDocs = defineCommand({
  name: "docs",
  arity: -2,
  flags: ["loading", "stale"],
  group: "server",
  since: "7.0.0",
  complexity: "O(N) where N is the number of commands to look up",
  summary:
    "Returns documentary information about one, multiple or all commands.",
  syntax: "[command-name [command-name ...]]",
  tips: ["nondeterministic_output_order"],
  categories: CATEGORIES,
  run(call, args, reply) {
    const { commands } = call.parts;
    const chosen = args.count === 2
      ? [...commands.byName.values()]
      : namesFrom(args, 2).map((name) => commands.findByFullName(name))
        .filter((command) => command !== undefined);
    reply.map(chosen.length);
    for (const command of chosen) {
      reply.bulkText(command.fullName);
      replyCommandDocs(reply, command);
    }
  },
});

/** COMMAND INFO [command-name ...]: a name that does not exist gets null. */
const commandInfo = defineCommand({
  name: "info",
  arity: -2,
  flags: ["loading", "stale"],
  group: "server",
  since: "2.8.13",
  complexity: "O(N) where N is the number of commands to look up",
  summary: "Returns information about one, multiple or all commands.",
  syntax: "[command-name [command-name ...]]",
  tips: ["nondeterministic_output_order"],
  history: [[
    "7.0.0",
    "Allowed to be called with no argument to get info on all commands.",
  ]],
  categories: CATEGORIES,
  run(call, args, reply) {
    const { commands } = call.parts;
    if (args.count === 2) return replyAll(commands, reply);
    reply.array(args.count - 2);
    for (const name of namesFrom(args, 2)) {
      const command = commands.findByFullName(name);
      if (command === undefined) reply.null();
      else replyCommandInfo(reply, command);
    }
  },
});

function namesFrom(args: Args, first: number): string[] {
  const names: string[] = [];
  for (let i = first; i < args.count; i++) names.push(args.text(i));
  return names;
}

function replyAll(commands: CommandTable, reply: ReplyWriter): void {
  reply.array(commands.byName.size);
  for (const command of commands.byName.values()) {
    replyCommandInfo(reply, command);
  }
}

/**
 * COMMAND LIST [FILTERBY <MODULE name | ACLCAT category | PATTERN glob>]
 *
 * Subcommands are listed, too. There are no modules, so none has commands.
 */
const commandList = defineCommand({
  name: "list",
  arity: -2,
  flags: ["loading", "stale"],
  group: "server",
  since: "7.0.0",
  complexity: "O(N) where N is the total number of Redis commands",
  summary: "Returns a list of command names.",
  syntax:
    "[FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>{filterby}]",
  tips: ["nondeterministic_output_order"],
  categories: CATEGORIES,
  run(call, args, reply) {
    const isWanted = args.count === 2 ? () => true : listFilter(args);
    const names: string[] = [];
    for (const command of call.parts.commands.all()) {
      if (isWanted(command)) names.push(command.fullName);
    }
    reply.array(names.length);
    for (const name of names) reply.bulkText(name);
  },
});

function listFilter(args: Args): (command: Command) => boolean {
  if (args.count !== 5 || !args.is(2, "filterby")) throw CommandError.syntax;
  if (args.is(3, "module")) return () => false;
  if (args.is(3, "aclcat")) {
    const wanted = findAclCategory(args.text(4));
    return ({ definition }) =>
      aclCategories(definition).some((category) => category === wanted);
  }
  if (!args.is(3, "pattern")) throw CommandError.syntax;
  const pattern = args.copy(4);
  return ({ fullName }) => globMatch(pattern, bytesOfText(fullName), true);
}

/** COMMAND GETKEYS command [arg ...] */
const commandGetKeys = defineCommand({
  name: "getkeys",
  arity: -3,
  flags: ["loading", "stale"],
  group: "server",
  since: "2.8.13",
  complexity: "O(N) where N is the number of arguments to the command",
  summary: "Extracts the key names from an arbitrary command.",
  syntax: "command [arg [arg ...]]",
  categories: CATEGORIES,
  run(call, args, reply) {
    const keys = keysOfCall(call.parts.commands, args);
    reply.array(keys.length);
    for (const { index } of keys) reply.bulk(args.slice(index));
  },
});

/** COMMAND GETKEYSANDFLAGS command [arg ...] */
const commandGetKeysAndFlags = defineCommand({
  name: "getkeysandflags",
  arity: -3,
  flags: ["loading", "stale"],
  group: "server",
  since: "7.0.0",
  complexity: "O(N) where N is the number of arguments to the command",
  summary: "Extracts the key names and access flags for an arbitrary command.",
  syntax: "command [arg [arg ...]]",
  categories: CATEGORIES,
  run(call, args, reply) {
    const keys = keysOfCall(call.parts.commands, args);
    reply.array(keys.length);
    for (const { index, flags } of keys) {
      reply.array(2);
      reply.bulk(args.slice(index));
      replyKeyFlags(reply, flags);
    }
  },
});

/** Index of the inspected command's name. */
const INSPECTED = 2;

function keysOfCall(commands: CommandTable, args: Args) {
  const command = findInspected(commands, args);
  if (command === undefined) {
    throw new CommandError("ERR Invalid command specified");
  }
  if (!hasKeys(command.definition)) {
    throw new CommandError("ERR The command has no key arguments");
  }
  if (!command.acceptsCount(args.count - INSPECTED)) {
    throw new CommandError(
      "ERR Invalid number of arguments specified for command",
    );
  }
  const keys = findKeys(command.definition, args, INSPECTED) ?? [];
  if (
    keys.length === 0 && !command.definition.flags.includes("no_mandatory_keys")
  ) throw new CommandError("ERR Invalid arguments specified for command");
  return keys;
}

function findInspected(
  commands: CommandTable,
  args: Args,
): Command | undefined {
  const command = commands.byName.get(args.text(INSPECTED).toLowerCase());
  if (
    command === undefined || command.subcommands.size === 0 ||
    args.count === INSPECTED + 1
  ) return command;
  return command.subcommands.get(args.text(INSPECTED + 1).toLowerCase());
}

/** COMMAND. {@link https://redis.io/docs/latest/commands/command/} */
export const commandCommand = defineCommand({
  name: "command",
  arity: -1,
  flags: ["loading", "stale"],
  group: "server",
  since: "2.8.13",
  complexity: "O(N) where N is the total number of Redis commands",
  summary: "Returns detailed information about all commands.",
  syntax: "",
  tips: ["nondeterministic_output_order"],
  categories: CATEGORIES,
  help: [
    "(no subcommand)",
    "    Return details about all Redis commands.",
    "COUNT",
    "    Return the total number of commands in this Redis server.",
    "LIST",
    "    Return a list of all commands in this Redis server.",
    "INFO [<command-name> ...]",
    "    Return details about multiple Redis commands.",
    "    If no command names are given, documentation details for all",
    "    commands are returned.",
    "DOCS [<command-name> ...]",
    "    Return documentation details about multiple Redis commands.",
    "    If no command names are given, documentation details for all",
    "    commands are returned.",
    "GETKEYS <full-command>",
    "    Return the keys from a full Redis command.",
    "GETKEYSANDFLAGS <full-command>",
    "    Return the keys and the access flags from a full Redis command.",
  ],
  subcommands: [
    commandCount,
    commandDocs,
    commandGetKeys,
    commandGetKeysAndFlags,
    commandInfo,
    commandList,
    helpSubcommand({
      since: "5.0.0",
      group: "server",
      categories: CATEGORIES,
    }),
  ],
  run(call, _args, reply) {
    replyAll(call.parts.commands, reply);
  },
});

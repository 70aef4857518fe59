/** The HELP subcommand that every container has. */

import {
  type CommandDefinition,
  type CommandGroup,
} from "../router/command.ts";
import type { Args } from "../router/args.ts";
import { CommandError } from "../router/command_error.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";

/** Longest part of a name that an error quotes. */
const QUOTED_NAME_CHARACTERS = 128;

/** How a container documents its HELP. */
export interface HelpOptions {
  readonly since: string;
  readonly group: CommandGroup;
  readonly summary?: string;
  readonly categories?: readonly string[];
}

/** `CONTAINER HELP`: answers the lines that the container's definition gives as `help`. */
export function helpSubcommand(options: HelpOptions): CommandDefinition {
  return {
    name: "help",
    arity: 2,
    flags: ["loading", "stale"],
    group: options.group,
    since: options.since,
    complexity: "O(1)",
    summary: options.summary ??
      "Returns helpful text about the different subcommands.",
    syntax: "",
    categories: options.categories,
    run(call, _args, reply) {
      const container = call.command.parent!.definition;
      replyHelp(reply, container.name, container.help!);
    },
  };
}

/** The refusal of a subcommand that exists, with arguments that it does not take. */
export function subcommandSyntaxError(args: Args): CommandError {
  const name = args.text(1).slice(0, QUOTED_NAME_CHARACTERS);
  return new CommandError(
    `ERR unknown subcommand or wrong number of arguments for '${name}'. Try ${
      args.text(0).toUpperCase()
    } HELP.`,
  );
}

/** Answers help: a head line, these lines, and those about HELP itself. */
export function replyHelp(
  reply: ReplyWriter,
  name: string,
  lines: readonly string[],
): void {
  reply.array(lines.length + 3);
  reply.simple(
    `${name.toUpperCase()} <subcommand> [<arg> [value] [opt] ...]. Subcommands are:`,
  );
  for (const line of lines) reply.simple(line);
  reply.simple("HELP");
  reply.simple("    Print this help.");
}

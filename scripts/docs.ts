/**
 * Writes docs/COMMANDS.md from the command table (lib/commands/all.ts).
 *
 * ```
 * deno run -A scripts/docs.ts
 * ```
 */

import { COMMAND_DEFINITIONS } from "../lib/commands/all.ts";
import type { CommandDefinition, CommandGroup } from "../lib/router/command.ts";
import { plainSyntax } from "../lib/router/syntax.ts";

/** Where the page is. */
export const COMMAND_DOCS_URL = new URL("../docs/COMMANDS.md", import.meta.url);

const GROUP_TITLES: Readonly<Record<CommandGroup, string>> = {
  "connection": "Connection",
  "server": "Server",
  "generic": "Keys",
  "string": "Strings",
  "list": "Lists",
  "set": "Sets",
  "sorted-set": "Sorted sets",
  "hash": "Hashes",
  "stream": "Streams",
  "bitmap": "Bitmaps",
  "hyperloglog": "HyperLogLog",
  "geo": "Geo",
  "pubsub": "Publish and subscribe",
  "transactions": "Transactions",
  "scripting": "Scripting",
  "cluster": "Cluster",
};

const INTRODUCTION = `# Commands

<!-- Written by scripts/docs.ts from the definitions in lib/commands: change those. -->

Each does what it does in Redis 7.2, with the same options, replies and error texts;
the names lead to its documentation there.
`;

/** The page, whole. */
export function commandDocs(): string {
  let page = INTRODUCTION;
  for (const [group, title] of Object.entries(GROUP_TITLES)) {
    const rows = COMMAND_DEFINITIONS
      .filter((definition) => definition.group === group)
      .flatMap((definition) => rowsOf(definition))
      .sort();
    if (rows.length === 0) continue;
    page += `\n## ${title}\n\n| command | since | time | what it does |\n`;
    page += `|---|---|---|---|\n${rows.join("")}`;
  }
  return page;
}

/** The rows of a command: its own, or one for each subcommand. */
function rowsOf(definition: CommandDefinition): string[] {
  const { subcommands = [] } = definition;
  const own = subcommands.length === 0 || definition.arity === -1;
  const rows = own ? [row(definition.name, definition)] : [];
  for (const sub of subcommands) {
    rows.push(row(`${definition.name} ${sub.name}`, sub));
  }
  return rows;
}

function row(name: string, definition: CommandDefinition): string {
  const { since, complexity, summary, syntax } = definition;
  const page = name.replaceAll(" ", "-");
  const link =
    `[${name.toUpperCase()}](https://redis.io/docs/latest/commands/${page}/)`;
  const shown = cell(plainSyntax(syntax));
  const args = shown === "" ? "" : ` \`${shown}\``;
  return `| ${link}${args} | ${since} | ${cell(complexity)} | ${
    cell(summary)
  } |\n`;
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}

if (import.meta.main) {
  Deno.writeTextFileSync(COMMAND_DOCS_URL, commandDocs());
}

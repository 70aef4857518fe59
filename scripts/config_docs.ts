/**
 * Writes docs/CONFIG.md from the table of directives (lib/config/directives.ts).
 *
 * ```
 * deno run -A scripts/config_docs.ts
 * ```
 */

import type { Directive } from "../lib/config/directive.ts";
import { DIRECTIVE_GROUPS } from "../lib/config/directives.ts";

/** Where the page is. */
export const CONFIG_DOCS_URL = new URL("../docs/CONFIG.md", import.meta.url);

const INTRODUCTION = `\
# Configuration

<!-- Written by scripts/config_docs.ts from the table in lib/config: change that. -->

tsredis is configured as redis-server 7.2 is: by a file, by options of the
command line, and while it runs by \`CONFIG SET\`.

\`\`\`
tsredis /etc/redis/6380.conf --port 7000 --save 900 1 --save 300 10
echo 'maxmemory 100mb' | tsredis -
redis-cli -p 7000 CONFIG SET maxmemory 200mb timeout 60
redis-cli -p 7000 CONFIG REWRITE
\`\`\`

- A file holds one directive a line, \`#\` begins a comment line. Words with blanks
  stand in quotes: \`"a \\x00 b"\` or \`'a b'\`. \`include <path or pattern>\` reads
  other files in place.
- On the command line, \`--name value …\` is a line of the file; it counts more than
  the file, and so does standard input, which \`-\` as first or last word reads.
- Lines of \`save\` and \`client-output-buffer-limit\` add up; of every other directive
  the last line counts.
- \`rename-command <name> <new name>\` renames a command, and with \`""\` removes it.
- \`CONFIG SET\` of several directives sets all or none.
- Relative paths count from \`dir\`.
- Texts have to be UTF-8; passwords may hold any bytes.

Where the table says *start*, only a start of the server sets the directive;
*protected* directives need \`enable-protected-configs\`; *hidden* ones are shown
by \`CONFIG GET\` under their full name alone.

Every directive of redis-server 7.2 is accepted. Those marked with ∅ are kept and
shown, but **do nothing yet**; the log warns when one is set.
\`user\` lines, too, are read and not acted on. \`loadmodule\` and \`sentinel\` are
refused.
`;

/** The whole page, as `deno fmt` lays it out. */
export async function configDocs(): Promise<string> {
  const sections = Object.entries(DIRECTIVE_GROUPS).map(
    ([heading, directives]) => groupSection(heading, directives),
  );
  return await formatted([INTRODUCTION, ...sections, idleSection()].join("\n"));
}

async function formatted(markdown: string): Promise<string> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["fmt", "--ext", "md", "-"],
    stdin: "piped",
    stdout: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(markdown));
  await writer.close();
  const { success, stdout } = await child.output();
  if (!success) throw new Error("deno fmt failed");
  return new TextDecoder().decode(stdout);
}

function groupSection(
  heading: string,
  directives: Readonly<Record<string, Directive<unknown>>>,
): string {
  const rows = Object.entries(directives).map(([name, directive]) => {
    const alias = directive.alias === undefined
      ? ""
      : ` (\`${directive.alias}\`)`;
    const mark = directive.isEffective ? "" : " ∅";
    return tableRow([
      `\`${name}\`${alias}${mark}`,
      directive.initial.text === "" ? "" : `\`${directive.initial.text}\``,
      describeValues(directive),
      describeLimits(directive),
      directive.summary,
    ]);
  });
  return [
    `## ${heading}\n`,
    tableRow(["Directive", "Default", "Values", "", "Meaning"]),
    tableRow(["---", "---", "---", "---", "---"]),
    ...rows,
    "",
  ].join("\n");
}

function describeValues({ accepts, unit }: Directive<unknown>): string {
  return unit === undefined ? accepts : `${accepts} (${unit})`;
}

function describeLimits(directive: Directive<unknown>): string {
  const limits: string[] = [];
  if (!directive.isMutable) limits.push("start");
  if (directive.isProtected) limits.push("protected");
  if (directive.isHidden) limits.push("hidden");
  return limits.join(", ");
}

/** The directives that do nothing, in one list. */
function idleSection(): string {
  const names = Object.values(DIRECTIVE_GROUPS)
    .flatMap((directives) => Object.entries<Directive<unknown>>(directives))
    .filter(([, { isEffective }]) => !isEffective)
    .map(([name]) => `\`${name}\``).sort();
  return `## Without effect\n\n${names.join(", ")}\n`;
}

/** A row of a Markdown table; a bar inside a cell would end it. */
function tableRow(cells: readonly string[]): string {
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
}

if (import.meta.main) {
  Deno.mkdirSync(new URL(".", CONFIG_DOCS_URL), { recursive: true });
  Deno.writeTextFileSync(CONFIG_DOCS_URL, await configDocs());
}

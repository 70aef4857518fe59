/** Acts on the `rename-command` lines of the configuration. */

import type { Statement } from "../config/config.ts";
import { ConfigurationError } from "../config/configuration_error.ts";
import type { CommandTable } from "./command_table.ts";

/** What is wrong with a renaming, in Redis's words. */
const PROBLEMS = {
  unknown: "No such command in rename-command",
  taken: "Target command name already exists",
};

/** @throws {ConfigurationError} at the first line that cannot be acted on. */
export function renameCommands(
  commands: CommandTable,
  statements: readonly Statement[],
): void {
  for (const { keyword, args, line } of statements) {
    if (keyword !== "rename-command") continue;
    const problem = commands.rename(args[0], args[1]);
    if (problem !== undefined) {
      throw new ConfigurationError(line, PROBLEMS[problem]);
    }
  }
}

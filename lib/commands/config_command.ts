/** CONFIG and its subcommands. */

import { ConfigLoadingError, ConfigSetError } from "../config/config.ts";
import { findDirective } from "../config/directives.ts";
import { rewriteConfigFile } from "../config/rewrite.ts";
import { systemErrorText } from "../config/system_error_text.ts";
import { IS_LOADING } from "../persistence/loading.ts";
import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand } from "../router/command.ts";
import { isActionAllowed } from "../router/protected_action.ts";
import { helpSubcommand } from "./help_subcommand.ts";

/**
 * CONFIG GET parameter [parameter ...]
 *
 * A name is answered as it was asked for, a pattern with the names it matches.
 * {@link https://redis.io/docs/latest/commands/config-get/}
 */
const configGet = defineCommand({
  name: "get",
  arity: -3,
  flags: ["admin", "noscript", "loading", "stale"],
  group: "server",
  since: "2.0.0",
  complexity: "O(N) when N is the number of configuration parameters provided",
  summary: "Returns the effective values of configuration parameters.",
  syntax: "parameter [parameter ...]",
  history: [[
    "7.0.0",
    "Added the ability to pass multiple pattern parameters in one call",
  ]],
  run({ parts }, args, reply) {
    const patterns: Uint8Array[] = [];
    for (let i = 2; i < args.count; i++) patterns.push(args.slice(i));
    const found = parts.config.match(patterns);
    reply.map(found.length);
    for (const [name, text] of found) {
      reply.bulkText(name);
      reply.bulkText(text);
    }
  },
});

/**
 * CONFIG SET parameter value [parameter value ...]
 *
 * All or nothing. A directive that has no effect yet is set, and the log says so.
 * {@link https://redis.io/docs/latest/commands/config-set/}
 */
const configSet = defineCommand({
  name: "set",
  arity: -4,
  flags: ["admin", "noscript", "loading", "stale"],
  group: "server",
  since: "2.0.0",
  complexity: "O(N) when N is the number of configuration parameters provided",
  summary: "Sets configuration parameters in-flight.",
  syntax: "(parameter value){data} [...]",
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  history: [[
    "7.0.0",
    "Added the ability to set multiple parameters in one call.",
  ]],
  run(call, args, reply) {
    if (args.count % 2 !== 0) throw CommandError.syntax;
    setDirectives(call, args);
    reply.ok();
  },
});

function setDirectives({ parts, client }: Call, args: Args): void {
  const { config, log, persistence: { loading } } = parts;
  const pairs: [name: string, text: string][] = [];
  for (let i = 2; i < args.count; i += 2) {
    pairs.push([args.text(i), args.text(i + 1)]);
  }
  const action = config.get("enable-protected-configs");
  try {
    config.set(pairs, {
      mayChangeProtected: isActionAllowed(action, client),
      isLoading: loading.progress !== undefined,
    });
  } catch (error) {
    if (error instanceof ConfigLoadingError) throw IS_LOADING;
    if (!(error instanceof ConfigSetError)) throw error;
    throw new CommandError(`ERR ${error.message}`);
  }
  for (const [name] of pairs) {
    if (findDirective(name)?.directive.isEffective) continue;
    log.warning(`CONFIG SET ${name}: accepted, but without effect in tsredis`);
  }
}

/** CONFIG REWRITE. {@link https://redis.io/docs/latest/commands/config-rewrite/} */
const configRewrite = defineCommand({
  name: "rewrite",
  arity: 2,
  flags: ["admin", "noscript", "loading", "stale"],
  group: "server",
  since: "2.8.0",
  complexity: "O(1)",
  summary: "Persists the effective configuration to file.",
  syntax: "",
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  run({ parts }, _args, reply) {
    const { config, log } = parts;
    if (config.filePath === undefined) {
      throw new CommandError(
        "ERR The server is running without a config file",
      );
    }
    try {
      rewriteConfigFile(config, config.filePath);
    } catch (error) {
      const reason = systemErrorText(error);
      log.warning(`CONFIG REWRITE failed: ${reason}`);
      throw new CommandError(`ERR Rewriting config file: ${reason}`);
    }
    log.notice("CONFIG REWRITE executed with success.");
    reply.ok();
  },
});

/** CONFIG RESETSTAT. {@link https://redis.io/docs/latest/commands/config-resetstat/} */
const configResetStat = defineCommand({
  name: "resetstat",
  arity: 2,
  flags: ["admin", "noscript", "loading", "stale"],
  group: "server",
  since: "2.0.0",
  complexity: "O(1)",
  summary: "Resets the server's statistics.",
  syntax: "",
  tips: ["request_policy:all_nodes", "response_policy:all_succeeded"],
  run({ parts }, _args, reply) {
    const { commands, keyspace, stats, persistence, appendOnly } = parts;
    stats.reset();
    persistence.payloadChecks = persistence.saves = 0;
    appendOnly.file.resetStats();
    keyspace.resetStats();
    for (const command of commands.byName.values()) command.resetStats();
    reply.ok();
  },
});

/** CONFIG GET | SET | REWRITE | RESETSTAT | HELP. {@link https://redis.io/docs/latest/commands/config/} */
export const configCommand = defineCommand({
  name: "config",
  arity: -2,
  flags: [],
  group: "server",
  since: "2.0.0",
  complexity: "Depends on subcommand.",
  summary: "A container for server configuration commands.",
  syntax: "",
  subcommands: [
    configGet,
    configSet,
    configRewrite,
    configResetStat,
    helpSubcommand({ since: "5.0.0", group: "server" }),
  ],
  help: [
    "GET <pattern>",
    "    Return parameters matching the glob-like <pattern> and their values.",
    "SET <directive> <value>",
    "    Set the configuration <directive> to <value>.",
    "RESETSTAT",
    "    Reset statistics reported by the INFO command.",
    "REWRITE",
    "    Rewrite the configuration file.",
  ],
  run() {
    throw CommandError.wrongArity("config");
  },
});

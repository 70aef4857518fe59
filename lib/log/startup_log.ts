/**
 * What the log says while a server starts, in the words that tools wait for:
 * `Server initialized`, `Ready to accept connections tcp`.
 */

import type { Config } from "../config/config.ts";
import { type DirectiveName, DIRECTIVES } from "../config/directives.ts";
import { REDIS_COMPATIBILITY_VERSION, TSREDIS_VERSION } from "../version.ts";
import { bannerText, showsBanner } from "./banner.ts";
import type { Logger } from "./logger.ts";

/** Says what starts, and with which configuration, before anything is opened. */
export function logStarting(
  log: Logger,
  config: Config,
  processId: number,
  hasArguments: boolean,
): void {
  log.notice("oO0OoO0OoO0Oo tsredis is starting oO0OoO0OoO0Oo");
  log.notice(
    `tsredis version=${TSREDIS_VERSION}, redis=${REDIS_COMPATIBILITY_VERSION}, ` +
      `bits=64, deno=${Deno.version.deno}, pid=${processId}, just started`,
  );
  if (hasArguments) log.notice("Configuration loaded");
  else {
    log.warning(
      "Warning: no config file specified, using the default config. " +
        "In order to specify a config file use tsredis /path/to/redis.conf",
    );
  }
  const idle = settingsWithoutEffect(config);
  if (idle.length > 0) {
    log.warning(
      `WARNING: accepted, but without effect in tsredis ${TSREDIS_VERSION}: ${
        idle.join(", ")
      }`,
    );
  }
  const mode = config.get("cluster-enabled") ? "cluster" : "standalone";
  const port = config.get("port");
  const showsLogo = showsBanner({
    logfile: config.get("logfile"),
    alwaysShowLogo: config.get("always-show-logo"),
  });
  if (showsLogo) log.banner(bannerText({ port, processId, mode }));
  else log.notice(`Running mode=${mode}, port=${port}.`);
}

/** Says that clients can connect, and how. */
export function logReady(log: Logger, config: Config): void {
  if (config.get("port") !== 0) log.notice("Ready to accept connections tcp");
  if (config.get("unixsocket") !== "") {
    log.notice("Ready to accept connections unix");
  }
}

/** What the configuration sets, other than to the default, and nothing heeds. */
export function settingsWithoutEffect(config: Config): string[] {
  const names: string[] = Object.entries(DIRECTIVES)
    .filter(([name, { isEffective, initial }]) =>
      !isEffective && config.text(name as DirectiveName) !== initial.text
    )
    .map(([name]) => name);
  if (config.statements.some(({ keyword }) => keyword === "user")) {
    names.push("user");
  }
  return names;
}

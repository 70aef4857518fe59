/**
 * The program: reads the command line and the configuration, starts the server,
 * and ends it when a signal says so.
 *
 * ```
 * deno run -A main.ts [file] [--directive value …] [-]
 * ```
 *
 * Exits 0 after a shutdown, and 1 with one clear line when it cannot start.
 */

import { resolve } from "@std/path";
import {
  parseCommandLine,
  type StartCommand,
} from "./lib/config/command_line.ts";
import { Config } from "./lib/config/config.ts";
import { ConfigurationError } from "./lib/config/configuration_error.ts";
import { ConfigurationReader } from "./lib/config/configuration_reader.ts";
import { USAGE, versionText } from "./lib/config/usage.ts";
import { FileSink, StandardOutputSink } from "./lib/log/log_sink.ts";
import { Logger } from "./lib/log/logger.ts";
import { logReady, logStarting } from "./lib/log/startup_log.ts";
import { ListenError } from "./lib/net/listener.ts";
import { LoadError } from "./lib/persistence/persistence.ts";
import { removePidFile, writePidFile } from "./lib/pid_file.ts";
import { type Server, startServer } from "./lib/server.ts";
import type { ShutdownOptions } from "./lib/shutdown.ts";

/** Runs the program; resolves with its exit code. */
async function main(words: readonly string[]): Promise<number> {
  const commandLine = parseCommandLine(words);
  if (commandLine.action === "help") {
    console.log(USAGE);
    return 0;
  }
  if (commandLine.action === "version") {
    console.log(versionText());
    return 0;
  }
  try {
    const config = await readConfiguration(commandLine);
    return await runServer(config, words.length > 0);
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    console.error(error.message);
    return 1;
  }
}

async function readConfiguration(
  { file, readsStdin, options }: StartCommand,
): Promise<Config> {
  const config = new Config();
  if (file !== undefined) config.filePath = resolve(file);
  const stdin = readsStdin
    ? new Uint8Array(await new Response(Deno.stdin.readable).arrayBuffer())
    : undefined;
  const reader = new ConfigurationReader(config);
  reader.read({ file: config.filePath, stdin, options });
  return config;
}

/** Serves until a shutdown; resolves with the exit code. */
async function runServer(
  config: Config,
  hasArguments: boolean,
): Promise<number> {
  const log = openLog(config);
  logStarting(log, config, Deno.pid, hasArguments);
  let server: Server;
  try {
    server = startServer(config, log);
  } catch (error) {
    if (!(error instanceof ListenError)) throw error;
    reportListenError(error, config, log);
    return 1;
  }
  surviveMistakes(log);
  log.notice("Server initialized");
  followSignals(server, config, log);
  const pidfile = config.get("pidfile");
  const pidPath = pidfile === "" ? undefined : config.resolvePath(pidfile);
  if (pidPath !== undefined) writePidFile(pidPath, Deno.pid, log);
  const isLoaded = await load(server);
  if (isLoaded) {
    logReady(log, config);
    await server.finished;
  }
  if (!isLoaded) return 1;
  if (pidPath !== undefined) removePidFile(pidPath, log);
  return 0;
}

/** Loads the data; false when they cannot be, which was logged. */
async function load(server: Server): Promise<boolean> {
  try {
    // A server that is stopped while it loads has nothing more to load.
    await Promise.race([server.load(), server.finished]);
    return true;
  } catch (error) {
    if (error instanceof LoadError) return false;
    throw error;
  }
}

function openLog(config: Config): Logger {
  const nowMs = () => Date.now();
  const logfile = config.get("logfile");
  const sink = logfile === ""
    ? new StandardOutputSink()
    : new FileSink(config.resolvePath(logfile), nowMs);
  const level = config.get("loglevel");
  const log = new Logger({ sink, level, nowMs, processId: Deno.pid });
  config.onChange("loglevel", (level) => log.level = level);
  return log;
}

function reportListenError(
  error: ListenError,
  config: Config,
  log: Logger,
): void {
  const { address } = error;
  const where = address.transport === "tcp"
    ? `port ${address.port} (tcp) of ${address.host}`
    : `${address.path} (unix)`;
  const line = `Failed listening on ${where}, aborting: ${error.message}`;
  log.warning(line);
  if (config.get("logfile") !== "") console.error(`tsredis: ${line}`);
}

/** A mistake of ours in one place must not take the others down. */
function surviveMistakes(log: Logger): void {
  globalThis.addEventListener("unhandledrejection", (event) => {
    event.preventDefault();
    log.warning(`Unhandled rejection: ${event.reason?.stack ?? event.reason}`);
  });
  globalThis.addEventListener("error", (event) => {
    event.preventDefault();
    log.warning(`Unhandled error: ${event.error?.stack ?? event.message}`);
  });
}

function followSignals(server: Server, config: Config, log: Logger): void {
  const optionsOf = (signal: "SIGINT" | "SIGTERM"): ShutdownOptions => {
    const how = signal === "SIGINT"
      ? config.get("shutdown-on-sigint")
      : config.get("shutdown-on-sigterm");
    return {
      ...(how.has("save") && { save: true }),
      ...(how.has("nosave") && { save: false }),
      now: how.has("now"),
      force: how.has("force"),
    };
  };
  const stop = (signal: "SIGINT" | "SIGTERM") => {
    const isFirst = server.ending.schedule(() => optionsOf(signal));
    if (!isFirst && signal === "SIGINT") {
      log.warning("You insist... exiting now.");
      Deno.exit(1);
    }
    log.warning(`Received ${signal} scheduling shutdown...`);
  };
  Deno.addSignalListener("SIGINT", () => stop("SIGINT"));
  if (Deno.build.os === "windows") return;
  Deno.addSignalListener("SIGTERM", () => stop("SIGTERM"));
  // A terminal that goes away does not end the server.
  Deno.addSignalListener("SIGHUP", () => {});
}

if (import.meta.main) Deno.exit(await main(Deno.args));

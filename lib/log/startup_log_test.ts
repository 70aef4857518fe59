import { assertEquals } from "@std/assert";
import { Config } from "../config/config.ts";
import { Logger } from "./logger.ts";
import { logReady, logStarting, settingsWithoutEffect } from "./startup_log.ts";

function configWith(...lines: [name: string, ...args: string[]][]): Config {
  const config = new Config();
  for (const [name, ...args] of lines) {
    config.load(name as Parameters<Config["load"]>[0], args, false);
  }
  return config;
}

/** The messages that `write` logs, without what stands before them. */
function logged(write: (log: Logger) => void): string[] {
  const lines: string[] = [];
  const log = new Logger({
    sink: { write: (line) => void lines.push(new TextDecoder().decode(line)) },
    level: "notice",
    nowMs: () => 0,
    processId: 42,
  });
  write(log);
  return lines.map((line) => line.trimEnd().replace(/^42:M .{24} /, ""));
}

Deno.test("logStarting warns when there is no configuration at all", () => {
  const config = configWith(["logfile", "x.log"]);
  const withArguments = logged((log) => logStarting(log, config, 42, true));
  assertEquals(withArguments[2], "* Configuration loaded");
  assertEquals(withArguments[3], "* Running mode=standalone, port=6380.");
  const without = logged((log) => logStarting(log, config, 42, false));
  assertEquals(without[2].startsWith("# Warning: no config file"), true);
});

Deno.test("logStarting prints the banner when it is told to", () => {
  const config = configWith(["always-show-logo", "yes"], ["port", "7000"]);
  const text = logged((log) => logStarting(log, config, 42, true)).join("\n");
  assertEquals(/ Port: 7000\n/.test(text), true);
  assertEquals(/ PID: 42$/.test(text), true);
});

Deno.test("logReady says how clients can connect", () => {
  const ready = (...lines: [string, string][]) =>
    logged((log) => logReady(log, configWith(...lines)));
  assertEquals(ready(), ["* Ready to accept connections tcp"]);
  assertEquals(ready(["port", "0"], ["unixsocket", "/s"]), [
    "* Ready to accept connections unix",
  ]);
});

Deno.test("settingsWithoutEffect names only what was set to something else", () => {
  const config = configWith(["daemonize", "yes"], ["supervised", "no"]);
  assertEquals(settingsWithoutEffect(config), ["daemonize"]);
  config.statements.push({
    keyword: "user",
    args: ["alice"],
    line: { isOption: false, number: 1, text: "user alice" },
  });
  assertEquals(settingsWithoutEffect(config), ["daemonize", "user"]);
});

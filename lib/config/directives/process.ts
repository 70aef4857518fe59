/** Directives about the process: its log, its files, its start and its end. */

import {
  anyOf,
  clampedInteger,
  INT_MAX,
  integer,
  oneOf,
  optionalText,
  text,
  yesNo,
} from "../scalar_directives.ts";
import { directory, oomScores } from "../special_directives.ts";
import { checkTitleTemplate } from "../text_checks.ts";

/** What SIGINT and SIGTERM may add to a shutdown. */
function shutdownModifiers(signal: string) {
  return anyOf(
    "default",
    ["save", "nosave", "now", "force"],
    { summary: `How ${signal} shuts the server down.` },
    (chosen) =>
      chosen.has("save") && chosen.has("nosave")
        ? "shutdown options SAVE and NOSAVE can't be used simultaneously"
        : undefined,
  );
}

/** CPUs for one kind of thread. */
function cpuList(of: string) {
  return optionalText({
    summary: `CPUs for ${of}.`,
    isMutable: false,
    isEffective: false,
  });
}

export const PROCESS_DIRECTIVES = {
  "dir": directory({
    summary: "Directory of the data files; relative paths count from it.",
    isProtected: true,
    isFixedWhileLoading: true,
  }),
  "databases": integer(16, {
    summary: "Databases that SELECT can choose from.",
    minimum: 1,
    maximum: INT_MAX,
    isMutable: false,
  }),
  "loglevel": oneOf(
    ["debug", "verbose", "notice", "warning", "nothing"],
    "notice",
    { summary: "The least important messages that are logged." },
  ),
  "logfile": text("", {
    summary: "File that the log is appended to; empty for standard output.",
    isMutable: false,
  }),
  "always-show-logo": yesNo(false, {
    summary: "Print the banner even when the log does not go to a terminal.",
    isMutable: false,
  }),
  "pidfile": optionalText({
    summary: "File that holds the process ID while the server runs.",
    isMutable: false,
  }),
  "syslog-enabled": yesNo(false, {
    summary: "Log to the system's log as well.",
    isMutable: false,
    isEffective: false,
  }),
  "syslog-ident": text("redis", {
    summary: "Name in the system's log.",
    isMutable: false,
    isEffective: false,
  }),
  "syslog-facility": oneOf(
    [
      "user",
      "local0",
      "local1",
      "local2",
      "local3",
      "local4",
      "local5",
      "local6",
      "local7",
    ],
    "local0",
    {
      summary: "Facility in the system's log.",
      isMutable: false,
      isEffective: false,
    },
  ),
  "daemonize": yesNo(false, {
    summary: "Run in the background.",
    isMutable: false,
    isEffective: false,
  }),
  "supervised": oneOf(["upstart", "systemd", "auto", "no"], "no", {
    summary: "Tell a supervisor that the server is ready.",
    isMutable: false,
    isEffective: false,
  }),
  "hz": clampedInteger(10, {
    summary: "How often background work runs.",
    unit: "times a second",
    minimum: 1,
    maximum: 500,
  }),
  "dynamic-hz": yesNo(true, {
    summary: "Run background work more often when there are many clients.",
    isEffective: false,
  }),
  "shutdown-timeout": integer(10, {
    summary: "How long a shutdown waits for replicas that lag.",
    unit: "seconds",
    minimum: 0,
    maximum: INT_MAX,
  }),
  "shutdown-on-sigint": shutdownModifiers("SIGINT"),
  "shutdown-on-sigterm": shutdownModifiers("SIGTERM"),
  "set-proc-title": yesNo(true, {
    summary: "Show what the server does in the process list.",
    isMutable: false,
    isEffective: false,
  }),
  "proc-title-template": text("{title} {listen-addr} {server-mode}", {
    summary: "What the process list shows.",
    isEffective: false,
  }, checkTitleTemplate),
  "locale-collate": text("", {
    summary: "Locale that orders text; empty for the environment's.",
    isEffective: false,
  }),
  "crash-log-enabled": yesNo(true, {
    summary: "Log the state of the server when it crashes.",
    isEffective: false,
  }),
  "crash-memcheck-enabled": yesNo(true, {
    summary: "Test the memory when the server crashes.",
    isEffective: false,
  }),
  "use-exit-on-panic": yesNo(false, {
    summary: "End with exit instead of abort after a panic.",
    isHidden: true,
    isEffective: false,
  }),
  "watchdog-period": integer(0, {
    summary: "Log commands that run longer than this; 0 never.",
    unit: "milliseconds",
    minimum: 0,
    maximum: INT_MAX,
    isHidden: true,
    isEffective: false,
  }),
  "oom-score-adj": oneOf(
    ["no", "yes", "relative", "absolute"],
    "no",
    {
      summary: "Set the kernel's score for killing when memory runs out.",
      isEffective: false,
    },
    { relative: "yes" },
  ),
  "oom-score-adj-values": oomScores([0, 200, 800], {
    summary: "That score for a primary, a replica and a child process.",
    isEffective: false,
  }),
  "disable-thp": yesNo(true, {
    summary: "Turn transparent huge pages off for the process.",
    isMutable: false,
    isEffective: false,
  }),
  "jemalloc-bg-thread": yesNo(true, {
    summary: "Let the allocator free memory in a thread.",
    isEffective: false,
  }),
  "server_cpulist": cpuList("the main thread"),
  "bio_cpulist": cpuList("background work"),
  "aof_rewrite_cpulist": cpuList("rewriting the append-only file"),
  "bgsave_cpulist": cpuList("saving a snapshot"),
  "ignore-warnings": text("", {
    summary: "Warnings at the start that do not stop the server.",
    isEffective: false,
  }),
};

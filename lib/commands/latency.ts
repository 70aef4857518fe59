/** LATENCY: what took long, and how long commands take. */

import type { LatencyEvent } from "../info/latency_monitor.ts";
import { latencyGraph } from "../info/latency_graph.ts";
import { latencyReport } from "../info/latency_report.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { Args } from "../router/args.ts";
import { CommandError } from "../router/command_error.ts";
import { type CommandFlag, defineCommand } from "../router/command.ts";
import type { Command } from "../router/command_table.ts";
import { helpSubcommand } from "./help_subcommand.ts";

const FLAGS: readonly CommandFlag[] = ["admin", "noscript", "loading", "stale"];
const TIPS = [
  "nondeterministic_output",
  "request_policy:all_nodes",
  "response_policy:special",
];

/** LATENCY LATEST: per event, when and how long it was last, and the longest. */
const latencyLatest = defineCommand({
  name: "latest",
  arity: 2,
  flags: FLAGS,
  group: "server",
  since: "2.8.13",
  complexity: "O(1)",
  summary: "Returns the latest latency samples for all events.",
  syntax: "",
  tips: TIPS,
  run({ parts }, _args, reply) {
    const { events } = parts.latency;
    reply.array(events.size);
    for (const [name, { samples, maxMs }] of events) {
      const last = samples[samples.length - 1];
      reply.array(4);
      reply.bulkText(name);
      reply.integer(last.atSeconds);
      reply.integer(last.milliseconds);
      reply.integer(maxMs);
    }
  },
});

/** LATENCY HISTORY event: oldest first; nothing for an event that is not known. */
const latencyHistory = defineCommand({
  name: "history",
  arity: 3,
  flags: FLAGS,
  group: "server",
  since: "2.8.13",
  complexity: "O(1)",
  summary: "Returns timestamp-latency samples for an event.",
  syntax: "event",
  tips: TIPS,
  run({ parts }, args, reply) {
    const samples = parts.latency.events.get(args.text(2))?.samples ?? [];
    reply.array(samples.length);
    for (const { atSeconds, milliseconds } of samples) {
      reply.array(2);
      reply.integer(atSeconds);
      reply.integer(milliseconds);
    }
  },
});

/** LATENCY GRAPH event */
const latencyGraphCommand = defineCommand({
  name: "graph",
  arity: 3,
  flags: FLAGS,
  group: "server",
  since: "2.8.13",
  complexity: "O(1)",
  summary: "Returns a latency graph for an event.",
  syntax: "event",
  tips: TIPS,
  run(call, args, reply) {
    const name = args.text(2);
    const event: LatencyEvent | undefined = call.parts.latency.events.get(name);
    if (event === undefined) {
      throw new CommandError(`ERR No samples available for event '${name}'`);
    }
    const graph = latencyGraph(name, event, call.nowMs);
    reply.verbatim("txt", bytesOfText(graph));
  },
});

/** LATENCY RESET [event …]: answers how many events were forgotten. */
const latencyReset = defineCommand({
  name: "reset",
  arity: -2,
  flags: FLAGS,
  group: "server",
  since: "2.8.13",
  complexity: "O(1)",
  summary: "Resets the latency data for one or more events.",
  syntax: "[event [event ...]]",
  tips: ["request_policy:all_nodes", "response_policy:agg_sum"],
  run({ parts }, args, reply) {
    const names = args.count === 2 ? undefined : textsFrom(args, 2);
    reply.integer(parts.latency.reset(names));
  },
});

/** LATENCY DOCTOR */
const latencyDoctor = defineCommand({
  name: "doctor",
  arity: 2,
  flags: FLAGS,
  group: "server",
  since: "2.8.13",
  complexity: "O(1)",
  summary: "Returns a human-readable latency analysis report.",
  syntax: "",
  tips: TIPS,
  run({ parts, nowMs }, _args, reply) {
    const report = latencyReport(parts.latency, {
      nowMs,
      slowlogMicroseconds: parts.config.get("slowlog-log-slower-than"),
      hz: parts.config.get("hz"),
    });
    reply.verbatim("txt", bytesOfText(report));
  },
});

/**
 * LATENCY HISTOGRAM [command …]
 *
 * A container stands for its subcommands. Commands that do not exist or were not
 * run are passed over.
 * {@link https://redis.io/docs/latest/commands/latency-histogram/}
 */
const latencyHistogram = defineCommand({
  name: "histogram",
  arity: -2,
  flags: FLAGS,
  group: "server",
  since: "7.0.0",
  complexity:
    "O(N) where N is the number of commands with latency information being retrieved.",
  summary:
    "Returns the cumulative distribution of latencies of a subset or all commands.",
  syntax: "[command [command ...]]",
  tips: TIPS,
  run({ parts }, args, reply) {
    const { commands } = parts;
    const chosen = args.count === 2
      ? [...commands.all()]
      : textsFrom(args, 2).flatMap((name) => {
        const command = commands.findByFullName(name);
        return command === undefined
          ? []
          : [command, ...command.subcommands.values()];
      });
    const known = chosen.filter(({ histogram }) => histogram !== undefined);
    reply.map(known.length);
    for (const command of known) replyHistogram(reply, command);
  },
});

function replyHistogram(
  reply: ReplyWriter,
  { fullName, histogram }: Command,
): void {
  const steps = histogram!.cumulative();
  reply.bulkText(fullName);
  reply.map(2);
  reply.bulkText("calls");
  reply.integer(histogram!.total);
  reply.bulkText("histogram_usec");
  reply.map(steps.length);
  for (const { microseconds, count } of steps) {
    reply.integer(microseconds);
    reply.integer(count);
  }
}

function textsFrom(args: Args, first: number): string[] {
  const texts: string[] = [];
  for (let i = first; i < args.count; i++) texts.push(args.text(i));
  return texts;
}

/** LATENCY: a container. {@link https://redis.io/docs/latest/commands/latency/} */
export const latencyCommand = defineCommand({
  name: "latency",
  arity: -2,
  flags: [],
  group: "server",
  since: "2.8.13",
  complexity: "Depends on subcommand.",
  summary: "A container for latency diagnostics commands.",
  syntax: "",
  help: [
    "DOCTOR",
    "    Return a human readable latency analysis report.",
    "GRAPH <event>",
    "    Return an ASCII latency graph for the <event> class.",
    "HISTORY <event>",
    "    Return time-latency samples for the <event> class.",
    "LATEST",
    "    Return the latest latency samples for all events.",
    "RESET [<event> ...]",
    "    Reset latency data of one or more <event> classes.",
    "    (default: reset all data for all event classes)",
    "HISTOGRAM [COMMAND ...]",
    "    Return a cumulative distribution of latencies in the format of a histogram for the specified command names.",
    "    If no commands are specified then all histograms are replied.",
  ],
  subcommands: [
    latencyDoctor,
    latencyGraphCommand,
    helpSubcommand({ since: "2.8.13", group: "server" }),
    latencyHistogram,
    latencyHistory,
    latencyLatest,
    latencyReset,
  ],
  run() {
    throw CommandError.wrongArity("latency");
  },
});

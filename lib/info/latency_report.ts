/**
 * What LATENCY DOCTOR says: the events in numbers, and what may help. It keeps to
 * Redis's words, and to those causes that exist here.
 */

import { type LatencyMonitor, summarize } from "./latency_monitor.ts";

/** The configuration that advice depends on. */
export interface LatencyReportFacts {
  readonly nowMs: number;
  /** `slowlog-log-slower-than`. */
  readonly slowlogMicroseconds: number;
  readonly hz: number;
}

const DISABLED =
  "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You may use \"CONFIG SET latency-monitor-threshold <milliseconds>.\" in order to enable it. If we weren't in a deep space mission I'd suggest to take a look at https://redis.io/topics/latency-monitor.\n";
const NOTHING_SEEN =
  "Dave, no latency spike was observed during the lifetime of this Redis instance, not in the slightest bit. I honestly think you ought to sit down calmly, take a stress pill, and think things over.\n";
const HEAD =
  "Dave, I have observed latency spikes in this Redis instance. You don't mind talking about it, do you Dave?\n\n";
const NO_ADVICE =
  "\nWhile there are latency events logged, I'm not able to suggest any easy fix. Please use the Redis community to get some help, providing this report in your help request.\n";

const INSPECT_SLOWLOG =
  "- Check your Slow Log to understand what are the commands you are running which are too slow to execute. Please check https://redis.io/commands/slowlog for more information.\n";
const SCHEDULER =
  "- The system is slow to execute Redis code paths not containing system calls. This usually means the system does not provide Redis CPU time to run for long periods. You should try to:\n" +
  "  1) Lower the system load.\n" +
  "  2) Use a computer / VM just for Redis if you are running other software in the same system.\n" +
  '  3) Check if you have a "noisy neighbour" problem.\n' +
  "  4) Check with 'redis-cli --intrinsic-latency 100' what is the intrinsic latency in your system.\n";
const LARGE_OBJECTS =
  "- Deleting, expiring or evicting (because of maxmemory policy) large objects is a blocking operation. If you have very large objects that are often deleted, expired, or evicted, try to fragment those objects into multiple smaller objects.\n";
const HIGHER_HZ =
  "- In order to make the Redis keys expiring process more incremental, try to set the 'hz' configuration parameter to 100 using 'CONFIG SET hz 100'.\n";
const HZ_HIGH = 100;

/** The report, with line ends. */
export function latencyReport(
  monitor: LatencyMonitor,
  facts: LatencyReportFacts,
): string {
  const { events, thresholdMs } = monitor;
  if (events.size === 0) return thresholdMs === 0 ? DISABLED : NOTHING_SEEN;
  let text = HEAD, number = 0;
  for (const [name, event] of events) {
    const { count, averageMs, deviationMs, periodSeconds, maxMs } = summarize(
      event,
      facts.nowMs,
    );
    text += `${++number}. ${name}: ${count} latency spikes ` +
      `(average ${averageMs}ms, mean deviation ${deviationMs}ms, ` +
      `period ${periodSeconds.toFixed(2)} sec). ` +
      `Worst all time event ${maxMs}ms.\n`;
  }
  const advice = adviceFor(new Set(events.keys()), thresholdMs, facts);
  return advice.length === 0
    ? text + NO_ADVICE
    : `${text}\nI have a few advices for you:\n\n${advice.join("")}`;
}

function adviceFor(
  names: ReadonlySet<string>,
  thresholdMs: number,
  { slowlogMicroseconds, hz }: LatencyReportFacts,
): string[] {
  const advice: string[] = [];
  const isSlow = names.has("command"), isExpiring = names.has("expire-cycle");
  if (isSlow) {
    const setting = `'CONFIG SET slowlog-log-slower-than ${
      thresholdMs * 1000
    }'`;
    if (slowlogMicroseconds < 0) {
      advice.push(
        `- There are latency issues with potentially slow commands you are using. Try to enable the Slow Log Redis feature using the command ${setting}. If the Slow log is disabled Redis is not able to log slow commands execution for you.\n`,
      );
    } else if (Math.floor(slowlogMicroseconds / 1000) > thresholdMs) {
      advice.push(
        `- Your current Slow Log configuration only logs events that are slower than your configured latency monitor threshold. Please use ${setting}.\n`,
      );
    }
    advice.push(INSPECT_SLOWLOG);
  }
  if (names.has("fast-command")) advice.push(SCHEDULER);
  if (isExpiring && hz < HZ_HIGH) advice.push(HIGHER_HZ);
  if (isSlow || isExpiring) advice.push(LARGE_OBJECTS);
  return advice;
}

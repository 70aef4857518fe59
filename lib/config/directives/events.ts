/** Directives about what the server tells: events, slow commands, latency. */

import { INT64_MAX, integer, yesNo } from "../scalar_directives.ts";
import { keyspaceEvents, percentiles } from "../special_directives.ts";

export const EVENT_DIRECTIVES = {
  "notify-keyspace-events": keyspaceEvents({
    summary: "Classes of changes that are published; empty for none.",
  }),
  "tracking-table-max-keys": integer(1000000, {
    summary: "Keys that are remembered for client-side caching; 0 for all.",
    unit: "keys",
    minimum: 0,
    maximum: INT64_MAX,
  }),
  "slowlog-log-slower-than": integer(10000, {
    summary: "Commands that take longer are logged; 0 for all, -1 for none.",
    unit: "microseconds",
    minimum: -1,
    maximum: INT64_MAX,
  }),
  "slowlog-max-len": integer(128, {
    summary: "Commands that the slow log keeps.",
    unit: "entries",
    minimum: 0,
    maximum: INT64_MAX,
  }),
  "latency-monitor-threshold": integer(0, {
    summary: "Events that take as long are recorded; 0 for none.",
    unit: "milliseconds",
    minimum: 0,
    maximum: INT64_MAX,
  }),
  "latency-tracking": yesNo(true, {
    summary: "Record how long each command takes.",
  }),
  "latency-tracking-info-percentiles": percentiles([50, 99, 99.9], {
    summary: "Percentiles of that which INFO shows.",
  }),
  "busy-reply-threshold": integer(5000, {
    summary: "Time after which clients are told that a script is running.",
    unit: "milliseconds",
    alias: "lua-time-limit",
    minimum: 0,
    maximum: INT64_MAX,
    isEffective: false,
  }),
};

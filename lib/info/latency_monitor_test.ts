import { assertEquals, assertStringIncludes } from "@std/assert";
import { latencyGraph } from "./latency_graph.ts";
import { LatencyMonitor, summarize } from "./latency_monitor.ts";
import { latencyReport } from "./latency_report.ts";

function monitorWith(
  ...events: [name: string, milliseconds: number, atSeconds: number][]
): LatencyMonitor {
  const monitor = new LatencyMonitor();
  monitor.thresholdMs = 10;
  for (const [name, milliseconds, atSeconds] of events) {
    monitor.note(name, milliseconds, atSeconds * 1000);
  }
  return monitor;
}

const FACTS = { nowMs: 100_000, slowlogMicroseconds: 10_000, hz: 10 };

Deno.test("LatencyMonitor notes what takes the threshold or longer, the longest of each second", () => {
  const monitor = monitorWith(
    ["command", 9, 1],
    ["command", 10, 1],
    ["command", 30.7, 1],
    ["command", 20, 1],
    ["command", 12, 5],
  );
  assertEquals(monitor.events.get("command"), {
    samples: [{ atSeconds: 1, milliseconds: 30 }, {
      atSeconds: 5,
      milliseconds: 12,
    }],
    maxMs: 30,
  });
});

Deno.test("LatencyMonitor notes nothing while its threshold is 0", () => {
  const monitor = new LatencyMonitor();
  monitor.note("command", 1e6, 0);
  assertEquals(monitor.events.size, 0);
});

Deno.test("LatencyMonitor keeps the latest 160 samples and the longest of all", () => {
  const monitor = monitorWith(["command", 500, 0]);
  for (let second = 1; second <= 160; second++) {
    monitor.note("command", 11, second * 1000);
  }
  const { samples, maxMs } = monitor.events.get("command")!;
  assertEquals([samples.length, samples[0].atSeconds, maxMs], [160, 1, 500]);
});

Deno.test("LatencyMonitor forgets events by name in any case, or all", () => {
  const events = ["a", "b", "c"].map((name) =>
    [name, 10, 1] as [string, number, number]
  );
  const monitor = monitorWith(...events);
  assertEquals(monitor.reset(["B", "nosuch"]), 1);
  assertEquals([...monitor.events.keys()], ["a", "c"]);
  assertEquals(monitor.reset(), 2);
  assertEquals(monitor.events.size, 0);
});

Deno.test("summarize tells average, deviation and period", () => {
  const monitor = monitorWith(["command", 10, 90], ["command", 21, 95]);
  assertEquals(summarize(monitor.events.get("command")!, FACTS.nowMs), {
    count: 2,
    averageMs: 15,
    deviationMs: 5,
    periodSeconds: 5,
    maxMs: 21,
  });
});

Deno.test("latencyGraph draws bars with their ages below, as Redis does", () => {
  const monitor = monitorWith(
    ["command", 100, 10],
    ["command", 300, 40],
    ["command", 200, 98],
  );
  const event = monitor.events.get("command")!;
  assertEquals(
    latencyGraph("command", event, FACTS.nowMs).split("\n"),
    [
      "command - high 300 ms, low 100 ms (all time high 300 ms)",
      "-".repeat(80),
      " # ",
      " |_",
      " ||",
      "_||",
      "   ",
      "112",
      "mms",
      "",
    ],
  );
});

Deno.test("latencyReport says that nothing was watched, or seen", () => {
  assertStringIncludes(
    latencyReport(new LatencyMonitor(), FACTS),
    "Latency monitoring is disabled",
  );
  assertStringIncludes(
    latencyReport(monitorWith(), FACTS),
    "no latency spike was observed",
  );
});

Deno.test("latencyReport lists events and gives the advice that fits them", () => {
  const report = latencyReport(
    monitorWith(["command", 300, 99], ["expire-cycle", 20, 99]),
    { ...FACTS, slowlogMicroseconds: 20_000 },
  );
  for (
    const expected of [
      "1. command: 1 latency spikes (average 300ms, mean deviation 0ms, period 1.00 sec). Worst all time event 300ms.\n",
      "2. expire-cycle: 1 latency spikes",
      "'CONFIG SET slowlog-log-slower-than 10000'",
      "- Check your Slow Log",
      "'CONFIG SET hz 100'",
      "large objects is a blocking operation",
    ]
  ) assertStringIncludes(report, expected);
});

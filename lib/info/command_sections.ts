/** INFO commandstats, errorstats and latencystats: how commands fared. */

import type { InfoSection } from "./info_section.ts";

export const commandStatsSection: InfoSection = {
  name: "commandstats",
  title: "Commandstats",
  isDefault: false,
  *fields({ commands }) {
    for (const command of commands.all()) {
      const { calls, microseconds, rejectedCalls, failedCalls } = command;
      if (calls + rejectedCalls + failedCalls === 0) continue;
      const each = calls === 0 ? 0 : microseconds / calls;
      yield [
        `cmdstat_${safeName(command.fullName)}`,
        `calls=${calls},usec=${Math.round(microseconds)}` +
        `,usec_per_call=${each.toFixed(2)}` +
        `,rejected_calls=${rejectedCalls},failed_calls=${failedCalls}`,
      ];
    }
  },
};

export const errorStatsSection: InfoSection = {
  name: "errorstats",
  title: "Errorstats",
  isDefault: true,
  *fields({ stats }) {
    for (const code of [...stats.errors.keys()].sort()) {
      const count = stats.errors.get(code)!;
      yield [`errorstat_${safeName(code)}`, `count=${count}`];
    }
  },
};

export const latencyStatsSection: InfoSection = {
  name: "latencystats",
  title: "Latencystats",
  isDefault: false,
  *fields({ commands, config }) {
    if (!config.get("latency-tracking")) return;
    const percents = config.get("latency-tracking-info-percentiles");
    for (const { fullName, histogram } of commands.all()) {
      if (histogram === undefined) continue;
      const values = percents.map((percent) =>
        `p${percent}=${(histogram.percentile(percent) / 1000).toFixed(3)}`
      );
      yield [
        `latency_percentiles_usec_${safeName(fullName)}`,
        values.join(","),
      ];
    }
  },
};

/** Characters that mean something in INFO become underscores. */
function safeName(name: string): string {
  return name.replace(/[#:\r\n]/g, "_");
}

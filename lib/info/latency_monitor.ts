/**
 * Events that took long: for each kind, the longest of every second in which
 * there was one, for the last 160 such seconds.
 *
 * The router, the cron and whoever does something that can hold up clients report
 * here; LATENCY reads. {@link https://redis.io/docs/latest/operate/oss_and_stack/management/optimization/latency-monitor/}
 */

/** Samples kept of each event. */
const SAMPLES_MAX = 160;

/** The longest of an event in one second. */
export interface LatencySample {
  readonly atSeconds: number;
  milliseconds: number;
}

/** What is known of one event. */
export interface LatencyEvent {
  /** Oldest first. */
  readonly samples: LatencySample[];
  maxMs: number;
}

/** A latency event in numbers, for reports; times in milliseconds. */
export interface LatencySummary {
  readonly count: number;
  readonly averageMs: number;
  /** Mean distance from the average. */
  readonly deviationMs: number;
  /** Seconds between two events, on average. */
  readonly periodSeconds: number;
  readonly maxMs: number;
}

/** See the top of the file. */
export class LatencyMonitor {
  /** Events that take as long are noted; 0 for none (`latency-monitor-threshold`). */
  thresholdMs = 0;
  readonly events = new Map<string, LatencyEvent>();

  /** Notes an event if it took long enough. */
  note(name: string, milliseconds: number, nowMs: number): void {
    if (this.thresholdMs === 0 || milliseconds < this.thresholdMs) return;
    const took = Math.floor(milliseconds);
    const atSeconds = Math.floor(nowMs / 1000);
    let event = this.events.get(name);
    if (event === undefined) {
      this.events.set(name, event = { samples: [], maxMs: 0 });
    }
    event.maxMs = Math.max(event.maxMs, took);
    const last = event.samples.at(-1);
    if (last?.atSeconds === atSeconds) {
      last.milliseconds = Math.max(last.milliseconds, took);
      return;
    }
    event.samples.push({ atSeconds, milliseconds: took });
    if (event.samples.length > SAMPLES_MAX) event.samples.shift();
  }

  /** Forgets events by their names, in any case, or all; returns how many. */
  reset(names?: readonly string[]): number {
    const wanted = names?.map((name) => name.toLowerCase());
    let count = 0;
    for (const name of [...this.events.keys()]) {
      if (wanted !== undefined && !wanted.includes(name.toLowerCase())) {
        continue;
      }
      this.events.delete(name);
      count++;
    }
    return count;
  }
}

/** An event in numbers; it has at least one sample. */
export function summarize(
  { samples, maxMs }: LatencyEvent,
  nowMs: number,
): LatencySummary {
  const count = samples.length;
  const mean = (value: (sample: LatencySample) => number) =>
    Math.floor(samples.reduce((sum, each) => sum + value(each), 0) / count);
  const averageMs = mean(({ milliseconds }) => milliseconds);
  const seconds = Math.floor(nowMs / 1000) - samples[0].atSeconds;
  return {
    count,
    averageMs,
    deviationMs: mean(({ milliseconds }) => Math.abs(averageMs - milliseconds)),
    periodSeconds: Math.max(1, seconds) / count,
    maxMs,
  };
}

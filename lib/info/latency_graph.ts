/** Draws the samples of a latency event as Redis does, for LATENCY GRAPH. */

import type { LatencyEvent } from "./latency_monitor.ts";

const COLUMNS = 80;
const ROWS = 4;
/** Heights within a row, from the lowest on, and what fills the rows below. */
const HEIGHTS = "_o#";
const FILL = "|";
/** Empty lines between the drawing and the labels. */
const MARGIN_ROWS = 1;

const SECONDS_PER_MINUTE = 60;
const SECONDS_PER_HOUR = 3600;
const SECONDS_PER_DAY = 86400;

/** A bar of the graph: its value, and how long ago it was, written downwards. */
interface Bar {
  readonly value: number;
  readonly label: string;
}

/** The graph with its head; `nowMs` is what "ago" counts from. */
export function latencyGraph(
  name: string,
  event: LatencyEvent,
  nowMs: number,
): string {
  const bars = event.samples.map(({ atSeconds, milliseconds }): Bar => ({
    value: milliseconds,
    label: age(Math.floor(nowMs / 1000) - atSeconds),
  }));
  const values = bars.map(({ value }) => value);
  const low = Math.min(...values), high = Math.max(...values);
  const parts: string[] = [];
  for (let from = 0; from < bars.length; from += COLUMNS) {
    parts.push(draw(bars.slice(from, from + COLUMNS), low, high));
  }
  return `${name} - high ${high} ms, low ${low} ms (all time high ${event.maxMs} ms)\n` +
    `${"-".repeat(COLUMNS)}\n` + parts.join("\n");
}

function age(seconds: number): string {
  if (seconds < SECONDS_PER_MINUTE) return `${seconds}s`;
  if (seconds < SECONDS_PER_HOUR) {
    return `${Math.floor(seconds / SECONDS_PER_MINUTE)}m`;
  }
  if (seconds < SECONDS_PER_DAY) {
    return `${Math.floor(seconds / SECONDS_PER_HOUR)}h`;
  }
  return `${Math.floor(seconds / SECONDS_PER_DAY)}d`;
}

function draw(bars: readonly Bar[], low: number, high: number): string {
  const steps = HEIGHTS.length * ROWS;
  const range = high === low ? 1 : high - low;
  const heights = bars.map(({ value }) =>
    Math.min(steps - 1, Math.floor((value - low) * steps / range))
  );
  let text = "";
  for (let row = ROWS - 1; row >= 0; row--) {
    for (const height of heights) {
      const within = height - row * HEIGHTS.length;
      if (within < 0) text += " ";
      else text += HEIGHTS[within] ?? FILL;
    }
    text += "\n";
  }
  text += `${" ".repeat(bars.length)}\n`.repeat(MARGIN_ROWS);
  const labelRows = Math.max(...bars.map(({ label }) => label.length));
  for (let row = 0; row < labelRows; row++) {
    for (const { label } of bars) text += label[row] ?? " ";
    text += "\n";
  }
  return text;
}

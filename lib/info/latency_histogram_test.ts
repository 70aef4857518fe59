import { assertEquals } from "@std/assert";
import { LatencyHistogram } from "./latency_histogram.ts";

function histogramOf(...times: [nanoseconds: number, count: number][]) {
  const histogram = new LatencyHistogram();
  for (const [nanoseconds, count] of times) {
    histogram.record(nanoseconds, count);
  }
  return histogram;
}

// Expected values are those of HdrHistogram(1, 1e9, 2), which Redis uses.

Deno.test("LatencyHistogram tells the highest time of the percentile's bucket", () => {
  const histogram = histogramOf([1000, 90], [2000, 9], [1e6, 1]);
  assertEquals(histogram.percentile(50), 1003);
  assertEquals(histogram.percentile(99), 2007);
  assertEquals(histogram.percentile(100), 1003519);
});

Deno.test("LatencyHistogram tells times below 256 ns exactly", () => {
  const histogram = histogramOf([1, 1], [200, 1], [255, 1]);
  assertEquals(histogram.percentile(1), 1);
  assertEquals(histogram.percentile(50), 200);
  assertEquals(histogram.percentile(100), 255);
});

Deno.test("LatencyHistogram keeps times between a nanosecond and a second", () => {
  const histogram = histogramOf([0, 1], [0.4, 1], [5e9, 1]);
  assertEquals(histogram.percentile(1), 1);
  assertEquals(histogram.percentile(100), 1002438655);
  assertEquals(histogram.total, 3);
});

Deno.test("LatencyHistogram sums up for bounds that double, leaving out those that add nothing", () => {
  const histogram = histogramOf([500, 2], [1500, 1], [30_000, 4], [40_000, 1]);
  assertEquals(histogram.cumulative(), [
    { microseconds: 1, count: 2 },
    { microseconds: 2, count: 3 },
    { microseconds: 33, count: 7 },
    { microseconds: 66, count: 8 },
  ]);
  assertEquals(new LatencyHistogram().cumulative(), []);
  assertEquals(new LatencyHistogram().percentile(50), 0);
});

import { assertEquals } from "@std/assert";
import { InstantaneousMetric } from "./instantaneous_metric.ts";

Deno.test("InstantaneousMetric is the mean of sixteen rates", () => {
  const perSecond = new InstantaneousMetric(1000);
  perSecond.sample(1000, 0);
  assertEquals(perSecond.rate, 0);
  for (let i = 1; i <= 16; i++) perSecond.sample(1000 + 50 * i, 100 * i);
  assertEquals(perSecond.rate, 500);
  for (let i = 17; i <= 24; i++) perSecond.sample(1800, 100 * i);
  assertEquals(perSecond.rate, 250);
});

Deno.test("InstantaneousMetric survives a base that does not grow, and starts anew after a reset", () => {
  const ratio = new InstantaneousMetric(1);
  ratio.sample(0, 5);
  ratio.sample(160, 5);
  assertEquals(ratio.rate, 0);
  ratio.sample(320, 6);
  assertEquals(ratio.rate, 10);
  ratio.reset();
  assertEquals(ratio.rate, 0);
  ratio.sample(0, 0);
  assertEquals(ratio.rate, 0);
});

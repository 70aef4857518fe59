import { assertEquals, assertThrows } from "@std/assert";
import { isMet, median, ratioOf, type Row } from "./measurement.ts";
import { parseCsv } from "./redis_benchmark.ts";
import { replaceSections, toSections } from "./report.ts";

const HEAD =
  '"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"\n';

Deno.test("the last row of redis-benchmark's CSV counts", () => {
  const text = `WARNING: something\n${HEAD}` +
    '"LPUSH (needed)","5.00","1","1","1","1","2.500","9.000"\n' +
    '"LRANGE_100, first","7.50","1","1","1","1","0.743","1.655"\n';
  assertEquals(parseCsv(text), { perSecond: 7.5, p99Ms: 0.743, maxMs: 1.655 });
  assertThrows(() => parseCsv(HEAD), Error, "printed no result");
});

Deno.test("the median is the middle, or between the two in the middle", () => {
  assertEquals(median([9, 1, 5]), 5);
  assertEquals(median([9, 1, 5, 6]), 5.5);
});

Deno.test("a target is met up to its bound", () => {
  const row: Row = { suite: "s", name: "n", unit: "ms", ours: 2, reference: 4 };
  assertEquals(ratioOf(row), 0.5);
  assertEquals(isMet(row), undefined);
  assertEquals(isMet({ ...row, target: { ratioAtLeast: 0.5 } }), true);
  assertEquals(isMet({ ...row, target: { ratioAtLeast: 0.6 } }), false);
  assertEquals(isMet({ ...row, target: { ratioAtMost: 0.5 } }), true);
  assertEquals(isMet({ ...row, target: { ratioAtMost: 0.4 } }), false);
  assertEquals(isMet({ ...row, target: { oursAtMost: 2 } }), true);
  assertEquals(isMet({ ...row, target: { oursAtMost: 1 } }), false);
});

Deno.test("a section takes the place of its earlier one, others stay", () => {
  const first = replaceSections("# Title\n", new Map([["a", "1"], ["b", "2"]]));
  const second = replaceSections(first, new Map([["a", "3"], ["c", "4"]]));
  assertEquals(
    second,
    "# Title\n\n<!-- bench a -->\n\n3\n\n<!-- end a -->\n\n" +
      "<!-- bench b -->\n\n2\n\n<!-- end b -->\n\n" +
      "<!-- bench c -->\n\n4\n\n<!-- end c -->\n",
  );
});

Deno.test("a table shows figures, ratio, target and CPU time", () => {
  const setting = {
    ...{ date: "2026-01-02", machine: "a machine", pinning: "not pinned" },
    ...{ ours: "ours", reference: "theirs", rounds: 3 },
  };
  const section = toSections(setting, [{
    ...{ suite: "s", name: "SET P=1", unit: "/s", ours: 1500, reference: 1000 },
    cpuMicros: { ours: 1, reference: 2 },
    target: { ratioAtLeast: 1.4 },
  }]).get("s")!;
  assertEquals(
    section.split("\n")[4].split("|").map((cell) => cell.trim()),
    ["", "SET P=1", "1,500/s", "1,000/s", "1.50x", "≥ 1.4x", "met"]
      .concat(["1.00", "2.00", ""]),
  );
});

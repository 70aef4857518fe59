import { assert, assertEquals } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";
import { datasetBytes, datasetPercent } from "./memory_accounting.ts";
import { memoryReport } from "./memory_report.ts";

const MEGABYTE = 1024 * 1024;

Deno.test("MemoryAccounting tells what records and tables take", () => {
  const runner = new CommandRunner();
  const { memory } = runner.server.parts;
  assertEquals(memory.measure().recordsBytes, 0);
  assertEquals(memory.overhead().tables, []);
  for (let i = 0; i < 1000; i++) runner.run(`set key:${i} ${"v".repeat(100)}`);
  const { recordsBytes, usedBytes, activeBytes, committedBytes } = memory
    .measure();
  assert(recordsBytes >= 1000 * (6 + 100) && recordsBytes < 1000 * 200);
  assert(usedBytes <= activeBytes && activeBytes <= committedBytes);
  assert(memory.peakBytes >= usedBytes);
  assertEquals(memory.keyCount, 1000);
  const [table] = memory.overhead().tables;
  assertEquals(table.index, 0);
  assert(table.mainBytes >= 8 * 1000);
});

const NOW = {
  residentBytes: 40 * MEGABYTE,
  committedBytes: 35 * MEGABYTE,
  activeBytes: 32 * MEGABYTE,
  usedBytes: 30 * MEGABYTE,
  recordsBytes: 10 * MEGABYTE,
};
const OVERHEAD = {
  startupBytes: 8 * MEGABYTE,
  clientsBytes: MEGABYTE,
  tables: [],
  totalBytes: 9 * MEGABYTE,
};

Deno.test("the dataset is what is no overhead, at least the records", () => {
  assertEquals(datasetBytes(NOW, OVERHEAD), 21 * MEGABYTE);
  assertEquals(datasetPercent(NOW, OVERHEAD), 100 * 21 / 22);
  const collected = { ...NOW, usedBytes: 12 * MEGABYTE };
  assertEquals(datasetBytes(collected, OVERHEAD), 10 * MEGABYTE);
  assertEquals(datasetPercent(collected, OVERHEAD), 100);
});

Deno.test("memoryReport finds what is wasteful, and only that", () => {
  const report = (now: Partial<typeof NOW>, peakBytes = 30 * MEGABYTE) =>
    [
      ...memoryReport({ ...NOW, ...now }, peakBytes, OVERHEAD, 10, "v8-1")
        .matchAll(/^ \* ([^:]*):/gm),
    ].map((match) => match[1]);
  assertEquals(report({}), []);
  assertEquals(report({}, 50 * MEGABYTE), ["Peak memory"]);
  assertEquals(report({ residentBytes: 60 * MEGABYTE }), [
    "High total RSS",
    "High process RSS overhead",
  ]);
  assertEquals(
    report({ committedBytes: 45 * MEGABYTE, residentBytes: 45 * MEGABYTE }),
    ["High total RSS", "High allocator RSS overhead"],
  );
  assertEquals(
    report({
      activeBytes: 42 * MEGABYTE,
      committedBytes: 43 * MEGABYTE,
      residentBytes: 41 * MEGABYTE,
    }),
    ["High allocator fragmentation"],
  );
});

Deno.test("memoryReport says nothing of a small server, and praises a sound one", () => {
  const small = { ...NOW, usedBytes: 4 * MEGABYTE };
  assert(memoryReport(small, 1e9, OVERHEAD, 1, "").includes("is empty or"));
  assert(
    memoryReport(NOW, NOW.usedBytes, OVERHEAD, 10, "")
      .includes("can't find any memory issue"),
  );
  assert(
    memoryReport(NOW, NOW.usedBytes, OVERHEAD, 1, "")
      .includes("Big client buffers"),
  );
});

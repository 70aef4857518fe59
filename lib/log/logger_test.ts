import { assertEquals, assertStringIncludes } from "@std/assert";
import { bannerText, showsBanner } from "./banner.ts";
import { FileSink } from "./log_sink.ts";
import { Logger, type LogLevel } from "./logger.ts";

/** A moment given by its local time, so that the time zone does not matter. */
const MOMENT_MS = new Date(2026, 0, 5, 3, 4, 5, 6).getTime();

function recordingLogger(level: LogLevel): { log: Logger; lines: string[] } {
  const lines: string[] = [];
  const sink = {
    write: (line: Uint8Array) =>
      void lines.push(new TextDecoder().decode(line)),
  };
  const log = new Logger({
    sink,
    level,
    nowMs: () => MOMENT_MS,
    processId: 42,
  });
  return { log, lines };
}

function writeAllLevels(log: Logger): void {
  log.debug("d");
  log.verbose("v");
  log.notice("n");
  log.warning("w");
}

Deno.test("Logger writes lines as Redis does", () => {
  const { log, lines } = recordingLogger("debug");
  writeAllLevels(log);
  assertEquals(lines, [
    "42:M 05 Jan 2026 03:04:05.006 . d\n",
    "42:M 05 Jan 2026 03:04:05.006 - v\n",
    "42:M 05 Jan 2026 03:04:05.006 * n\n",
    "42:M 05 Jan 2026 03:04:05.006 # w\n",
  ]);
});

Deno.test("Logger tells a replica by its role", () => {
  const { log, lines } = recordingLogger("notice");
  log.isReplica = true;
  log.notice("hello");
  assertEquals(lines, ["42:S 05 Jan 2026 03:04:05.006 * hello\n"]);
});

Deno.test("Logger leaves out what is below its level", () => {
  const { log, lines } = recordingLogger("warning");
  writeAllLevels(log);
  assertEquals(lines.length, 1);
  log.level = "verbose";
  writeAllLevels(log);
  assertEquals(lines.length, 4);
  log.level = "nothing";
  writeAllLevels(log);
  log.banner("art");
  assertEquals(lines.length, 4);
});

Deno.test("FileSink appends, and follows a rotation within a second", () => {
  const directory = Deno.makeTempDirSync();
  try {
    const path = `${directory}/server.log`;
    Deno.writeTextFileSync(path, "old\n");
    let nowMs = 0;
    const sink = new FileSink(path, () => nowMs);
    const write = (text: string) => sink.write(new TextEncoder().encode(text));
    write("one\n");
    Deno.renameSync(path, `${path}.1`);
    write("two\n");
    nowMs = 1000;
    write("three\n");
    sink.close();
    assertEquals(Deno.readTextFileSync(`${path}.1`), "old\none\ntwo\n");
    assertEquals(Deno.readTextFileSync(path), "three\n");
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("FileSink drops lines while its file cannot be opened", () => {
  const directory = Deno.makeTempDirSync();
  try {
    const path = `${directory}/later/server.log`;
    const sink = new FileSink(path, () => 0);
    sink.write(new TextEncoder().encode("lost\n"));
    Deno.mkdirSync(`${directory}/later`);
    sink.write(new TextEncoder().encode("kept\n"));
    sink.close();
    assertEquals(Deno.readTextFileSync(path), "kept\n");
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

Deno.test("bannerText tells port, process ID and mode", () => {
  const text = bannerText({ port: 6380, processId: 42, mode: "standalone" });
  assertStringIncludes(text, " Port: 6380\n");
  assertStringIncludes(text, " PID: 42\n");
  assertStringIncludes(text, "Running in standalone mode");
});

Deno.test("showsBanner leaves the banner out of a log file unless told", () => {
  assertEquals(showsBanner({ logfile: "a.log", alwaysShowLogo: false }), false);
  assertEquals(showsBanner({ logfile: "a.log", alwaysShowLogo: true }), true);
});

import { assertEquals } from "@std/assert";
import { parseCommandLine } from "./command_line.ts";

/** The lines that the options become. */
function optionsOf(...words: string[]): string[] {
  const line = parseCommandLine(words);
  return line.action === "start" ? line.options.split("\n") : [];
}

Deno.test("parseCommandLine sees help and version only in the first place", () => {
  for (const word of ["--help", "-h"]) {
    assertEquals(parseCommandLine([word, "x"]), { action: "help" });
  }
  for (const word of ["--version", "-v"]) {
    assertEquals(parseCommandLine([word]), { action: "version" });
  }
  assertEquals(parseCommandLine(["a.conf", "--help"]).action, "start");
});

Deno.test("parseCommandLine takes a first word without a dash for the file", () => {
  assertEquals(parseCommandLine([]), {
    action: "start",
    file: undefined,
    readsStdin: false,
    options: "",
  });
  assertEquals(parseCommandLine(["a.conf", "--port", "7000", "-"]), {
    action: "start",
    file: "a.conf",
    readsStdin: true,
    options: 'port "7000" ',
  });
  assertEquals(parseCommandLine(["-", "--port", "7000"]), {
    action: "start",
    file: undefined,
    readsStdin: true,
    options: 'port "7000" ',
  });
  assertEquals(optionsOf("--logfile", "-", "--port", "1"), [
    'logfile "-" ',
    'port "1" ',
  ]);
});

Deno.test("parseCommandLine makes a line of an option and its values", () => {
  assertEquals(optionsOf("--port", "7000", "--bind", "::1", "127.0.0.1"), [
    'port "7000" ',
    'bind "::1" "127.0.0.1" ',
  ]);
  assertEquals(optionsOf("--requirepass", 'a "b"\n', "--dir", "/ä"), [
    'requirepass "a \\"b\\"\\n" ',
    'dir "/\\xc3\\xa4" ',
  ]);
});

Deno.test("parseCommandLine takes a value that begins with two dashes, but only one", () => {
  assertEquals(optionsOf("--logfile", "--my-log", "--port", "7000"), [
    'logfile "--my-log" ',
    'port "7000" ',
  ]);
  assertEquals(optionsOf("--port", "--loglevel", "verbose"), [
    'port "--loglevel" "verbose" ',
  ]);
  assertEquals(optionsOf("--replicaof", "--a", "--b"), [
    'replicaof "--a" ',
    "b ",
  ]);
});

Deno.test("parseCommandLine takes an option and its values in one word", () => {
  assertEquals(optionsOf("--maxmemory 700mb", "--replicaof host 1"), [
    "maxmemory 700mb ",
    "replicaof host 1 ",
  ]);
});

Deno.test("parseCommandLine takes save without a value for no save points", () => {
  assertEquals(optionsOf("--save", "--port", "1"), ['save ""', 'port "1" ']);
  assertEquals(optionsOf("--port", "1", "--save"), ['port "1" ', 'save ""']);
  assertEquals(optionsOf("--save", "", "--port", "1"), [
    'save "" ',
    'port "1" ',
  ]);
  assertEquals(optionsOf("--save", "60", "1"), ['save "60" "1" ']);
});

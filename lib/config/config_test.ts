import { assertEquals, assertThrows } from "@std/assert";
import { Config, ConfigSetError } from "./config.ts";
import { ConfigValueError } from "./directive.ts";
import {
  NOTIFY_EXPIRED,
  NOTIFY_KEYEVENT,
  NOTIFY_KEYSPACE,
} from "../keyspace/key_event.ts";

const FULL_ACCESS = { mayChangeProtected: true, isLoading: false };

type Pairs = readonly (readonly [string, string])[];

function set(config: Config, ...pairs: Pairs): void {
  config.set(pairs, FULL_ACCESS);
}

/** What a refused CONFIG SET answers. */
function refusal(
  config: Config,
  pairs: Pairs,
  access = FULL_ACCESS,
): string {
  return assertThrows(() => config.set(pairs, access), ConfigSetError).message;
}

const bytes = (text: string) => new TextEncoder().encode(text);

function match(config: Config, ...patterns: string[]): [string, string][] {
  return config.match(patterns.map(bytes));
}

Deno.test("Config gives values in the types that the table says", () => {
  const config = new Config();
  set(
    config,
    ["maxmemory", "100mb"],
    ["maxmemory-clients", "5%"],
    ["save", "900 1 300 10"],
    ["notify-keyspace-events", "KEx"],
    ["bind", "127.0.0.1 -::1"],
    ["masterauth", "\x00\xff"],
    ["shutdown-on-sigterm", "NOW nosave"],
    ["client-output-buffer-limit", "slave 1kb 2 3"],
  );
  assertEquals(config.get("maxmemory"), 100 * 1024 * 1024);
  assertEquals(config.get("maxmemory-clients"), { amount: 5, unit: "percent" });
  assertEquals(config.get("save"), [
    { seconds: 900, changes: 1 },
    { seconds: 300, changes: 10 },
  ]);
  assertEquals(
    config.get("notify-keyspace-events"),
    NOTIFY_KEYSPACE | NOTIFY_KEYEVENT | NOTIFY_EXPIRED,
  );
  assertEquals(config.get("bind"), [
    { host: "127.0.0.1", isOptional: false },
    { host: "::1", isOptional: true },
  ]);
  assertEquals(config.get("masterauth"), Uint8Array.of(0, 255));
  assertEquals([...config.get("shutdown-on-sigterm")], ["now", "nosave"]);
  assertEquals(config.get("client-output-buffer-limit"), {
    normal: { hardBytes: 0, softBytes: 0, softSeconds: 0 },
    replica: { hardBytes: 1024, softBytes: 2, softSeconds: 3 },
    pubsub: {
      hardBytes: 32 * 1024 * 1024,
      softBytes: 8 * 1024 * 1024,
      softSeconds: 60,
    },
  });
});

Deno.test("Config prints values as Redis does", () => {
  const config = new Config();
  const rows: [name: string, given: string, printed: string][] = [
    ["maxmemory", "1gb", "1073741824"],
    ["maxmemory", "", "0"],
    ["maxmemory", "18446744073709551615", "18446744073709551615"],
    ["maxmemory-clients", "5%", "5%"],
    ["cluster-node-timeout", "9223372036854775807", "9223372036854775807"],
    ["appendonly", "YES", "yes"],
    ["appendfsync", "Always", "always"],
    ["oom-score-adj", "relative", "yes"],
    ["shutdown-on-sigint", "force nosave force", "nosave force"],
    ["shutdown-on-sigint", "default now", "now"],
    ["hz", "0", "1"],
    ["hz", "501", "500"],
    ["repl-backlog-size", "1", "16384"],
    ["save", "", ""],
    ["save", "1 99999999999", "1 1215752191"],
    ["bind", "", ""],
    ["notify-keyspace-events", "g$lshzxetdKEm", "AKEm"],
    ["notify-keyspace-events", "nmE", "nEm"],
    [
      "latency-tracking-info-percentiles",
      "50.1234567 1e1 0x10",
      "50.123457 10 16",
    ],
    ["latency-tracking-info-percentiles", "", ""],
    ["oom-score-adj-values", "-2000 0 +5", "-2000 0 5"],
    ["requirepass", "\xff\x00", "\xff\x00"],
  ];
  for (const [name, given, printed] of rows) {
    set(config, [name, given]);
    assertEquals(match(config, name), [[name, printed]], given);
  }
});

/** Values that are refused, with the reason. */
const REFUSED_VALUES: readonly [name: string, given: string, reason: string][] =
  [
    ["appendonly", "maybe", "argument must be 'yes' or 'no'"],
    ["timeout", "05", "argument couldn't be parsed into an integer"],
    ["timeout", "-1", "argument must be between 0 and 2147483647 inclusive"],
    ["maxmemory", "1tb", "argument must be a memory value"],
    ["maxmemory-clients", "5%%", "argument must be a memory or percent value"],
    [
      "maxmemory-clients",
      "101%",
      "percentage argument must be less or equal to 100",
    ],
    [
      "loglevel",
      "loud",
      "argument(s) must be one of the following: debug, verbose, notice, warning, nothing",
    ],
    [
      "shutdown-on-sigterm",
      "save nosave",
      "shutdown options SAVE and NOSAVE can't be used simultaneously",
    ],
    [
      "shutdown-on-sigterm",
      "",
      "argument(s) must be one of the following: default, save, nosave, now, force",
    ],
    ["dbfilename", "a/b", "dbfilename can't be a path, just a filename"],
    ["dir", "/nowhere/at/all", "No such file or directory"],
    ["dir", "/dev/null", "Not a directory"],
    ["save", "1", "Invalid save parameters"],
    ["save", "0 1", "Invalid save parameters"],
    ["save", "3600  1", "Invalid save parameters"],
    [
      "notify-keyspace-events",
      "q",
      "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.",
    ],
    ["bind", "1 ".repeat(16) + "1", "Too many bind addresses specified."],
    [
      "client-output-buffer-limit",
      "normal 0 0",
      "Wrong number of arguments in buffer limit configuration.",
    ],
    [
      "client-output-buffer-limit",
      "master 0 0 0",
      "Invalid client class specified in buffer limit configuration.",
    ],
    [
      "client-output-buffer-limit",
      "normal 0 0 -1",
      "Error in hard, soft or soft_seconds setting in buffer limit configuration.",
    ],
    ["oom-score-adj-values", "1 2", "wrong number of arguments"],
    [
      "oom-score-adj-values",
      "1 2 2001",
      "Invalid oom-score-adj-values, elements must be between -2000 and 2000.",
    ],
    [
      "latency-tracking-info-percentiles",
      "nan",
      "Invalid latency-tracking-info-percentiles parameters",
    ],
    [
      "latency-tracking-info-percentiles",
      "100.1",
      "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]",
    ],
    [
      "proc-title-template",
      "{nope}",
      "template format is invalid or contains unknown variables",
    ],
    [
      "cluster-announce-hostname",
      "a_b",
      "Hostnames may only contain alphanumeric characters, hyphens or dots",
    ],
    [
      "cluster-announce-human-nodename",
      "a!b",
      "Announced human node name contained invalid character",
    ],
  ];

Deno.test("Config refuses values in Redis's words", () => {
  for (const [name, given, reason] of REFUSED_VALUES) {
    const config = new Config();
    const before = config.match([bytes("*")]);
    assertEquals(
      refusal(config, [[name, given]]),
      `CONFIG SET failed (possibly related to argument '${name}') - ${reason}`,
    );
    assertEquals(config.match([bytes("*")]), before);
  }
});

Deno.test("Config refuses what may not be set at run time", () => {
  const config = new Config();
  const failed = (name: string, reason: string) =>
    `CONFIG SET failed (possibly related to argument '${name}') - ${reason}`;
  assertEquals(
    refusal(config, [["timeout", "1"], ["Nope", "1"]]),
    "Unknown option or number of arguments for CONFIG SET - 'Nope'",
  );
  assertEquals(
    refusal(config, [["DAEMONIZE", "yes"]]),
    failed("DAEMONIZE", "can't set immutable config"),
  );
  assertEquals(
    refusal(config, [["timeout", "1"], ["Timeout", "2"]]),
    failed("Timeout", "duplicate parameter"),
  );
  assertEquals(
    refusal(config, [["dir", "/"]], {
      mayChangeProtected: false,
      isLoading: false,
    }),
    failed("dir", "can't set protected config"),
  );
  assertEquals(config.get("timeout"), 0);
});

Deno.test("Config sets an alias and its directive in one call, the last one counts", () => {
  const config = new Config();
  set(config, ["slave-priority", "1"], ["replica-priority", "2"]);
  assertEquals(match(config, "*-priority"), [
    ["replica-priority", "2"],
    ["slave-priority", "2"],
  ]);
});

Deno.test("Config tells listeners once, after all values are in place", () => {
  const config = new Config();
  const seen: string[] = [];
  config.onChange("timeout", (value) => seen.push(`timeout ${value}`));
  config.onChangeOfAny(["port", "bind"], () => {
    seen.push(`listen ${config.get("port")} ${config.text("bind")}`);
  });
  set(config, ["port", "7000"], ["timeout", "5"], ["bind", "127.0.0.1"]);
  assertEquals(seen, ["listen 7000 127.0.0.1", "timeout 5"]);
  set(config, ["port", "7000"], ["timeout", "5"], ["hz", "20"]);
  assertEquals(seen.length, 2);
  set(config, ["tls-cert-file", ""], ["timeout", "6"]);
  assertEquals(seen.length, 3);
});

Deno.test("Config tells listeners of a file that was named again", () => {
  const config = new Config();
  let count = 0;
  config.onChange("tls-cert-file", () => count++);
  set(config, ["tls-cert-file", ""]);
  assertEquals(count, 1);
});

Deno.test("Config undoes everything when a listener refuses", () => {
  const config = new Config();
  const timeouts: number[] = [];
  config.onChange("timeout", (value) => timeouts.push(value));
  config.onChange("port", () => {
    throw new ConfigValueError(
      "Unable to listen on this port. Check server logs.",
    );
  });
  const pairs: Pairs = [["timeout", "9"], ["hz", "99"], ["port", "1"]];
  assertEquals(
    refusal(config, pairs),
    "CONFIG SET failed (possibly related to argument 'port') - " +
      "Unable to listen on this port. Check server logs.",
  );
  assertEquals(timeouts, [9, 0]);
  assertEquals(config.get("timeout"), 0);
  assertEquals(config.get("hz"), 10);
  assertEquals(config.get("port"), 6380);
});

Deno.test("Config passes on what a listener throws by mistake, and changes nothing", () => {
  const config = new Config();
  config.onChange("timeout", () => {
    throw new TypeError("a mistake");
  });
  assertThrows(() => set(config, ["timeout", "9"]), TypeError, "a mistake");
  assertEquals(config.get("timeout"), 0);
});

Deno.test("Config matches names and patterns, each directive once", () => {
  const config = new Config();
  assertEquals(match(config, "MaxMemory", "maxmemory"), [["MaxMemory", "0"]]);
  assertEquals(match(config, "nope"), []);
  const both = match(config, "maxmemory", "MAXMEMORY*", "*of");
  assertEquals(both.map(([name]) => name), [
    "maxmemory",
    "maxmemory-clients",
    "maxmemory-policy",
    "maxmemory-samples",
    "maxmemory-eviction-tenacity",
    "replicaof",
    "slaveof",
  ]);
});

Deno.test("Config shows a hidden directive only by its full name", () => {
  const config = new Config();
  assertEquals(match(config, "key-load-delay"), [["key-load-delay", "0"]]);
  assertEquals(match(config, "key-load-dela?"), []);
});

Deno.test("Config keeps dir absolute, and a relative one counts from it", () => {
  const directory = Deno.realPathSync(Deno.makeTempDirSync());
  try {
    Deno.mkdirSync(`${directory}/a/b`, { recursive: true });
    const config = new Config(directory);
    assertEquals(config.get("dir"), directory);
    set(config, ["dir", "a"]);
    set(config, ["dir", "./b"]);
    assertEquals(config.get("dir"), `${directory}/a/b`);
    assertEquals(config.resolvePath("../x.rdb"), `${directory}/a/x.rdb`);
    assertEquals(config.resolvePath("/x.rdb"), "/x.rdb");
  } finally {
    Deno.removeSync(directory, { recursive: true });
  }
});

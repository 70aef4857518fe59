import { assertEquals, assertThrows } from "@std/assert";
import { parseCommandLine } from "./command_line.ts";
import { Config } from "./config.ts";
import { ConfigurationError } from "./configuration_error.ts";
import { ConfigurationReader } from "./configuration_reader.ts";
import { TSREDIS_VERSION } from "../version.ts";

/** A directory of configuration files that goes away with the test. */
class Directory implements Disposable {
  readonly path = Deno.realPathSync(Deno.makeTempDirSync());

  write(name: string, ...lines: string[]): string {
    Deno.writeTextFileSync(`${this.path}/${name}`, lines.join("\n"));
    return `${this.path}/${name}`;
  }

  [Symbol.dispose](): void {
    Deno.removeSync(this.path, { recursive: true });
  }
}

function read(words: string[], stdin?: string, directory?: string) {
  const line = parseCommandLine(words);
  if (line.action !== "start") throw new Error(line.action);
  const config = new Config(directory);
  new ConfigurationReader(config).read({
    ...line,
    stdin: stdin === undefined ? undefined : new TextEncoder().encode(stdin),
  });
  return config;
}

function failure(words: string[], stdin?: string, directory?: string): string {
  return assertThrows(() => read(words, stdin, directory), ConfigurationError)
    .message;
}

Deno.test("ConfigurationReader reads a file, then standard input, then options", () => {
  using directory = new Directory();
  const file = directory.write(
    "a.conf",
    "# comment",
    "",
    "  TIMEOUT 1  \r",
    "port 1000",
    'logfile ""',
    "hz 50",
  );
  const config = read([file, "--port", "3000"], "port 2000\ntimeout 2");
  assertEquals(config.get("port"), 3000);
  assertEquals(config.get("timeout"), 2);
  assertEquals(config.get("hz"), 50);
});

Deno.test("ConfigurationReader adds up lines of save points", () => {
  const save = (...words: string[]) => read(words).text("save");
  assertEquals(save(), "3600 1 300 100 60 10000");
  assertEquals(save("--save", "900", "1", "--save", "300 10"), "900 1 300 10");
  assertEquals(save("--save", "900", "1", "--save", ""), "");
  assertEquals(save("--save", "--save", "1", "2"), "1 2");
});

Deno.test("ConfigurationReader adds up lines of output buffer limits", () => {
  const config = read(
    ["-"],
    "client-output-buffer-limit normal 1 2 3\n" +
      "client-output-buffer-limit pubsub 4 5 6",
  );
  assertEquals(
    config.text("client-output-buffer-limit"),
    "normal 1 2 3 slave 268435456 67108864 60 pubsub 4 5 6",
  );
});

Deno.test("ConfigurationReader takes several words apart or in one", () => {
  const primary = (...words: string[]) => read(words).get("replicaof");
  const expected = { host: "10.0.0.1", port: 7000 };
  assertEquals(primary("--replicaof", "10.0.0.1", "7000"), expected);
  assertEquals(primary("--slaveof", "10.0.0.1 7000"), expected);
  assertEquals(primary("--replicaof 10.0.0.1 7000"), expected);
  assertEquals(primary("--replicaof", "no", "one"), undefined);
});

Deno.test("ConfigurationReader reads included files where they stand", () => {
  using directory = new Directory();
  directory.write("one.inc", "timeout 1", "port 1000");
  directory.write("two.inc", "port 2000");
  directory.write("b.conf", "hz 20");
  const config = read(
    ["-"],
    "timeout 5\ninclude one.inc\ninclude *.inc\ninclude none*.x\nport 3000",
    directory.path,
  );
  assertEquals(config.get("timeout"), 1);
  assertEquals(config.get("port"), 3000);
  assertEquals(
    failure(["-"], "include none.inc", directory.path),
    `tsredis: Fatal error, can't open config file '${directory.path}/none.inc': No such file or directory`,
  );
});

Deno.test("ConfigurationReader stops at files that include each other", () => {
  using directory = new Directory();
  const file = directory.write("a.conf", "include a.conf");
  assertEquals(
    failure([file], undefined, directory.path).endsWith(
      "include goes deeper than 16 files",
    ),
    true,
  );
});

Deno.test("ConfigurationReader keeps statements with their lines", () => {
  const { statements } = read(
    ["-"],
    "port 1\nrename-command FLUSHALL ''\nuser alice on >x",
  );
  assertEquals(statements, [
    {
      keyword: "rename-command",
      args: ["FLUSHALL", ""],
      line: {
        isOption: false,
        number: 2,
        text: "rename-command FLUSHALL ''",
      },
    },
    {
      keyword: "user",
      args: ["alice", "on", ">x"],
      line: { isOption: false, number: 3, text: "user alice on >x" },
    },
  ]);
});

Deno.test("ConfigurationReader skips the words of old versions", () => {
  read(["-"], "list-max-ziplist-value 64\nlua-replicate-commands yes");
});

Deno.test("A mistake in a file is told in Redis's lines", () => {
  assertEquals(
    failure(["-"], "port 1\n\n  maxclints 10"),
    [
      "",
      `*** FATAL CONFIG FILE ERROR (tsredis ${TSREDIS_VERSION}) ***`,
      "Reading the configuration file, at line 3",
      ">>> 'maxclints 10'",
      "Bad directive or wrong number of arguments; did you mean 'maxclients'?",
    ].join("\n"),
  );
});

Deno.test("A mistake in an option is told in one line", () => {
  const rows: [words: string[], message: string][] = [
    [["--invalid"], "'invalid': Bad directive or wrong number of arguments"],
    [["--port"], "'port': wrong number of arguments"],
    [["--port", "1", "2"], `'port "1" "2"': wrong number of arguments`],
    [
      ["--port", "--bla", "--loglevel", "verbose"],
      `'port "--bla"': argument couldn't be parsed into an integer`,
    ],
    [
      ["--loglevel", "verbos"],
      `'loglevel "verbos"': argument(s) must be one of the following: debug, verbose, notice, warning, nothing; did you mean 'verbose'?`,
    ],
    [
      ["--replicaof", "127.0.0.1", "abc"],
      `'replicaof "127.0.0.1" "abc"': Invalid master port`,
    ],
    [
      ["--prot", "1"],
      `'prot "1"': Bad directive or wrong number of arguments; did you mean 'port'?`,
    ],
    [
      ["--rename-command", "x"],
      `'rename-command "x"': Bad directive or wrong number of arguments`,
    ],
    [
      ["--loadmodule", "/x.so"],
      `'loadmodule "/x.so"': tsredis cannot load modules: they are native code for redis-server`,
    ],
    [
      ["--search.timeout", "1"],
      `'search.timeout "1"': Module Configuration detected without loadmodule directive or no ApplyConfig call: aborting`,
    ],
    [
      ["--search.timeout"],
      "'search.timeout': Module config specified without value",
    ],
    [
      ["--sentinel"],
      "'sentinel': tsredis has no sentinel mode: run redis-sentinel beside it",
    ],
    [
      ["--dir", "/nowhere/at/all"],
      `'dir "/nowhere/at/all"': No such file or directory`,
    ],
    [
      ["--port '1"],
      "'port '1': Unbalanced quotes in configuration line",
    ],
    [
      ["--cluster-enabled", "yes", "--replicaof", "h 1"],
      `'replicaof "h 1"': replicaof directive not allowed in cluster mode`,
    ],
    [
      ["--logfile", "/nowhere/at/all"],
      `'logfile "/nowhere/at/all"': Can't open the log file: No such file or directory`,
    ],
  ];
  for (const [words, message] of rows) {
    assertEquals(failure(words), `tsredis: bad option ${message}`);
  }
});

Deno.test("A configuration file that is not there is told in one line", () => {
  assertEquals(
    failure(["/nowhere/redis.conf"]),
    "tsredis: Fatal error, can't open config file '/nowhere/redis.conf': No such file or directory",
  );
});

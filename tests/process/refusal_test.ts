/** Starts that cannot work: exit code 1 and one clear line that names what is wrong. */
import { assertEquals, assertMatch } from "@std/assert";
import {
  freePort,
  runToEnd,
  startTsredis,
  tsredisCommand,
} from "../support/server_process.ts";

/** What to start with, and what the one line has to say. */
const WRONG_OPTIONS: [args: string[], line: RegExp][] = [
  [["--prot", "7000"], /prot.*port/],
  [["--maxmemory-polici", "noeviction"], /maxmemory-polici.*maxmemory-policy/],
  [["--port", "abc"], /port.*abc/],
  [["--port", "70000"], /port.*70000/],
  [["--port"], /port/],
  [["--port", "1", "2"], /port/],
  [["--maxmemory", "lots"], /maxmemory.*lots/],
  [["--appendonly", "maybe"], /appendonly.*maybe.*'yes' or 'no'/],
  [
    ["--dir", "/no/such/directory"],
    /\/no\/such\/directory.*No such file or directory/,
  ],
  [
    ["--logfile", "/no/such/directory/log"],
    /\/no\/such\/directory\/log.*No such file/,
  ],
  [["/no/such/file.conf"], /\/no\/such\/file\.conf.*No such file or directory/],
];

for (const [args, line] of WRONG_OPTIONS) {
  Deno.test(`tsredis ${args.join(" ")} says what is wrong and exits 1`, async () => {
    const { code, stdout, stderr } = await runToEnd([
      ...tsredisCommand(),
      ...args,
    ]);
    assertEquals({ code, stdout }, { code: 1, stdout: "" });
    assertEquals(stderr.trimEnd().split("\n").length, 1, stderr);
    assertMatch(stderr, line);
  });
}

/** Config files that are wrong: the line number, the line, and why. */
const WRONG_FILES: [
  text: string,
  number: number,
  shown: string,
  why: RegExp,
][] = [
  [
    "port 7000\nnope 1\n",
    2,
    "nope 1",
    /Bad directive or wrong number of arguments/,
  ],
  ['# fine\n\nport "7000\n', 3, 'port "7000', /Unbalanced quotes/],
  ["appendonly maybe\n", 1, "appendonly maybe", /'yes' or 'no'/],
  ["port\n", 1, "port", /wrong number of arguments/],
  [
    "include /no/such/file.conf\n",
    1,
    "/no/such/file.conf",
    /No such file or directory/,
  ],
];

for (const [text, number, shown, why] of WRONG_FILES) {
  Deno.test(`a config file with ${JSON.stringify(text)} is refused with line and reason`, async () => {
    const { code, stdout, stderr } = await runToEnd(
      [...tsredisCommand(), "-"],
      { stdin: text },
    );
    assertEquals({ code, stdout }, { code: 1, stdout: "" });
    assertMatch(stderr, why);
    assertEquals(stderr.includes(shown), true, stderr);
    if (!text.startsWith("include")) {
      assertMatch(stderr, new RegExp(`line ${number}\\b`));
    }
  });
}

Deno.test("a port that is taken is named in one log line, and the exit code is 1", async () => {
  await using first = await startTsredis();
  const { code, stdout, stderr } = await runToEnd([
    ...tsredisCommand(),
    "--port",
    `${first.port}`,
  ]);
  assertEquals(code, 1);
  const lines = `${stdout}${stderr}`.split("\n").filter((line) =>
    line.includes(`${first.port} (`)
  );
  assertEquals(lines.length, 1, stdout);
  assertMatch(lines[0], /Failed listening on port.*Address already in use/);
  using client = await first.connect();
  assertEquals((await client.call("PING")).type, "simple");
});

Deno.test("an address that is not ours is named in one log line, and the exit code is 1", async () => {
  const port = `${freePort()}`;
  const { code, stdout } = await runToEnd([
    ...tsredisCommand(),
    "--bind",
    "192.0.2.1",
    "--port",
    port,
  ]);
  assertEquals(code, 1);
  assertMatch(
    stdout,
    /Failed listening on.*192\.0\.2\.1.*Cannot assign requested address/,
  );
});

Deno.test("--version and --help answer on standard output and exit 0", async () => {
  const version = await runToEnd([...tsredisCommand(), "--version"]);
  assertEquals(version.code, 0);
  assertMatch(version.stdout, /^tsredis v=\d+\.\d+\.\d+ .*redis=7\.2\.\d+/);
  for (const option of ["-v", "-h", "--help"]) {
    const { code, stdout, stderr } = await runToEnd([
      ...tsredisCommand(),
      option,
    ]);
    assertEquals({ code, stderr }, { code: 0, stderr: "" });
    assertEquals(stdout, option === "-v" ? version.stdout : stdout);
  }
  assertMatch(
    (await runToEnd([...tsredisCommand(), "--help"])).stdout,
    /Usage: .*tsredis/,
  );
});

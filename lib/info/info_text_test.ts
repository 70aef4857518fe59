import { assert, assertEquals, assertMatch } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";
import { infoText } from "./info_text.ts";

function info(runner: CommandRunner, ...sections: string[]): string {
  return infoText(runner.server.parts, sections);
}

function titles(text: string): string[] {
  return [...text.matchAll(/^# (.*)\r$/gm)].map((match) => match[1]);
}

const DEFAULT_TITLES = [
  "Server",
  "Clients",
  "Memory",
  "Persistence",
  "Stats",
  "Replication",
  "CPU",
  "Modules",
  "Errorstats",
  "Cluster",
  "Keyspace",
];

Deno.test("INFO shows the default sections for no name, default, or a mix", () => {
  const runner = new CommandRunner();
  assertEquals(titles(info(runner)), DEFAULT_TITLES);
  assertEquals(titles(info(runner, "DEFAULT")), DEFAULT_TITLES);
  assertEquals(
    titles(info(runner, "commandstats", "default")),
    DEFAULT_TITLES.toSpliced(8, 0, "Commandstats"),
  );
});

Deno.test("INFO all and everything show every section but debug, in their order", () => {
  const runner = new CommandRunner();
  const all = DEFAULT_TITLES.toSpliced(8, 0, "Commandstats")
    .toSpliced(10, 0, "Latencystats");
  assertEquals(titles(info(runner, "all")), all);
  assertEquals(titles(info(runner, "everything")), all);
  assertEquals(titles(info(runner, "all", "debug")), [...all, "Debug"]);
});

Deno.test("INFO passes over unknown sections and names each once", () => {
  const runner = new CommandRunner();
  assertEquals(info(runner, "nosuch"), "");
  assertEquals(titles(info(runner, "module_list", "modules")), ["Modules"]);
});

Deno.test("every line of INFO is a title, empty or name:value", () => {
  const runner = new CommandRunner();
  runner.run("set k v ex 100");
  runner.run("nosuch");
  for (const line of info(runner, "all", "debug").split("\r\n")) {
    assertMatch(
      line,
      /^(# [A-Za-z]+|[a-z0-9_|]+:[^\r\n]*|errorstat_ERR:.*|)$/i,
    );
  }
});

Deno.test("INFO keyspace, commandstats and errorstats tell what happened", () => {
  const runner = new CommandRunner();
  runner.clock.stepMs = 0.001;
  runner.run("set a 1");
  runner.run("set b 2 ex 100");
  runner.run("get");
  runner.run("incr a b");
  runner.run("set b");
  runner.run("select x");
  assertEquals(
    info(runner, "keyspace"),
    "# Keyspace\r\ndb0:keys=2,expires=1,avg_ttl=0\r\n",
  );
  const stats = info(runner, "commandstats");
  assertMatch(
    stats,
    /cmdstat_set:calls=2,usec=2,usec_per_call=1\.00,rejected_calls=1,failed_calls=0\r\n/,
  );
  assertMatch(
    stats,
    /cmdstat_get:calls=0,usec=0,usec_per_call=0\.00,rejected_calls=1,failed_calls=0\r\n/,
  );
  assertMatch(
    stats,
    /cmdstat_select:calls=1,.*,rejected_calls=0,failed_calls=1\r\n/,
  );
  assertEquals(
    info(runner, "errorstats"),
    "# Errorstats\r\nerrorstat_ERR:count=4\r\n",
  );
});

Deno.test("INFO latencystats follows latency-tracking and its percentiles", () => {
  const runner = new CommandRunner();
  const { config } = runner.server.parts;
  runner.clock.stepMs = 0.001;
  runner.run("ping");
  assertEquals(
    info(runner, "latencystats"),
    "# Latencystats\r\nlatency_percentiles_usec_ping:p50=1.003,p99=1.003,p99.9=1.003\r\n",
  );
  config.set([["latency-tracking-info-percentiles", "50 75.5"]], {
    mayChangeProtected: false,
    isLoading: false,
  });
  assertMatch(info(runner, "latencystats"), /ping:p50=1\.003,p75\.5=1\.003\r/);
  runner.run("config set latency-tracking no");
  runner.run("echo hi");
  assertEquals(info(runner, "latencystats"), "# Latencystats\r\n");
  runner.run("config set latency-tracking yes");
  assert(!info(runner, "latencystats").includes("echo"));
});

Deno.test("INFO stats counts turns and the commands in them", () => {
  const runner = new CommandRunner();
  for (let i = 0; i < 3; i++) runner.run("ping");
  assertMatch(info(runner, "stats"), /eventloop_cycles:3\r/);
  assertMatch(info(runner, "debug"), /eventloop_cmd_per_cycle_max:1\r/);
  runner.run("config resetstat");
  assertMatch(info(runner, "stats"), /total_commands_processed:1\r/);
});

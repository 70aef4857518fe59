/**
 * Measures tsredis beside redis-server (`deno task bench --help`). Results go
 * to standard output, progress to standard error.
 */
import { parseArgs } from "@std/cli";
import { join } from "@std/path";
import type { Contestant } from "./bench/contestant.ts";
import type { Row } from "./bench/measurement.ts";
import { readMachine, replaceSections } from "./bench/report.ts";
import { type Setting, toSections } from "./bench/report.ts";
import { counterKeys, stagesSuite, stringKeys } from "./bench/suites.ts";
import { type SuiteContext, SUITES } from "./bench/suites.ts";
import { scenario } from "./bench/throughput.ts";

const HELP = `deno task bench [options]

Runs redis-benchmark against tsredis and redis-server in interleaved rounds and
prints the ratio of the medians and the CPU time per command of each.

  --suite NAME        one of: ${Object.keys(SUITES).join(", ")}
                      or all; may be repeated; strings-1m unless told
  --rounds N          measured rounds of each scenario (5)
  --requests N        requests of a round, instead of each scenario's own
  --commands A,B      only these commands
  --pipeline N,M      only these depths
  --server COMMAND    what to measure instead of main.ts; {port} in it becomes
                      the port, without it the options are added
  --reference COMMAND what to compare with instead of redis-server
  --json              all figures of every round, as JSON
  --markdown FILE     put the tables into a document as well, in place of the
                      earlier ones of the same suites

A load of your own, instead of a suite:

  --commands set,get  tests of redis-benchmark, or mget
  --pipeline 1,16,64  depths (16)
  --clients N         connections (50)
  --value-size N      bytes of a value (16)
  --keys N            keys preloaded and drawn from (1000000)
`;

interface Options {
  readonly suites: readonly string[];
  readonly context: SuiteContext;
  readonly json: boolean;
  /** The document to put the tables into. */
  readonly markdownFile?: string;
  /** Given when the load is the caller's own. */
  readonly own?: {
    readonly commands: readonly string[];
    readonly pipelines: readonly number[];
    readonly clients: number;
    readonly valueBytes: number;
    readonly keys: number;
  };
}

class UsageError extends Error {}

function readOptions(words: string[]): Options {
  const args = parseArgs(words, {
    boolean: ["json", "help"],
    string: [
      ...["suite", "server", "reference", "commands", "pipeline"] as const,
      ...[
        "clients",
        "value-size",
        "keys",
        "rounds",
        "requests",
        "markdown",
      ] as const,
    ],
    collect: ["suite"],
    unknown: (name) => {
      throw new UsageError(`no such option: ${name}`);
    },
  });
  if (args.help) {
    console.log(HELP);
    Deno.exit(0);
  }
  const commands = args.commands?.toLowerCase().split(",");
  const pipelines = args.pipeline?.split(",").map((text) =>
    readCount("pipeline", text)
  );
  const isOwn = args.suite.length === 0 &&
    [commands, pipelines, args.clients, args["value-size"], args.keys]
      .some((value) => value !== undefined);
  return {
    suites: readSuites(args.suite),
    json: args.json,
    markdownFile: args.markdown,
    context: {
      ours: args.server === undefined
        ? tsredis()
        : named("tsredis", args.server),
      reference: named("redis-server", args.reference ?? "redis-server"),
      rounds: readCount("rounds", args.rounds ?? "5"),
      requests: args.requests === undefined
        ? undefined
        : readCount("requests", args.requests),
      accepts: ({ name, load }) =>
        (commands?.some((c) => name.toLowerCase().startsWith(`${c} `)) ??
          true) && (pipelines?.includes(load.pipeline) ?? true),
    },
    own: isOwn
      ? {
        commands: commands ?? ["set", "get"],
        pipelines: pipelines ?? [16],
        clients: readCount("clients", args.clients ?? "50"),
        valueBytes: readCount("value-size", args["value-size"] ?? "16"),
        keys: readCount("keys", args.keys ?? "1000000"),
      }
      : undefined,
  };
}

function readSuites(names: readonly string[]): string[] {
  if (names.includes("all")) return Object.keys(SUITES);
  const wrong = names.find((name) => !Object.hasOwn(SUITES, name));
  if (wrong !== undefined) throw new UsageError(`no such suite: ${wrong}`);
  return names.length === 0 ? ["strings-1m"] : [...names];
}

function readCount(option: string, text: string): number {
  if (!/^[1-9][0-9]*$/.test(text)) {
    throw new UsageError(`--${option} wants a positive number, not ${text}`);
  }
  return Number(text);
}

function tsredis(): Contestant {
  const main = join(import.meta.dirname!, "..", "main.ts");
  return { name: "tsredis", command: [Deno.execPath(), "run", "-A", main] };
}

function named(name: string, command: string): Contestant {
  return { name, command: command.trim().split(/\s+/) };
}

/** Each suite's rows as soon as it is done. */
async function* runSuites(
  { suites, context, own }: Options,
): AsyncGenerator<Row[]> {
  if (own !== undefined) {
    const { commands, pipelines, ...shape } = own;
    const scenarios = commands.flatMap((command) =>
      pipelines.map((pipeline) => scenario(command, { ...shape, pipeline }))
    );
    const preload = [stringKeys(own.keys, own.valueBytes)];
    if (commands.includes("incr")) preload.push(counterKeys(own.keys));
    yield await stagesSuite([{ preload, scenarios }])("own load", context);
    return;
  }
  for (const name of suites) yield await SUITES[name](name, context);
}

function describeCommand({ command }: Contestant): string {
  return command.map((word) => word.split("/").at(-1)).join(" ");
}

async function main(): Promise<void> {
  const options = readOptions(Deno.args);
  const { ours, reference, rounds } = options.context;
  const setting: Setting = {
    ...await readMachine(),
    ours: describeCommand(ours),
    reference: describeCommand(reference),
    rounds,
  };
  const all: Row[] = [];
  for await (const rows of runSuites(options)) {
    all.push(...rows);
    const sections = toSections(setting, rows);
    if (!options.json) console.log([...sections.values()].join("\n\n") + "\n");
    if (options.markdownFile === undefined) continue;
    const text = await Deno.readTextFile(options.markdownFile);
    const changed = replaceSections(text, sections);
    await Deno.writeTextFile(options.markdownFile, changed);
  }
  if (options.json) {
    console.log(JSON.stringify({ setting, rows: all }, null, 2));
  }
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    console.error(`bench: ${error.message}; see --help`);
    Deno.exit(1);
  }
}

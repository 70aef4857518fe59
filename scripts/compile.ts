/**
 * Makes the executable (`deno task compile`): with `deno compile`, or, where the
 * runtime that this needs cannot be downloaded, as a self-extracting one.
 */
import { parseArgs } from "@std/cli";
import { basename, dirname, join, resolve } from "@std/path";
import { makeSelfExtracting } from "./self_extracting.ts";
import { V8_FLAGS } from "./v8_flags.ts";

const HELP = `deno task compile [options]

  --target TRIPLE    x86_64-unknown-linux-gnu, aarch64-unknown-linux-gnu,
                     x86_64-apple-darwin, aarch64-apple-darwin,
                     x86_64-pc-windows-msvc; this machine's unless told
  --output FILE      dist/tsredis (.exe for Windows) unless told
  --self-extracting  do not try deno compile
`;

const ROOT = join(import.meta.dirname!, "..");
const MAIN = join(ROOT, "main.ts");

/** What `deno compile` says when it cannot get its runtime. */
const BLOCKED = /Setting up base binary|denort/;

class CompileError extends Error {}

interface Options {
  readonly target: string;
  readonly output: string;
  readonly selfExtracting: boolean;
}

function readOptions(words: string[]): Options {
  const args = parseArgs(words, {
    boolean: ["help", "self-extracting"],
    string: ["target", "output"],
    unknown: (name) => {
      throw new CompileError(`no such option: ${name}; see --help`);
    },
  });
  if (args.help) {
    console.log(HELP);
    Deno.exit(0);
  }
  const target = args.target ?? Deno.build.target;
  const suffix = target.includes("windows") ? ".exe" : "";
  return {
    target,
    output: resolve(args.output ?? join(ROOT, "dist", `tsredis${suffix}`)),
    selfExtracting: args["self-extracting"],
  };
}

/** True when it worked, false when the runtime cannot be had here. */
async function runDenoCompile({ target, output }: Options): Promise<boolean> {
  const { success, stderr } = await runDeno([
    "compile",
    "--allow-all",
    // Types are `deno task ok`'s business, as for the bundle below.
    "--no-check",
    `--v8-flags=${V8_FLAGS.join(",")}`,
    ...["--target", target],
    ...["--output", output],
    MAIN,
  ]);
  if (success) return true;
  if (BLOCKED.test(stderr)) return false;
  throw new CompileError(stderr.trim());
}

async function runSelfExtracting(
  output: string,
  workDirectory: string,
): Promise<void> {
  const bundle = join(workDirectory, "bundle.js");
  const { success, stderr } = await runDeno(
    ["bundle", "--quiet", "--platform", "deno", "--output", bundle, MAIN],
  );
  if (!success) throw new CompileError(stderr.trim());
  await makeSelfExtracting({
    runtime: await Deno.readFile(Deno.execPath()),
    program: await Deno.readFile(bundle),
    v8Flags: V8_FLAGS,
    output,
  });
}

async function runDeno(
  args: string[],
): Promise<{ success: boolean; stderr: string }> {
  const { success, stderr } = await new Deno.Command(Deno.execPath(), {
    args,
    cwd: ROOT,
    stdin: "null",
    stdout: "null",
    stderr: "piped",
    env: { NO_COLOR: "1" },
  }).output();
  return { success, stderr: new TextDecoder().decode(stderr) };
}

/** Says why the other kind is made, or that it cannot be. */
function explainFallback({ target, selfExtracting }: Options): void {
  const reason = selfExtracting
    ? ""
    : "the denort runtime cannot be downloaded here; ";
  if (Deno.build.os === "windows" || target !== Deno.build.target) {
    throw new CompileError(
      `${reason}a self-extracting executable is made on Linux and macOS, for ` +
        `that machine alone: here for ${Deno.build.target}, not for ${target}`,
    );
  }
  if (selfExtracting) return;
  console.error(
    `compile: ${reason}making a self-extracting executable from this Deno`,
  );
}

/** Makes the file elsewhere first, so that an earlier one is replaced whole. */
async function compile(options: Options): Promise<void> {
  const directory = dirname(options.output);
  await Deno.mkdir(directory, { recursive: true });
  const workDirectory = await Deno.makeTempDir({ dir: directory });
  try {
    const unfinished = join(workDirectory, basename(options.output));
    const elsewhere = { ...options, output: unfinished };
    if (options.selfExtracting || !await runDenoCompile(elsewhere)) {
      explainFallback(options);
      await runSelfExtracting(unfinished, workDirectory);
    }
    await Deno.rename(unfinished, options.output);
  } finally {
    await Deno.remove(workDirectory, { recursive: true });
  }
}

async function main(): Promise<void> {
  const options = readOptions(Deno.args);
  await compile(options);
  const { size } = await Deno.stat(options.output);
  console.log(`${options.output} (${Math.round(size / 1e6)} MB)`);
}

if (import.meta.main) {
  try {
    await main();
  } catch (error) {
    if (!(error instanceof CompileError)) throw error;
    console.error(`compile: ${error.message}`);
    Deno.exit(1);
  }
}

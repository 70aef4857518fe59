/**
 * Makes the executable (`deno task compile`): with `deno compile`, or, where the
 * runtime that this needs cannot be downloaded, as a self-extracting one.
 */
import { parseArgs } from "@std/cli";
import { dirname, join, resolve } from "@std/path";
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

/** What \`deno compile\` says when it cannot get its runtime. */
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
    `--v8-flags=${V8_FLAGS.join(",")}`,
    ...["--target", target],
    ...["--output", output],
    MAIN,
  ]);
  if (success) return true;
  if (BLOCKED.test(stderr)) return false;
  throw new CompileError(stderr.trim());
}

async function runSelfExtracting({ target, output }: Options): Promise<void> {
  if (Deno.build.os === "windows" || target !== Deno.build.target) {
    throw new CompileError(
      `a self-extracting executable can be made only on and for Linux and ` +
        `macOS, here for ${Deno.build.target}, not for ${target}`,
    );
  }
  const workDirectory = await Deno.makeTempDir({ prefix: "tsredis-compile-" });
  try {
    const bundle = join(workDirectory, "tsredis.js");
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
  } finally {
    await Deno.remove(workDirectory, { recursive: true });
  }
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

async function main(): Promise<void> {
  const options = readOptions(Deno.args);
  await Deno.mkdir(dirname(options.output), { recursive: true });
  if (options.selfExtracting || !await runDenoCompile(options)) {
    if (!options.selfExtracting) {
      console.error(
        "compile: the denort runtime cannot be downloaded here; " +
          "making a self-extracting executable from this Deno instead",
      );
    }
    await runSelfExtracting(options);
  }
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

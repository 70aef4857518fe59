/**
 * House rules about files and their imports (`deno task tidy`). Prints each
 * breach as `file: what is wrong` and exits 1 when there is one. Rules about
 * code inside a file are in lint_rules.ts.
 */
import { basename, dirname, join } from "@std/path";

/** A file longer than this is about more than one thing. */
const FILE_LINES_MAX = 500;

/** Directories and files that hold our own source. */
const ROOTS = ["main.ts", "lib", "scripts", "tests"];

/** Names that say nothing about what a file holds. */
const EMPTY_NAMES = /^(utils?|helpers?|misc|common|types?)(_test)?$/;

/** Stand-ins for other people's packages keep those packages' file names. */
const STAND_INS = "lib/std/";

/** The paths, from the root with `/`, and texts of all source files. */
export type SourceFiles = ReadonlyMap<string, string>;

/** Every breach of every rule, as lines to print. */
export function findBreaches(files: SourceFiles): string[] {
  const breaches: string[] = [];
  for (const [path, text] of files) {
    for (const breach of fileBreaches(path, text)) {
      breaches.push(`${path}: ${breach}`);
    }
  }
  for (const cycle of findCycles(files)) {
    breaches.push(`${cycle[0]}: imports itself: ${cycle.join(" → ")}`);
  }
  return breaches;
}

function fileBreaches(path: string, text: string): string[] {
  const breaches: string[] = [];
  const name = basename(path).replace(/\.ts$/, "");
  const lines = text.split("\n").length - 1;
  if (lines > FILE_LINES_MAX) {
    breaches.push(`${lines} lines; at most ${FILE_LINES_MAX}`);
  }
  if (!/^[a-z][a-z0-9]*(_[a-z0-9]+)*$/.test(name)) {
    breaches.push("file names are snake_case");
  }
  if (EMPTY_NAMES.test(name)) {
    breaches.push("name the file after what it holds");
  }
  if (/^(mod|index)$/.test(name) && !path.startsWith(STAND_INS)) {
    breaches.push("no barrels: import from the file that has it");
  }
  const unfinished = /\b(TODO|FIXME|XXX)\b/.exec(commentsOf(text));
  if (unfinished !== null) breaches.push(`${unfinished[0]} left in a comment`);
  const skipped = /\b(Deno\.test|it|describe|t)\.(only|skip)\(/.exec(text);
  if (skipped !== null) breaches.push(`${skipped[0]}…) hides tests`);
  return breaches;
}

function commentsOf(text: string): string {
  return (text.match(/\/\/[^\n]*|\/\*[^]*?\*\//g) ?? []).join("\n");
}

/** Files that import each other in a ring, each ring once. */
export function findCycles(files: SourceFiles): string[][] {
  const cycles: string[][] = [];
  const finished = new Set<string>();
  const trail: string[] = [];
  function visit(path: string): void {
    const start = trail.indexOf(path);
    if (start !== -1) {
      cycles.push([...trail.slice(start), path]);
      return;
    }
    if (finished.has(path)) return;
    trail.push(path);
    for (const imported of importsOf(path, files.get(path) ?? "")) {
      visit(imported);
    }
    trail.pop();
    finished.add(path);
  }
  for (const path of files.keys()) visit(path);
  return cycles;
}

/**
 * The files of this project that a file needs when it runs. Types that name each
 * other (a command its call, a call its command) are gone by then.
 */
function importsOf(path: string, text: string): string[] {
  const statements = text.matchAll(
    /^(?:import|export)\b(?! type\b)[^;"]*?"(\.[^"]+)"|\bimport\(\s*"(\.[^"]+)"/gm,
  );
  return [...statements].map((match) =>
    join(dirname(path), match[1] ?? match[2]).replaceAll("\\", "/")
  );
}

async function readSources(root: string): Promise<SourceFiles> {
  const files = new Map<string, string>();
  async function read(path: string): Promise<void> {
    const { isDirectory } = await Deno.stat(join(root, path));
    if (!isDirectory) {
      files.set(path, await Deno.readTextFile(join(root, path)));
      return;
    }
    for await (const entry of Deno.readDir(join(root, path))) {
      if (entry.isDirectory || entry.name.endsWith(".ts")) {
        await read(`${path}/${entry.name}`);
      }
    }
  }
  for (const path of ROOTS) await read(path);
  return new Map([...files].sort(([a], [b]) => a < b ? -1 : 1));
}

if (import.meta.main) {
  const files = await readSources(join(import.meta.dirname!, ".."));
  const breaches = findBreaches(files);
  for (const breach of breaches) console.error(breach);
  console.log(`tidy: ${files.size} files, ${breaches.length} breaches`);
  if (breaches.length > 0) Deno.exit(1);
}

/**
 * Stands in for `jsr:@std/cli` where JSR cannot be reached: the same name and
 * signature, and only the options this project's scripts use, over
 * `node:util`. (The server's own command line is Redis's, which no such parser
 * reads.)
 *
 * @module
 */
import { parseArgs as parseNodeArgs } from "node:util";

type Empty = Record<never, never>;

/** Which options there are, and of what kind. */
export interface ParseOptions<
  TBooleans extends string = never,
  TStrings extends string = never,
  TCollectable extends string = never,
  TDefault extends Record<string, unknown> = Empty,
> {
  /** Flags; false unless given. */
  boolean?: readonly TBooleans[];
  /** Options with a value. */
  string?: readonly TStrings[];
  /** Options, of those above, that may be repeated; all their values. */
  collect?: readonly TCollectable[];
  /** What an option is when it is not given. */
  default?: TDefault;
  /** Called for each option not named above; when it gives false, it is left out. */
  unknown?: (arg: string, key?: string, value?: unknown) => unknown;
}

/** The options by name, and in `_` the arguments that belong to none. */
export type Args<
  TBooleans extends string,
  TStrings extends string,
  TCollectable extends string,
  TDefault,
> =
  & { [K in TBooleans]: boolean }
  & { [K in Exclude<TStrings, TCollectable | keyof TDefault>]?: string }
  & { [K in Extract<TStrings, keyof TDefault>]: string }
  & { [K in TCollectable]: string[] }
  & { _: (string | number)[] };

/** Reads `--name value`, `--name=value` and `--flag`. */
export function parseArgs<
  const TBooleans extends string = never,
  const TStrings extends string = never,
  const TCollectable extends string = never,
  TDefault extends Record<string, unknown> = Empty,
>(
  args: string[],
  options: ParseOptions<TBooleans, TStrings, TCollectable, TDefault> = {},
): Args<TBooleans, TStrings, TCollectable, TDefault> {
  const flags: readonly string[] = options.boolean ?? [];
  const repeated: readonly string[] = options.collect ?? [];
  const declared: Record<
    string,
    { type: "boolean" | "string"; multiple: boolean }
  > = {};
  for (const name of options.string ?? []) {
    declared[name] = { type: "string", multiple: repeated.includes(name) };
  }
  for (const name of flags) {
    declared[name] = { type: "boolean", multiple: false };
  }
  const { values, positionals } = parseNodeArgs({
    args,
    options: declared,
    strict: false,
    allowPositionals: true,
  });
  const found: Record<string, unknown> = { _: positionals };
  for (const name of flags) found[name] = false;
  for (const name of repeated) found[name] = [];
  Object.assign(found, options.default);
  for (const [name, value] of Object.entries(values)) {
    const isKnown = Object.hasOwn(declared, name);
    if (!isKnown && options.unknown?.(`--${name}`, name, value) === false) {
      continue;
    }
    // An option with a value that comes last without one is "" in @std/cli.
    found[name] = isKnown && declared[name].type === "string" && value === true
      ? ""
      : value;
  }
  return found as Args<TBooleans, TStrings, TCollectable, TDefault>;
}

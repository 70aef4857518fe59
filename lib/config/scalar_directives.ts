/** The kinds of directives that take one value: switches, numbers, texts, names. */

import {
  bytesOfText,
  type ByteText,
  decodeUtf8,
  encodeUtf8,
} from "../resp/byte_text.ts";
import { quoteArgument } from "../resp/split_arguments.ts";
import {
  ConfigValueError,
  defineDirective,
  type Directive,
  type DirectiveOptions,
  type Setting,
} from "./directive.ts";
import { nearestName } from "./nearest_name.ts";
import {
  formatMemory,
  parseMemory,
  parseOctal,
  parseStrictInteger,
} from "./number_text.ts";

/** Bounds that Redis takes from C's types. */
export const INT_MAX = 2 ** 31 - 1;
export const INT_MIN = -(2 ** 31);
export const UINT_MAX = 2 ** 32 - 1;
export const INT64_MAX = 2n ** 63n - 1n;
export const UINT64_MAX = 2n ** 64n - 1n;

/** Both ends are allowed. */
export interface Bounds {
  readonly minimum: number | bigint;
  readonly maximum: number | bigint;
}

type NumberOptions = DirectiveOptions & Bounds;

/** An amount of memory, or a share of another limit. */
export interface MemoryOrPercent {
  readonly amount: number;
  readonly unit: "bytes" | "percent";
}

/** A switch: `yes` or `no` in any case. */
export function yesNo(
  initial: boolean,
  options: DirectiveOptions,
): Directive<boolean> {
  const setting = (value: boolean) => ({ value, text: value ? "yes" : "no" });
  return defineDirective({
    accepts: "`yes` or `no`",
    initial: setting(initial),
    parse([text]) {
      const name = lowerCase(text);
      if (name === "yes") return setting(true);
      if (name === "no") return setting(false);
      throw new ConfigValueError("argument must be 'yes' or 'no'");
    },
  }, options);
}

/** An integer in Redis's strict form. */
export function integer(
  initial: number,
  options: NumberOptions,
): Directive<number> {
  return defineDirective({
    accepts: describeBounds("integer", options),
    initial: integerSetting(BigInt(initial)),
    parse([text]) {
      const value = parseStrictInteger(text);
      if (value === undefined) {
        throw new ConfigValueError(
          "argument couldn't be parsed into an integer",
        );
      }
      checkBounds(value, options);
      return integerSetting(value);
    },
  }, options);
}

/** An integer that is moved into its bounds instead of being refused. */
export function clampedInteger(
  initial: number,
  options: DirectiveOptions & { minimum: number; maximum: number },
): Directive<number> {
  const { minimum, maximum } = options;
  const inner = integer(initial, { ...options, minimum: 0, maximum: INT_MAX });
  return {
    ...inner,
    accepts:
      `integer; below ${minimum} means ${minimum}, above ${maximum} ${maximum}`,
    parse(args, context) {
      const { value } = inner.parse(args, context);
      return integerSetting(
        BigInt(Math.min(Math.max(value, minimum), maximum)),
      );
    },
  };
}

/**
 * An amount of memory in bytes, with or without a unit. One below `raisedTo`
 * counts as that much.
 */
export function memory(
  initial: number,
  options: NumberOptions & { readonly raisedTo?: number },
): Directive<number> {
  const lowest = BigInt(options.raisedTo ?? 0);
  return defineDirective({
    accepts: describeBounds("bytes, also as `1kb`, `1mb`, `1gb`", options),
    initial: integerSetting(BigInt(initial)),
    parse([text]) {
      const value = parseMemory(text);
      if (value === undefined) {
        throw new ConfigValueError("argument must be a memory value");
      }
      checkBounds(value, options);
      return integerSetting(value > lowest ? value : lowest);
    },
    rewrite: ({ text }) => [{
      text: formatMemory(BigInt(text)),
      isForced: text !== `${initial}`,
    }],
  }, options);
}

/** An amount of memory, or a percentage up to 100. */
export function memoryOrPercent(
  initialBytes: number,
  options: DirectiveOptions,
): Directive<MemoryOrPercent> {
  const initial = memoryOrPercentSetting(BigInt(initialBytes), "bytes");
  return defineDirective({
    accepts: "bytes, also as `1kb`, `1mb`, `1gb`, or `0%` to `100%`",
    initial,
    parse([text]) {
      const bytes = parseMemory(text);
      if (bytes !== undefined) {
        checkBounds(bytes, { minimum: 0, maximum: INT64_MAX });
        return memoryOrPercentSetting(bytes, "bytes");
      }
      const percent = text.endsWith("%")
        ? parseStrictInteger(text.slice(0, -1))
        : undefined;
      if (percent === undefined || percent < 0n) {
        throw new ConfigValueError(
          "argument must be a memory or percent value",
        );
      }
      if (percent > 100n) {
        throw new ConfigValueError(
          "percentage argument must be less or equal to 100",
        );
      }
      return memoryOrPercentSetting(percent, "percent");
    },
    rewrite: ({ text, value }) => [{
      text: value.unit === "percent" ? text : formatMemory(BigInt(text)),
      isForced: text !== initial.text,
    }],
  }, options);
}

/** File permissions, in octal. */
export function octal(
  initial: number,
  options: NumberOptions,
): Directive<number> {
  const setting = (value: bigint) => ({
    value: Number(value),
    text: value.toString(8),
  });
  return defineDirective({
    accepts: describeBounds("octal", options, 8),
    initial: setting(BigInt(initial)),
    parse([text]) {
      const value = parseOctal(text);
      if (value === undefined) {
        throw new ConfigValueError(
          "argument couldn't be parsed as an octal number",
        );
      }
      checkBounds(value, options, 8);
      return setting(value);
    },
  }, options);
}

/** What is wrong with a text; `undefined` when nothing is. */
export type TextCheck = (value: string) => string | undefined;

/** Readable text, in UTF-8. An empty one counts as a value of its own. */
export function text(
  initial: string,
  options: DirectiveOptions,
  check: TextCheck = () => undefined,
): Directive<string> {
  return defineDirective({
    accepts: "text",
    initial: { value: initial, text: encodeUtf8(initial) },
    parse([text]) {
      const value = decodeUtf8(text);
      if (value === undefined) {
        throw new ConfigValueError("argument must be valid UTF-8");
      }
      const problem = check(value);
      if (problem !== undefined) throw new ConfigValueError(problem);
      return { value, text: text };
    },
    rewrite: ({ text, value }) => [{
      text: quoteArgument(bytesOfText(text)),
      isForced: value !== initial,
    }],
  }, options);
}

/** Readable text, where an empty one means that there is none. */
export function optionalText(
  options: DirectiveOptions,
  check?: TextCheck,
): Directive<string> {
  const inner = text("", options, check);
  return {
    ...inner,
    accepts: "text, empty for none",
    rewrite: (setting) => setting.text === "" ? [] : inner.rewrite(setting),
  };
}

/** A password: any bytes, where no bytes mean that there is none. */
export function secret(options: DirectiveOptions): Directive<Uint8Array> {
  return defineDirective({
    accepts: "bytes, empty for none",
    initial: { value: new Uint8Array(), text: "" },
    parse: ([text]) => ({ value: bytesOfText(text), text: text }),
    rewrite: ({ text, value }) =>
      text === "" ? [] : [{ text: quoteArgument(value), isForced: true }],
  }, { ...options, isSensitive: options.isSensitive ?? true });
}

/**
 * One of several names, in any case. `synonyms` are names that mean another one.
 */
export function oneOf<
  const Name extends string,
  const Synonym extends Name = never,
>(
  names: readonly Name[],
  initial: NoInfer<Exclude<Name, Synonym>>,
  options: DirectiveOptions,
  synonyms?: Readonly<Record<Synonym, Exclude<Name, Synonym>>>,
): Directive<Exclude<Name, Synonym>> {
  const meanings = new Map<string, Exclude<Name, Synonym>>([
    ...names.map((name) => [name, name] as const),
    ...Object.entries(synonyms ?? {}),
  ] as [Name, Exclude<Name, Synonym>][]);
  return defineDirective({
    accepts: listNames(names),
    initial: { value: initial, text: initial },
    parse([text]) {
      const value = meanings.get(lowerCase(text));
      if (value === undefined) throw unknownName(text, names);
      return { value, text: value };
    },
  }, options);
}

/**
 * Any of several names at once, in any case and order, printed in the order of
 * `names`; `none` is the name for having none of them.
 */
export function anyOf<const Name extends string>(
  none: string,
  names: readonly Name[],
  options: DirectiveOptions,
  check: (chosen: ReadonlySet<Name>) => string | undefined,
): Directive<ReadonlySet<Name>> {
  const accepted = [none, ...names];
  const setting = (value: ReadonlySet<Name>) => ({
    value,
    text: names.filter((name) => value.has(name)).join(" ") || none,
  });
  return defineDirective<ReadonlySet<Name>>({
    accepts: `any of ${listNames(accepted)}`,
    isMultiArgument: true,
    initial: setting(new Set()),
    parse(args) {
      if (args.length === 0) throw unknownName("", accepted);
      const chosen = new Set<Name>();
      for (const arg of args.map(lowerCase)) {
        const name = names.find((name) => name === arg);
        if (name !== undefined) chosen.add(name);
        else if (arg !== none) throw unknownName(arg, accepted);
      }
      const problem = check(chosen);
      if (problem !== undefined) throw new ConfigValueError(problem);
      return setting(chosen);
    },
  }, options);
}

function unknownName(
  given: string,
  accepted: readonly string[],
): ConfigValueError {
  return new ConfigValueError(
    `argument(s) must be one of the following: ${accepted.join(", ")}`,
    nearestName(lowerCase(given), accepted),
  );
}

function listNames(names: readonly string[]): string {
  return names.map((name) => `\`${name}\``).join(", ");
}

function integerSetting(value: bigint): Setting<number> {
  return { value: Number(value), text: `${value}` };
}

function memoryOrPercentSetting(
  amount: bigint,
  unit: MemoryOrPercent["unit"],
): Setting<MemoryOrPercent> {
  const text = unit === "percent" ? `${amount}%` : `${amount}`;
  return { value: { amount: Number(amount), unit }, text };
}

function checkBounds(value: bigint, bounds: Bounds, radix = 10): void {
  if (value >= bounds.minimum && value <= bounds.maximum) return;
  const minimum = bounds.minimum.toString(radix);
  const maximum = bounds.maximum.toString(radix);
  throw new ConfigValueError(
    `argument must be between ${minimum} and ${maximum} inclusive`,
  );
}

/** The bounds for the docs, without those that only C's types set. */
function describeBounds(what: string, bounds: Bounds, radix = 10): string {
  const minimum = bounds.minimum.toString(radix);
  const maximum = bounds.maximum.toString(radix);
  if (bounds.maximum < INT_MAX) return `${what}, ${minimum} to ${maximum}`;
  return bounds.minimum > INT_MIN ? `${what}, from ${minimum}` : what;
}

/** Folds ASCII letters only: other characters are bytes, not letters. */
export function lowerCase(text: ByteText): ByteText {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

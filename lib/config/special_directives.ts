/** The kinds of directives with a grammar of their own. */

import { accessSync, constants } from "node:fs";
import { resolve } from "@std/path";
import {
  bytesOfText,
  type ByteText,
  decodeUtf8,
  encodeUtf8,
} from "../resp/byte_text.ts";
import { quoteArgument } from "../resp/split_arguments.ts";
import { parseFloatStrict } from "../router/number_text.ts";
import {
  ConfigValueError,
  defineDirective,
  type Directive,
  type DirectiveOptions,
  type Setting,
} from "./directive.ts";
import {
  formatKeyspaceEvents,
  parseKeyspaceEvents,
} from "./keyspace_event_classes.ts";
import {
  formatMemory,
  parseLenientInteger,
  parseMemory,
} from "./number_text.ts";
import { lowerCase } from "./scalar_directives.ts";
import { systemErrorText } from "./system_error_text.ts";

/** Save a snapshot after this long, once this many changes were made. */
export interface SavePoint {
  readonly seconds: number;
  readonly changes: number;
}

/** When a client that does not read its replies is closed; 0 is no limit. */
export interface OutputBufferLimit {
  /** Closed at once. */
  readonly hardBytes: number;
  /** Closed when passed for `softSeconds` on end. */
  readonly softBytes: number;
  readonly softSeconds: number;
}

/** The classes of clients that have output buffer limits of their own. */
export type OutputBufferClass = "normal" | "replica" | "pubsub";

export type OutputBufferLimits = Readonly<
  Record<OutputBufferClass, OutputBufferLimit>
>;

/** The server whose data this one copies. */
export interface PrimaryAddress {
  readonly host: string;
  readonly port: number;
}

/** An address to listen on. */
export interface BindAddress {
  /** A host name or address; `*` is every IPv4, `::*` every IPv6 address. */
  readonly host: string;
  /** The server starts even when this machine does not have the address. */
  readonly isOptional: boolean;
}

const BIND_ADDRESSES_MAX = 16;
const OOM_SCORE_VALUES = 3;
const OOM_SCORE_MAX = 2000;

/** Class names as CONFIG GET prints them, in that order. */
const OUTPUT_BUFFER_CLASSES: readonly {
  readonly name: OutputBufferClass;
  readonly printed: string;
}[] = [
  { name: "normal", printed: "normal" },
  { name: "replica", printed: "slave" },
  { name: "pubsub", printed: "pubsub" },
];

/**
 * Save points, as pairs of seconds and changes. Lines of a configuration add up;
 * the first one replaces the default, and an empty one removes all before it.
 */
export function savePoints(
  initial: readonly SavePoint[],
  options: DirectiveOptions,
): Directive<readonly SavePoint[]> {
  const setting = (value: readonly SavePoint[]) => ({
    value,
    text: value.map(({ seconds, changes }) => `${seconds} ${changes}`).join(
      " ",
    ),
  });
  return defineDirective({
    accepts: "pairs of seconds and changes, empty for none",
    isMultiArgument: true,
    initial: setting(initial),
    parse(args, { previous, isRepeated }) {
      const isEmpty = args.length === 0 ||
        (args.length === 1 && args[0] === "");
      if (isEmpty) return setting([]);
      const points = parseSavePoints(args);
      return setting(isRepeated ? [...previous, ...points] : points);
    },
    rewrite({ value }) {
      if (value.length === 0) return [{ text: '""', isForced: true }];
      return value.map(({ seconds, changes }) => ({
        text: `${seconds} ${changes}`,
        isForced: true,
      }));
    },
  }, options);
}

function parseSavePoints(args: readonly ByteText[]): SavePoint[] {
  const points: SavePoint[] = [];
  for (let at = 0; at < args.length; at += 2) {
    const seconds = parseLenientInteger(args[at]);
    const changes = at + 1 < args.length
      ? parseLenientInteger(args[at + 1])
      : undefined;
    if (
      seconds === undefined || seconds < 1n ||
      changes === undefined || changes < 0n
    ) {
      throw new ConfigValueError("Invalid save parameters");
    }
    points.push({
      seconds: Number(seconds),
      // Redis keeps the changes in a C int.
      changes: Number(BigInt.asIntN(32, changes)),
    });
  }
  return points;
}

/** Limits per class of clients; classes that are not named keep theirs. */
export function outputBufferLimits(
  initial: OutputBufferLimits,
  options: DirectiveOptions,
): Directive<OutputBufferLimits> {
  const setting = (value: OutputBufferLimits) => ({
    value,
    text: OUTPUT_BUFFER_CLASSES.map(({ name, printed }) => {
      const { hardBytes, softBytes, softSeconds } = value[name];
      return `${printed} ${hardBytes} ${softBytes} ${softSeconds}`;
    }).join(" "),
  });
  return defineDirective({
    accepts: "groups of class (`normal`, `replica`, `pubsub`), hard limit, " +
      "soft limit and soft seconds",
    isMultiArgument: true,
    initial: setting(initial),
    parse(args, { previous }) {
      return setting({ ...previous, ...parseOutputBufferLimits(args) });
    },
    rewrite: ({ value }) =>
      OUTPUT_BUFFER_CLASSES.map(({ name }) => ({
        text: `${name} ${formatLimit(value[name])}`,
        isForced: formatLimit(value[name]) !== formatLimit(initial[name]),
      })),
  }, options);
}

function parseOutputBufferLimits(
  args: readonly ByteText[],
): Partial<Record<OutputBufferClass, OutputBufferLimit>> {
  if (args.length % 4 !== 0) {
    throw new ConfigValueError(
      "Wrong number of arguments in buffer limit configuration.",
    );
  }
  const limits: Partial<Record<OutputBufferClass, OutputBufferLimit>> = {};
  for (let at = 0; at < args.length; at += 4) {
    const given = lowerCase(args[at]);
    const named = OUTPUT_BUFFER_CLASSES.find(({ name, printed }) =>
      given === name || given === printed
    );
    if (named === undefined) {
      throw new ConfigValueError(
        "Invalid client class specified in buffer limit configuration.",
      );
    }
    const hardBytes = parseMemory(args[at + 1]);
    const softBytes = parseMemory(args[at + 2]);
    const softSeconds = parseLenientInteger(args[at + 3]);
    if (
      hardBytes === undefined || softBytes === undefined ||
      softSeconds === undefined || softSeconds < 0n
    ) {
      throw new ConfigValueError(
        "Error in hard, soft or soft_seconds setting in buffer limit configuration.",
      );
    }
    limits[named.name] = {
      hardBytes: Number(hardBytes),
      softBytes: Number(softBytes),
      softSeconds: Number(softSeconds),
    };
  }
  return limits;
}

function formatLimit(limit: OutputBufferLimit): string {
  const hard = formatMemory(BigInt(limit.hardBytes));
  const soft = formatMemory(BigInt(limit.softBytes));
  return `${hard} ${soft} ${limit.softSeconds}`;
}

/** The kernel's out-of-memory scores of a primary, a replica and a child. */
export function oomScores(
  initial: readonly number[],
  options: DirectiveOptions,
): Directive<readonly number[]> {
  const setting = (value: readonly number[]) => ({
    value,
    text: value.join(" "),
  });
  return defineDirective({
    accepts: "three integers, -2000 to 2000",
    isMultiArgument: true,
    initial: setting(initial),
    parse(args) {
      if (args.length !== OOM_SCORE_VALUES) {
        throw new ConfigValueError("wrong number of arguments");
      }
      return setting(args.map((arg) => {
        const value = parseLenientInteger(arg);
        const isValid = value !== undefined && value >= -OOM_SCORE_MAX &&
          value <= OOM_SCORE_MAX;
        if (isValid) return Number(value);
        throw new ConfigValueError(
          "Invalid oom-score-adj-values, elements must be between -2000 and 2000.",
        );
      }));
    },
  }, options);
}

/** Classes of keyspace events; see keyspace_event_classes.ts. */
export function keyspaceEvents(options: DirectiveOptions): Directive<number> {
  return defineDirective({
    accepts: "letters out of `Ag$lshzxeKEtmdn`",
    initial: { value: 0, text: "" },
    parse([letters]) {
      const value = parseKeyspaceEvents(letters);
      if (value === undefined) {
        throw new ConfigValueError(
          "Invalid event class character. Use 'Ag$lshzxeKEtmdn'.",
        );
      }
      return { value, text: formatKeyspaceEvents(value) };
    },
    rewrite: ({ text, value }) => [{
      text: quoteArgument(bytesOfText(text)),
      isForced: value !== 0,
    }],
  }, options);
}

/** Addresses to listen on; a `-` before one allows it to be missing. */
export function bindAddresses(
  initial: readonly string[],
  options: DirectiveOptions,
): Directive<readonly BindAddress[]> {
  const setting = (args: readonly ByteText[]) => ({
    value: args.map((arg) => {
      const isOptional = arg.startsWith("-");
      return { host: isOptional ? arg.slice(1) : arg, isOptional };
    }),
    text: args.join(" "),
  });
  const initialSetting = setting(initial);
  return defineDirective({
    accepts: "up to 16 addresses, each may begin with `-`",
    isMultiArgument: true,
    initial: initialSetting,
    parse(args) {
      if (args.length > BIND_ADDRESSES_MAX) {
        throw new ConfigValueError("Too many bind addresses specified.");
      }
      return setting(args.length === 1 && args[0] === "" ? [] : args);
    },
    rewrite: ({ text }) =>
      text === initialSetting.text
        ? []
        : [{ text: text === "" ? '""' : text, isForced: true }],
  }, options);
}

/** The primary to copy, as host and port; `no one` for none. */
export function primaryAddress(
  options: DirectiveOptions,
): Directive<PrimaryAddress | undefined> {
  const none: Setting<PrimaryAddress | undefined> = {
    value: undefined,
    text: "",
  };
  return defineDirective({
    accepts: "host and port, or `no one`",
    isMultiArgument: true,
    initial: none,
    parse(args) {
      if (args.length !== 2) {
        throw new ConfigValueError("wrong number of arguments");
      }
      const [host, portText] = args as readonly [ByteText, ByteText];
      if (lowerCase(host) === "no" && lowerCase(portText) === "one") {
        return none;
      }
      const port = parseLenientInteger(portText);
      if (port === undefined || port < 0n || port > 65535n) {
        throw new ConfigValueError("Invalid master port");
      }
      return {
        value: { host, port: Number(port) },
        text: `${host} ${port}`,
      };
    },
    rewrite: ({ text }) => text === "" ? [] : [{ text, isForced: true }],
  }, options);
}

/** Percentiles from 0 to 100. */
export function percentiles(
  initial: readonly number[],
  options: DirectiveOptions,
): Directive<readonly number[]> {
  const setting = (value: readonly number[]) => ({
    value,
    text: value.map(formatPercentile).join(" "),
  });
  return defineDirective({
    accepts: "numbers from 0 to 100, empty for none",
    isMultiArgument: true,
    initial: setting(initial),
    parse(args) {
      if (args.length === 1 && args[0] === "") return setting([]);
      return setting(args.map(parsePercentile));
    },
    rewrite: (
      { text },
    ) => [{ text: text === "" ? '""' : text, isForced: true }],
  }, options);
}

function parsePercentile(text: string): number {
  const value = parseFloatStrict(text);
  if (value === undefined) {
    throw new ConfigValueError(
      "Invalid latency-tracking-info-percentiles parameters",
    );
  }
  if (value < 0 || value > 100) {
    throw new ConfigValueError(
      "latency-tracking-info-percentiles parameters should sit between [0.0,100.0]",
    );
  }
  return value;
}

/** Six digits behind the point, without the zeros at the end. */
function formatPercentile(value: number): string {
  return value.toFixed(6).replace(/\.?0+$/, "");
}

/**
 * A directory that exists. A relative one counts from the previous directory,
 * because Redis changes into it; tsredis keeps the absolute path instead, so that
 * several servers can live in one process.
 */
export function directory(options: DirectiveOptions): Directive<string> {
  return defineDirective({
    accepts: "path of a directory",
    // Config resolves it against the directory in which the server starts.
    initial: { value: ".", text: "." },
    parse(args, { previous }) {
      const given = decodeUtf8(args[0]);
      if (given === undefined) {
        throw new ConfigValueError("argument must be valid UTF-8");
      }
      const value = enterableDirectory(resolve(previous, given));
      return { value, text: encodeUtf8(value) };
    },
    rewrite: ({ text }) => [{
      text: quoteArgument(bytesOfText(text)),
      isForced: true,
    }],
  }, options);
}

/** The real path, as `getcwd` would tell it after changing there. */
function enterableDirectory(path: string): string {
  try {
    const realPath = Deno.realPathSync(path);
    if (!Deno.statSync(realPath).isDirectory) {
      throw new ConfigValueError("Not a directory");
    }
    accessSync(realPath, constants.X_OK);
    return realPath;
  } catch (error) {
    if (error instanceof ConfigValueError) throw error;
    throw new ConfigValueError(systemErrorText(error));
  }
}

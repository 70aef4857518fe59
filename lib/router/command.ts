/**
 * What a command is: everything the server knows of it, beside its handler.
 *
 * The table, COMMAND and its subcommands, ACL categories, the router's gates, the
 * generated docs and the fuzz grammar all come from definitions; no other file
 * says a command's name.
 */

import type { Args } from "./args.ts";
import type { Call } from "./call.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";

/** Flags, named as COMMAND INFO prints them. */
export type CommandFlag =
  | "write"
  | "readonly"
  | "denyoom"
  | "module"
  | "admin"
  | "pubsub"
  | "noscript"
  | "blocking"
  | "loading"
  | "stale"
  | "skip_monitor"
  | "skip_slowlog"
  | "asking"
  | "fast"
  | "no_auth"
  | "may_replicate"
  | "no_mandatory_keys"
  | "no_async_loading"
  | "no_multi"
  | "allow_busy";

/** Groups, named as COMMAND DOCS prints them. */
export type CommandGroup =
  | "generic"
  | "string"
  | "list"
  | "set"
  | "sorted-set"
  | "hash"
  | "pubsub"
  | "transactions"
  | "connection"
  | "server"
  | "scripting"
  | "hyperloglog"
  | "cluster"
  | "geo"
  | "stream"
  | "bitmap";

/** What a command does with the keys of one specification, as COMMAND INFO prints it. */
export type KeyFlag =
  | "RO"
  | "RW"
  | "OW"
  | "RM"
  | "access"
  | "update"
  | "insert"
  | "delete"
  | "not_key"
  | "incomplete"
  | "variable_flags";

/**
 * Where a command's keys are among its arguments (0 is the name).
 * {@link https://redis.io/docs/latest/develop/reference/key-specs/}
 */
export interface KeySpec {
  readonly flags: readonly KeyFlag[];
  readonly notes?: string;
  /** Where to start: at an argument, or behind a keyword searched from one on (from the end if negative). */
  readonly begin: { readonly index: number } | {
    readonly keyword: string;
    readonly startFrom: number;
  } | "unknown";
  /**
   * Which follow: a range (`last` relative to the beginning, or from the end when
   * negative; of the rest a `limit`-th when above 1), or a count (`keyNumIndex`
   * and `firstKey` relative to the beginning).
   */
  readonly find: {
    readonly last: number;
    readonly step: number;
    readonly limit: number;
  } | {
    readonly keyNumIndex: number;
    readonly firstKey: number;
    readonly step: number;
  } | "unknown";
}

/** A command's definition. */
export interface CommandDefinition {
  /** In lower case. */
  readonly name: string;
  /** Arguments with the name: exactly so many, or at least as many when negative. */
  readonly arity: number;
  readonly flags: readonly CommandFlag[];
  readonly group: CommandGroup;
  readonly keys?: readonly KeySpec[];
  /** What a call does with its keys, where `variable_flags` says that it depends; `nameIndex` is the command's name. */
  keyFlagsOf?(args: Args, nameIndex: number): readonly KeyFlag[];
  /** The keys of a call, where the specifications cannot say them; indices as in `args`. */
  keysOf?(
    args: Args,
    nameIndex: number,
  ): { readonly index: number; readonly flags: readonly KeyFlag[] }[];
  /** The Redis release that brought it. */
  readonly since: string;
  readonly complexity: string;
  readonly summary: string;
  /**
   * The arguments behind the name, in the notation of the Redis documentation with
   * notes (see syntax.ts): `key value [NX | XX]{condition 2.6.12} [EX seconds]`.
   */
  readonly syntax: string;
  /** ACL categories, without `@`, beyond those that follow from flags and group, or `-name` for one that does not. */
  readonly categories?: readonly string[];
  /** Hints for clients and proxies. */
  readonly tips?: readonly string[];
  /** Changes since it came: [release, what]. */
  readonly history?: readonly (readonly [string, string])[];
  readonly deprecatedSince?: string;
  readonly replacedBy?: string;
  /**
   * The argument with the first element of the collection at argument 1, which is
   * loaded in advance: 2 in the groups of hashes, sets and sorted sets unless it is
   * said, 0 when no element is named.
   */
  readonly elementIndex?: number;
  /** Indices of passwords among the arguments of a call: MONITOR and the slow log do not show them. */
  secretArgs?(args: Args): readonly number[];
  /** Runs at once in a transaction, as one that ends or governs it does; EXEC is `execute`. */
  readonly transaction?: "control" | "execute";
  /** A client of RESP2 may use it while it is subscribed. */
  readonly isForSubscribers?: boolean;
  /** Its answer says that all is well: refused, as writes are, while the disk fails. */
  readonly asksWhetherAllIsWell?: boolean;
  /** Not meant for applications: COMMAND DOCS marks it `syscmd`. */
  readonly isInternal?: boolean;
  /** Makes this a container: `run` is then used for no subcommand only. */
  readonly subcommands?: readonly CommandDefinition[];
  /** Lines of its HELP subcommand, for a container. */
  readonly help?: readonly string[];
  /** Answers one call: parses everything first, then changes, then replies. */
  run(call: Call, args: Args, reply: ReplyWriter): void;
}

/** Checks a definition's type; definitions are plain data. */
export function defineCommand(
  definition: CommandDefinition,
): CommandDefinition {
  return definition;
}

/** One key at argument `index`. */
export function oneKey(...flags: KeyFlag[]): readonly KeySpec[] {
  return [{ flags, begin: { index: 1 }, find: { last: 0, step: 1, limit: 0 } }];
}

/** Keys from argument 1 to the last, every `step`-th one. */
export function manyKeys(
  step: number,
  ...flags: KeyFlag[]
): readonly KeySpec[] {
  return [{ flags, begin: { index: 1 }, find: { last: -1, step, limit: 0 } }];
}

/** One key at argument `index`, among other specifications. */
export function keyAt(index: number, ...flags: KeyFlag[]): KeySpec {
  return { flags, begin: { index }, find: { last: 0, step: 1, limit: 0 } };
}

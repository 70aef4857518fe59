/**
 * The commands by name, found without making a string of the name.
 *
 * A name is hashed from its first four bytes, its last four and its length, then
 * verified. What the router needs per call is computed once, here: flags as bits,
 * and the statistics that INFO and COMMAND read.
 */

import { bytesOfText, type ByteText } from "../resp/byte_text.ts";
import { LatencyHistogram } from "../info/latency_histogram.ts";
import type {
  CommandDefinition,
  CommandFlag,
  CommandGroup,
} from "./command.ts";

/** Flags as bits, in the order in which COMMAND INFO lists them. */
export const FLAG_ORDER: readonly CommandFlag[] = [
  "write",
  "readonly",
  "denyoom",
  "module",
  "admin",
  "pubsub",
  "noscript",
  "blocking",
  "loading",
  "stale",
  "skip_monitor",
  "skip_slowlog",
  "asking",
  "fast",
  "no_auth",
  "may_replicate",
  "no_mandatory_keys",
  "no_async_loading",
  "no_multi",
  "allow_busy",
];

/** The bit of a flag in {@link Command.flags}. */
export function flagBit(flag: CommandFlag): number {
  return 1 << FLAG_ORDER.indexOf(flag);
}

/** Complexities of O(1), whatever they explain behind it, but not of O(1) for each of many. */
const CONSTANT_TIME = /^O\(1\)(?:$|[.,])/;
/** A constant or nearly constant time for each argument, and how many arguments are still a short time together. */
const SHORT_TIME_EACH = /^O\((?:1|log\(N\))\) (?:for each|to add every)/;
const FEW_ARGS = 8;
/** Where most commands on hashes, sets and sorted sets name their first element. */
const FIRST_ELEMENT = 2;
const GROUPS_WITH_ELEMENTS: readonly CommandGroup[] = [
  "hash",
  "set",
  "sorted-set",
  "geo",
];
/** Constant time for a call without an optional count or trimming, which has only the arguments that it needs. */
const CONSTANT_TIME_WITHOUT_OPTION =
  /^O\(N\) where N is the number of elements returned$|^O\(1\) without the count|^Without the count argument O\(1\)|^O\(1\) when adding a new entry/;

/** A command or subcommand as the server runs it. */
export class Command {
  readonly definition: CommandDefinition;
  /** `get`, or `config|get` for a subcommand. */
  readonly fullName: string;
  readonly arity: number;
  readonly flags: number;
  readonly parent: Command | undefined;
  /** With up to so many arguments it takes a short time, and needs no clock of its own. */
  readonly quickArgsMax: number;
  /** The argument with the first element of a collection, or 0. */
  readonly elementIndex: number;
  /** By lower-case name; empty for what is no container. */
  readonly subcommands: ReadonlyMap<string, Command>;

  /** Calls that ran, their time in microseconds, and those that failed or were refused. */
  calls = 0;
  microseconds = 0;
  failedCalls = 0;
  rejectedCalls = 0;
  /** How long calls took; made with the first call. */
  histogram: LatencyHistogram | undefined;

  constructor(definition: CommandDefinition, parent?: Command) {
    this.definition = definition;
    this.parent = parent;
    this.fullName = parent === undefined
      ? definition.name
      : `${parent.definition.name}|${definition.name}`;
    this.arity = definition.arity;
    this.flags = definition.flags.reduce(
      (bits, flag) => bits | flagBit(flag),
      0,
    );
    this.elementIndex = definition.elementIndex ??
      (GROUPS_WITH_ELEMENTS.includes(definition.group) ? FIRST_ELEMENT : 0);
    // Commands about the server show its figures, which must be up to date.
    this.quickArgsMax = quickArgsMaxOf(definition);
    this.subcommands = new Map(
      definition.subcommands?.map((sub) => [sub.name, new Command(sub, this)]),
    );
  }

  acceptsCount(count: number): boolean {
    return this.arity > 0 ? count === this.arity : count >= -this.arity;
  }

  /** Notes `count` calls that took `microseconds` together; in the histogram, too, if `isTracked`. */
  record(count: number, microseconds: number, isTracked: boolean): void {
    this.calls += count;
    this.microseconds += microseconds;
    if (!isTracked) return;
    this.histogram ??= new LatencyHistogram();
    this.histogram.record(microseconds * 1000 / count, count);
  }

  resetStats(): void {
    this.calls =
      this.microseconds =
      this.failedCalls =
      this.rejectedCalls =
        0;
    this.histogram = undefined;
    for (const sub of this.subcommands.values()) sub.resetStats();
  }
}

const BUCKET_BITS = 11;

/** A command under the name that clients use. */
interface NamedCommand {
  readonly name: string;
  /** The name's bytes. */
  readonly bytes: Uint8Array;
  readonly command: Command;
}

/** All commands of a server. */
export class CommandTable {
  readonly #byName = new Map<string, Command>();
  readonly #buckets: (NamedCommand[] | undefined)[] = new Array(
    1 << BUCKET_BITS,
  );
  /** The command found last: a pipeline mostly repeats one. */
  #last: NamedCommand | undefined;

  /** @throws {Error} when two definitions have one name. */
  constructor(definitions: readonly CommandDefinition[]) {
    for (const definition of definitions) {
      if (this.#byName.has(definition.name)) {
        throw new Error(`two commands named ${definition.name}`);
      }
      this.#add(definition.name, new Command(definition));
    }
  }

  /** By the lower-case name that clients use, in definition order. */
  get byName(): ReadonlyMap<string, Command> {
    return this.#byName;
  }

  /**
   * Has clients use another name for a command; with an empty one, none. Both
   * names are byte text in any case.
   *
   * Returns why nothing was changed: there is no such command, or another one has
   * the new name.
   */
  rename(from: ByteText, to: ByteText): "unknown" | "taken" | undefined {
    const oldName = lowerName(from), newName = lowerName(to);
    const command = this.#byName.get(oldName);
    if (command === undefined) return "unknown";
    if (newName !== oldName && this.#byName.has(newName)) return "taken";
    this.#byName.delete(oldName);
    this.#last = undefined;
    for (const bucket of this.#buckets) {
      const at = bucket?.findIndex(({ name }) => name === oldName) ?? -1;
      if (at >= 0) bucket?.splice(at, 1);
    }
    if (newName !== "") this.#add(newName, command);
    return undefined;
  }

  #add(name: string, command: Command): void {
    this.#byName.set(name, command);
    const bytes = bytesOfText(name);
    (this.#buckets[bucketOf(bytes, 0, bytes.length)] ??= []).push({
      name,
      bytes,
      command,
    });
  }

  /** The command with the name in these bytes, in any case. */
  find(bytes: Uint8Array, offset: number, length: number): Command | undefined {
    const last = this.#last;
    if (last !== undefined && isNamed(last.bytes, bytes, offset, length)) {
      return last.command;
    }
    const bucket = this.#buckets[bucketOf(bytes, offset, length)];
    if (bucket === undefined) return undefined;
    for (let i = 0; i < bucket.length; i++) {
      if (!isNamed(bucket[i].bytes, bytes, offset, length)) continue;
      this.#last = bucket[i];
      return bucket[i].command;
    }
    return undefined;
  }

  /** A command by its name, or a subcommand by `container|name`, in any case. */
  findByFullName(fullName: string): Command | undefined {
    const [name, subName, ...rest] = fullName.toLowerCase().split("|");
    const command = this.byName.get(name);
    if (subName === undefined) return command;
    return rest.length === 0 ? command?.subcommands.get(subName) : undefined;
  }

  /** Every command and subcommand. */
  *all(): Generator<Command> {
    for (const command of this.byName.values()) {
      yield command;
      yield* command.subcommands.values();
    }
  }
}

function lowerName(name: ByteText): ByteText {
  return name.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

/** Whether the bytes are the name, given in lower case, in any case. */
function isNamed(
  name: Uint8Array,
  bytes: Uint8Array,
  offset: number,
  length: number,
): boolean {
  if (name.length !== length) return false;
  for (let at = 0; at < length; at++) {
    const byte = bytes[offset + at];
    const lower = byte >= 65 && byte <= 90 ? byte | 32 : byte;
    if (lower !== name[at]) return false;
  }
  return true;
}

/** Letters count without their case. */
function bucketOf(bytes: Uint8Array, offset: number, length: number): number {
  let hash = length;
  const head = Math.min(length, 4);
  for (let i = 0; i < head; i++) {
    hash = Math.imul(hash, 31) + (bytes[offset + i] | 32);
  }
  for (let i = Math.max(head, length - 4); i < length; i++) {
    hash = Math.imul(hash, 31) + (bytes[offset + i] | 32);
  }
  return (Math.imul(hash, 0x9e3779b1) >>> (32 - BUCKET_BITS));
}

function quickArgsMaxOf(
  { arity, complexity, group }: CommandDefinition,
): number {
  if (group === "server") return 0;
  if (CONSTANT_TIME.test(complexity)) return Infinity;
  if (CONSTANT_TIME_WITHOUT_OPTION.test(complexity)) return Math.abs(arity);
  return SHORT_TIME_EACH.test(complexity) ? FEW_ARGS : 0;
}

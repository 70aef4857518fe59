/**
 * Which arguments of a call are keys, from the key specifications of its command.
 *
 * Used by COMMAND GETKEYS and whoever must know a command's keys before it runs.
 * {@link https://redis.io/docs/latest/develop/reference/key-specs/}
 */

import { type Args, parseInt64 } from "./args.ts";
import type { CommandDefinition, KeyFlag, KeySpec } from "./command.ts";

/** A key among the arguments of a call. */
export interface KeyReference {
  /** Index of the argument, counted as in the Args that were searched. */
  readonly index: number;
  readonly flags: readonly KeyFlag[];
}

/** First key, last key (from the end when negative) and step, as old clients know keys. */
export interface LegacyKeyRange {
  readonly first: number;
  readonly last: number;
  readonly step: number;
  /** The range does not tell all: clients must ask with COMMAND GETKEYS. */
  readonly isMovable: boolean;
}

const NO_KEYS: LegacyKeyRange = {
  first: 0,
  last: 0,
  step: 0,
  isMovable: false,
};

/** Whether any argument may be a key. */
export function hasKeys(definition: CommandDefinition): boolean {
  return definition.keys?.some((spec) => !spec.flags.includes("not_key")) ??
    false;
}

/**
 * The keys of the call whose command name is argument `nameIndex` and that goes
 * on to the last argument; `undefined` when the arguments do not fit the command.
 */
export function findKeys(
  definition: CommandDefinition,
  args: Args,
  nameIndex: number,
): KeyReference[] | undefined {
  if (definition.keysOf !== undefined) {
    return definition.keysOf(args, nameIndex);
  }
  const found: KeyReference[] = [];
  for (const spec of definition.keys ?? []) {
    if (spec.flags.includes("not_key")) continue;
    const begin = beginOf(spec, args, nameIndex);
    if (begin === "absent") continue;
    const range = begin === undefined
      ? undefined
      : rangeOf(spec, args, nameIndex, begin);
    if (range === undefined) return undefined;
    const flags = spec.flags.includes("variable_flags")
      ? definition.keyFlagsOf?.(args, nameIndex) ?? spec.flags
      : spec.flags;
    for (let at = range.first; at <= range.last; at += range.step) {
      found.push({ index: nameIndex + at, flags });
    }
  }
  return found;
}

/** Where a specification's keys begin, counted from the name. */
function beginOf(
  { begin }: KeySpec,
  args: Args,
  nameIndex: number,
): number | "absent" | undefined {
  if (begin === "unknown") return undefined;
  if ("index" in begin) return begin.index;
  const count = args.count - nameIndex;
  const isForward = begin.startFrom > 0;
  const start = isForward ? begin.startFrom : count + begin.startFrom;
  const keyword = begin.keyword.toLowerCase();
  const step = isForward ? 1 : -1;
  for (let at = start; at >= 1 && at < count; at += step) {
    if (args.is(nameIndex + at, keyword)) return at + 1;
  }
  return "absent";
}

/** The keys that follow a beginning; `undefined` when they are not all there. */
function rangeOf(
  { find }: KeySpec,
  args: Args,
  nameIndex: number,
  begin: number,
): { first: number; last: number; step: number } | undefined {
  if (find === "unknown") return undefined;
  const count = args.count - nameIndex;
  let first = begin, last: number;
  if ("last" in find) {
    if (find.last >= 0) last = first + find.last;
    else if (find.limit === 0) last = count + find.last;
    else last = first + Math.floor((count - first) / find.limit) + find.last;
  } else {
    const at = begin + find.keyNumIndex;
    const number = at < count
      ? parseInt64(args.slice(nameIndex + at))
      : undefined;
    if (number === undefined || number < 0n) return undefined;
    first += find.firstKey;
    last = first + Number(number) - 1;
  }
  if (first >= count || last >= count || last < first) return undefined;
  return { first, last, step: find.step };
}

/** The keys as COMMAND INFO's old fields say them, as far as they can. */
export function legacyKeyRange(keys: readonly KeySpec[] = []): LegacyKeyRange {
  if (keys.length === 0) return NO_KEYS;
  let first = Infinity, last = 0, step = 1, isMovable = false;
  for (const { flags, begin, find } of keys) {
    const isRange = begin !== "unknown" && "index" in begin &&
      find !== "unknown" && "last" in find;
    const follows = isRange && (last === 0 || last === begin.index - 1);
    if (!isRange || !follows || (keys.length > 1 && find.step !== 1)) {
      isMovable = true;
      continue;
    }
    if (flags.includes("incomplete")) isMovable = true;
    step = find.step;
    first = Math.min(first, begin.index);
    const end = find.last >= 0 ? begin.index + find.last : find.last;
    // A last key counted from the end is behind all others.
    last = last < 0 !== end < 0 ? Math.min(last, end) : Math.max(last, end);
  }
  return first === Infinity
    ? { ...NO_KEYS, isMovable: true }
    : { first, last, step, isMovable };
}

/**
 * Random values of every type, of sizes around the thresholds at which Redis
 * changes how it keeps or writes them: numbers, short and long texts, texts that
 * compress and texts that do not, collections that are small, large, or small
 * again, and streams with groups and entries that wait to be acknowledged.
 *
 * A value is the commands that make it. They leave nothing to chance, so that two
 * servers make the same of them, but for the times of XREADGROUP.
 */
import type { Argument } from "../support/command_text.ts";
import { bytes } from "../fuzz/production.ts";
import type { Random } from "../fuzz/random.ts";

/** Commands that make the key `name`. */
type Maker = (r: Random, name: string) => Argument[][];

/** Ends of the ranges in which a number takes one, two, three, four, eight bytes. */
const INTEGER_ENDS = [0, 7, 12, 15, 23, 31, 53, 63].map((bits) =>
  1n << BigInt(bits)
);
/** Lengths at which the head of a string, of a listpack's entry or its back length grows. */
const TEXT_LENGTHS = [
  0,
  1,
  11,
  12,
  20,
  21,
  43,
  44,
  45,
  62,
  63,
  64,
  65,
  124,
  127,
  128,
];
const LONG_LENGTHS = [
  253,
  254,
  255,
  1000,
  4095,
  4096,
  8190,
  16383,
  16384,
  40_000,
];
/** Without a negative zero, which loses its sign whenever a listpack is made. */
const SCORES = [
  "0",
  "1",
  "-1",
  "0.1",
  "-1.5",
  "3e10",
  "1e17",
  "1e300",
  "5e-324",
  "inf",
  "-inf",
  "3.0000000000000004",
];
/** Entries of one block of a stream. */
const STREAM_BLOCK_ENTRIES = 100;
const LIST_BLOCK_BYTES = 8192;
/** Of entries added, entries read and deliveries: beyond 2^53, which no stream here comes to, they are rounded. */
const LARGEST = Number.MAX_SAFE_INTEGER - 10_000;
/** Expiry of a hash's fields, in ms: in the year 2200 or behind. */
const FAR_MS = 7_258_118_400_000;
/** Arguments of one command. */
const BATCH = 200;

/** The makers by type; the value of some types is at times of another subtype, as a bitmap. */
export const VALUE_MAKERS: Readonly<Record<string, Maker>> = {
  string,
  hyperloglog,
  list,
  intset,
  set,
  hash,
  zset,
  stream,
};

/** Those, and a hash whose fields expire, which Redis 7.2 does not have. */
export const ALL_VALUE_MAKERS: Readonly<Record<string, Maker>> = {
  ...VALUE_MAKERS,
  "expiring hash": expiringHash,
};

function integer(r: Random): string {
  const end = r.pick(INTEGER_ENDS) + BigInt(r.between(-2, 1));
  const value = r.oneIn(2) ? -end : end;
  return String(BigInt.asIntN(64, value));
}

/** A text of a length, that compresses well, somewhat, or not at all. */
function textOfLength(r: Random, length: number): Argument {
  switch (r.below(4)) {
    case 0:
      return bytes(r, length);
    case 1:
      return "a".repeat(length);
    case 2:
      return "abcdefg".repeat(length / 7 + 1).slice(0, length);
    default:
      return Uint8Array.from({ length }, () => 97 + r.below(3));
  }
}

/** An element of a collection that fits its compact form. */
function shortElement(r: Random, n: number): Argument {
  if (r.oneIn(3)) return integer(r);
  return `${n}`.padEnd(r.oneIn(8) ? r.pick([63, 64]) : 1, "x");
}

/** A size about one at which the form changes. */
function sizeAbout(r: Random, ...thresholds: number[]): number {
  return r.oneIn(3) ? r.between(1, 12) : r.pick(thresholds) + r.between(-2, 2);
}

/** The command with the elements, several times when they are many. */
function inBatches(command: Argument[], elements: Argument[][]): Argument[][] {
  const commands: Argument[][] = [];
  for (let at = 0; at < elements.length; at += BATCH) {
    commands.push([...command, ...elements.slice(at, at + BATCH).flat()]);
  }
  return commands;
}

/** Now and then, all but the first few elements are removed again. */
function shrunk(
  r: Random,
  command: Argument[],
  elements: Argument[],
): Argument[][] {
  if (!r.oneIn(4)) return [];
  const kept = elements.slice(0, r.between(1, 5)).map(String);
  const rest = elements.filter((element) => !kept.includes(String(element)));
  return inBatches(command, rest.map((element) => [element]));
}

function string(r: Random, name: string): Argument[][] {
  switch (r.below(5)) {
    case 0:
      return [["SET", name, integer(r)]];
    case 1:
      return [[
        "SET",
        name,
        r.pick(["01", "-0", "+1", "1.5", " 1", "9223372036854775808"]),
      ]];
    case 2:
      return [["SET", name, integer(r)], ["APPEND", name, r.below(100)]];
    case 3:
      return [["SETBIT", name, r.below(100_000), 1], [
        "SETRANGE",
        name,
        r.below(40),
        "xyz",
      ]];
    default:
      return [[
        "SET",
        name,
        textOfLength(r, r.pick([...TEXT_LENGTHS, ...LONG_LENGTHS])),
      ]];
  }
}

/** Sparse, or dense by its number of elements. */
function hyperloglog(r: Random, name: string): Argument[][] {
  const elements = r.repeat(r.pick([1, 20, 3_000]), () => [r.next()]);
  return inBatches(["PFADD", name], elements);
}

/** Of one or several nodes, with elements that are nodes of their own. */
function list(r: Random, name: string): Argument[][] {
  const length = r.oneIn(3)
    ? r.pick(LONG_LENGTHS)
    : r.pick(TEXT_LENGTHS.slice(1));
  const count = Math.max(
    1,
    Math.min(
      3_000,
      r.pick([
        r.between(1, 10),
        Math.ceil(LIST_BLOCK_BYTES / (length + 2)) + r.between(-3, 3),
        Math.ceil(1024 / (length + 2)) + r.between(-2, 2),
        3 * Math.ceil(LIST_BLOCK_BYTES / length),
      ]),
    ),
  );
  const elements = r.repeat(count, () => [
    r.oneIn(4) ? integer(r) : textOfLength(r, length),
  ]);
  const commands = inBatches([r.pick(["RPUSH", "LPUSH"]), name], elements);
  if (r.oneIn(4)) commands.push(["LTRIM", name, r.between(-5, -1), -1]);
  if (r.oneIn(4)) commands.push(["LSET", name, 0, integer(r)]);
  if (r.oneIn(4)) {
    commands.push(["LPUSH", name, textOfLength(r, r.pick(LONG_LENGTHS))]);
  }
  return commands;
}

/** Of numbers of one width, and then some of another. */
function intset(r: Random, name: string): Argument[][] {
  const count = sizeAbout(r, 128, 512);
  const range = r.pick([30_000, 2e9, Number.MAX_SAFE_INTEGER]);
  const members: Argument[][] = r.repeat(count, () => [
    Math.floor((r.next() / 2 ** 32 - 0.5) * 2 * range),
  ]);
  if (r.oneIn(3)) members.push([integer(r)]);
  return [
    ...inBatches(["SADD", name], members),
    ...shrunk(r, ["SREM", name], members.flat()),
  ];
}

/** Of which one member is no number, since only payloads of 7.2 tell a listpack of numbers from an intset. */
function set(r: Random, name: string): Argument[][] {
  const members = Array.from(
    { length: sizeAbout(r, 128, 512) },
    (_, n) => [shortElement(r, n)],
  );
  if (r.oneIn(4)) members.push([textOfLength(r, r.pick(TEXT_LENGTHS))]);
  members.unshift(["word"]);
  return [
    ...inBatches(["SADD", name], members),
    ...shrunk(r, ["SREM", name], members.flat()),
  ];
}

function hash(r: Random, name: string): Argument[][] {
  const count = sizeAbout(r, 128, 512);
  const entries = Array.from(
    { length: count },
    (_, n) => [`f${n}`, shortElement(r, n)],
  );
  if (r.oneIn(4)) {
    entries.push([
      "g",
      textOfLength(r, r.pick([...TEXT_LENGTHS, ...LONG_LENGTHS])),
    ]);
  }
  if (r.oneIn(4)) entries.push([textOfLength(r, r.pick(TEXT_LENGTHS)), "v"]);
  return [
    ...inBatches(["HSET", name], entries),
    ...shrunk(r, ["HDEL", name], entries.map(([field]) => field)),
  ];
}

function zset(r: Random, name: string): Argument[][] {
  const hasFewScores = r.oneIn(3);
  const entries = Array.from({ length: sizeAbout(r, 128) }, (_, n) => [
    hasFewScores
      ? r.pick(SCORES)
      : `${(r.next() - 2 ** 31) / r.pick([1, 7, 1e9])}`,
    shortElement(r, n),
  ]);
  if (r.oneIn(4)) {
    entries.push([r.pick(SCORES), textOfLength(r, r.pick(TEXT_LENGTHS))]);
  }
  return [
    ...inBatches(["ZADD", name], entries),
    ...shrunk(r, ["ZREM", name], entries.map(([, member]) => member)),
  ];
}

/** Entries with the same fields and with other ones, holes, and groups. */
function stream(r: Random, name: string): Argument[][] {
  const count = r.oneIn(3)
    ? r.below(8)
    : r.pick([1, 2, 3]) * STREAM_BLOCK_ENTRIES + r.between(-2, 2);
  const commands: Argument[][] = [[
    "XGROUP",
    "CREATE",
    name,
    "first",
    "0",
    "MKSTREAM",
  ]];
  let ms = r.pick([1, 1_526_919_030_474, 2 ** 53]), seq = 0;
  const ids: string[] = [];
  for (let n = 0; n < count; n++) {
    if (r.oneIn(3)) ms += r.below(1_000);
    ids.push(`${ms}-${++seq}`);
    const extra = r.oneIn(10)
      ? [textOfLength(r, r.pick(TEXT_LENGTHS)), integer(r)]
      : [];
    commands.push([
      "XADD",
      name,
      `${ms}-${seq}`,
      "field",
      shortElement(r, n),
      "other",
      integer(r),
      ...extra,
    ]);
  }
  const deleted = ids.filter(() => r.oneIn(15));
  if (deleted.length > 0) commands.push(["XDEL", name, ...deleted]);
  if (r.oneIn(5)) commands.push(["XTRIM", name, "MAXLEN", r.below(count + 1)]);
  if (r.oneIn(5)) {
    commands.push(["XTRIM", name, "MAXLEN", "~", r.below(count + 1)]);
  }
  if (r.oneIn(5)) {
    commands.push([
      "XSETID",
      name,
      `9999999999999999-${r.next()}`,
      "ENTRIESADDED",
      r.oneIn(2) ? LARGEST : count + 7,
    ]);
  }
  for (let n = r.below(3); n > 0; n--) {
    commands.push(...group(r, name, `group:${n}`, ids));
  }
  return commands;
}

/** A group with consumers, some without entries, and entries delivered at known times. */
function group(
  r: Random,
  name: string,
  group: string,
  ids: string[],
): Argument[][] {
  const commands: Argument[][] = [
    [
      "XGROUP",
      "CREATE",
      name,
      group,
      r.pick(["0", "$", "7-7"]),
      ...r.oneIn(2) ? ["ENTRIESREAD", r.pick([0, 8, LARGEST])] : [],
    ],
    ["XGROUP", "CREATECONSUMER", name, group, "idle"],
  ];
  for (let n = r.below(4); n > 0; n--) {
    commands.push([
      "XREADGROUP",
      "GROUP",
      group,
      `c${r.below(3)}`,
      "COUNT",
      r.between(1, 120),
      ...r.oneIn(4) ? ["NOACK"] : [],
      "STREAMS",
      name,
      ">",
    ]);
  }
  const chosen = ids.filter(() => r.oneIn(5));
  if (chosen.length > 0) {
    commands.push([
      "XACK",
      name,
      group,
      ...chosen.filter(() => r.oneIn(2)),
      "0-1",
    ]);
    commands.push([
      "XCLAIM",
      name,
      group,
      "taker",
      0,
      ...chosen,
      "TIME",
      1_700_000_000_000 + r.below(1_000),
      "RETRYCOUNT",
      r.pick([0, 1, 200, LARGEST]),
      "FORCE",
    ]);
  }
  if (r.oneIn(4)) commands.push(["XGROUP", "SETID", name, group, "1-1"]);
  return commands;
}

function expiringHash(r: Random, name: string): Argument[][] {
  return [
    ...hash(r, name),
    ["HSET", name, "volatile", "v", "f0", "v"],
    ["HPEXPIREAT", name, FAR_MS + r.next(), "FIELDS", 2, "volatile", "f0"],
  ];
}

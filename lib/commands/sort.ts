/** SORT and SORT_RO: the elements of a list, set or sorted set in another order. */

import type { Args } from "../router/args.ts";
import { parseSmallInteger } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import {
  type CommandDefinition,
  defineCommand,
  keyAt,
  type KeySpec,
} from "../router/command.ts";
import { parseFloatStrict } from "../router/number_text.ts";
import { putValue } from "../keyspace/collection_edit.ts";
import type { ByteMap } from "../keyspace/byte_map.ts";
import type { Database } from "../keyspace/database.ts";
import { keyEvent, NOTIFY_LIST } from "../keyspace/key_event.ts";
import { TYPE_LIST, TYPE_SET, TYPE_ZSET } from "../keyspace/record.ts";
import { textOfBytes } from "../resp/byte_text.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { ByteStrings } from "../types/byte_strings.ts";
import { listFrom, listValues } from "../types/list_value.ts";
import { setMembers } from "../types/set_value.ts";
import { markSkiplist, sortedSetEntries } from "../types/sorted_set_value.ts";
import { readSortOptions, type SortOptions } from "./sort_options.ts";

const SORTSTORE_EVENT = keyEvent(NOTIFY_LIST, "sortstore");
const NOT_A_SCORE = new CommandError(
  "ERR One or more scores can't be converted into double",
);
const NOTHING = new Uint8Array();

/** Keys that the patterns name: which they are depends on the elements. */
const PATTERN_KEYS: KeySpec = {
  flags: ["RO", "access"],
  notes:
    "For the optional BY/GET keyword. It is marked 'unknown' because the key names derive from the content of the key we sort",
  begin: "unknown",
  find: "unknown",
};

/** What both commands have in common. */
const SORTS = {
  arity: -2,
  group: "generic",
  complexity:
    "O(N+M*log(M)) where N is the number of elements in the list or set to sort, and M the number of returned elements. When the elements are not sorted, complexity is O(N).",
  categories: ["-keyspace", "set", "sortedset", "list", "dangerous"],
} satisfies Partial<CommandDefinition>;

const OPTIONS_SYNTAX =
  "key [BY pattern{by-pattern :pattern #1}] [LIMIT (offset count){limit}] [GET pattern{get-pattern :pattern #1} [GET pattern ...]] [ASC | DESC]{order} [ALPHA{sorting}]";

/**
 * SORT key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]]
 *   [ASC | DESC] [ALPHA] [STORE destination]
 *
 * Elements of equal weight are in the order of their bytes. A BY pattern without
 * `*` leaves the order as it is, but for a set whose result is stored: replicas
 * must get the same list. {@link https://redis.io/docs/latest/commands/sort/}
 */
export const sortCommand = defineCommand({
  ...SORTS,
  name: "sort",
  flags: ["write", "denyoom"],
  keys: [keyAt(1, "RO", "access"), PATTERN_KEYS, {
    flags: ["OW", "update"],
    notes:
      "For the optional STORE keyword. It is marked 'unknown' because the keyword can appear anywhere in the argument array",
    begin: "unknown",
    find: "unknown",
  }],
  keysOf: sortKeysOf,
  since: "1.0.0",
  summary:
    "Sorts the elements in a list, a set, or a sorted set, optionally storing the result.",
  syntax: `${OPTIONS_SYNTAX} [STORE destination{:key #2}]`,
  run(call, args, reply) {
    sort(call, args, reply, true);
  },
});

/**
 * SORT_RO key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]]
 *   [ASC | DESC] [ALPHA]
 *
 * {@link https://redis.io/docs/latest/commands/sort_ro/}
 */
export const sortRoCommand = defineCommand({
  ...SORTS,
  name: "sort_ro",
  flags: ["readonly"],
  keys: [keyAt(1, "RO", "access"), PATTERN_KEYS],
  keysOf: (_args, nameIndex) => [{
    index: nameIndex + 1,
    flags: ["RO", "access"],
  }],
  since: "7.0.0",
  summary: "Returns the sorted elements of a list, a set, or a sorted set.",
  syntax: OPTIONS_SYNTAX,
  run(call, args, reply) {
    sort(call, args, reply, false);
  },
});

/** The key, and what follows the last STORE, whose key is looked at as an option again, as in Redis. */
function sortKeysOf(args: Args, nameIndex: number) {
  let storeIndex = 0;
  for (let i = nameIndex + 2; i < args.count; i++) {
    if (args.is(i, "limit")) i += 2;
    else if (args.is(i, "get") || args.is(i, "by")) i++;
    else if (args.is(i, "store") && i + 1 < args.count) storeIndex = i + 1;
  }
  const keys: ReturnType<NonNullable<CommandDefinition["keysOf"]>> = [
    { index: nameIndex + 1, flags: ["RO", "access"] },
  ];
  if (storeIndex > 0) {
    keys.push({ index: storeIndex, flags: ["OW", "update"] });
  }
  return keys;
}

function sort(
  call: Call,
  args: Args,
  reply: ReplyWriter,
  mayStore: boolean,
): void {
  const { db } = call;
  const options = readSortOptions(args, mayStore);
  const ref = db.read(args, 1);
  const isSet = ref !== 0 && db.map.typeOf(ref) === TYPE_SET;
  const elements = new ByteStrings();
  if (ref !== 0) {
    for (const element of elementsOf(db, ref)) elements.push(element);
  }
  if (options.isUnsorted && isSet && options.storeIndex > 0) {
    options.isUnsorted = false;
    options.isAlphabetic = true;
    options.by = undefined;
  }
  const order = orderOf(db, elements, options, isSet);
  const chosen = limit(order, options);
  if (options.storeIndex > 0) {
    store(call, args, reply, elements, chosen, options);
  } else answer(db, reply, elements, chosen, options);
}

/** @throws {CommandError} WRONGTYPE for a value that has no elements to sort. */
function elementsOf({ map }: Database, ref: number): Iterable<Uint8Array> {
  switch (map.typeOf(ref)) {
    case TYPE_LIST:
      return listValues(map, ref);
    case TYPE_SET:
      return setMembers(map, ref);
    case TYPE_ZSET:
      markSkiplist(map, ref);
      return membersOf(map, ref);
    default:
      throw CommandError.wrongType;
  }
}

/** The members of a sorted set in its order. */
function* membersOf(map: ByteMap, ref: number): Generator<Uint8Array> {
  for (const [member] of sortedSetEntries(map, ref)) yield member;
}

/** The elements' indices in the order asked for. */
function orderOf(
  db: Database,
  elements: ByteStrings,
  options: SortOptions,
  isSet: boolean,
): number[] {
  const order = Array.from({ length: elements.length }, (_, i) => i);
  const { by, isDescending } = options;
  if (options.isUnsorted) {
    // A set has no order that could be turned round.
    return isDescending && !isSet ? order.reverse() : order;
  }
  const compare = options.isAlphabetic
    ? by === undefined
      ? (one: number, other: number) => elements.compare(one, other)
      : compareByText(db, elements, options)
    : compareByScore(db, elements, options);
  return order.sort(
    isDescending ? (one, other) => -compare(one, other) : compare,
  );
}

type Comparison = (one: number, other: number) => number;

/** Compares the texts that BY names; elements without one come first. */
function compareByText(
  db: Database,
  elements: ByteStrings,
  { by }: SortOptions,
): Comparison {
  const texts = new ByteStrings(), isMissing: boolean[] = [];
  for (let i = 0; i < elements.length; i++) {
    const text = by!.valueFor(db, elements.get(i));
    isMissing.push(text === undefined);
    texts.push(text ?? NOTHING);
  }
  return (one, other) =>
    isMissing[one] || isMissing[other]
      ? Number(isMissing[other]) - Number(isMissing[one])
      : texts.compare(one, other);
}

/**
 * Compares numbers: those that BY names, 0 where it names nothing, or the elements.
 *
 * @throws {CommandError} when one is no number.
 */
function compareByScore(
  db: Database,
  elements: ByteStrings,
  { by }: SortOptions,
): Comparison {
  const scores = new Float64Array(elements.length);
  let isWrong = false;
  for (let i = 0; i < elements.length; i++) {
    const element = elements.get(i);
    const text = by === undefined ? element : by.valueFor(db, element);
    const score = text === undefined ? 0 : scoreOf(text);
    if (score === undefined) isWrong = true;
    else scores[i] = score;
  }
  if (isWrong) throw NOT_A_SCORE;
  return (one, other) =>
    scores[one] < scores[other]
      ? -1
      : scores[one] > scores[other]
      ? 1
      : elements.compare(one, other);
}

/** A number as strtod reads it: spaces before it, nothing behind it but a null byte; an empty text is 0. */
function scoreOf(text: Uint8Array): number | undefined {
  const small = parseSmallInteger(text, 0, text.length);
  if (small === small) return small;
  const end = text.indexOf(0);
  const digits = textOfBytes(end < 0 ? text : text.subarray(0, end));
  if (digits === "") return 0;
  return parseFloatStrict(digits.replace(/^[ \t\n\v\f\r]+/, ""));
}

function limit(order: number[], { offset, count }: SortOptions): number[] {
  const start = Math.max(offset, 0);
  return order.slice(start, count < 0 ? undefined : start + count);
}

/** What is answered or stored: each chosen element, or what each GET names for it. */
function* resultsOf(
  db: Database,
  elements: ByteStrings,
  chosen: readonly number[],
  { gets }: SortOptions,
): Generator<Uint8Array | undefined> {
  for (const index of chosen) {
    const element = elements.get(index);
    if (gets.length === 0) yield element;
    else for (const get of gets) yield get.valueFor(db, element);
  }
}

function answer(
  db: Database,
  reply: ReplyWriter,
  elements: ByteStrings,
  chosen: readonly number[],
  options: SortOptions,
): void {
  reply.array(chosen.length * Math.max(options.gets.length, 1));
  for (const result of resultsOf(db, elements, chosen, options)) {
    if (result === undefined) reply.null();
    else reply.bulk(result);
  }
}

/** Stores the results as a list; no results delete the destination. */
function store(
  { db, keyspace }: Call,
  args: Args,
  reply: ReplyWriter,
  elements: ByteStrings,
  chosen: readonly number[],
  options: SortOptions,
): void {
  const { storeIndex } = options, results = new ByteStrings();
  for (const result of resultsOf(db, elements, chosen, options)) {
    results.push(result ?? NOTHING);
  }
  const { length } = results;
  reply.integer(length);
  if (length === 0) {
    const ref = db.write(args, storeIndex);
    if (ref !== 0) db.delete(args, storeIndex, ref);
    return;
  }
  const list = listFrom(valuesOf(results), keyspace.limits);
  const ref = db.write(args, storeIndex);
  putValue(db, args, storeIndex, ref, TYPE_LIST, list);
  db.changed(args, storeIndex, SORTSTORE_EVENT);
  keyspace.dirty += length - 1;
}

function* valuesOf(strings: ByteStrings): Generator<Uint8Array> {
  for (let i = 0; i < strings.length; i++) yield strings.get(i);
}

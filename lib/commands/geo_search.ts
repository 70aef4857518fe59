/** Commands that search a geospatial index. */

import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import {
  type CommandDefinition,
  defineCommand,
  keyAt,
  type KeySpec,
  oneKey,
} from "../router/command.ts";
import type { Database } from "../keyspace/database.ts";
import { TYPE_ZSET } from "../keyspace/record.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { type Area, AreaSearch } from "../types/geo_area.ts";
import { decodePlace, type Place } from "../types/geohash.ts";
import { ScratchSource } from "../types/inline_entries.ts";
import { SortedSetEdit } from "../types/sorted_set_edit.ts";
import { SortedSetReader } from "../types/sorted_set_reader.ts";
import { sortFirst } from "../types/sort_first.ts";
import { memberScore } from "../types/sorted_set_value.ts";
import {
  readPlace,
  readRadius,
  replyDistance,
  replyPlace,
} from "./geo_arguments.ts";
import {
  readSearchOptions,
  type SearchForm,
  type SearchOptions,
} from "./geo_search_options.ts";
import {
  GEORADIUSSTORE_EVENT,
  GEOSEARCHSTORE_EVENT,
} from "./sorted_set_event.ts";
import { storeSortedSet } from "./sorted_set_store.ts";

const NO_SUCH_MEMBER = new CommandError(
  "ERR could not decode requested zset member",
);

const reader = new SortedSetReader();
const areaSearch = new AreaSearch();
const edit = new SortedSetEdit();
const memberSource = new ScratchSource();

const SHAPE_SYNTAX =
  "<FROMMEMBER member | FROMLONLAT (longitude latitude){fromlonlat}>{from} <(BYRADIUS radius <M | KM | FT | MI>{unit}){circle} | (BYBOX width height <M | KM | FT | MI>{unit}){box}>{by} [ASC | DESC]{order} [COUNT count [ANY]]{count-block}";
const RADIUS_SYNTAX =
  "radius <M | KM | FT | MI>{unit} [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count [ANY{6.2.0}]]{count-block} [ASC | DESC]{order}";
const STORE_SYNTAX =
  "[STORE key{storekey #1} | STOREDIST key{storedistkey #2}]{store}";
const SEARCH_COMPLEXITY =
  "O(N+log(M)) where N is the number of elements in the grid-aligned bounding box area around the shape provided as the filter and M is the number of items inside the shape";
const RADIUS_COMPLEXITY =
  "O(N+log(M)) where N is the number of elements inside the bounding box of the circular area delimited by center and radius and M is the number of items inside the index.";
const UPPERCASE_UNITS = [
  "7.0.0",
  "Added support for uppercase unit names.",
] as const;
const ANY_COUNT = [
  "6.2.0",
  "Added the `ANY` option for `COUNT`.",
] as const;

/** The key that is searched, and those that STORE and STOREDIST name. */
function keysWithStore(startFrom: number): readonly KeySpec[] {
  return [
    keyAt(1, "RO", "access"),
    ...["STORE", "STOREDIST"].map((keyword): KeySpec => ({
      flags: ["OW", "update"],
      begin: { keyword, startFrom },
      find: { last: 0, step: 1, limit: 0 },
    })),
  ];
}

/** GEOSEARCH key <FROMMEMBER … | FROMLONLAT …> <BYRADIUS … | BYBOX …> …. {@link https://redis.io/docs/latest/commands/geosearch/} */
export const geosearchCommand = defineCommand({
  name: "geosearch",
  arity: -7,
  elementIndex: 0,
  flags: ["readonly"],
  group: "geo",
  keys: oneKey("RO", "access"),
  since: "6.2.0",
  complexity: SEARCH_COMPLEXITY,
  summary:
    "Queries a geospatial index for members inside an area of a box or a circle.",
  syntax: `key ${SHAPE_SYNTAX} [WITHCOORD] [WITHDIST] [WITHHASH]`,
  history: [UPPERCASE_UNITS],
  run: (call, args, reply) =>
    search(call, args, 1, reply, {
      optionsIndex: 2,
      isSearch: true,
      storeIndex: 0,
      mayStore: false,
    }),
});

/** GEOSEARCHSTORE destination source <FROMMEMBER … | FROMLONLAT …> <BYRADIUS … | BYBOX …> …. {@link https://redis.io/docs/latest/commands/geosearchstore/} */
export const geosearchstoreCommand = defineCommand({
  name: "geosearchstore",
  arity: -8,
  flags: ["write", "denyoom"],
  group: "geo",
  keys: [keyAt(1, "OW", "update"), keyAt(2, "RO", "access")],
  since: "6.2.0",
  complexity: SEARCH_COMPLEXITY,
  summary:
    "Queries a geospatial index for members inside an area of a box or a circle, optionally stores the result.",
  syntax: `destination source ${SHAPE_SYNTAX} [STOREDIST]`,
  history: [UPPERCASE_UNITS],
  run: (call, args, reply) =>
    search(call, args, 2, reply, {
      optionsIndex: 3,
      isSearch: true,
      storeIndex: 1,
      mayStore: false,
    }),
});

const RADIUS_READS = {
  elementIndex: 0,
  flags: ["readonly"],
  group: "geo",
  keys: oneKey("RO", "access"),
  since: "3.2.10",
  complexity: RADIUS_COMPLEXITY,
  deprecatedSince: "6.2.0",
} satisfies Partial<CommandDefinition>;
const RADIUS_STORES = {
  elementIndex: 0,
  flags: ["write", "denyoom"],
  group: "geo",
  since: "3.2.0",
  complexity: RADIUS_COMPLEXITY,
  deprecatedSince: "6.2.0",
} satisfies Partial<CommandDefinition>;

function radiusForm(optionsIndex: number, mayStore: boolean): SearchForm {
  return { optionsIndex, isSearch: false, storeIndex: 0, mayStore };
}

/** GEORADIUS key longitude latitude radius unit …. {@link https://redis.io/docs/latest/commands/georadius/} */
export const georadiusCommand = defineCommand({
  ...RADIUS_STORES,
  name: "georadius",
  arity: -6,
  keys: keysWithStore(6),
  summary:
    "Queries a geospatial index for members within a distance from a coordinate, optionally stores the result.",
  syntax: `key longitude latitude ${RADIUS_SYNTAX} ${STORE_SYNTAX}`,
  history: [ANY_COUNT, UPPERCASE_UNITS],
  replacedBy: "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` argument",
  run: (call, args, reply) => search(call, args, 1, reply, radiusForm(6, true)),
});

/** GEORADIUS_RO key longitude latitude radius unit …. {@link https://redis.io/docs/latest/commands/georadius_ro/} */
export const georadiusRoCommand = defineCommand({
  ...RADIUS_READS,
  name: "georadius_ro",
  arity: -6,
  summary:
    "Returns members from a geospatial index that are within a distance from a coordinate.",
  syntax: `key longitude latitude ${RADIUS_SYNTAX}`,
  history: [ANY_COUNT],
  replacedBy: "`GEOSEARCH` with the `BYRADIUS` argument",
  run: (call, args, reply) =>
    search(call, args, 1, reply, radiusForm(6, false)),
});

/** GEORADIUSBYMEMBER key member radius unit …. {@link https://redis.io/docs/latest/commands/georadiusbymember/} */
export const georadiusbymemberCommand = defineCommand({
  ...RADIUS_STORES,
  name: "georadiusbymember",
  arity: -5,
  keys: keysWithStore(5),
  summary:
    "Queries a geospatial index for members within a distance from a member, optionally stores the result.",
  syntax: `key member ${RADIUS_SYNTAX.replace("{6.2.0}", "")} ${STORE_SYNTAX}`,
  history: [UPPERCASE_UNITS],
  replacedBy:
    "`GEOSEARCH` and `GEOSEARCHSTORE` with the `BYRADIUS` and `FROMMEMBER` arguments",
  run: (call, args, reply) => search(call, args, 1, reply, radiusForm(5, true)),
});

/** GEORADIUSBYMEMBER_RO key member radius unit …. {@link https://redis.io/docs/latest/commands/georadiusbymember_ro/} */
export const georadiusbymemberRoCommand = defineCommand({
  ...RADIUS_READS,
  name: "georadiusbymember_ro",
  arity: -5,
  summary:
    "Returns members from a geospatial index that are within a distance from a member.",
  syntax: `key member ${RADIUS_SYNTAX.replace("{6.2.0}", "")}`,
  replacedBy: "`GEOSEARCH` with the `BYRADIUS` and `FROMMEMBER` arguments",
  run: (call, args, reply) =>
    search(call, args, 1, reply, radiusForm(5, false)),
});

/** The members that a search found, by their numbers in the reader; one for all searches. */
const found = {
  count: 0,
  members: new Int32Array(64),
  scores: new Float64Array(64),
  distancesM: new Float64Array(64),
  /** What is answered, in order: places in the arrays above. */
  order: new Uint32Array(64),
};

function search(
  { db, keyspace }: Call,
  args: Args,
  keyIndex: number,
  reply: ReplyWriter,
  form: SearchForm,
): void {
  const ref = db.readType(args, keyIndex, TYPE_ZSET);
  const placeOf = (index: number) => placeOfMember(db, ref, args, index);
  const area = form.isSearch ? undefined : radiusArea(args, form, placeOf);
  const options = readSearchOptions(args, form, placeOf);
  const center = area?.center ?? options.center;
  const shape = area ?? options.shape;
  found.count = 0;
  if (center !== undefined && shape !== undefined) {
    reader.open(db.map, ref);
    findPlaces({ ...shape, center }, options);
  }
  const unitM = shape?.unitM ?? 1;
  if (options.storeIndex === 0) {
    return answerFound(reply, options, unitM);
  }
  edit.begin(keyspace.limits);
  for (let i = 0; i < found.count; i++) {
    const at = found.order[i];
    reader.load(found.members[at]);
    const { bytes, offset, length } = reader;
    memberSource.hold(bytes.subarray(offset, offset + length));
    edit.find(memberSource, 0, length);
    const kept = options.storesDistance
      ? found.distancesM[at] / unitM
      : found.scores[at];
    edit.add(memberSource, 0, length, kept);
  }
  const event = form.isSearch ? GEOSEARCHSTORE_EVENT : GEORADIUSSTORE_EVENT;
  storeSortedSet(db, args, edit, event, reply, options.storeIndex);
  keyspace.dirty += Math.max(0, found.count - 1);
}

/** The circle of GEORADIUS and GEORADIUSBYMEMBER; undefined when there is no key to look for the member in. */
function radiusArea(
  args: Args,
  { optionsIndex }: SearchForm,
  placeOf: (index: number) => Place | undefined,
): Area | undefined {
  const isMember = optionsIndex === 5;
  const center = isMember ? placeOf(2) : readPlace(args, 2);
  if (center === undefined) return undefined;
  const circle = readRadius(args, optionsIndex - 2);
  return { center, ...circle, width: 0, height: 0 };
}

/** The place of the member at an argument; undefined without a key. */
function placeOfMember(
  { map }: Database,
  ref: number,
  args: Args,
  index: number,
): Place | undefined {
  if (ref === 0) return undefined;
  const offset = args.offset(index), length = args.length(index);
  const score = memberScore(map, ref, args, offset, length);
  if (score !== score) throw NO_SUCH_MEMBER;
  return decodePlace(score);
}

/** Finds what the open reader has in an area, in the order and number asked for. */
function findPlaces(area: Area, options: SearchOptions): void {
  const { count, isAny } = options;
  const isSorted = options.order !== "none" || (count > 0 && !isAny);
  areaSearch.begin(
    area,
    isSorted || options.hasDistance || options.storesDistance,
  );
  const { mins, maxs, rangeCount } = areaSearch;
  const limit = isAny ? count : Infinity;
  for (let i = 0; i < rangeCount && found.count < limit; i++) {
    reader.seekScore(mins[i]);
    while (takeRun(maxs[i], limit) && reader.nextRun());
  }
  for (let i = 0; i < found.count; i++) found.order[i] = i;
  if (isSorted) sortFound(options);
  if (count > 0) found.count = Math.min(found.count, count);
}

/** Takes what of the reader's run is below `max` and inside the area, until there are `limit`; whether what follows is to be looked at, too. */
function takeRun(max: number, limit: number): boolean {
  const { runScores, runMembers, runAt, runLength } = reader;
  for (let at = runAt, end = runAt + runLength; at < end; at++) {
    const score = runScores[at];
    if (score >= max) return false;
    const distanceM = areaSearch.measure(score);
    if (distanceM < 0) continue;
    if (found.count === found.members.length) growFound();
    const to = found.count++;
    found.members[to] = runMembers[at];
    found.scores[to] = score;
    found.distancesM[to] = distanceM;
    if (found.count >= limit) return false;
  }
  return true;
}

/** Sorts by distance; of some that are asked for as Redis does, which shows where distances are equal. */
function sortFound({ order, count }: SearchOptions): void {
  const { distancesM } = found;
  const sign = order === "descending" ? -1 : 1;
  const compare = (one: number, other: number) =>
    sign * (distancesM[one] - distancesM[other]);
  if (count > 0 && count < found.count) {
    return sortFirst(found.order, found.count, count, compare);
  }
  found.order.subarray(0, found.count).sort(compare);
}

function growFound(): void {
  const { members, scores, distancesM, count } = found;
  found.members = new Int32Array(count * 2);
  found.members.set(members);
  found.scores = new Float64Array(count * 2);
  found.scores.set(scores);
  found.distancesM = new Float64Array(count * 2);
  found.distancesM.set(distancesM);
  found.order = new Uint32Array(count * 2);
}

function answerFound(
  reply: ReplyWriter,
  { hasDistance, hasHash, hasPlace }: SearchOptions,
  unitM: number,
): void {
  const details = Number(hasDistance) + Number(hasHash) + Number(hasPlace);
  reply.array(found.count);
  for (let i = 0; i < found.count; i++) {
    const at = found.order[i], score = found.scores[at];
    if (details > 0) reply.array(details + 1);
    reader.replyMember(reply, found.members[at]);
    if (hasDistance) replyDistance(reply, found.distancesM[at] / unitM);
    if (hasHash) reply.integer(Math.trunc(score));
    if (hasPlace) replyPlace(reply, decodePlace(score));
  }
}

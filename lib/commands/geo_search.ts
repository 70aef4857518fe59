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
import { type Area, measure, scoreRanges } from "../types/geo_area.ts";
import { decodePlace, type Place } from "../types/geohash.ts";
import { ScratchSource } from "../types/inline_entries.ts";
import { SortedSetEdit } from "../types/sorted_set_edit.ts";
import { SortedSetReader } from "../types/sorted_set_reader.ts";
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
  flags: ["readonly"],
  group: "geo",
  keys: oneKey("RO", "access"),
  since: "3.2.10",
  complexity: RADIUS_COMPLEXITY,
  deprecatedSince: "6.2.0",
} satisfies Partial<CommandDefinition>;
const RADIUS_STORES = {
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

/** A member that was found; its bytes are where the index has them. */
interface Found {
  readonly bytes: Uint8Array;
  readonly offset: number;
  readonly length: number;
  readonly score: number;
  readonly place: Place;
  readonly distanceM: number;
}

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
  let found: Found[] = [];
  if (center !== undefined && shape !== undefined) {
    reader.open(db.map, ref);
    found = findPlaces({ ...shape, center }, options);
  }
  const unitM = shape?.unitM ?? 1;
  if (options.storeIndex === 0) {
    return answerFound(reply, found, options, unitM);
  }
  edit.begin(keyspace.limits);
  for (const { bytes, offset, length, score, distanceM } of found) {
    memberSource.hold(bytes.subarray(offset, offset + length));
    edit.find(memberSource, 0, length);
    const kept = options.storesDistance ? distanceM / unitM : score;
    edit.add(memberSource, 0, length, kept);
  }
  const event = form.isSearch ? GEOSEARCHSTORE_EVENT : GEORADIUSSTORE_EVENT;
  storeSortedSet(db, args, edit, event, reply, options.storeIndex);
  keyspace.dirty += Math.max(0, found.length - 1);
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
function findPlaces(area: Area, options: SearchOptions): Found[] {
  const { count, isAny } = options, found: Found[] = [];
  const limit = isAny ? count : Infinity;
  for (const { min, max } of scoreRanges(area)) {
    if (found.length >= limit) break;
    const first = reader.countBelowScore(min, false);
    const end = reader.countBelowScore(max, false);
    for (let rank = first; rank < end && found.length < limit; rank++) {
      if (rank === first) reader.seek(rank);
      else reader.next();
      const measured = measure(area, reader.score);
      if (measured === undefined) continue;
      const { bytes, offset, length, score } = reader;
      found.push({ bytes, offset, length, score, ...measured });
    }
  }
  const isOrdered = options.order !== "none" || (count > 0 && !isAny);
  if (isOrdered) {
    const sign = options.order === "descending" ? -1 : 1;
    found.sort((one, other) => sign * (one.distanceM - other.distanceM));
  }
  return count > 0 ? found.slice(0, count) : found;
}

function answerFound(
  reply: ReplyWriter,
  found: readonly Found[],
  { hasDistance, hasHash, hasPlace }: SearchOptions,
  unitM: number,
): void {
  const details = Number(hasDistance) + Number(hasHash) + Number(hasPlace);
  reply.array(found.length);
  for (const { bytes, offset, length, score, place, distanceM } of found) {
    if (details > 0) reply.array(details + 1);
    reply.bulkRange(bytes, offset, length);
    if (hasDistance) replyDistance(reply, distanceM / unitM);
    if (hasHash) reply.integer(Math.trunc(score));
    if (hasPlace) replyPlace(reply, place);
  }
}

/** Commands that add places to a geospatial index, which is a sorted set, and look them up. */

import type { Args } from "../router/args.ts";
import { CommandError } from "../router/command_error.ts";
import {
  type CommandDefinition,
  defineCommand,
  oneKey,
} from "../router/command.ts";
import type { Database } from "../keyspace/database.ts";
import { TYPE_ZSET } from "../keyspace/record.ts";
import {
  decodePlace,
  encodePlace,
  geohashText,
  placeDistance,
} from "../types/geohash.ts";
import { memberScore } from "../types/sorted_set_value.ts";
import {
  readPlace,
  readUnit,
  replyDistance,
  replyPlace,
} from "./geo_arguments.ts";
import { zaddCommand } from "./sorted_set.ts";
import { ADD_NX, ADD_XX, addMembers } from "./sorted_set_add.ts";

/**
 * GEOADD key [NX | XX] [CH] longitude latitude member [longitude latitude member ...]
 *
 * Replicas get a ZADD. {@link https://redis.io/docs/latest/commands/geoadd/}
 */
export const geoaddCommand = defineCommand({
  name: "geoadd",
  arity: -5,
  elementIndex: 4,
  flags: ["write", "denyoom"],
  group: "geo",
  keys: oneKey("RW", "update"),
  since: "3.2.0",
  complexity:
    "O(log(N)) for each item added, where N is the number of elements in the sorted set.",
  summary:
    "Adds one or more members to a geospatial index. The key is created if it doesn't exist.",
  syntax:
    "key [NX | XX]{condition 6.2.0} [CH{change 6.2.0}] (longitude latitude member){data} [...]",
  history: [["6.2.0", "Added the `CH`, `NX` and `XX` options."]],
  run(call, args, reply) {
    let index = 2, flags = 0, countsChanges = false;
    for (; index < args.count; index++) {
      if (args.is(index, "nx")) flags |= ADD_NX;
      else if (args.is(index, "xx")) flags |= ADD_XX;
      else if (args.is(index, "ch")) countsChanges = true;
      else break;
    }
    const count = (args.count - index) / 3;
    const isBoth = flags === (ADD_NX | ADD_XX);
    if (count === 0 || !Number.isInteger(count) || isBoth) {
      throw CommandError.syntax;
    }
    const scores = new Float64Array(count);
    for (let i = 0; i < count; i++) {
      const { longitude, latitude } = readPlace(args, index + 3 * i);
      scores[i] = encodePlace(longitude, latitude);
    }
    const { added, updated } = addMembers(
      call,
      args,
      index + 2,
      3,
      scores,
      count,
      flags,
    );
    if (added + updated > 0 && call.effects.isWanted) {
      call.effects.replaceWith(
        zaddCommand.name,
        ...Array.from({ length: index - 1 }, (_, i) => args.slice(i + 1)),
        ...Array.from(
          scores,
          (score, i) => [`${score}`, args.slice(index + 2 + 3 * i)],
        ).flat(),
      );
    }
    reply.integer(countsChanges ? added + updated : added);
  },
});

const READS = {
  flags: ["readonly"],
  group: "geo",
  keys: oneKey("RO", "access"),
  since: "3.2.0",
} satisfies Partial<CommandDefinition>;

/** The score of the member at an argument; NaN when it is not there. */
function scoreOf(
  { map }: Database,
  ref: number,
  args: Args,
  index: number,
): number {
  if (ref === 0) return NaN;
  return memberScore(map, ref, args, args.offset(index), args.length(index));
}

/** GEOPOS key [member [member ...]]. {@link https://redis.io/docs/latest/commands/geopos/} */
export const geoposCommand = defineCommand({
  ...READS,
  name: "geopos",
  arity: -2,
  complexity: "O(1) for each member requested.",
  summary:
    "Returns the longitude and latitude of members from a geospatial index.",
  syntax: "key [member [member ...]]",
  run({ db }, args, reply) {
    const ref = db.readType(args, 1, TYPE_ZSET);
    reply.array(args.count - 2);
    for (let i = 2; i < args.count; i++) {
      const score = scoreOf(db, ref, args, i);
      if (score === score) replyPlace(reply, decodePlace(score));
      else reply.nullArray();
    }
  },
});

/** GEOHASH key [member [member ...]]. {@link https://redis.io/docs/latest/commands/geohash/} */
export const geohashCommand = defineCommand({
  ...READS,
  name: "geohash",
  arity: -2,
  complexity: "O(1) for each member requested.",
  summary: "Returns members from a geospatial index as geohash strings.",
  syntax: "key [member [member ...]]",
  run({ db }, args, reply) {
    const ref = db.readType(args, 1, TYPE_ZSET);
    reply.array(args.count - 2);
    for (let i = 2; i < args.count; i++) {
      const score = scoreOf(db, ref, args, i);
      if (score === score) reply.bulkText(geohashText(score));
      else reply.null();
    }
  },
});

/** GEODIST key member1 member2 [M | KM | FT | MI]. {@link https://redis.io/docs/latest/commands/geodist/} */
export const geodistCommand = defineCommand({
  ...READS,
  name: "geodist",
  arity: -4,
  complexity: "O(1)",
  summary: "Returns the distance between two members of a geospatial index.",
  syntax: "key member1 member2 [M | KM | FT | MI]{unit}",
  run({ db }, args, reply) {
    if (args.count > 5) throw CommandError.syntax;
    const unitM = args.count === 5 ? readUnit(args, 4) : 1;
    const ref = db.readType(args, 1, TYPE_ZSET);
    const score = scoreOf(db, ref, args, 2), other = scoreOf(db, ref, args, 3);
    if (score !== score || other !== other) return reply.null();
    const distanceM = placeDistance(decodePlace(score), decodePlace(other));
    replyDistance(reply, distanceM / unitM);
  },
});

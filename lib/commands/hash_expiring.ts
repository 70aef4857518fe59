/** Commands that read or set fields and have them expire, or go, at the same time. */

import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand, oneKey } from "../router/command.ts";
import { DEL_EVENT } from "../keyspace/key_event.ts";
import { TYPE_HASH } from "../keyspace/record.ts";
import { NO_EXPIRY } from "../keyspace/record_store.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { HashEdit } from "../types/hash_edit.ts";
import { HashField } from "../types/hash_field.ts";
import { storeEdit } from "./collection_store.ts";
import {
  fieldMoment,
  fieldsFrom,
  MILLISECONDS,
  SECONDS,
  type TimeForm,
  UNIX_MILLISECONDS,
  UNIX_SECONDS,
} from "./field_arguments.ts";
import { FieldTimes, removeMissed, writeHash } from "./field_times.ts";
import { HDEL_EVENT, HEXPIRE_EVENT, HSET_EVENT } from "./hash_event.ts";

/** The words before a time. */
const TIME_WORDS: readonly (readonly [string, TimeForm])[] = [
  ["ex", SECONDS],
  ["px", MILLISECONDS],
  ["exat", UNIX_SECONDS],
  ["pxat", UNIX_MILLISECONDS],
];

const BAD_COUNT = new CommandError("ERR invalid number of fields");
const TWO_CONDITIONS = new CommandError(
  "ERR Only one of FXX or FNX arguments can be specified",
);
const TWO_TIMES = new CommandError(
  "ERR Only one of EX, PX, EXAT, PXAT or KEEPTTL arguments can be specified",
);
const INT32_MAX = 2 ** 31 - 1;

const edit = new HashEdit();
const field = new HashField();

/** How the time behind an argument is given; `undefined` when it is no word for one. */
function timeForm(args: Args, index: number): TimeForm | undefined {
  return TIME_WORDS.find(([name]) => args.is(index, name))?.[1];
}

/** The moment that the option at an argument means, or -1 when it is no time. */
function momentAt(call: Call, args: Args, index: number): number {
  const form = timeForm(args, index);
  return form === undefined
    ? NO_EXPIRY
    : fieldMoment(call, args, index + 1, form);
}

/** Whether a moment is over, for a server that lets fields expire. */
function isOver({ nowMs, keyspace }: Call, moment: number): boolean {
  return moment !== NO_EXPIRY && moment <= nowMs && keyspace.isExpiring;
}

/** Answers the fields from an argument on, null for those that are not there. */
function answerFields(
  { db, keyspace: { fieldNowMs } }: Call,
  ref: number,
  args: Args,
  first: number,
  reply: ReplyWriter,
): void {
  reply.array(args.count - first);
  for (let i = first; i < args.count; i++) {
    const offset = args.offset(i), length = args.length(i);
    if (field.find(db.map, ref, args, offset, length, fieldNowMs)) {
      field.reply(reply);
    } else reply.null();
  }
}

/** HGETDEL key FIELDS numfields field [field ...]. {@link https://redis.io/docs/latest/commands/hgetdel/} */
export const hgetdelCommand = defineCommand({
  name: "hgetdel",
  arity: -5,
  flags: ["write", "fast"],
  group: "hash",
  keys: oneKey("RW", "access", "delete"),
  since: "8.0.0",
  complexity: "O(N) where N is the number of specified fields",
  summary: "Returns the value of a field and deletes it from the hash.",
  syntax: `key ("FIELDS" numfields{:integer} field [field ...]){fields}`,
  run(call, args, reply) {
    const { db, keyspace, effects } = call;
    const first = fieldsFrom(args, 2);
    const ref = db.writeType(args, 1, TYPE_HASH);
    answerFields(call, ref, args, first, reply);
    if (ref === 0) return;
    edit.open(db.map, ref, keyspace.limits);
    const removed: Uint8Array[] = [];
    for (let i = first; i < args.count && edit.size > 0; i++) {
      if (edit.remove(args, args.offset(i), args.length(i))) {
        removed.push(args.slice(i));
      }
    }
    if (removed.length === 0) return;
    const isEmpty = edit.size === 0;
    if (isEmpty) db.discard(ref);
    else storeEdit(db, args, 1, ref, TYPE_HASH, edit);
    db.changed(args, 1, HDEL_EVENT);
    keyspace.dirty += removed.length - 1;
    if (isEmpty) db.changedToo(args, 1, DEL_EVENT);
    effects.replaceWith("HDEL", args.slice(1), ...removed);
  },
});

/**
 * HGETEX key [EX seconds | PX milliseconds | EXAT unix-time-seconds |
 *   PXAT unix-time-milliseconds | PERSIST] FIELDS numfields field [field ...]
 *
 * {@link https://redis.io/docs/latest/commands/hgetex/}
 */
export const hgetexCommand = defineCommand({
  name: "hgetex",
  arity: -5,
  flags: ["write", "fast"],
  group: "hash",
  keys: oneKey("RW", "access", "update"),
  since: "8.0.0",
  complexity: "O(N) where N is the number of specified fields",
  summary:
    "Get the value of one or more fields of a given hash key, and optionally set their expiration.",
  syntax:
    `key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST]{expiration} ("FIELDS" numfields{:integer} field [field ...]){fields}`,
  run(call, args, reply) {
    const moment = momentAt(call, args, 2);
    const persists = args.is(2, "persist");
    const at = moment !== NO_EXPIRY ? 4 : persists ? 3 : 2;
    const first = fieldsFrom(args, at);
    const ref = call.db.writeType(args, 1, TYPE_HASH);
    answerFields(call, ref, args, first, reply);
    if (ref !== 0 && at > 2) setTimes(call, args, ref, first, moment);
    removeMissed(call, args, field, first);
  },
});

/** Gives the fields from an argument on another moment, or none with -1. */
function setTimes(
  call: Call,
  args: Args,
  ref: number,
  first: number,
  moment: number,
): void {
  const times = new FieldTimes(call, args, ref);
  for (let i = first; i < args.count; i++) {
    const found = times.find(i);
    if (found === 0) continue;
    if (isOver(call, moment)) times.remove(i, found);
    else if (moment !== NO_EXPIRY) times.expire(i, found, moment);
    else if (times.expiryOf(found) !== NO_EXPIRY) times.persist(i, found);
  }
  times.end();
}

/** What HSETEX is asked to do, beside its fields. */
interface SetOptions {
  /** `fnx`: only if none of the fields is there; `fxx`: only if all are. */
  condition: string;
  /** When the fields expire, or -1. */
  moment: number;
  /** Fields keep the time that they have. */
  keepsTimes: boolean;
  /** The argument of the first field. */
  first: number;
}

/**
 * HSETEX key [FNX | FXX] [EX seconds | PX milliseconds | EXAT unix-time-seconds |
 *   PXAT unix-time-milliseconds | KEEPTTL] FIELDS numfields field value [field value ...]
 *
 * {@link https://redis.io/docs/latest/commands/hsetex/}
 */
export const hsetexCommand = defineCommand({
  name: "hsetex",
  arity: -6,
  flags: ["write", "denyoom", "fast"],
  group: "hash",
  keys: oneKey("RW", "update"),
  since: "8.0.0",
  complexity: "O(N) where N is the number of fields being set.",
  summary:
    "Set the value of one or more fields of a given hash key, and optionally set their expiration.",
  syntax:
    `key [FNX | FXX]{condition} [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]{expiration} ("FIELDS" numfields{:integer} (field value){data} [...]){fields}`,
  run(call, args, reply) {
    const options = readSetOptions(call, args);
    const ref = writeHash(call, args, options.first);
    if (!isConditionMet(call, args, ref, options)) return reply.integer(0);
    if (isOver(call, options.moment)) removeFields(call, args, ref, options);
    else setFields(call, args, ref, options);
    reply.integer(1);
  },
});

/** @throws {CommandError} for what Redis 8 refuses, in its order. */
function readSetOptions(call: Call, args: Args): SetOptions {
  let condition = "", moment = NO_EXPIRY, keepsTimes = false;
  // Options alone would be fewer arguments than the least.
  for (let at = 2;; at++) {
    if (args.is(at, "fields")) {
      const first = pairsFrom(call, args, at);
      return { condition, moment, keepsTimes, first };
    }
    if (args.is(at, "fnx") || args.is(at, "fxx")) {
      if (condition !== "") throw TWO_CONDITIONS;
      condition = args.text(at).toLowerCase();
      continue;
    }
    const isKept = args.is(at, "keepttl"), form = timeForm(args, at);
    if (!isKept && form === undefined) {
      throw new CommandError(`ERR unknown argument: ${args.text(at)}`);
    }
    if (keepsTimes || moment !== NO_EXPIRY) throw TWO_TIMES;
    if (isKept) keepsTimes = true;
    else moment = fieldMoment(call, args, ++at, form!);
  }
}

/** Checks the count of fields and values behind FIELDS at an argument; where they begin. */
function pairsFrom(call: Call, args: Args, index: number): number {
  const given = args.count - index - 2;
  if (given < 2) throw CommandError.wrongArity(call.command.fullName);
  const count = args.integer(index + 1, BAD_COUNT);
  if (count < 1 || count > INT32_MAX) throw BAD_COUNT;
  if (given !== 2 * count) {
    throw CommandError.wrongArity(call.command.fullName);
  }
  return index + 2;
}

function isConditionMet(
  { db, keyspace: { fieldNowMs } }: Call,
  args: Args,
  ref: number,
  { condition, first }: SetOptions,
): boolean {
  if (condition === "") return true;
  const wanted = condition === "fxx";
  for (let i = first; i < args.count; i += 2) {
    const offset = args.offset(i), length = args.length(i);
    const isThere = field.find(db.map, ref, args, offset, length, fieldNowMs);
    if (isThere !== wanted) return false;
  }
  return true;
}

/** Fields with a time that is over are gone at once. */
function removeFields(
  call: Call,
  args: Args,
  ref: number,
  { first }: SetOptions,
): void {
  if (ref === 0) return;
  const times = new FieldTimes(call, args, ref);
  for (let i = first; i < args.count; i += 2) {
    const found = times.find(i);
    if (found !== 0) times.remove(i, found);
  }
  times.end();
}

function setFields(
  call: Call,
  args: Args,
  ref: number,
  { moment, keepsTimes, first }: SetOptions,
): void {
  const { db, keyspace } = call, { map } = db, { fieldNowMs } = keyspace;
  const moments: number[] = [];
  for (let i = first; i < args.count; i += 2) {
    const offset = args.offset(i), length = args.length(i);
    if (!keepsTimes) moments.push(moment);
    else if (field.find(map, ref, args, offset, length, fieldNowMs)) {
      moments.push(field.expiresAt);
    } else moments.push(NO_EXPIRY);
  }
  if (ref === 0) edit.begin(keyspace.limits);
  else edit.open(map, ref, keyspace.limits);
  edit.expect((args.count - first) / 2);
  for (let i = first; i < args.count; i += 2) {
    edit.set(
      args,
      args.offset(i),
      args.length(i),
      args,
      args.offset(i + 1),
      args.length(i + 1),
      moments[(i - first) / 2],
    );
  }
  storeEdit(db, args, 1, ref, TYPE_HASH, edit);
  keyspace.fieldExpiry.note(edit.object, db, args.slice(1));
  db.changed(args, 1, HSET_EVENT);
  keyspace.dirty += moments.length - 1;
  if (moment === NO_EXPIRY) return;
  db.changedToo(args, 1, HEXPIRE_EVENT);
  passOnSet(call, args, first, moment);
}

/** Replicas get the moment. */
function passOnSet(
  { effects }: Call,
  args: Args,
  first: number,
  moment: number,
): void {
  if (!effects.isWanted) return;
  const key = args.slice(1), pairs: Uint8Array[] = [];
  for (let i = first - 2; i < args.count; i++) pairs.push(args.slice(i));
  effects.replaceWith("HSETEX", key, "PXAT", String(moment), ...pairs);
}

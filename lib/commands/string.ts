/** Commands that set and get one string whole. */

import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { defineCommand, keyAt, oneKey } from "../router/command.ts";
import type { Effects } from "../router/effects.ts";
import { EXPIRE_EVENT, PERSIST_EVENT } from "../keyspace/key_event.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { delCommand, unlinkCommand } from "./key.ts";
import { persistCommand, pexpireatCommand } from "./key_expiry.ts";
import { SET_EVENT } from "./string_event.ts";
import {
  flagsOf,
  momentOf,
  momentOfOptions,
  OPTION_EXAT,
  OPTION_GET,
  OPTION_KEEPTTL,
  OPTION_NX,
  OPTION_PERSIST,
  OPTION_PXAT,
  OPTION_TIME,
  OPTION_XX,
  readGetexOptions,
  readSetOptions,
} from "./string_expiry.ts";

const SECOND_MS = 1000;
const NEVER = -1;
/** How SET says an absolute time in what replicas get. */
const PXAT = "PXAT";

/** GET key. {@link https://redis.io/docs/latest/commands/get/} */
export const getCommand = defineCommand({
  name: "get",
  arity: 2,
  flags: ["readonly", "fast"],
  group: "string",
  keys: oneKey("RO", "access"),
  since: "1.0.0",
  complexity: "O(1)",
  summary: "Returns the string value of a key.",
  syntax: "key",
  run(call, args, reply) {
    answerValue(call, args, reply);
  },
});

/**
 * SET key value [NX | XX] [GET] [EX seconds | PX milliseconds |
 *   EXAT unix-time-seconds | PXAT unix-time-milliseconds | KEEPTTL]
 *
 * With GET, the answer is the old value, whether the new one was set or not.
 * Replicas get the moment of an expiry, and no GET.
 * {@link https://redis.io/docs/latest/commands/set/}
 */
export const setCommand = defineCommand({
  name: "set",
  arity: -3,
  flags: ["write", "denyoom"],
  group: "string",
  keys: [{
    ...keyAt(1, "RW", "access", "update", "variable_flags"),
    notes: "RW and ACCESS due to the optional `GET` argument",
  }],
  keyFlagsOf(args, nameIndex) {
    for (let i = nameIndex + 3; i < args.count; i++) {
      if (args.is(i, "get")) return ["RW", "access", "update"];
    }
    return ["OW", "update"];
  },
  since: "1.0.0",
  complexity: "O(1)",
  summary:
    "Sets the string value of a key, ignoring its type. The key is created if it doesn't exist.",
  syntax:
    "key value [NX | XX]{condition 2.6.12} [GET]{6.2.0} [EX seconds{2.6.12} | PX milliseconds{2.6.12} | EXAT unix-time-seconds{6.2.0} | PXAT unix-time-milliseconds{6.2.0} | KEEPTTL{6.0.0}]{expiration}",
  history: [
    ["2.6.12", "Added the `EX`, `PX`, `NX` and `XX` options."],
    ["6.0.0", "Added the `KEEPTTL` option."],
    ["6.2.0", "Added the `GET`, `EXAT` and `PXAT` option."],
    ["7.0.0", "Allowed the `NX` and `GET` options to be used together."],
  ],
  run(call, args, reply) {
    if (args.count > 3) return setWithOptions(call, args, reply);
    const ref = call.db.write(args, 1);
    call.db.setString(args, 1, ref, 2, false, SET_EVENT);
    reply.ok();
  },
});

function setWithOptions(call: Call, args: Args, reply: ReplyWriter): void {
  const { db, effects } = call;
  const options = readSetOptions(args), flags = flagsOf(options);
  const isGet = (flags & OPTION_GET) !== 0;
  const expiresAt = (flags & OPTION_TIME) === 0
    ? NEVER
    : momentOfOptions(call, args, options);
  if (isGet) answerValue(call, args, reply);
  const ref = db.write(args, 1);
  if ((flags & (ref === 0 ? OPTION_XX : OPTION_NX)) !== 0) {
    if (!isGet) reply.null();
    return;
  }
  const keepExpiry = (flags & OPTION_KEEPTTL) !== 0;
  db.setString(args, 1, ref, 2, keepExpiry, SET_EVENT, expiresAt);
  if (expiresAt !== NEVER) {
    db.changedToo(args, 1, EXPIRE_EVENT);
    if (effects.isWanted && (flags & OPTION_PXAT) === 0) {
      passOnSet(effects, args, 2, expiresAt);
    }
  } else if (isGet && effects.isWanted) passOnWithoutGet(effects, args);
  if (!isGet) reply.ok();
}

/** Passes on a SET with its moment in place of a relative time. */
function passOnSet(
  effects: Effects,
  args: Args,
  valueIndex: number,
  expiresAt: number | bigint,
): void {
  effects.replaceWith(
    setCommand.name,
    args.slice(1),
    args.slice(valueIndex),
    PXAT,
    String(expiresAt),
  );
}

function passOnWithoutGet(effects: Effects, args: Args): void {
  const kept: Uint8Array[] = [];
  for (let i = 0; i < args.count; i++) {
    if (i < 3 || !args.is(i, "get")) kept.push(args.slice(i));
  }
  effects.replaceWith(...kept);
}

/** Answers the string at argument 1, or null; the ref of what it answered, or 0. */
function answerValue(call: Call, args: Args, reply: ReplyWriter): number {
  const ref = call.db.readString(args, 1);
  if (ref === 0) reply.null();
  else call.db.replyString(reply, ref);
  return ref;
}

/** SETNX key value. {@link https://redis.io/docs/latest/commands/setnx/} */
export const setnxCommand = defineCommand({
  name: "setnx",
  arity: 3,
  flags: ["write", "denyoom", "fast"],
  group: "string",
  keys: oneKey("OW", "insert"),
  since: "1.0.0",
  complexity: "O(1)",
  summary: "Set the string value of a key only when the key doesn't exist.",
  syntax: "key value",
  deprecatedSince: "2.6.12",
  replacedBy: "`SET` with the `NX` argument",
  run({ db }, args, reply) {
    const ref = db.write(args, 1);
    if (ref === 0) db.setString(args, 1, ref, 2, false, SET_EVENT);
    reply.integer(ref === 0 ? 1 : 0);
  },
});

/** SETEX key seconds value. {@link https://redis.io/docs/latest/commands/setex/} */
export const setexCommand = defineCommand({
  name: "setex",
  arity: 4,
  flags: ["write", "denyoom"],
  group: "string",
  keys: oneKey("OW", "update"),
  since: "2.0.0",
  complexity: "O(1)",
  summary:
    "Sets the string value and expiration time of a key. Creates the key if it doesn't exist.",
  syntax: "key seconds value",
  deprecatedSince: "2.6.12",
  replacedBy: "`SET` with the `EX` argument",
  run(call, args, reply) {
    setFor(call, args, reply, SECOND_MS);
  },
});

/** PSETEX key milliseconds value. {@link https://redis.io/docs/latest/commands/psetex/} */
export const psetexCommand = defineCommand({
  name: "psetex",
  arity: 4,
  flags: ["write", "denyoom"],
  group: "string",
  keys: oneKey("OW", "update"),
  since: "2.6.0",
  complexity: "O(1)",
  summary:
    "Sets both string value and expiration time in milliseconds of a key. The key is created if it doesn't exist.",
  syntax: "key milliseconds value",
  deprecatedSince: "2.6.12",
  replacedBy: "`SET` with the `PX` argument",
  run(call, args, reply) {
    setFor(call, args, reply, 1);
  },
});

/** Sets argument 3 for as many units as argument 2 says. */
function setFor(
  call: Call,
  args: Args,
  reply: ReplyWriter,
  unitMs: number,
): void {
  const { db, effects } = call;
  const expiresAt = momentOf(call, args, 2, unitMs, true);
  const ref = db.write(args, 1);
  db.setString(args, 1, ref, 3, false, SET_EVENT, expiresAt);
  db.changedToo(args, 1, EXPIRE_EVENT);
  if (effects.isWanted) passOnSet(effects, args, 3, expiresAt);
  reply.ok();
}

/** GETSET key value. {@link https://redis.io/docs/latest/commands/getset/} */
export const getsetCommand = defineCommand({
  name: "getset",
  arity: 3,
  flags: ["write", "denyoom", "fast"],
  group: "string",
  keys: oneKey("RW", "access", "update"),
  since: "1.0.0",
  complexity: "O(1)",
  summary:
    "Returns the previous string value of a key after setting it to a new value.",
  syntax: "key value",
  deprecatedSince: "6.2.0",
  replacedBy: "`SET` with the `!GET` argument",
  run(call, args, reply) {
    const { db, effects } = call;
    const ref = answerValue(call, args, reply);
    db.setString(args, 1, ref, 2, false, SET_EVENT);
    if (effects.isWanted) {
      effects.replaceWith(setCommand.name, args.slice(1), args.slice(2));
    }
  },
});

/** GETDEL key. {@link https://redis.io/docs/latest/commands/getdel/} */
export const getdelCommand = defineCommand({
  name: "getdel",
  arity: 2,
  flags: ["write", "fast"],
  group: "string",
  keys: oneKey("RW", "access", "delete"),
  since: "6.2.0",
  complexity: "O(1)",
  summary: "Returns the string value of a key after deleting the key.",
  syntax: "key",
  run(call, args, reply) {
    const { db, effects } = call;
    const ref = answerValue(call, args, reply);
    if (ref === 0) return;
    db.delete(args, 1, ref);
    if (effects.isWanted) effects.replaceWith(delCommand.name, args.slice(1));
  },
});

/**
 * GETEX key [EX seconds | PX milliseconds | EXAT unix-time-seconds |
 *   PXAT unix-time-milliseconds | PERSIST]
 *
 * A moment that has passed deletes the key. Replicas get the moment or the
 * deletion. {@link https://redis.io/docs/latest/commands/getex/}
 */
export const getexCommand = defineCommand({
  name: "getex",
  arity: -2,
  flags: ["write", "fast"],
  group: "string",
  keys: [{
    ...keyAt(1, "RW", "access", "update"),
    notes: "RW and UPDATE because it changes the TTL",
  }],
  since: "6.2.0",
  complexity: "O(1)",
  summary:
    "Returns the string value of a key after setting its expiration time.",
  syntax:
    "key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds | PERSIST]{expiration}",
  run(call, args, reply) {
    const { db, effects } = call;
    const options = readGetexOptions(args), flags = flagsOf(options);
    const ref = db.readString(args, 1);
    if (ref === 0) return reply.null();
    const expiresAt = (flags & OPTION_TIME) === 0
      ? NEVER
      : momentOfOptions(call, args, options);
    db.replyString(reply, ref);
    if (expiresAt !== NEVER) {
      expireAt(call, args, ref, expiresAt, (flags & IS_ABSOLUTE) !== 0);
    } else if (
      (flags & OPTION_PERSIST) !== 0 && db.map.expiresAtMs(ref) !== NEVER
    ) {
      db.setExpiry(args, 1, ref, NEVER, PERSIST_EVENT);
      if (effects.isWanted) {
        effects.replaceWith(persistCommand.name, args.slice(1));
      }
    }
  },
});

const IS_ABSOLUTE = OPTION_EXAT | OPTION_PXAT;

/** Has a key expire at a moment, at once when that has passed. */
function expireAt(
  call: Call,
  args: Args,
  ref: number,
  expiresAt: number | bigint,
  isAbsolute: boolean,
): void {
  const { db, effects } = call;
  const key = args.slice(1);
  if (isAbsolute && expiresAt <= call.nowMs && call.keyspace.isExpiring) {
    db.delete(args, 1, ref);
    const isLazy = call.parts.config.get("lazyfree-lazy-expire");
    effects.replaceWith((isLazy ? unlinkCommand : delCommand).name, key);
    return;
  }
  db.setExpiry(args, 1, ref, expiresAt, EXPIRE_EVENT);
  if (effects.isWanted) {
    effects.replaceWith(pexpireatCommand.name, key, String(expiresAt));
  }
}

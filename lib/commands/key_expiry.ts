/**
 * Commands that set, remove and answer when keys expire.
 *
 * Moments are 64-bit milliseconds, as in Redis: exact as numbers up to 2^53, as
 * bigints beyond.
 */

import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import {
  type CommandDefinition,
  defineCommand,
  oneKey,
} from "../router/command.ts";
import { EXPIRE_EVENT, PERSIST_EVENT } from "../keyspace/key_event.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { delCommand, unlinkCommand } from "./key.ts";

const INT64_MAX = 9223372036854775807n;
const INT64_MIN = -9223372036854775808n;
const SECOND_MS = 1000;
const NEVER = -1;
const NO_KEY = -2;

const NOT_WITH_NX = new CommandError(
  "ERR NX and XX, GT or LT options at the same time are not compatible",
);
const NOT_TOGETHER = new CommandError(
  "ERR GT and LT options at the same time are not compatible",
);

/** A moment in ms since 1970: a number when it is exact as one. */
type Moment = number | bigint;

/** When a new expiry is set; all false: always. */
interface Conditions {
  nx: boolean;
  xx: boolean;
  gt: boolean;
  lt: boolean;
}

/** What the four commands that set an expiry have in common. */
const SETS_EXPIRY = {
  arity: -3,
  flags: ["write", "fast"],
  group: "generic",
  keys: oneKey("RW", "update"),
  complexity: "O(1)",
  history: [["7.0.0", "Added options: `NX`, `XX`, `GT` and `LT`."]],
} satisfies Partial<CommandDefinition>;

/** What the commands that answer an expiry have in common. */
const READS_EXPIRY = {
  arity: 2,
  flags: ["readonly", "fast"],
  group: "generic",
  keys: oneKey("RO", "access"),
  complexity: "O(1)",
  syntax: "key",
} satisfies Partial<CommandDefinition>;

/** EXPIRE key seconds [NX | XX | GT | LT]. {@link https://redis.io/docs/latest/commands/expire/} */
export const expireCommand = defineCommand({
  ...SETS_EXPIRY,
  name: "expire",
  since: "1.0.0",
  summary: "Sets the expiration time of a key in seconds.",
  syntax: "key seconds [NX | XX | GT | LT]{condition 7.0.0}",
  run(call, args, reply) {
    expire(call, args, reply, SECOND_MS, call.nowMs);
  },
});

/** PEXPIRE key milliseconds [NX | XX | GT | LT]. {@link https://redis.io/docs/latest/commands/pexpire/} */
export const pexpireCommand = defineCommand({
  ...SETS_EXPIRY,
  name: "pexpire",
  since: "2.6.0",
  summary: "Sets the expiration time of a key in milliseconds.",
  syntax: "key milliseconds [NX | XX | GT | LT]{condition 7.0.0}",
  run(call, args, reply) {
    expire(call, args, reply, 1, call.nowMs);
  },
});

/** EXPIREAT key unix-time-seconds [NX | XX | GT | LT]. {@link https://redis.io/docs/latest/commands/expireat/} */
export const expireatCommand = defineCommand({
  ...SETS_EXPIRY,
  name: "expireat",
  since: "1.2.0",
  summary: "Sets the expiration time of a key to a Unix timestamp.",
  syntax: "key unix-time-seconds [NX | XX | GT | LT]{condition 7.0.0}",
  run(call, args, reply) {
    expire(call, args, reply, SECOND_MS, 0);
  },
});

/** PEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT]. {@link https://redis.io/docs/latest/commands/pexpireat/} */
export const pexpireatCommand = defineCommand({
  ...SETS_EXPIRY,
  name: "pexpireat",
  since: "2.6.0",
  summary:
    "Sets the expiration time of a key to a Unix milliseconds timestamp.",
  syntax: "key unix-time-milliseconds [NX | XX | GT | LT]{condition 7.0.0}",
  run(call, args, reply) {
    expire(call, args, reply, 1, 0);
  },
});

/** TTL key, in seconds, rounded. {@link https://redis.io/docs/latest/commands/ttl/} */
export const ttlCommand = defineCommand({
  ...READS_EXPIRY,
  name: "ttl",
  since: "1.0.0",
  summary: "Returns the expiration time in seconds of a key.",
  tips: ["nondeterministic_output"],
  history: [["2.8.0", "Added the -2 reply."]],
  run(call, args, reply) {
    answerExpiry(call, args, reply, SECOND_MS, true);
  },
});

/** PTTL key, in milliseconds. {@link https://redis.io/docs/latest/commands/pttl/} */
export const pttlCommand = defineCommand({
  ...READS_EXPIRY,
  name: "pttl",
  since: "2.6.0",
  summary: "Returns the expiration time in milliseconds of a key.",
  tips: ["nondeterministic_output"],
  history: [["2.8.0", "Added the -2 reply."]],
  run(call, args, reply) {
    answerExpiry(call, args, reply, 1, true);
  },
});

/** EXPIRETIME key, in seconds since 1970, rounded. {@link https://redis.io/docs/latest/commands/expiretime/} */
export const expiretimeCommand = defineCommand({
  ...READS_EXPIRY,
  name: "expiretime",
  since: "7.0.0",
  summary: "Returns the expiration time of a key as a Unix timestamp.",
  run(call, args, reply) {
    answerExpiry(call, args, reply, SECOND_MS, false);
  },
});

/** PEXPIRETIME key, in milliseconds since 1970. {@link https://redis.io/docs/latest/commands/pexpiretime/} */
export const pexpiretimeCommand = defineCommand({
  ...READS_EXPIRY,
  name: "pexpiretime",
  since: "7.0.0",
  summary:
    "Returns the expiration time of a key as a Unix milliseconds timestamp.",
  run(call, args, reply) {
    answerExpiry(call, args, reply, 1, false);
  },
});

/** PERSIST key. {@link https://redis.io/docs/latest/commands/persist/} */
export const persistCommand = defineCommand({
  name: "persist",
  arity: 2,
  flags: ["write", "fast"],
  group: "generic",
  keys: oneKey("RW", "update"),
  since: "2.2.0",
  complexity: "O(1)",
  summary: "Removes the expiration time of a key.",
  syntax: "key",
  run({ db }, args, reply) {
    const ref = db.write(args, 1);
    if (ref === 0 || db.map.expiresAtMs(ref) === NEVER) return reply.integer(0);
    db.setExpiry(args, 1, ref, NEVER, PERSIST_EVENT);
    reply.integer(1);
  },
});

/**
 * Sets when a key expires, from a time in units of `unitMs` after `baseMs`.
 *
 * A moment that has passed deletes the key. Replicas get the moment itself,
 * relative times would mean another one there, or the deletion.
 */
function expire(
  call: Call,
  args: Args,
  reply: ReplyWriter,
  unitMs: number,
  baseMs: number,
): void {
  const { db, effects } = call;
  const conditions = args.count > 3 ? conditionsOf(args) : undefined;
  const expiresAt = momentOf(call, args, unitMs, baseMs);
  const ref = db.write(args, 1);
  if (
    ref === 0 ||
    (conditions !== undefined &&
      !isMet(conditions, db.expiresAt(ref), expiresAt))
  ) return reply.integer(0);
  if (expiresAt <= call.nowMs && call.keyspace.isExpiring) {
    db.delete(args, 1, ref);
    const deletion = call.parts.config.get("lazyfree-lazy-expire")
      ? unlinkCommand
      : delCommand;
    effects.replaceWith(deletion.name, args.slice(1));
  } else {
    db.setExpiry(args, 1, ref, expiresAt, EXPIRE_EVENT);
    if (effects.isWanted) passOnMoment(call, args, expiresAt);
  }
  reply.integer(1);
}

function passOnMoment(call: Call, args: Args, expiresAt: Moment): void {
  const options: Uint8Array[] = [];
  for (let i = 3; i < args.count; i++) options.push(args.slice(i));
  call.effects.replaceWith(
    pexpireatCommand.name,
    args.slice(1),
    String(expiresAt),
    ...options,
  );
}

/** Reads the options from argument 3 on. */
function conditionsOf(args: Args): Conditions {
  const conditions = { nx: false, xx: false, gt: false, lt: false };
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, "nx")) conditions.nx = true;
    else if (args.is(i, "xx")) conditions.xx = true;
    else if (args.is(i, "gt")) conditions.gt = true;
    else if (args.is(i, "lt")) conditions.lt = true;
    else throw unsupportedOption(args.text(i));
  }
  const { nx, xx, gt, lt } = conditions;
  if (nx && (xx || gt || lt)) throw NOT_WITH_NX;
  if (gt && lt) throw NOT_TOGETHER;
  return conditions;
}

/** As Redis prints it: up to a NUL, without line ends at the end. */
function unsupportedOption(option: string): CommandError {
  const shown = option.replace(/\0.*$/s, "").replace(/[\r\n]+$/, "");
  return new CommandError(`ERR Unsupported option ${shown}`);
}

/** Whether the conditions allow `next` after `current`, where no expiry is later than any. */
function isMet(
  { nx, xx, gt, lt }: Conditions,
  current: Moment,
  next: Moment,
): boolean {
  if (current === NEVER) return !xx && !gt;
  return !nx && !(gt && next <= current) && !(lt && next >= current);
}

/**
 * The moment that argument 2 means.
 *
 * @throws {CommandError} `ERR value is not an integer or out of range`, or
 *   `ERR invalid expire time in '…' command` when it is beyond 64 bits.
 */
function momentOf(
  call: Call,
  args: Args,
  unitMs: number,
  baseMs: number,
): Moment {
  const given = args.integer(2);
  const moment = given * unitMs + baseMs;
  if (Number.isSafeInteger(given) && Number.isSafeInteger(moment)) {
    return moment;
  }
  const sinceBase = args.bigint(2) * BigInt(unitMs);
  const exact = sinceBase + BigInt(baseMs);
  if (sinceBase < INT64_MIN || sinceBase > INT64_MAX || exact > INT64_MAX) {
    throw CommandError.invalidExpire(call.command.fullName);
  }
  return exact;
}

/** Answers a key's expiry in units of `unitMs`, from now or from 1970 on. */
function answerExpiry(
  call: Call,
  args: Args,
  reply: ReplyWriter,
  unitMs: number,
  isRelative: boolean,
): void {
  const { db } = call;
  const ref = db.inspect(args, 1);
  if (ref === 0) return reply.integer(NO_KEY);
  const expiresAt = db.expiresAt(ref);
  const base = isRelative ? call.nowMs : 0;
  if (typeof expiresAt === "bigint") {
    const time = expiresAt - BigInt(base);
    return reply.bigint(
      unitMs === 1 ? time : (time + 500n) / BigInt(unitMs),
    );
  }
  if (expiresAt === NEVER) return reply.integer(NEVER);
  const time = Math.max(0, expiresAt - base);
  reply.integer(unitMs === 1 ? time : Math.floor((time + 500) / unitMs));
}

/** When fields of hashes expire: set, asked, taken back. */

import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import {
  type CommandDefinition,
  defineCommand,
  oneKey,
} from "../router/command.ts";
import { TYPE_HASH } from "../keyspace/record.ts";
import { NO_EXPIRY } from "../keyspace/record_store.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { HashField } from "../types/hash_field.ts";
import {
  fieldMoment,
  fieldsFrom,
  MILLISECONDS,
  SECONDS,
  type TimeForm,
  UNIX_MILLISECONDS,
  UNIX_SECONDS,
} from "./field_arguments.ts";
import { FieldTimes } from "./field_times.ts";

const SECOND_MS = 1000;
const NO_FIELD = -2;
const NO_TIME = -1;
const NOT_MET = 0;
const DONE = 1;
const DELETED = 2;
const field = new HashField();

const BAD_NUMFIELDS = new CommandError(
  "ERR Parameter `numFields` should be greater than 0",
);

/** Conditions under which a field gets its time; in none, a field without one counts as expiring never. */
const CONDITIONS: readonly string[] = ["nx", "xx", "gt", "lt"];

function isMet(condition: string, before: number, moment: number): boolean {
  switch (condition) {
    case "nx":
      return before === NO_EXPIRY;
    case "xx":
      return before !== NO_EXPIRY;
    case "gt":
      return before !== NO_EXPIRY && moment > before;
    case "lt":
      return before === NO_EXPIRY || moment < before;
    default:
      return true;
  }
}

/** What the commands that set times have in common. */
const SETS_TIME = {
  arity: -6,
  flags: ["write", "denyoom", "fast"],
  group: "hash",
  keys: oneKey("RW", "update"),
  since: "7.4.0",
  complexity: "O(N) where N is the number of specified fields",
} satisfies Partial<CommandDefinition>;

function syntaxWith(time: string): string {
  return `key ${time} [NX | XX | GT | LT]{condition} ("FIELDS" numfields{:integer} field [field ...]){fields}`;
}

/** HEXPIRE key seconds [NX | XX | GT | LT] FIELDS numfields field [field ...]. {@link https://redis.io/docs/latest/commands/hexpire/} */
export const hexpireCommand = defineCommand({
  ...SETS_TIME,
  name: "hexpire",
  summary: "Set expiry for hash field using relative time to expire (seconds)",
  syntax: syntaxWith("seconds"),
  run: (call, args, reply) => setTimes(call, args, reply, SECONDS),
});

/** HPEXPIRE key milliseconds [NX | XX | GT | LT] FIELDS numfields field [field ...]. {@link https://redis.io/docs/latest/commands/hpexpire/} */
export const hpexpireCommand = defineCommand({
  ...SETS_TIME,
  name: "hpexpire",
  summary:
    "Set expiry for hash field using relative time to expire (milliseconds)",
  syntax: syntaxWith("milliseconds"),
  run: (call, args, reply) => setTimes(call, args, reply, MILLISECONDS),
});

/** HEXPIREAT key unix-time-seconds [NX | XX | GT | LT] FIELDS numfields field [field ...]. {@link https://redis.io/docs/latest/commands/hexpireat/} */
export const hexpireatCommand = defineCommand({
  ...SETS_TIME,
  name: "hexpireat",
  summary:
    "Set expiry for hash field using an absolute Unix timestamp (seconds)",
  syntax: syntaxWith("unix-time-seconds"),
  run: (call, args, reply) => setTimes(call, args, reply, UNIX_SECONDS),
});

/** HPEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT] FIELDS numfields field [field ...]. {@link https://redis.io/docs/latest/commands/hpexpireat/} */
export const hpexpireatCommand = defineCommand({
  ...SETS_TIME,
  name: "hpexpireat",
  summary:
    "Set expiry for hash field using an absolute Unix timestamp (milliseconds)",
  syntax: syntaxWith("unix-time-milliseconds"),
  run: (call, args, reply) => setTimes(call, args, reply, UNIX_MILLISECONDS),
});

function setTimes(
  call: Call,
  args: Args,
  reply: ReplyWriter,
  form: TimeForm,
): void {
  const ref = call.db.writeType(args, 1, TYPE_HASH);
  const moment = fieldMoment(call, args, 2, form);
  const condition = CONDITIONS.find((word) => args.is(3, word)) ?? "";
  const at = condition === "" ? 3 : 4;
  const first = fieldsFrom(args, at, 1, BAD_NUMFIELDS);
  reply.array(args.count - first);
  if (ref === 0) return answerMissing(args, first, reply);
  const times = new FieldTimes(call, args, ref);
  const isOver = moment <= call.nowMs && call.keyspace.isExpiring;
  for (let i = first; i < args.count; i++) {
    const found = times.find(i);
    if (found === 0) reply.integer(NO_FIELD);
    else if (!isMet(condition, times.expiryOf(found), moment)) {
      reply.integer(NOT_MET);
    } else if (isOver) {
      times.remove(i, found);
      reply.integer(DELETED);
    } else {
      times.expire(i, found, moment);
      reply.integer(DONE);
    }
  }
  times.end();
}

function answerMissing(args: Args, first: number, reply: ReplyWriter): void {
  for (let i = first; i < args.count; i++) reply.integer(NO_FIELD);
}

/** HPERSIST key FIELDS numfields field [field ...]. {@link https://redis.io/docs/latest/commands/hpersist/} */
export const hpersistCommand = defineCommand({
  name: "hpersist",
  arity: -5,
  flags: ["write", "fast"],
  group: "hash",
  keys: oneKey("RW", "update"),
  since: "7.4.0",
  complexity: "O(N) where N is the number of specified fields",
  summary: "Removes the expiration time for each specified field",
  syntax: `key ("FIELDS" numfields{:integer} field [field ...]){fields}`,
  run(call, args, reply) {
    const ref = call.db.writeType(args, 1, TYPE_HASH);
    const first = fieldsFrom(args, 2);
    reply.array(args.count - first);
    if (ref === 0) return answerMissing(args, first, reply);
    const times = new FieldTimes(call, args, ref);
    for (let i = first; i < args.count; i++) {
      const found = times.find(i);
      if (found === 0) reply.integer(NO_FIELD);
      else if (times.expiryOf(found) === NO_EXPIRY) reply.integer(NO_TIME);
      else {
        times.persist(i, found);
        reply.integer(DONE);
      }
    }
    times.end();
  },
});

/** What the commands that ask for times have in common. */
const ASKS_TIME = {
  arity: -5,
  flags: ["readonly", "fast"],
  group: "hash",
  keys: oneKey("RO", "access"),
  since: "7.4.0",
  complexity: "O(N) where N is the number of specified fields",
  syntax: `key ("FIELDS" numfields{:integer} field [field ...]){fields}`,
} satisfies Partial<CommandDefinition>;

/** HTTL key FIELDS numfields field [field ...]. {@link https://redis.io/docs/latest/commands/httl/} */
export const httlCommand = defineCommand({
  ...ASKS_TIME,
  name: "httl",
  summary: "Returns the TTL in seconds of a hash field.",
  tips: ["nondeterministic_output"],
  run: (call, args, reply) => answerTimes(call, args, reply, SECONDS),
});

/** HPTTL key FIELDS numfields field [field ...]. {@link https://redis.io/docs/latest/commands/hpttl/} */
export const hpttlCommand = defineCommand({
  ...ASKS_TIME,
  name: "hpttl",
  summary: "Returns the TTL in milliseconds of a hash field.",
  tips: ["nondeterministic_output"],
  run: (call, args, reply) => answerTimes(call, args, reply, MILLISECONDS),
});

/** HEXPIRETIME key FIELDS numfields field [field ...]. {@link https://redis.io/docs/latest/commands/hexpiretime/} */
export const hexpiretimeCommand = defineCommand({
  ...ASKS_TIME,
  name: "hexpiretime",
  summary:
    "Returns the expiration time of a hash field as a Unix timestamp, in seconds.",
  run: (call, args, reply) => answerTimes(call, args, reply, UNIX_SECONDS),
});

/** HPEXPIRETIME key FIELDS numfields field [field ...]. {@link https://redis.io/docs/latest/commands/hpexpiretime/} */
export const hpexpiretimeCommand = defineCommand({
  ...ASKS_TIME,
  name: "hpexpiretime",
  summary:
    "Returns the expiration time of a hash field as a Unix timestamp, in msec.",
  run: (call, args, reply) => answerTimes(call, args, reply, UNIX_MILLISECONDS),
});

function answerTimes(
  { db, nowMs, keyspace: { fieldNowMs } }: Call,
  args: Args,
  reply: ReplyWriter,
  { unitMs, isAbsolute }: TimeForm,
): void {
  const { map } = db, ref = db.readType(args, 1, TYPE_HASH);
  const first = fieldsFrom(args, 2);
  reply.array(args.count - first);
  if (ref === 0) return answerMissing(args, first, reply);
  const base = isAbsolute ? 0 : nowMs;
  for (let i = first; i < args.count; i++) {
    const offset = args.offset(i), length = args.length(i);
    if (!field.find(map, ref, args, offset, length, fieldNowMs)) {
      reply.integer(NO_FIELD);
      continue;
    }
    const moment = field.expiresAt;
    if (moment === NO_EXPIRY) reply.integer(NO_TIME);
    else if (unitMs === 1) reply.integer(moment - base);
    else reply.integer(Math.floor((moment - base + SECOND_MS - 1) / SECOND_MS));
  }
}

/** MIGRATE: moves keys to another server. */

import { DEL_EVENT } from "../keyspace/key_event.ts";
import type { MigrationResult } from "../migration/migrations.ts";
import { dumpPayload } from "../persistence/dump_payload.ts";
import { bytesOfText, textOfBytes } from "../resp/byte_text.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { Args } from "../router/args.ts";
import { UNTIL_WOKEN } from "../router/blocked_clients.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand, type KeyFlag } from "../router/command.ts";

const KEY_INDEX = 3;
const DATABASE_INDEX = 4;
const TIMEOUT_INDEX = 5;
const FIRST_OPTION_INDEX = 6;
const TIMEOUT_DEFAULT_MS = 1000;
const KEY_FLAGS: readonly KeyFlag[] = ["RW", "access", "delete"];

const KEY_NOT_EMPTY = new CommandError(
  "ERR When using MIGRATE KEYS option, the key argument must be set to the empty string",
);
const CANNOT_WAIT = new CommandError(
  "ERR MIGRATE has to wait for the target, and cannot be used inside of a transaction or a script",
);
const CHANGED = new CommandError(
  "ERR Keys were changed while they were being sent: they stay here, and the target has what they held before",
);

interface Options {
  isCopy: boolean;
  isReplacing: boolean;
  /** Indices of the user, if there is one, and of the password. */
  credentials: number[];
  /** Where the keys begin, and how many there are. */
  firstKey: number;
  keyCount: number;
  /** The first thing that is wrong with them. */
  error: CommandError | undefined;
}

/**
 * MIGRATE host port <key | ""> destination-db timeout [COPY] [REPLACE]
 *   [AUTH password | AUTH2 username password] [KEYS key [key ...]]
 *
 * The client waits, all others go on, unless they would change one of the keys;
 * see lib/migration/migrations.ts. Replicas get one DEL of what has arrived.
 * {@link https://redis.io/docs/latest/commands/migrate/}
 */
export const migrateCommand = defineCommand({
  name: "migrate",
  arity: -6,
  flags: ["write"],
  group: "generic",
  keys: [
    {
      flags: KEY_FLAGS,
      begin: { index: KEY_INDEX },
      find: { last: 0, step: 1, limit: 0 },
    },
    {
      flags: [...KEY_FLAGS, "incomplete"],
      begin: { keyword: "KEYS", startFrom: -2 },
      find: { last: -1, step: 1, limit: 0 },
    },
  ],
  keysOf(args, nameIndex) {
    const { firstKey, keyCount } = readOptions(args, nameIndex);
    return Array.from(
      { length: keyCount },
      (_, i) => ({ index: firstKey + i, flags: KEY_FLAGS }),
    );
  },
  since: "2.6.0",
  complexity:
    "This command actually executes a DUMP+DEL in the source instance, and a RESTORE in the target instance. See the pages of these commands for time complexity. Also an O(N) data transfer between the two instances is performed.",
  summary: "Atomically transfers a key from one Redis instance to another.",
  syntax:
    'host port{:integer} <key | ""{empty-string}>{key-selector} destination-db timeout [COPY]{3.0.0} [REPLACE]{3.0.0} [AUTH password{auth 4.0.7} | AUTH2 (username password){auth2 6.0.0}]{authentication} [KEYS key{keys 3.0.6} [key ...]]',
  categories: ["keyspace", "dangerous"],
  tips: ["nondeterministic_output"],
  history: [
    ["3.0.0", "Added the `COPY` and `REPLACE` options."],
    ["3.0.6", "Added the `KEYS` option."],
    ["4.0.7", "Added the `AUTH` option."],
    ["6.0.0", "Added the `AUTH2` option."],
  ],
  secretArgs: (args) => readOptions(args, 0).credentials,
  run(call, args, reply) {
    const options = readOptions(args, 0);
    if (options.error !== undefined) throw options.error;
    const timeoutMs = args.integer(TIMEOUT_INDEX);
    const database = args.bigint(DATABASE_INDEX);
    const result = call.parts.migrations.takeResult(call.client);
    if (result !== undefined) {
      return finish(call, args, reply, options.isCopy, result);
    }
    const { keys, commands } = readKeys(call, args, options);
    if (keys.length === 0) return reply.simple("NOKEY");
    if (!call.mayBlock) throw CANNOT_WAIT;
    call.block(args, UNTIL_WOKEN);
    call.parts.migrations.run(
      call.parts.blocked.get(call.client)!,
      keys,
      {
        host: args.text(1),
        port: parseInt(args.text(2), 10) || 0,
        database,
        timeoutMs: timeoutMs > 0 ? timeoutMs : TIMEOUT_DEFAULT_MS,
        credentials: options.credentials.map((index) => args.copy(index)),
        commands,
      },
      !options.isCopy,
    );
  },
});

/** All options, up to the end whatever is wrong with them; indices count as in `args`. */
function readOptions(args: Args, nameIndex: number): Options {
  const options: Options = {
    isCopy: false,
    isReplacing: false,
    credentials: [],
    firstKey: nameIndex + KEY_INDEX,
    keyCount: 1,
    error: undefined,
  };
  for (let i = nameIndex + FIRST_OPTION_INDEX; i < args.count; i++) {
    if (args.is(i, "copy")) options.isCopy = true;
    else if (args.is(i, "replace")) options.isReplacing = true;
    else if (args.is(i, "auth") && i + 1 < args.count) {
      options.credentials = [++i];
    } else if (args.is(i, "auth2") && i + 2 < args.count) {
      options.credentials = [++i, ++i];
    } else if (args.is(i, "keys")) {
      const isAllowed = args.length(nameIndex + KEY_INDEX) === 0;
      if (!isAllowed) options.error ??= KEY_NOT_EMPTY;
      options.firstKey = i + 1;
      options.keyCount = isAllowed ? args.count - i - 1 : 0;
      break;
    } else options.error ??= CommandError.syntax;
  }
  return options;
}

/** Indices of the keys that are there, and for each of them the command that makes it. */
function readKeys(
  { db, nowMs, parts: { config } }: Call,
  args: Args,
  { firstKey, keyCount, isReplacing }: Options,
): { keys: number[]; commands: Uint8Array[][] } {
  const keys: number[] = [], commands: Uint8Array[][] = [];
  const isCompressing = config.get("rdbcompression");
  const name = bytesOfText(
    config.get("cluster-enabled") ? "RESTORE-ASKING" : "RESTORE",
  );
  const replace = isReplacing ? [bytesOfText("REPLACE")] : [];
  for (let index = firstKey; index < firstKey + keyCount; index++) {
    const ref = db.read(args, index);
    if (ref === 0) continue;
    const expiresAt = db.expiresAt(ref);
    const ttlMs = expiresAt === -1 ? 0 : Math.max(1, Number(expiresAt) - nowMs);
    const payload = dumpPayload(db.map, ref, isCompressing);
    keys.push(index);
    commands.push([
      name,
      args.copy(index),
      bytesOfText(String(ttlMs)),
      payload,
      ...replace,
    ]);
  }
  return { keys, commands };
}

/** Removes what has arrived, and answers. */
function finish(
  { db, effects }: Call,
  args: Args,
  reply: ReplyWriter,
  isCopy: boolean,
  { arrived, changed, error }: MigrationResult,
): void {
  const removed: Uint8Array[] = [];
  let hasChanged = false;
  for (const index of isCopy ? [] : arrived) {
    const ref = db.write(args, index);
    if (ref === 0) continue;
    if (changed.has(textOfBytes(args.slice(index)))) {
      hasChanged = true;
      continue;
    }
    db.delete(args, index, ref, DEL_EVENT);
    removed.push(args.slice(index));
  }
  if (removed.length > 0) effects.replaceWith("DEL", ...removed);
  if (error !== undefined) throw new CommandError(error);
  if (hasChanged) throw CHANGED;
  reply.ok();
}

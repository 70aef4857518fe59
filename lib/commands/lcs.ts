/** LCS: the longest common subsequence of two strings. */

import type { Args } from "../router/args.ts";
import { CommandError } from "../router/command_error.ts";
import { type CommandDefinition, defineCommand } from "../router/command.ts";
import type { Database } from "../keyspace/database.ts";
import { TYPE_STRING } from "../keyspace/record.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import { LcsTable } from "../types/lcs_table.ts";

const NOT_STRINGS = new CommandError(
  "ERR The specified keys must contain string values",
);
const LEN_AND_IDX = new CommandError(
  "ERR If you want both the length and indexes, please just use IDX.",
);
const TOO_LARGE = new CommandError(
  "ERR Insufficient memory, transient memory for LCS exceeds proto-max-bulk-len",
);
const NO_MEMORY = new CommandError(
  "ERR Insufficient memory, failed allocating transient memory for LCS",
);
const NO_BYTES = new Uint8Array(0);

interface LcsOptions {
  len: boolean;
  idx: boolean;
  withMatchLen: boolean;
  minMatchLength: number;
}

/**
 * LCS key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]
 *
 * Answers the common bytes; with LEN how many they are; with IDX the ranges of
 * both strings that match, from the last to the first, and how many bytes in all.
 * {@link https://redis.io/docs/latest/commands/lcs/}
 */
export const lcsCommand: CommandDefinition = defineCommand({
  name: "lcs",
  arity: -3,
  flags: ["readonly"],
  group: "string",
  keys: [{
    flags: ["RO", "access"],
    begin: { index: 1 },
    find: { last: 1, step: 1, limit: 0 },
  }],
  since: "7.0.0",
  complexity: "O(N*M) where N and M are the lengths of s1 and s2, respectively",
  summary: "Finds the longest common substring.",
  syntax:
    "key1{#0} key2{#0} [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]",
  run({ db, parts }, args, reply) {
    const [first, second] = readStrings(db, args);
    const options = optionsOf(args);
    const tableBytes = LcsTable.byteLength(first.length, second.length);
    if (tableBytes > parts.config.get("proto-max-bulk-len")) throw TOO_LARGE;
    const table = LcsTable.of(first, second);
    if (table === undefined) throw NO_MEMORY;
    if (options.idx) answerMatches(reply, table, options);
    else if (options.len) reply.integer(table.length);
    else reply.bulk(table.common());
  },
});

/** The strings at arguments 1 and 2, empty where there is none. */
function readStrings(db: Database, args: Args): [Uint8Array, Uint8Array] {
  const refs = [db.read(args, 1), db.read(args, 2)];
  const { map } = db;
  if (refs.some((ref) => ref !== 0 && map.typeOf(ref) !== TYPE_STRING)) {
    throw NOT_STRINGS;
  }
  const [first, second] = refs.map((ref) =>
    ref === 0 ? NO_BYTES : map.string(ref)
  );
  return [first, second];
}

/** Reads the options from argument 3 on. */
function optionsOf(args: Args): LcsOptions {
  const options = {
    len: false,
    idx: false,
    withMatchLen: false,
    minMatchLength: 0,
  };
  for (let i = 3; i < args.count; i++) {
    if (args.is(i, "idx")) options.idx = true;
    else if (args.is(i, "len")) options.len = true;
    else if (args.is(i, "withmatchlen")) options.withMatchLen = true;
    else if (args.is(i, "minmatchlen") && i + 1 < args.count) {
      options.minMatchLength = args.integer(++i);
    } else throw CommandError.syntax;
  }
  if (options.len && options.idx) throw LEN_AND_IDX;
  return options;
}

function answerMatches(
  reply: ReplyWriter,
  table: LcsTable,
  { minMatchLength, withMatchLen }: LcsOptions,
): void {
  reply.map(2);
  reply.bulkText("matches");
  const mark = reply.beginDeferred();
  let count = 0;
  for (const { first, second, length } of table.matches()) {
    if (length < minMatchLength) continue;
    count++;
    reply.array(withMatchLen ? 3 : 2);
    for (const start of [first, second]) {
      reply.array(2);
      reply.integer(start);
      reply.integer(start + length - 1);
    }
    if (withMatchLen) reply.integer(length);
  }
  reply.endDeferred(mark, count);
  reply.bulkText("len");
  reply.integer(table.length);
}

/** What DEBUG does with the append-only file: loads it anew, and has the server linger before it writes. */

import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";

export const LOAD_AOF_HELP: readonly string[] = [
  "LOADAOF",
  "    Flush the AOF buffers on disk and reload the AOF in memory.",
];

export const FLUSH_SLEEP_HELP: readonly string[] = [
  "AOF-FLUSH-SLEEP <microsec>",
  "    Server will sleep before flushing the AOF, this is used for testing.",
];

/** Longest DEBUG AOF-FLUSH-SLEEP, of the 32 bits that Redis has for it. */
const FLUSH_SLEEP_US_MAX = 2147483647;

const LOAD_FAILED =
  "ERR Error trying to load the AOF files, check server logs.";
const NOT_IN_TRANSACTION = new CommandError(
  "ERR DEBUG LOADAOF cannot wait inside of a transaction",
);

/** DEBUG LOADAOF; the client waits for it, and others are told that data are loaded. */
export function loadAppendOnly(call: Call, args: Args, _: ReplyWriter): void {
  if (!call.mayBlock) throw NOT_IN_TRANSACTION;
  const { client, parts: { appendOnly, blocked, log } } = call;
  call.block(args, { keys: [], timeoutMs: 0, replyTimeout() {} });
  appendOnly.reload().then(() => {
    log.warning("Append Only File loaded by DEBUG LOADAOF");
    client.reply.ok();
  }, () => client.reply.error(LOAD_FAILED))
    .then(() => blocked.resume(client));
}

/** DEBUG AOF-FLUSH-SLEEP; 0, or what is no number, ends it. */
export function delayFileWrites(
  { parts }: Call,
  args: Args,
  reply: ReplyWriter,
): void {
  const wantedUs = Number.parseInt(args.text(2), 10) || 0;
  parts.appendOnly.file.delayWrites(
    Math.min(wantedUs, FLUSH_SLEEP_US_MAX) / 1000,
  );
  reply.ok();
}

/** DEBUG LOADAOF: what the append-only file says is what the data are. */

import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";

export const LOAD_AOF_HELP: readonly string[] = [
  "LOADAOF",
  "    Flush the AOF buffers on disk and reload the AOF in memory.",
];

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
  }, (error) => client.reply.error(`ERR ${error.message}`))
    .then(() => blocked.resume(client));
}

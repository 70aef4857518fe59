/** DEBUG RELOAD: what the server saves is what it loads. */

import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";

const BAD_OPTION = new CommandError(
  "ERR DEBUG RELOAD only supports the MERGE, NOFLUSH and NOSAVE options.",
);
const SAVE_FAILED = new CommandError("ERR");
const LOAD_FAILED = new CommandError(
  "ERR Error trying to load the RDB dump, check server logs.",
);

export const RELOAD_HELP: readonly string[] = [
  "RELOAD [option ...]",
  "    Save the RDB on disk and reload it back to memory. Valid <option> values:",
  "    * MERGE: conflicting keys will be loaded from RDB.",
  "    * NOFLUSH: the existing database will not be removed before load, but",
  "      conflicting keys will generate an exception and kill the server.",
  "    * NOSAVE: the database will be loaded from an existing RDB file.",
  "    Examples:",
  "    * DEBUG RELOAD: verify that the server is able to persist, flush and reload",
  "      the database.",
  "    * DEBUG RELOAD NOSAVE: replace the current database with the contents of an",
  "      existing RDB file.",
  "    * DEBUG RELOAD NOSAVE NOFLUSH MERGE: add the contents of an existing RDB",
  "      file to the database.",
];

/** DEBUG RELOAD [NOSAVE] [NOFLUSH] [MERGE]; everything waits for it. */
export function reload(call: Call, args: Args, reply: ReplyWriter): void {
  const { persistence, log } = call.parts;
  let isSaving = true, isFlushing = true, isReplacing = false;
  for (let i = 2; i < args.count; i++) {
    if (args.is(i, "merge")) isReplacing = true;
    else if (args.is(i, "noflush")) isFlushing = false;
    else if (args.is(i, "nosave")) isSaving = false;
    else throw BAD_OPTION;
  }
  persistence.abort();
  if (isSaving) {
    try {
      persistence.save();
    } catch {
      throw SAVE_FAILED;
    }
  }
  try {
    persistence.reload(isFlushing, isReplacing);
  } catch (error) {
    log.warning(`Error trying to load the RDB dump: ${error}`);
    throw LOAD_FAILED;
  }
  call.effects.suppress();
  log.warning("DB reloaded by DEBUG RELOAD");
  reply.ok();
}

/** DEBUG SET-SKIP-CHECKSUM-VALIDATION 0|1: RESTORE takes payloads with a wrong one. */
export function skipChecksums(
  call: Call,
  args: Args,
  reply: ReplyWriter,
): void {
  call.parts.persistence.isSkippingChecksums = args.text(2) !== "0";
  reply.ok();
}

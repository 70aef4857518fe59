/** A transaction that a client has begun: the commands that EXEC will run. */

import { Args } from "./args.ts";
import type { Command } from "./command_table.ts";

/** A command that waits for EXEC; its arguments are copies. */
export interface QueuedCommand {
  readonly command: Command;
  readonly args: Args;
}

/** See the top of the file. */
export class Transaction {
  readonly queue: QueuedCommand[] = [];
  /** Flags of all queued commands together. */
  flags = 0;
  /** A command was refused: EXEC will refuse, too. */
  isAborted = false;
  /** Bytes of the queued arguments, for CLIENT LIST. */
  argumentBytes = 0;

  add(command: Command, args: Args): void {
    const parts: Uint8Array[] = [];
    for (let i = 0; i < args.count; i++) {
      parts.push(args.slice(i));
      this.argumentBytes += args.length(i);
    }
    this.queue.push({ command, args: Args.of(...parts) });
    this.flags |= command.flags;
  }
}

/** A transaction that a client has begun: the commands that EXEC will run. */

import { Args } from "./args.ts";
import { type Command, flagBit } from "./command_table.ts";

/** Flags that let a command run where others may not. */
const PERMISSIONS = flagBit("loading") | flagBit("stale") |
  flagBit("allow_busy");

/** A command that waits for EXEC; its arguments are copies. */
export interface QueuedCommand {
  readonly command: Command;
  readonly args: Args;
}

/** See the top of the file. */
export class Transaction {
  readonly queue: QueuedCommand[] = [];
  /** Flags that any, and that all queued commands have. */
  #anyFlags = 0;
  #commonFlags = ~0;
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
    this.#anyFlags |= command.flags;
    this.#commonFlags &= command.flags;
  }

  /** The flags of EXEC with those of what it runs: it may no more than every command may. */
  flagsOf(execute: Command): number {
    return ((execute.flags | this.#anyFlags) & ~PERMISSIONS) |
      (execute.flags & this.#commonFlags & PERMISSIONS);
  }
}

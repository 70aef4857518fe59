/**
 * States of the server in which some commands are refused: it loads, it is a
 * replica, its disk has failed. The parts that know of a state set its guard; the
 * router asks all that are set.
 */

import type { Client } from "../net/client.ts";
import type { CommandError } from "./command_error.ts";
import { type Command, flagBit } from "./command_table.ts";

/**
 * Answers why a command may not run, or undefined. `flags` are the command's, for
 * EXEC with those of what it would run.
 */
export type Guard = (
  client: Client,
  command: Command,
  flags: number,
) => CommandError | undefined;

/** In the order in which they are asked. */
const GUARD_ORDER = [
  "disk-error",
  "aof-error",
  "min-replicas",
  "read-only",
  "stale",
  "loading",
] as const;

export type GuardName = typeof GUARD_ORDER[number];

const WRITE = flagBit("write");

/** Whether a command is refused while the disk fails: it writes, or asks whether all is well. */
export function isRefusedWithoutDisk(
  { definition }: Command,
  flags: number,
): boolean {
  return (flags & WRITE) !== 0 || definition.asksWhetherAllIsWell === true;
}

/** See the top of the file. */
export class Guards {
  readonly #byName = new Map<GuardName, Guard>();
  #set: Guard[] = [];

  constructor(private readonly onChange: () => void) {}

  /** How many are set. */
  get size(): number {
    return this.#set.length;
  }

  /** Has a state refuse commands from now on, or with undefined no longer. */
  set(name: GuardName, guard: Guard | undefined): void {
    if (guard === undefined) this.#byName.delete(name);
    else this.#byName.set(name, guard);
    this.#set = GUARD_ORDER.flatMap((each) => this.#byName.get(each) ?? []);
    this.onChange();
  }

  /** Why a command may not run, or undefined. */
  refusalOf(
    client: Client,
    command: Command,
    flags: number,
  ): CommandError | undefined {
    for (const guard of this.#set) {
      const error = guard(client, command, flags);
      if (error !== undefined) return error;
    }
    return undefined;
  }
}

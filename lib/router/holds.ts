/**
 * Commands that have to wait before they run: for the end of CLIENT PAUSE, or
 * until MIGRATE has moved a key that they would change.
 *
 * A held command stays in its client's buffer and is looked at again when what it
 * waited for is over. Keys are held by name in all databases, and with them every
 * writing command that names no key, since it may mean any.
 */

import type { Client } from "../net/client.ts";
import type { ClientRegistry, PauseMode } from "../net/client_registry.ts";
import { type ByteText, textOfBytes } from "../resp/byte_text.ts";
import type { Args } from "./args.ts";
import { type Command, flagBit } from "./command_table.ts";
import { findKeys, hasKeys } from "./key_positions.ts";
import type { QueuedCommand } from "./transaction.ts";

const WRITE = flagBit("write");
const MAY_REPLICATE = flagBit("may_replicate");

/** See the top of the file. */
export class Holds {
  /** Commands that the pause holds back: flag bits, or all. */
  #pausedFlags = 0;
  readonly #keys = new Set<ByteText>();
  /** Clients whose command waits for keys. */
  readonly #waiting = new Set<Client>();
  /** Called when a command may have to wait from now on, or none has to any more. */
  onChange: () => void = () => {};

  constructor(private readonly clients: ClientRegistry) {}

  /** Whether any command may have to wait. */
  get isActive(): boolean {
    return this.#pausedFlags !== 0 || this.#keys.size > 0;
  }

  /** Follows the pause of the clients. */
  pause(mode: PauseMode | undefined): void {
    this.#pausedFlags = mode === undefined
      ? 0
      : mode === "all"
      ? ~0
      : WRITE | MAY_REPLICATE;
    this.onChange();
  }

  /** Keeps keys from being changed by commands of clients. */
  holdKeys(keys: readonly Uint8Array[]): void {
    for (const key of keys) this.#keys.add(textOfBytes(key));
    this.onChange();
  }

  /** Lets go of keys, and of the commands that waited for them. */
  releaseKeys(keys: readonly Uint8Array[]): void {
    for (const key of keys) this.#keys.delete(textOfBytes(key));
    this.onChange();
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const client of waiting) {
      client.isParked = false;
      client.link.resume();
    }
  }

  /** Parks the client when its command has to wait; `flags` are for EXEC those of what it runs. */
  holdsBack(
    client: Client,
    command: Command,
    args: Args,
    flags: number,
  ): boolean {
    if (client.isReplica || client.isPrimary) return false;
    if (this.#pausedFlags === ~0 || (flags & this.#pausedFlags) !== 0) {
      this.clients.parkUntilUnpaused(client);
      return true;
    }
    if (this.#keys.size === 0 || (flags & (WRITE | MAY_REPLICATE)) === 0) {
      return false;
    }
    const isExecute = command.definition.transaction === "execute";
    // What is queued only is looked at when it is run.
    if (client.transaction !== undefined && !isExecute) return false;
    const commands: readonly QueuedCommand[] = isExecute
      ? client.transaction?.queue ?? []
      : [{ command, args }];
    if (!commands.some((each) => this.#concerns(each))) return false;
    client.isParked = true;
    this.#waiting.add(client);
    return true;
  }

  /** Whether a command may change a key that is held. */
  #concerns({ command: { definition, flags }, args }: QueuedCommand): boolean {
    if ((flags & (WRITE | MAY_REPLICATE)) === 0) return false;
    if (!hasKeys(definition)) return (flags & WRITE) !== 0;
    return findKeys(definition, args, 0)?.some(({ index }) =>
      this.#keys.has(textOfBytes(args.slice(index)))
    ) ?? false;
  }
}

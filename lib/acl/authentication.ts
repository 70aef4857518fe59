/**
 * Who a client is: so far there is one user, `default`, with the password that
 * `requirepass` says, or with none.
 *
 * The connection's side of it is a gate (GATE_UNAUTHENTICATED) that lets only
 * commands with the flag `no_auth` through.
 */

import { createHash, timingSafeEqual } from "node:crypto";
import type { Config } from "../config/config.ts";
import type { ServerStats } from "../info/server_stats.ts";
import { type Client, GATE_UNAUTHENTICATED } from "../net/client.ts";
import type { ClientRegistry } from "../net/client_registry.ts";
import { textOfBytes } from "../resp/byte_text.ts";

export const DEFAULT_USER = "default";

/** See the top of the file. */
export class Authentication {
  /** Clients that never named a password and are let in because none is set. */
  readonly #tolerated = new Set<Client>();

  constructor(
    private readonly config: Config,
    private readonly clients: ClientRegistry,
    private readonly stats: ServerStats,
  ) {
    config.onChange("requirepass", () => this.#followPassword());
  }

  /** False while `requirepass` is empty: then everybody is the default user. */
  get isRequired(): boolean {
    return this.config.get("requirepass").length > 0;
  }

  /** Makes the client what it is before it authenticates. */
  begin(client: Client): void {
    client.user = DEFAULT_USER;
    client.setGate(GATE_UNAUTHENTICATED, this.isRequired);
  }

  /** Authenticates the client as a user; false when the name or the password is wrong. */
  authenticate(
    client: Client,
    user: Uint8Array,
    password: Uint8Array,
  ): boolean {
    // Both are always compared, so that the time tells neither.
    const isUser = textOfBytes(user) === DEFAULT_USER;
    const isPassword = isSameSecret(password, this.config.get("requirepass"));
    if (!isUser || (this.isRequired && !isPassword)) {
      this.stats.accessDeniedAuth++;
      return false;
    }
    this.#tolerated.delete(client);
    client.user = DEFAULT_USER;
    client.setGate(GATE_UNAUTHENTICATED, false);
    return true;
  }

  /** Forgets a client that has gone. */
  forget(client: Client): void {
    this.#tolerated.delete(client);
  }

  /** Opens the gate of clients that wait while there is no password, and shuts it again. */
  #followPassword(): void {
    if (this.isRequired) {
      for (const client of this.#tolerated) {
        client.setGate(GATE_UNAUTHENTICATED, true);
      }
      this.#tolerated.clear();
      return;
    }
    for (const client of this.clients.all()) {
      if (client.isAuthenticated) continue;
      this.#tolerated.add(client);
      client.setGate(GATE_UNAUTHENTICATED, false);
    }
  }
}

/** Compares in a time that depends on neither the contents nor the secret's length. */
function isSameSecret(given: Uint8Array, secret: Uint8Array): boolean {
  return timingSafeEqual(digest(given), digest(secret));
}

function digest(bytes: Uint8Array): Uint8Array {
  return createHash("sha256").update(bytes).digest();
}

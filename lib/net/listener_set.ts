/**
 * The listening sockets that the configuration asks for: every `bind` address,
 * and the unix socket.
 */

import type { Config } from "../config/config.ts";
import type { Logger } from "../log/logger.ts";
import {
  listen,
  type ListenAddress,
  type Listener,
  ListenError,
} from "./listener.ts";
import type { Transport } from "./transport.ts";

const ANY_IPV4 = "*", ANY_IPV6 = "::*";

/** See the top of the file. */
export class ListenerSet {
  #tcp: Listener[] = [];
  #unix: Listener | undefined;

  constructor(
    private readonly config: Config,
    private readonly log: Logger,
    private readonly onConnection: (
      transport: Transport,
      isUnixSocket: boolean,
    ) => void,
  ) {}

  /** The TCP port in use; 0 without one. */
  get port(): number {
    return this.#tcp[0]?.port ?? 0;
  }

  /** Opens them all. @throws {ListenError} with none left open. */
  open(): void {
    try {
      this.#tcp = this.#openTcp();
      const path = this.config.get("unixsocket");
      if (path !== "") {
        this.#unix = this.#listen({
          transport: "unix",
          path: this.config.resolvePath(path),
          mode: this.config.get("unixsocketperm"),
        });
      }
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** Follows a change of `port` or `bind`. @throws {ListenError} with the old ones still open. */
  reopen(): void {
    const before = this.#tcp;
    const keep = before.filter((listener) => this.#isWanted(listener));
    const opened = this.#openTcp(keep);
    for (const listener of before) {
      if (!opened.includes(listener)) listener.close();
    }
    this.#tcp = opened;
  }

  close(): void {
    for (const listener of this.#tcp) listener.close();
    this.#unix?.close();
    this.#tcp = [];
    this.#unix = undefined;
  }

  #wantedAddresses(): {
    address: ListenAddress & { transport: "tcp" };
    isOptional: boolean;
  }[] {
    const port = this.config.get("port");
    if (port === 0) return [];
    const bind = this.config.get("bind");
    // An IPv6 socket on every address takes IPv4 as well, and could not share the port.
    const isDual = bind.some(({ host }) => host === ANY_IPV6) && hasIpv6();
    return bind.filter(({ host }) => !isDual || host !== ANY_IPV4).map((
      { host, isOptional },
    ) => ({
      address: {
        transport: "tcp",
        host,
        port,
        backlog: this.config.get("tcp-backlog"),
      },
      isOptional,
    }));
  }

  #isWanted({ address }: Listener): boolean {
    return address.transport === "tcp" &&
      this.#wantedAddresses().some((wanted) =>
        wanted.address.host === address.host &&
        wanted.address.port === address.port
      );
  }

  #openTcp(keep: readonly Listener[] = []): Listener[] {
    const opened: Listener[] = [];
    try {
      for (const { address, isOptional } of this.#wantedAddresses()) {
        const kept = keep.find((listener) =>
          listener.address.transport === "tcp" &&
          listener.address.host === address.host
        );
        const listener = kept ?? this.#tryListen(address, isOptional);
        if (listener !== undefined) opened.push(listener);
      }
    } catch (error) {
      for (const listener of opened) {
        if (!keep.includes(listener)) listener.close();
      }
      throw error;
    }
    return opened;
  }

  /** An optional address may be missing on this machine. */
  #tryListen(
    address: ListenAddress,
    isOptional: boolean,
  ): Listener | undefined {
    try {
      return this.#listen(address);
    } catch (error) {
      const isMissing = error instanceof ListenError &&
        error.code !== "EADDRINUSE";
      if (isOptional && isMissing) return undefined;
      throw error;
    }
  }

  #listen(address: ListenAddress): Listener {
    const isUnixSocket = address.transport === "unix";
    return listen(address, {
      onConnection: (transport) => this.onConnection(transport, isUnixSocket),
      onAcceptError: (error) =>
        this.log.verbose(`Accepting client connection: ${error.message}`),
    }, this.config.get("io-transport"));
  }
}

/** Whether this machine has IPv6 at all. */
function hasIpv6(): boolean {
  try {
    Deno.listen({ hostname: "::1", port: 0 }).close();
    return true;
  } catch {
    return false;
  }
}

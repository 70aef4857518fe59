/**
 * Listening sockets: TCP on every bind address, and unix sockets.
 *
 * Calls back with a {@linkcode Transport} per accepted connection; what is done
 * with it is the caller's business. Used by the server at start and when
 * `CONFIG SET bind|port` moves the listeners.
 */

import { listenNode } from "./listener_node.ts";
import { denoTransport } from "./transport_deno.ts";
import { tcpHandles } from "./transport_node_handle.ts";
import type { Transport } from "./transport.ts";

/** Where to listen: one TCP address, or one unix socket. */
export type ListenAddress = TcpListenAddress | UnixListenAddress;

export interface TcpListenAddress {
  transport: "tcp";
  /** As in the `bind` directive without its leading `-`: an IP address, `*` (all IPv4) or `::*` (all IPv6). */
  host: string;
  /** 0 takes a free port. */
  port: number;
  /** Connections the system may queue before they are accepted (`tcp-backlog`). */
  backlog?: number;
}

export interface UnixListenAddress {
  transport: "unix";
  path: string;
  /** Permission bits of the socket file (`unixsocketperm`); 0 or absent leaves the umask's. */
  mode?: number;
}

/**
 * Which of the runtime's sockets serve TCP: `deno` is Deno.listen, `node` and
 * `auto` the handles under node:net where this runtime has them (transport.ts
 * says why), Deno.listen elsewhere.
 */
export type IoTransport = "auto" | "deno" | "node";

/** What a listener tells its owner. */
export interface ListenEvents {
  /** Called once per accepted connection, in accept order. */
  onConnection(transport: Transport): void;
  /** Called when accepting failed; the listener goes on by itself. */
  onAcceptError(error: Error): void;
}

/** An open listening socket. */
export interface Listener {
  readonly address: ListenAddress;
  /** The port in use, also when port 0 was asked for; 0 for a unix socket. */
  readonly port: number;
  /** Stops accepting and removes a unix socket's file. Accepted transports live on. */
  close(): void;
}

/** A listening socket could not be opened. */
export class ListenError extends Error {
  override readonly name = "ListenError";
  readonly address: ListenAddress;
  /** The system's code, such as `EADDRINUSE`; undefined when the host does not resolve. */
  readonly code: string | undefined;

  /** `message` becomes the text Redis would print: `bind: Address already in use`. */
  constructor(address: ListenAddress, cause: Error) {
    const code = (cause as { code?: string }).code;
    const reason = cause.message.replace(/ \(os error \d+\)$/, "");
    super(code === undefined ? reason : `bind: ${reason}`, { cause });
    this.address = address;
    this.code = code;
  }

  /** The failure and the address, as Redis logs them. */
  get description(): string {
    const { address, message } = this;
    return address.transport === "unix"
      ? `Failed opening Unix socket: ${message}`
      : `Warning: Could not create server TCP listening socket ${address.host}:${address.port}: ${message}`;
  }
}

/** Redis's default of `tcp-backlog`. */
const BACKLOG = 511;

/** Pause before accepting again after a failure that would repeat at once (no descriptors left). */
const ACCEPT_RETRY_MS = 100;

/**
 * Opens one listening socket and accepts from it until it is closed.
 *
 * @throws {ListenError} when the address cannot be bound.
 */
export function listen(
  address: ListenAddress,
  events: ListenEvents,
  io: IoTransport = "auto",
): Listener {
  if (address.transport === "tcp" && io !== "deno" && tcpHandles) {
    const listener = listenNode(
      tcpHandles,
      numericHost(address.host),
      address.port,
      address.backlog ?? BACKLOG,
      (transport) => handOver(transport, events),
    );
    if (listener !== undefined) return { address, ...listener };
    // Deno.listen may do better, as with a host name, or it says what is wrong.
  }
  const socket = openSocket(address);
  acceptLoop(
    socket,
    events,
    address.transport === "unix" ? address.path : undefined,
  );
  return {
    address,
    port: socket.addr.transport === "tcp" ? socket.addr.port : 0,
    close() {
      socket.close();
      if (address.transport === "unix") removeStaleSocket(address.path);
    },
  };
}

function openSocket(
  address: ListenAddress,
): Deno.TcpListener | Deno.UnixListener {
  try {
    if (address.transport === "tcp") {
      return Deno.listen({
        hostname: numericHost(address.host),
        port: address.port,
        tcpBacklog: address.backlog ?? BACKLOG,
      });
    }
    removeStaleSocket(address.path);
    const socket = Deno.listen({ transport: "unix", path: address.path });
    if (address.mode) Deno.chmodSync(address.path, address.mode);
    return socket;
  } catch (error) {
    throw new ListenError(address, error as Error);
  }
}

/** The address behind Redis's words for "all". */
function numericHost(host: string): string {
  return host === "*" ? "0.0.0.0" : host === "::*" ? "::" : host;
}

/**
 * Removes a socket file that nobody listens on any more, which would make binding
 * fail: of a killed server, or of the listener that was just closed. Other files
 * are left alone.
 */
function removeStaleSocket(path: string): void {
  try {
    if (Deno.lstatSync(path).isSocket) Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

async function acceptLoop(
  socket: Deno.TcpListener | Deno.UnixListener,
  events: ListenEvents,
  unixPath: string | undefined,
): Promise<void> {
  while (true) {
    try {
      handOver(denoTransport(await socket.accept(), unixPath), events);
    } catch (error) {
      if (
        error instanceof Deno.errors.BadResource ||
        error instanceof Deno.errors.Interrupted
      ) return;
      events.onAcceptError(error as Error);
      await new Promise((resolve) => setTimeout(resolve, ACCEPT_RETRY_MS));
    }
  }
}

/** A connection that its owner cannot take up is closed; the listener goes on. */
function handOver(transport: Transport, events: ListenEvents): void {
  try {
    events.onConnection(transport);
  } catch (error) {
    transport.close();
    events.onAcceptError(error as Error);
  }
}

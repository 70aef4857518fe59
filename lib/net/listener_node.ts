/** A listening TCP socket over the runtime's handles; see transport_node_handle.ts. */

import { isIPv4, isIPv6 } from "node:net";
import { nodeTransport } from "./transport_node.ts";
import type {
  SocketName,
  TcpHandle,
  TcpHandles,
} from "./transport_node_handle.ts";
import type { Transport } from "./transport.ts";

/**
 * Deno 2.9 stops looking for connections for good once accepting one failed, for
 * example because no descriptor was left, and does not tell. Asking the handle
 * to listen again wakes it.
 */
const LOOK_AGAIN_MS = 250;

/** An open listening socket. */
export interface NodeListener {
  readonly port: number;
  close(): void;
}

/**
 * Listens on an IP address; undefined when that fails for whatever reason.
 *
 * `::` takes IPv4 as well.
 */
export function listenNode(
  handles: TcpHandles,
  host: string,
  port: number,
  backlog: number,
  onConnection: (transport: Transport) => void,
): NodeListener | undefined {
  const server = handles.createServer();
  server.setHandle(server);
  server.onconnection = (status) => {
    const client = status === 0 ? accept(handles, server) : undefined;
    if (client !== undefined) onConnection(nodeTransport(handles, client));
  };
  const name: Partial<SocketName> = {};
  const isOpen = bind(server, host, port) && server.listen(backlog) === 0 &&
    server.getsockname(name) === 0;
  if (!isOpen) {
    server.close();
    return undefined;
  }
  const timer = setInterval(() => server.listen(backlog), LOOK_AGAIN_MS);
  Deno.unrefTimer(timer);
  return {
    port: name.port ?? port,
    close() {
      clearInterval(timer);
      server.close();
    },
  };
}

function bind(server: TcpHandle, host: string, port: number): boolean {
  if (isIPv4(host)) return server.bindWithFlags(host, port, 0) === 0;
  return isIPv6(host) && server.bind6(host, port, 0) === 0;
}

function accept(handles: TcpHandles, server: TcpHandle): TcpHandle | undefined {
  const client = handles.createSocket();
  if (server.accept(client) === 0) return client;
  client.close();
  return undefined;
}

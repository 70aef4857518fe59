/** A {@linkcode Transport} over `Deno.Conn`: TCP and unix sockets. */

import { formatAddress, type Reader, type Transport } from "./transport.ts";

/** Wraps an accepted connection; TCP gets `TCP_NODELAY`. */
export function denoTransport(
  conn: Deno.TcpConn | Deno.UnixConn,
  unixPath?: string,
): Transport {
  return new DenoTransport(conn, unixPath);
}

class DenoTransport implements Transport {
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly #conn: Deno.TcpConn | Deno.UnixConn;
  /** Set by the first close, so that the second one finds nothing to do. */
  #isClosed = false;

  constructor(conn: Deno.TcpConn | Deno.UnixConn, unixPath?: string) {
    this.#conn = conn;
    if ("setNoDelay" in conn) {
      conn.setNoDelay(true);
      this.remoteAddress = formatAddress(
        conn.remoteAddr.hostname,
        conn.remoteAddr.port,
      );
      this.localAddress = formatAddress(
        conn.localAddr.hostname,
        conn.localAddr.port,
      );
    } else {
      this.remoteAddress = this.localAddress = `${unixPath}:0`;
    }
  }

  async read(reader: Reader): Promise<number | null> {
    try {
      return await this.#conn.read(reader.room(0));
    } catch {
      // Reset by the peer, or closed by us while waiting.
      return null;
    }
  }

  async write(bytes: Uint8Array): Promise<void> {
    let writtenBytes = await this.#conn.write(bytes);
    while (writtenBytes < bytes.length) {
      writtenBytes += await this.#conn.write(bytes.subarray(writtenBytes));
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
  }

  /** Deno can only switch probes on or off; when the first one leaves is the system's default. */
  setKeepAlive(seconds: number): void {
    if (this.#isClosed || !("setKeepAlive" in this.#conn)) return;
    this.#conn.setKeepAlive(seconds > 0);
  }
}

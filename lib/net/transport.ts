/**
 * The seam between the server and the operating system's byte streams.
 *
 * A connection reads into its own buffer and awaits one write per batch; what
 * carries the bytes (Deno's own sockets, `node:net`, TLS) is hidden behind
 * {@linkcode Transport}. Transports know nothing of RESP or of clients.
 */

/** Who reads. It gives memory only when bytes are there to take, so that an idle reader needs none. */
export interface Reader {
  /** How much `room` will give: whether it is worth having the system fill it directly. */
  readonly roomBytes: number;
  /** Memory to read into, not empty; asked for once a read. So many bytes have arrived, 0 when that is not known. */
  room(arrivedBytes: number): Uint8Array;
}

/** One accepted byte stream. */
export interface Transport {
  /**
   * Reads once into what `reader.room()` gives.
   *
   * Resolves to the number of bytes read (1 or more), or to null at the end of
   * the stream: the peer shut its write side, the connection broke, or
   * {@linkcode close} was called. Never rejects. One read at a time.
   */
  read(reader: Reader): Promise<number | null>;
  /**
   * Writes all of `bytes`, however many system calls that takes. Answers undefined
   * when they are sent already, else a promise of that; until then `bytes` must
   * stay as they are. One write at a time.
   *
   * Works after the peer shut its write side. The promise rejects when the peer is
   * gone or the transport was closed.
   */
  write(bytes: Uint8Array): Promise<void> | undefined;
  /** Closes both directions and ends a pending read. Further calls do nothing. */
  close(): void;
  /**
   * Turns TCP keepalive probes on (`seconds` of silence before the first one) or
   * off (0). Nothing happens on a unix socket.
   */
  setKeepAlive(seconds: number): void;
  /** The peer as CLIENT LIST prints it: `127.0.0.1:1234`, `[::1]:1234`, `/path/sock:0`. */
  readonly remoteAddress: string;
  /** Our end in the same form. */
  readonly localAddress: string;
}

/** An address as CLIENT LIST prints it: IPv6 in brackets, IPv4-mapped IPv6 as IPv4. */
export function formatAddress(host: string, port: number): string {
  const plain = host.startsWith("::ffff:") && host.includes(".")
    ? host.slice(7)
    : host;
  return plain.includes(":") ? `[${plain}]:${port}` : `${plain}:${port}`;
}

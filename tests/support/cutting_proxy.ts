/** Passes bytes between a client and a server on, and cuts the connection when told to. */

/** See the top of the file. */
export class CuttingProxy implements Disposable {
  readonly #listener: Deno.TcpListener;
  readonly #open = new Set<Deno.Conn>();
  /** Bytes from the server after which a connection is cut; each connection takes one. */
  readonly cutsAfterBytes: number[] = [];
  cuts = 0;

  constructor(private readonly serverPort: number) {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Cuts every connection now. */
  cut(): void {
    this.cuts += this.#open.size > 0 ? 1 : 0;
    for (const conn of this.#open) close(conn);
    this.#open.clear();
  }

  [Symbol.dispose](): void {
    close(this.#listener);
    this.cut();
  }

  async #accept(): Promise<void> {
    try {
      while (true) this.#serve(await this.#listener.accept());
    } catch {
      // The listener is closed.
    }
  }

  async #serve(client: Deno.Conn): Promise<void> {
    try {
      const server = await Deno.connect({ port: this.serverPort });
      this.#open.add(client).add(server);
      const cutAfter = this.cutsAfterBytes.shift() ?? Infinity;
      await Promise.race([
        this.#pass(client, server, Infinity),
        this.#pass(server, client, cutAfter),
      ]);
      this.#drop(server);
    } catch {
      // One side is gone.
    }
    this.#drop(client);
  }

  /** Passes up to `max` bytes on. */
  async #pass(from: Deno.Conn, to: Deno.Conn, max: number): Promise<void> {
    const bytes = new Uint8Array(16 * 1024);
    try {
      for (let left = max; left > 0;) {
        const length = await from.read(bytes);
        if (length === null) return;
        let part = bytes.subarray(0, Math.min(length, left));
        left -= part.length;
        while (part.length > 0) part = part.subarray(await to.write(part));
      }
      this.cuts++;
    } catch {
      // One side is gone.
    }
  }

  #drop(conn: Deno.Conn): void {
    this.#open.delete(conn);
    close(conn);
  }
}

function close(resource: { close(): void }): void {
  try {
    resource.close();
  } catch {
    // It is closed already.
  }
}

/**
 * A connection to a server that keys are sent to. Everything takes a bounded time:
 * each piece written and each line read may last as long as MIGRATE's timeout.
 */

import type { Transport } from "../net/transport.ts";
import { denoTransport } from "../net/transport_deno.ts";
import { LinkReader } from "../replication/link_reader.ts";

/** Bytes written at once: the time that is allowed is for each such piece. */
const WRITE_BYTES = 64 * 1024;
const READ_BUFFER_BYTES = 4 * 1024;
/** A timer cannot be set further ahead. */
const TIMER_MAX_MS = 2 ** 31 - 1;

/** The time was over. */
export class TargetTimeout extends Error {
  override readonly name = "TargetTimeout";
}

/** See the top of the file. */
export class TargetConnection {
  /** The database that the other side has selected, or undefined when that is not known. */
  database: bigint | undefined;
  /** When it was used last, on the keyspace's clock; by the pool. */
  usedAtMs = 0;
  readonly #reader: LinkReader;

  private constructor(private readonly transport: Transport) {
    this.#reader = new LinkReader(transport, () => {}, READ_BUFFER_BYTES);
  }

  /** Connects. @throws {Error} when that fails, or is not done in time */
  static async open(
    hostname: string,
    port: number,
    timeoutMs: number,
  ): Promise<TargetConnection> {
    const connecting = Deno.connect({ hostname, port });
    try {
      const conn = await within(timeoutMs, connecting);
      return new TargetConnection(denoTransport(conn));
    } catch (error) {
      connecting.then((conn) => conn.close(), () => {});
      throw error;
    }
  }

  /** @throws {TargetTimeout} or another error when the connection is lost */
  async write(bytes: Uint8Array, timeoutMs: number): Promise<void> {
    for (let at = 0; at < bytes.length; at += WRITE_BYTES) {
      const piece = bytes.subarray(at, at + WRITE_BYTES);
      await within(timeoutMs, Promise.resolve(this.transport.write(piece)));
    }
  }

  /** The next line, without its end. @throws {TargetTimeout} or another error when the connection is lost */
  line(timeoutMs: number): Promise<string> {
    return within(timeoutMs, this.#reader.line());
  }

  close(): void {
    this.transport.close();
  }
}

/** What work comes to, if it does so in time. @throws {TargetTimeout} */
async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(
      () => reject(new TargetTimeout()),
      Math.min(timeoutMs, TIMER_MAX_MS),
    );
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

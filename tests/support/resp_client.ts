/**
 * A raw RESP client for tests: one connection, bytes and decoded replies, nothing hidden.
 *
 * Every wait has a bound, so that a server that does not answer fails one test
 * and not the whole run. Not for use outside tests.
 */
import { type Reply, ReplyDecoder } from "../../lib/resp/reply_decoder.ts";
import { bytesOf } from "./binary_text.ts";
import {
  type Argument,
  encodeCommand,
  encodeCommands,
} from "./command_text.ts";
import { payloadText, replyText } from "./reply_text.ts";

/** Where a server listens. */
export type Address = { hostname?: string; port: number } | { path: string };

/** Longest wait for a reply, a connection or a close. */
export const REPLY_TIMEOUT_MS = 10_000;

const READ_LENGTH_BYTES = 64 * 1024;

/** The server closed the connection where a reply was due. */
export class ConnectionClosed extends Error {
  override name = "ConnectionClosed";
}

export class RespClient implements Disposable {
  readonly #conn: Deno.Conn;
  readonly #decoder = new ReplyDecoder();
  readonly #chunk = new Uint8Array(READ_LENGTH_BYTES);
  /** Set by the first `close`; a second one does nothing. */
  #isClosed = false;

  constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  static async connect(address: Address): Promise<RespClient> {
    const conn = "path" in address
      ? await Deno.connect({ transport: "unix", path: address.path })
      : await Deno.connect({
        hostname: address.hostname ?? "127.0.0.1",
        port: address.port,
      });
    if (!("path" in address)) (conn as Deno.TcpConn).setNoDelay(true);
    return new RespClient(conn);
  }

  /** Sends a command and waits for its reply, which may be an error. */
  async call(...args: Argument[]): Promise<Reply> {
    await this.send(encodeCommand(args));
    return await this.read();
  }

  /** As `call`, for a reply that must not be an error; answers the text of a string reply, else a description. */
  async text(...args: Argument[]): Promise<string> {
    const reply = await this.call(...args);
    if (reply.type === "error") {
      throw new Error(`${args.join(" ")} answered ${replyText(reply)}`);
    }
    return payloadText(reply) ?? replyText(reply);
  }

  /** Sends all commands at once, reading while it writes, and waits for a reply of each. */
  async pipeline(commands: readonly (readonly Argument[])[]): Promise<Reply[]> {
    const [replies] = await Promise.all([
      this.readMany(commands.length),
      this.send(encodeCommands(commands)),
    ]);
    return replies;
  }

  /** Sends bytes as they are. */
  async send(data: Uint8Array | string): Promise<void> {
    let rest = typeof data === "string" ? bytesOf(data) : data;
    while (rest.length > 0) {
      rest = rest.subarray(
        await this.#bounded(this.#conn.write(rest), "write"),
      );
    }
  }

  /** @throws {ConnectionClosed} when the server closed instead. */
  async read(): Promise<Reply> {
    for (;;) {
      const reply = this.#decoder.read();
      if (reply !== undefined) return reply;
      if (!await this.#receive()) {
        throw new ConnectionClosed("closed where a reply was due");
      }
    }
  }

  async readMany(count: number): Promise<Reply[]> {
    const replies: Reply[] = [];
    while (replies.length < count) replies.push(await this.read());
    return replies;
  }

  /** All replies until the server closes the connection. */
  async readUntilClosed(): Promise<Reply[]> {
    const replies: Reply[] = [];
    for (;;) {
      const reply = this.#decoder.read();
      if (reply !== undefined) replies.push(reply);
      else if (!await this.#receive()) return replies;
    }
  }

  /** Tells the server that nothing more comes; replies can still be read. */
  closeWrite(): Promise<void> {
    return this.#conn.closeWrite();
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#conn.close();
  }

  [Symbol.dispose](): void {
    this.close();
  }

  /** Reads once; false when the connection is closed, by a FIN or by a reset. */
  async #receive(): Promise<boolean> {
    let count: number | null;
    try {
      count = await this.#bounded(this.#conn.read(this.#chunk), "read");
    } catch (error) {
      if (error instanceof Deno.errors.ConnectionReset) return false;
      throw error;
    }
    if (count === null) return false;
    this.#decoder.push(this.#chunk.subarray(0, count));
    return true;
  }

  async #bounded<T>(operation: Promise<T>, what: string): Promise<T> {
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      this.close();
    }, REPLY_TIMEOUT_MS);
    try {
      return await operation;
    } catch (error) {
      if (isLate) throw new Error(`no ${what} in ${REPLY_TIMEOUT_MS} ms`);
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }
}

/** A server that is told what to answer: for tests of what sends commands to others. */
import { textOfBytes } from "../../lib/resp/byte_text.ts";

/** Answers one command; undefined closes the connection, a promise keeps the other side waiting. */
export type Answer = (
  words: string[],
) => string | undefined | Promise<string | undefined>;

/** See the top of the file. */
export class ScriptedTarget implements AsyncDisposable {
  /** The commands that have come, as words joined by spaces. */
  readonly received: string[] = [];
  connections = 0;
  readonly #listener: Deno.TcpListener;
  readonly #open = new Set<Deno.TcpConn>();
  readonly #served: Promise<void>;

  constructor(public answer: Answer) {
    this.#listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    this.#served = this.#accept();
  }

  get port(): number {
    return this.#listener.addr.port;
  }

  /** Closes all connections, but goes on listening. */
  disconnect(): void {
    for (const conn of this.#open) conn.close();
    this.#open.clear();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#listener.close();
    this.disconnect();
    await this.#served;
  }

  async #accept(): Promise<void> {
    const serving: Promise<void>[] = [];
    for await (const conn of this.#listener) {
      this.connections++;
      this.#open.add(conn);
      serving.push(this.#serve(conn));
    }
    await Promise.all(serving);
  }

  async #serve(conn: Deno.TcpConn): Promise<void> {
    let text = "";
    const chunk = new Uint8Array(64 * 1024);
    try {
      while (true) {
        const length = await conn.read(chunk);
        if (length === null) break;
        text += textOfBytes(chunk.subarray(0, length));
        for (let next = takeCommand(text); next; next = takeCommand(text)) {
          text = next.rest;
          this.received.push(next.words.join(" "));
          const reply = await this.answer(next.words);
          if (reply === undefined) return this.#close(conn);
          await conn.write(new TextEncoder().encode(`${reply}\r\n`));
        }
      }
    } catch {
      // Closed by one of both sides.
    }
    this.#close(conn);
  }

  #close(conn: Deno.TcpConn): void {
    if (this.#open.delete(conn)) conn.close();
  }
}

/** The first command of a text in RESP, if it is complete. */
function takeCommand(
  text: string,
): { words: string[]; rest: string } | undefined {
  let at = 0;
  const number = (type: string): number => {
    const end = text.indexOf("\r\n", at);
    if (end < 0 || text[at] !== type) return NaN;
    const value = Number(text.slice(at + 1, end));
    at = end + 2;
    return value;
  };
  const count = number("*");
  const words: string[] = [];
  for (let i = 0; i < count; i++) {
    const length = number("$");
    if (!(at + length + 2 <= text.length)) return undefined;
    words.push(text.slice(at, at + length));
    at += length + 2;
  }
  return Number.isNaN(count) ? undefined : { words, rest: text.slice(at) };
}

/** The replication stream of a server, tsredis or Redis, as a replica without a name reads it. */
import { type Reply, ReplyDecoder } from "../../lib/resp/reply_decoder.ts";
import { bytesOf, textOf } from "./binary_text.ts";
import { payloadText } from "./reply_text.ts";

const READ_LENGTH_BYTES = 64 * 1024;
/** What is said to the replica itself. */
const LINK_COMMANDS = new Set(["ping", "replconf"]);

/** See the top of the file. */
export class ReplicationStream implements Disposable {
  readonly #conn: Deno.Conn;
  readonly #decoder = new ReplyDecoder();
  readonly #chunk = new Uint8Array(READ_LENGTH_BYTES);

  private constructor(conn: Deno.Conn) {
    this.#conn = conn;
  }

  /** Answers when the copy of the data has come, of which it makes nothing. */
  static async open(port: number): Promise<ReplicationStream> {
    const conn = await Deno.connect({ hostname: "127.0.0.1", port });
    const stream = new ReplicationStream(conn);
    await conn.write(new TextEncoder().encode("SYNC\r\n"));
    await stream.#passCopy();
    return stream;
  }

  /** The words of the next command. */
  async next(): Promise<string[]> {
    for (;;) {
      const reply = this.#decoder.read();
      if (reply === undefined) this.#decoder.push(await this.#read());
      else {
        const words = wordsOf(reply);
        if (!LINK_COMMANDS.has(words[0].toLowerCase())) return words;
      }
    }
  }

  /** Reads `$length` and the copy, or `$EOF:mark`, the copy and the mark again. */
  async #passCopy(): Promise<void> {
    let text = "";
    for (;;) {
      text += textOf(await this.#read());
      const [head, length, mark] =
        /^\n*\$(?:(\d+)|EOF:(.{40}))\r\n/.exec(text) ??
          [""];
      if (head === "") continue;
      const end = mark === undefined
        ? head.length + Number(length)
        : text.indexOf(mark, head.length) + mark.length;
      const isWhole = end > head.length + (mark?.length ?? 0) &&
        text.length >= end;
      if (!isWhole) continue;
      this.#decoder.push(bytesOf(text.slice(end)));
      return;
    }
  }

  async #read(): Promise<Uint8Array> {
    const count = await this.#conn.read(this.#chunk);
    if (count === null) throw new Error("the server closed the link");
    return this.#chunk.subarray(0, count);
  }

  [Symbol.dispose](): void {
    this.#conn.close();
  }
}

function wordsOf(reply: Reply): string[] {
  if (reply.type !== "array") throw new Error(`${reply.type} in the stream`);
  return reply.items.map((item) => payloadText(item) ?? "");
}

/** Reads what a primary sends before the stream of commands: lines, and a copy of the data. */

import type { Reader, Transport } from "../net/transport.ts";
import { textOfBytes } from "../resp/byte_text.ts";

const BUFFER_BYTES = 256 * 1024;
/** Longest line. */
const LINE_MAX_BYTES = 1024;
const LF = 10;

/** The primary closed the connection, or we did. */
export class LinkClosed extends Error {
  override readonly name = "LinkClosed";
}

/** See the top of the file. */
export class LinkReader implements Reader {
  readonly #buffer: Uint8Array;
  #start = 0;
  #end = 0;

  /** @param onRead told how many bytes have come. */
  constructor(
    private readonly transport: Transport,
    private readonly onRead: (length: number) => void,
    bufferBytes = BUFFER_BYTES,
  ) {
    this.#buffer = new Uint8Array(bufferBytes);
  }

  get roomBytes(): number {
    return this.#buffer.length - this.#end;
  }

  room(): Uint8Array {
    return this.#buffer.subarray(this.#end);
  }

  /** What was read and not taken. */
  get rest(): Uint8Array {
    return this.#buffer.subarray(this.#start, this.#end);
  }

  /** The next line, without its end. @throws {LinkClosed} */
  async line(): Promise<string> {
    let searched = 0;
    while (true) {
      const at = this.rest.indexOf(LF, searched);
      if (at >= 0) {
        const text = textOfBytes(this.rest.subarray(0, at));
        this.#start += at + 1;
        return text.replace(/\r$/, "");
      }
      searched = this.rest.length;
      if (searched > LINE_MAX_BYTES) {
        throw new LinkClosed("The primary sent no line");
      }
      await this.#fill();
    }
  }

  /** Some bytes, at least one and at most `max`; valid until the next call. @throws {LinkClosed} */
  async some(max: number): Promise<Uint8Array> {
    if (this.#start === this.#end) await this.#fill();
    const bytes = this.#buffer.subarray(
      this.#start,
      Math.min(this.#end, this.#start + max),
    );
    this.#start += bytes.length;
    return bytes;
  }

  async #fill(): Promise<void> {
    if (this.#start > 0) {
      this.#buffer.copyWithin(0, this.#start, this.#end);
      this.#end -= this.#start;
      this.#start = 0;
    }
    const length = await this.transport.read(this);
    if (length === null) throw new LinkClosed("I/O error: connection lost");
    this.#end += length;
    this.onRead(length);
  }
}

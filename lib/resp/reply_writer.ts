/**
 * Writes a client's replies, in RESP2 or RESP3, into one growing buffer.
 *
 * Handlers say what they answer (`reply.map(2)`, `reply.null()`); how that looks
 * on the wire in the client's protocol is decided here and nowhere else. The
 * buffer comes from a pool when the first byte is written and goes back when it
 * has been sent, so an idle client holds none.
 *
 * A large value is not copied: the writer notes a window on it between two parts
 * of its buffer, and the connection sends the parts in turn.
 * {@link https://redis.io/docs/latest/develop/reference/protocol-spec/}
 */

import {
  FLOAT_BYTES_MAX,
  integerLength,
  writeFloat,
  writeInteger,
} from "../router/number_text.ts";
import type { ByteSource } from "../keyspace/record_store.ts";
import type { BufferPool } from "./buffer_pool.ts";

/** Values from this length on are sent from where they are. */
export const LEND_LENGTH_MIN = 32 * 1024;
/** Up to this many bytes are copied word by word, more by `set`. */
const WORD_COPY_MAX = 192;
/** Up to this many bytes are copied one by one, where they begin at no word. */
const BYTE_COPY_MAX = 32;
/** Room for the head of any reply: type byte, 20 digits, CRLF. */
const HEAD_BYTES = 24;
const CR = 13, LF = 10;
const OK_WORD = 0x0d4b4f2b; // "+OK\r"
const NULL2_WORD = 0x0d312d24; // "$-1\r"
const CRLF_WORD = 0x0a0d;
/** `$`, a length of one digit or two, and of the CRLF what then fits a word. */
const HEAD_WORDS = Int32Array.from({ length: 100 }, (_, length) => {
  const tens = Math.floor(length / 10), digit = 48 + length % 10;
  return tens === 0
    ? 36 | (digit << 8) | (CRLF_WORD << 16)
    : 36 | ((48 + tens) << 8) | (digit << 16) | (CR << 24);
});
const NO_BYTES = new Uint8Array(0);
const doubleBytes = new Uint8Array(FLOAT_BYTES_MAX);
/** What a writer has that has written nothing. */
const NO_BUFFER: ByteSource = {
  bytes: NO_BYTES,
  view: new DataView(NO_BYTES.buffer),
};

/** Protocol versions that HELLO can select. */
export type ProtocolVersion = 2 | 3;

/** See the top of the file. */
export class ReplyWriter {
  /** Set by HELLO and RESET. */
  protocol: ProtocolVersion = 2;
  /** Bytes written to the buffer and not taken yet; windows not included. */
  length = 0;
  /** Bytes of windows among what was not taken yet. */
  lentBytes = 0;

  #buffer = NO_BUFFER;
  /** The buffer's two sides, at hand. */
  #bytes = NO_BUFFER.bytes;
  #view = NO_BUFFER.view;
  /** Windows to send: `bytes` goes before the buffer's byte `at`. */
  #lent: { at: number; bytes: Uint8Array }[] = [];

  constructor(private readonly pool: BufferPool) {}

  /** Everything that waits to be taken, in bytes. */
  get pendingBytes(): number {
    return this.length + this.lentBytes;
  }

  /** Size of the buffer; an idle client has none. */
  get capacityBytes(): number {
    return this.#bytes.length;
  }

  ok(): void {
    const at = this.#room(8);
    this.#view.setInt32(at, OK_WORD, true);
    this.#bytes[at + 4] = LF;
    this.length = at + 5;
  }

  /** A simple string; `text` is ASCII without line breaks. */
  simple(text: string): void {
    this.#line(43, text);
  }

  /** An error; `text` begins with its code. Line breaks become spaces. */
  error(text: string): void {
    this.#line(45, text.replace(/[\r\n]/g, " "));
  }

  /** An integer, exact up to 2^53. */
  integer(value: number): void {
    let at = this.#room(HEAD_BYTES);
    this.#bytes[at++] = 58;
    at = writeInteger(this.#bytes, at, value);
    this.#endLine(at);
  }

  /** A 64-bit integer. */
  bigint(value: bigint): void {
    this.#line(58, value.toString());
  }

  /** A bulk string of these bytes. */
  bulk(bytes: Uint8Array): void {
    this.bulkRange(bytes, 0, bytes.length);
  }

  /** A bulk string of `length` bytes from `offset` on. */
  bulkRange(bytes: Uint8Array, offset: number, length: number): void {
    let at = this.#room(length + 2 * HEAD_BYTES);
    const to = this.#bytes;
    at = writeBulkHead(to, this.#view, at, length);
    if (length <= BYTE_COPY_MAX) {
      const end = offset + length;
      while (offset < end) to[at++] = bytes[offset++];
    } else {
      to.set(bytes.subarray(offset, offset + length), at);
      at += length;
    }
    this.#endLine(at);
  }

  /** A bulk string of one byte per char. */
  bulkText(text: string): void {
    this.#head(36, text.length);
    this.#chars(this.#room(text.length + 2), text);
    this.#endLine(this.length);
  }

  /** A bulk string of UTF-8 text. */
  bulkUtf8(text: string): void {
    this.bulk(new TextEncoder().encode(text));
  }

  /** A bulk string of `length` bytes that begin at a word; the memory ends with a whole word. */
  bulkWords(
    words: Int32Array,
    bytes: Uint8Array,
    word: number,
    length: number,
  ): void {
    let at = this.#room(length + 2 * HEAD_BYTES);
    const view = this.#view;
    at = writeBulkHead(this.#bytes, view, at, length);
    if (length <= WORD_COPY_MAX) {
      for (let to = at, end = at + length; to < end; to += 4) {
        view.setInt32(to, words[word++], true);
      }
    } else this.#bytes.set(bytes.subarray(word << 2, (word << 2) + length), at);
    view.setInt16(at + length, CRLF_WORD, true);
    this.length = at + length + 2;
  }

  /** A bulk string that is sent from where it is; nobody may change `bytes` any more. */
  bulkLent(bytes: Uint8Array): void {
    this.#head(36, bytes.length);
    this.#lend(bytes);
  }

  /** The head of a bulk string whose bytes somebody else sends. */
  bulkHead(length: number): void {
    this.#head(36, length);
  }

  /** The null of a missing bulk string. */
  null(): void {
    const at = this.#room(8);
    if (this.protocol === 3) {
      this.#bytes[at] = 95;
      this.#endLine(at + 1);
    } else {
      this.#view.setInt32(at, NULL2_WORD, true);
      this.#bytes[at + 4] = LF;
      this.length = at + 5;
    }
  }

  /** The null of a missing array. */
  nullArray(): void {
    if (this.protocol === 3) this.null();
    else this.#line(42, "-1");
  }

  array(count: number): void {
    this.#head(42, count);
  }

  /** A map of `count` pairs; in RESP2 an array of twice as many. */
  map(count: number): void {
    if (this.protocol === 3) this.#head(37, count);
    else this.#head(42, count * 2);
  }

  /** A set; in RESP2 an array. */
  set(count: number): void {
    this.#head(this.protocol === 3 ? 126 : 42, count);
  }

  /** A push message; in RESP2 an array. */
  push(count: number): void {
    this.#head(this.protocol === 3 ? 62 : 42, count);
  }

  /**
   * Push messages that were encoded before, once for all who get them. Whatever the
   * first one's type byte is, it gets the one of this protocol. `large` is its last bulk
   * string's content, of which it has the head only, and is sent from where it is.
   */
  pushEncoded(encoded: Uint8Array, large?: Uint8Array): void {
    const at = this.#room(encoded.length);
    this.#bytes.set(encoded, at);
    this.#bytes[at] = this.protocol === 3 ? 62 : 42;
    this.length = at + encoded.length;
    if (large !== undefined) this.#lend(large);
  }

  /** A double; in RESP2 a bulk string. */
  double(value: number): void {
    let at = this.#room(FLOAT_BYTES_MAX + HEAD_BYTES);
    const to = this.#bytes;
    if (this.protocol === 3) {
      to[at] = 44;
      return this.#endLine(writeFloat(to, at + 1, value));
    }
    if (Number.isSafeInteger(value) && value !== 0) {
      at = writeBulkHead(to, this.#view, at, integerLength(value));
      return this.#endLine(writeInteger(to, at, value));
    }
    const end = writeFloat(doubleBytes, 0, value);
    at = writeBulkHead(to, this.#view, at, end);
    for (let i = 0; i < end; i++) to[at++] = doubleBytes[i];
    this.#endLine(at);
  }

  /** A boolean; in RESP2 the integer 1 or 0. */
  boolean(value: boolean): void {
    if (this.protocol === 3) this.#line(35, value ? "t" : "f");
    else this.integer(value ? 1 : 0);
  }

  /** A big number in decimal digits; in RESP2 a bulk string. */
  bigNumber(digits: string): void {
    if (this.protocol === 3) this.#line(40, digits);
    else this.bulkText(digits);
  }

  /** Text with a three-letter format; in RESP2 a bulk string. */
  verbatim(format: string, text: Uint8Array): void {
    if (this.protocol !== 3) return this.bulk(text);
    this.#head(61, text.length + 4);
    this.#chars(this.#room(text.length + 6), `${format}:`);
    this.raw(text, 0, text.length);
    this.#endLine(this.#room(2));
  }

  /** Attributes of `count` pairs before the reply they describe; RESP3 only. */
  attribute(count: number): void {
    this.#head(124, count);
  }

  /** Bytes as they are. */
  raw(bytes: Uint8Array, offset: number, length: number): void {
    let at = this.#room(length);
    if (length <= BYTE_COPY_MAX) {
      const to = this.#bytes;
      for (const end = offset + length; offset < end; offset++) {
        to[at++] = bytes[offset];
      }
    } else {
      this.#bytes.set(bytes.subarray(offset, offset + length), at);
      at += length;
    }
    this.length = at;
  }

  /**
   * Opens an aggregate whose length is not known yet; write its elements, then
   * close it with `endDeferred`. Deferred aggregates nest.
   */
  beginDeferred(): number {
    return this.length;
  }

  /** Closes an aggregate: what was written since `mark` are `count` elements (or pairs of a map). */
  endDeferred(
    mark: number,
    count: number,
    kind: "array" | "map" | "set" = "array",
  ): void {
    const end = this.length;
    this[kind](count);
    const headLength = this.length - end;
    const head = this.#bytes.slice(end, this.length);
    this.#bytes.copyWithin(mark + headLength, mark, end);
    this.#bytes.set(head, mark);
    for (const window of this.#lent) {
      if (window.at > mark) window.at += headLength;
    }
  }

  /** Takes back what was written since `length` was `mark`. */
  truncate(mark: number): void {
    this.length = mark;
    while (
      this.#lent.length > 0 && this.#lent[this.#lent.length - 1].at > mark
    ) {
      this.lentBytes -= this.#lent.pop()!.bytes.length;
    }
  }

  /** What was written since `mark`, without windows: for whoever reads a reply back. */
  written(mark: number): Uint8Array {
    return this.#bytes.subarray(mark, this.length);
  }

  /**
   * Hands over what is to be sent, in order. The buffer behind it belongs to the
   * caller until it is given back with `pool.release(buffer)`.
   */
  takeOutput(): {
    buffer: ByteSource;
    length: number;
    lent: { at: number; bytes: Uint8Array }[];
  } {
    const output = {
      buffer: this.#buffer,
      length: this.length,
      lent: this.#lent,
    };
    if (this.#lent.length > 0) this.#lent = [];
    this.#use(NO_BUFFER);
    this.length = 0;
    this.lentBytes = 0;
    return output;
  }

  /** Gives the buffer back unsent. */
  discard(): void {
    const { buffer } = this.takeOutput();
    if (buffer !== NO_BUFFER) this.pool.release(buffer);
  }

  #lend(bytes: Uint8Array): void {
    this.#lent.push({ at: this.length, bytes });
    this.lentBytes += bytes.length;
    this.#endLine(this.#room(2));
  }

  #use(buffer: ByteSource): void {
    this.#buffer = buffer;
    this.#bytes = buffer.bytes;
    this.#view = buffer.view;
  }

  #line(type: number, text: string): void {
    const at = this.#room(text.length + 3);
    this.#bytes[at] = type;
    this.#chars(at + 1, text);
    this.#endLine(this.length);
  }

  #head(type: number, count: number): void {
    let at = this.#room(HEAD_BYTES);
    this.#bytes[at++] = type;
    at = writeInteger(this.#bytes, at, count);
    this.#endLine(at);
  }

  #chars(at: number, text: string): void {
    const to = this.#bytes;
    for (let i = 0; i < text.length; i++) to[at++] = text.charCodeAt(i);
    this.length = at;
  }

  #endLine(at: number): void {
    this.#bytes[at] = CR;
    this.#bytes[at + 1] = LF;
    this.length = at + 2;
  }

  /** Makes room for `count` bytes and a word's overrun; returns where to write. */
  #room(count: number): number {
    const needed = this.length + count + 8;
    if (needed > this.#bytes.length) {
      const grown = this.pool.acquire(Math.max(needed, this.#bytes.length * 2));
      grown.bytes.set(this.#bytes.subarray(0, this.length));
      if (this.#buffer !== NO_BUFFER) this.pool.release(this.#buffer);
      this.#use(grown);
    }
    return this.length;
  }
}

/** Writes what stands before a bulk string's bytes; returns the place behind it. */
function writeBulkHead(
  to: Uint8Array,
  view: DataView,
  at: number,
  length: number,
): number {
  if (length < HEAD_WORDS.length) {
    view.setInt32(at, HEAD_WORDS[length], true);
    if (length < 10) return at + 4;
    to[at + 4] = LF;
    return at + 5;
  }
  to[at] = 36;
  at = writeInteger(to, at + 1, length);
  to[at] = CR;
  to[at + 1] = LF;
  return at + 2;
}

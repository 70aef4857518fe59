/**
 * The checksum of RDB files and DUMP payloads: CRC-64 with Jones's polynomial,
 * reflected, beginning at 0.
 *
 * JavaScript has no fast 64-bit integers, so a checksum is two 32-bit halves. Eight
 * bytes are taken at a time with eight tables ("slicing by 8"): the table for a
 * byte k places before the last says what its bits have become after k more bytes.
 */

const SLICES = 8;
const WORD_PAIR_BYTES = 8;
const POLYNOMIAL_LOW = 0xac4bc9b5 | 0;
const POLYNOMIAL_HIGH = 0x95ac9329 | 0;

/** Halves of entry `256 * slice + byte`: what a byte makes of the checksum, `slice` bytes later. */
const LOW = new Int32Array(256 * SLICES);
const HIGH = new Int32Array(256 * SLICES);
fillTables();

/** A checksum that bytes are added to, piece by piece. */
export class Crc64 {
  #low = 0;
  #high = 0;

  /** Adds the bytes from `start` up to `end`. */
  update(bytes: Uint8Array, start = 0, end = bytes.length): void {
    // Words are read where they are aligned.
    const aligned = start + (-(bytes.byteOffset + start) & 3);
    if (end - aligned < WORD_PAIR_BYTES) {
      return this.#addBytes(bytes, start, end);
    }
    this.#addBytes(bytes, start, aligned);
    const words = new Int32Array(
      bytes.buffer,
      bytes.byteOffset + aligned,
      (end - aligned) >> 2,
    );
    this.#addWords(words);
    const summed = aligned + 4 * (words.length & ~1);
    this.#addBytes(bytes, summed, end);
  }

  #addWords(words: Int32Array): void {
    let low = this.#low, high = this.#high;
    for (let at = 0; at + 1 < words.length; at += 2) {
      low ^= words[at];
      high ^= words[at + 1];
      const a = 1792 + (low & 0xff);
      const b = 1536 + (low >>> 8 & 0xff);
      const c = 1280 + (low >>> 16 & 0xff);
      const d = 1024 + (low >>> 24);
      const e = 768 + (high & 0xff);
      const f = 512 + (high >>> 8 & 0xff);
      const g = 256 + (high >>> 16 & 0xff);
      const h = high >>> 24;
      low = LOW[a] ^ LOW[b] ^ LOW[c] ^ LOW[d] ^
        LOW[e] ^ LOW[f] ^ LOW[g] ^ LOW[h];
      high = HIGH[a] ^ HIGH[b] ^ HIGH[c] ^ HIGH[d] ^
        HIGH[e] ^ HIGH[f] ^ HIGH[g] ^ HIGH[h];
    }
    this.#low = low;
    this.#high = high;
  }

  #addBytes(bytes: Uint8Array, at: number, end: number): void {
    let low = this.#low, high = this.#high;
    for (; at < end; at++) {
      const index = (low ^ bytes[at]) & 0xff;
      low = (low >>> 8 | high << 24) ^ LOW[index];
      high = high >>> 8 ^ HIGH[index];
    }
    this.#low = low;
    this.#high = high;
  }

  /** Writes the checksum, little-endian, as files have it. */
  write(view: DataView, offset: number): void {
    view.setInt32(offset, this.#low, true);
    view.setInt32(offset + 4, this.#high, true);
  }

  /** Whether the eight bytes at `offset` are this checksum. */
  isAt(view: DataView, offset: number): boolean {
    return view.getInt32(offset, true) === this.#low &&
      view.getInt32(offset + 4, true) === this.#high;
  }

  /** Sixteen hex digits, for messages. */
  get hex(): string {
    return hex32(this.#high) + hex32(this.#low);
  }
}

function hex32(word: number): string {
  return (word >>> 0).toString(16).padStart(8, "0");
}

function fillTables(): void {
  for (let byte = 0; byte < 256; byte++) {
    let low = byte, high = 0;
    for (let bit = 0; bit < 8; bit++) {
      const carry = low & 1;
      low = low >>> 1 | high << 31;
      high >>>= 1;
      if (carry === 0) continue;
      low ^= POLYNOMIAL_LOW;
      high ^= POLYNOMIAL_HIGH;
    }
    LOW[byte] = low;
    HIGH[byte] = high;
  }
  for (let at = 256; at < LOW.length; at++) {
    const low = LOW[at - 256], high = HIGH[at - 256];
    const next = low & 0xff;
    LOW[at] = (low >>> 8 | high << 24) ^ LOW[next];
    HIGH[at] = high >>> 8 ^ HIGH[next];
  }
}

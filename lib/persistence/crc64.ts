/**
 * The checksum of RDB files and DUMP payloads: CRC-64 with Jones's polynomial,
 * reflected, beginning at 0.
 *
 * JavaScript has no fast 64-bit integers, so a checksum is two 32-bit halves. Eight
 * bytes are taken at a time with eight tables ("slicing by 8"): the table for a
 * byte k places before the last says what its bits have become after k more bytes.
 */

const SLICES = 8;
const POLYNOMIAL_LOW = 0xac4bc9b5 | 0;
const POLYNOMIAL_HIGH = 0x95ac9329 | 0;

const { low: LOW, high: HIGH } = makeTables();

/** A checksum that bytes are added to, piece by piece. */
export class Crc64 {
  #low = 0;
  #high = 0;

  /** Adds the bytes from `start` up to `end`. */
  update(bytes: Uint8Array, start = 0, end = bytes.length): void {
    let low = this.#low, high = this.#high, at = start;
    for (const wholeEnd = end - 7; at < wholeEnd; at += 8) {
      low ^= bytes[at] | bytes[at + 1] << 8 | bytes[at + 2] << 16 |
        bytes[at + 3] << 24;
      high ^= bytes[at + 4] | bytes[at + 5] << 8 | bytes[at + 6] << 16 |
        bytes[at + 7] << 24;
      const a = 1792 + (low & 0xff), b = 1536 + (low >>> 8 & 0xff);
      const c = 1280 + (low >>> 16 & 0xff), d = 1024 + (low >>> 24);
      const e = 768 + (high & 0xff), f = 512 + (high >>> 8 & 0xff);
      const g = 256 + (high >>> 16 & 0xff), h = high >>> 24;
      low = LOW[a] ^ LOW[b] ^ LOW[c] ^ LOW[d] ^ LOW[e] ^ LOW[f] ^ LOW[g] ^
        LOW[h];
      high = HIGH[a] ^ HIGH[b] ^ HIGH[c] ^ HIGH[d] ^ HIGH[e] ^ HIGH[f] ^
        HIGH[g] ^ HIGH[h];
    }
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

/** Entry `256 * slice + byte`: what a byte makes of the checksum, `slice` bytes later. */
function makeTables(): { low: Int32Array; high: Int32Array } {
  const low = new Int32Array(256 * SLICES), high = new Int32Array(256 * SLICES);
  for (let byte = 0; byte < 256; byte++) {
    let lowWord = byte, highWord = 0;
    for (let bit = 0; bit < 8; bit++) {
      const carry = lowWord & 1;
      lowWord = lowWord >>> 1 | highWord << 31;
      highWord >>>= 1;
      if (carry === 0) continue;
      lowWord ^= POLYNOMIAL_LOW;
      highWord ^= POLYNOMIAL_HIGH;
    }
    low[byte] = lowWord;
    high[byte] = highWord;
  }
  for (let index = 256; index < 256 * SLICES; index++) {
    const lowWord = low[index - 256], highWord = high[index - 256];
    low[index] = (lowWord >>> 8 | highWord << 24) ^ low[lowWord & 0xff];
    high[index] = highWord >>> 8 ^ high[lowWord & 0xff];
  }
  return { low, high };
}

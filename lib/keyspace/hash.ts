/**
 * The hash of keys: HalfSipHash-1-3, seeded per server.
 *
 * A client that could foresee hashes could choose keys that all collide and
 * make every command slow. Multiplicative hashes (Murmur and its relatives) have
 * collisions that hold for every seed; SipHash has none known. This is its
 * 32-bit variant with one round per word and three at the end, the one that
 * Linux uses for hash tables. {@link https://github.com/veorq/SipHash}
 */

/** Two random 32-bit words that make one server's hashes unlike another's. */
export interface HashSeed {
  readonly k0: number;
  readonly k1: number;
}

/** A seed from the system's random source. */
export function randomHashSeed(): HashSeed {
  const [k0, k1] = crypto.getRandomValues(new Int32Array(2));
  return { k0, k1 };
}

/**
 * Hashes `length` bytes at `offset` to 31 bits, never negative.
 *
 * Reads up to 3 bytes past the end, so `view` must have them.
 */
export function hashBytes(
  seed: HashSeed,
  view: DataView,
  offset: number,
  length: number,
): number {
  let v0 = seed.k0, v1 = seed.k1;
  let v2 = v0 ^ 0x6c796765, v3 = v1 ^ 0x74656462;
  const wordsEnd = offset + (length & ~3);
  for (; offset < wordsEnd; offset += 4) {
    const word = view.getInt32(offset, true);
    v3 ^= word;
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    v0 ^= word;
  }
  const rest = length & 3;
  let last = length << 24;
  if (rest !== 0) {
    last |= view.getInt32(offset, true) & ((1 << (rest << 3)) - 1);
  }
  v3 ^= last;
  for (let round = 0; round < 4; round++) {
    v0 = (v0 + v1) | 0;
    v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
    v0 = (v0 << 16) | (v0 >>> 16);
    v2 = (v2 + v3) | 0;
    v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
    v2 = (v2 << 16) | (v2 >>> 16);
    if (round === 0) {
      v0 ^= last;
      v2 ^= 0xff;
    }
  }
  return (v1 ^ v3) & 0x7fffffff;
}

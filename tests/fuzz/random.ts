/**
 * Random numbers that a seed repeats: the xoshiro128** generator.
 * {@link https://prng.di.unimi.it/}
 */
export class Random {
  /** The four words of state; never all zero. */
  readonly #state: Uint32Array<ArrayBuffer>;

  /** @param seed any integer; its low 32 bits count. */
  constructor(seed: number) {
    // splitmix32 spreads a small seed over the whole state.
    this.#state = Uint32Array.from({ length: 4 }, (_, i) => {
      let z = Math.imul(seed + i + 1, 0x9e3779b9);
      z = Math.imul(z ^ (z >>> 16), 0x21f0aaad);
      z = Math.imul(z ^ (z >>> 15), 0x735a2d97);
      return z ^ (z >>> 15);
    });
    if (this.#state.every((word) => word === 0)) this.#state[0] = 1;
  }

  /** An integer in [0, 2^32). */
  next(): number {
    const s = this.#state;
    const scrambled = Math.imul(rotateLeft(Math.imul(s[1], 5), 7), 9) >>> 0;
    const shifted = s[1] << 9;
    s[2] ^= s[0];
    s[3] ^= s[1];
    s[1] ^= s[2];
    s[0] ^= s[3];
    s[2] ^= shifted;
    s[3] = rotateLeft(s[3], 11);
    return scrambled;
  }

  /** An integer in [0, bound); `bound` is at most 2^32. */
  below(bound: number): number {
    return Math.floor(this.next() / 2 ** 32 * bound);
  }

  /** An integer in [least, most]. */
  between(least: number, most: number): number {
    return least + this.below(most - least + 1);
  }

  /** True once in `count` times. */
  oneIn(count: number): boolean {
    return this.below(count) === 0;
  }

  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)];
  }

  /** Each of the choices with a probability of one half, in their order. */
  some<T>(choices: readonly T[]): T[] {
    return choices.filter(() => this.oneIn(2));
  }

  /** `count` things, each made anew. */
  repeat<T>(count: number, make: () => T): T[] {
    return Array.from({ length: count }, make);
  }
}

function rotateLeft(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

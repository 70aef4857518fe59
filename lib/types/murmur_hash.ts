/**
 * MurmurHash64A, the hash by which HyperLogLogs of Redis place their elements.
 *
 * JavaScript multiplies 32 bits at a time, so the 64-bit state is kept in two
 * halves. {@link https://github.com/aappleby/smhasher/blob/master/src/MurmurHash2.cpp}
 */

/** The multiplier 0xc6a4a7935bd1e995 in halves, the lower one in halves again. */
const M_HIGH = 0xc6a4a793 | 0;
const M_LOW = 0x5bd1e995;
const M_LOW_HIGH = M_LOW >>> 16;
const M_LOW_LOW = M_LOW & 0xffff;
/** The state is mixed by shifts of 47 bits: 15 within the upper half. */
const SHIFT_HIGH = 15;

/** See the top of the file. */
export class MurmurHash {
  /** The hash of the last bytes, in signed halves. */
  low = 0;
  high = 0;

  /** @param seed 32 bits. */
  constructor(readonly seed: number) {}

  /** Hashes `length` bytes; `view` may be read up to 7 bytes further. */
  hash(view: DataView, offset: number, length: number): void {
    this.low = length;
    this.high = 0;
    this.#multiply();
    this.low ^= this.seed;
    const end = offset + (length & ~7);
    for (; offset < end; offset += 8) {
      const low = this.low, high = this.high;
      this.low = view.getInt32(offset, true);
      this.high = view.getInt32(offset + 4, true);
      this.#multiply();
      this.low ^= this.high >>> SHIFT_HIGH;
      this.#multiply();
      this.low ^= low;
      this.high ^= high;
      this.#multiply();
    }
    const left = length & 7;
    if (left > 0) {
      const first = view.getInt32(offset, true);
      if (left < 4) this.low ^= first & ((1 << (left << 3)) - 1);
      else {
        this.low ^= first;
        const mask = (1 << ((left - 4) << 3)) - 1;
        this.high ^= view.getInt32(offset + 4, true) & mask;
      }
      this.#multiply();
    }
    this.low ^= this.high >>> SHIFT_HIGH;
    this.#multiply();
    this.low ^= this.high >>> SHIFT_HIGH;
  }

  /** Multiplies the state, modulo 2^64. */
  #multiply(): void {
    const { low, high } = this;
    const lowLow = low & 0xffff, lowHigh = low >>> 16;
    const first = Math.imul(lowLow, M_LOW_LOW) >>> 16;
    const second = (Math.imul(lowHigh, M_LOW_LOW) >>> 0) + first;
    const third = (Math.imul(lowLow, M_LOW_HIGH) >>> 0) + (second & 0xffff);
    const carried = Math.imul(lowHigh, M_LOW_HIGH) +
      (second >>> 16) + (third >>> 16);
    this.high = (Math.imul(high, M_LOW) + Math.imul(low, M_HIGH) + carried) | 0;
    this.low = Math.imul(low, M_LOW);
  }
}

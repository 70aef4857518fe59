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
    let high = timesHigh(length, 0);
    let low = Math.imul(length, M_LOW) ^ this.seed;
    const end = offset + (length & ~7);
    for (; offset < end; offset += 8) {
      let wordLow = view.getInt32(offset, true);
      let wordHigh = view.getInt32(offset + 4, true);
      wordHigh = timesHigh(wordLow, wordHigh);
      wordLow = Math.imul(wordLow, M_LOW) ^ (wordHigh >>> SHIFT_HIGH);
      high ^= timesHigh(wordLow, wordHigh);
      low ^= Math.imul(wordLow, M_LOW);
      high = timesHigh(low, high);
      low = Math.imul(low, M_LOW);
    }
    const left = length & 7;
    if (left > 0) {
      const first = view.getInt32(offset, true);
      if (left < 4) low ^= first & ((1 << (left << 3)) - 1);
      else {
        low ^= first;
        const mask = (1 << ((left - 4) << 3)) - 1;
        high ^= view.getInt32(offset + 4, true) & mask;
      }
      high = timesHigh(low, high);
      low = Math.imul(low, M_LOW);
    }
    low ^= high >>> SHIFT_HIGH;
    this.high = timesHigh(low, high);
    this.low = Math.imul(low, M_LOW) ^ (this.high >>> SHIFT_HIGH);
  }
}

/** The upper half of the product, modulo 2^64, of a number in two halves and the multiplier. */
function timesHigh(low: number, high: number): number {
  const lowLow = low & 0xffff, lowHigh = low >>> 16;
  const first = Math.imul(lowLow, M_LOW_LOW) >>> 16;
  const second = (Math.imul(lowHigh, M_LOW_LOW) >>> 0) + first;
  const third = (Math.imul(lowLow, M_LOW_HIGH) >>> 0) + (second & 0xffff);
  const carried = Math.imul(lowHigh, M_LOW_HIGH) +
    (second >>> 16) + (third >>> 16);
  return (Math.imul(high, M_LOW) + Math.imul(low, M_HIGH) + carried) | 0;
}

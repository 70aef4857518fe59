/**
 * When and how often keys are used: what a record's 24 access bits say.
 *
 * What they say depends on `maxmemory-policy`, as in Redis:
 *
 * ```
 * LRU (and every policy without LFU)   second of the last access, modulo 2^24
 * LFU                                  minute of the last decrease, modulo 2^16 (16) | counter (8)
 * ```
 *
 * The LFU counter is logarithmic: an access increases it with a probability that
 * falls as it grows, and time decreases it. So 8 bits tell a key used a million
 * times from one used ten times, and forget both in the end.
 * {@link https://redis.io/docs/latest/develop/reference/eviction/}
 */

import { ACCESS_MASK } from "./record.ts";

/** Counter of a new key: not the first to go before it had a chance to be used. */
const LFU_COUNTER_INITIAL = 5;
const LFU_COUNTER_MAX = 255;
const LFU_COUNTER_MASK = 0xff;
const LFU_MINUTES_SHIFT = 8;
const LFU_MINUTES_MASK = 0xffff;
/** What Redis takes for the length of its LRU clock's round, one less than it is. */
const LRU_ROUND_SECONDS = ACCESS_MASK;

/** See the top of the file. */
export class Access {
  /** Whether the policy is an LFU one (`maxmemory-policy`). */
  isLfu = false;
  /** How slowly the counter grows (`lfu-log-factor`). */
  lfuLogFactor = 10;
  /** Minutes in which the counter falls by one; 0 for never (`lfu-decay-time`). */
  lfuDecayMinutes = 1;
  /** Now, in the units of the two clocks; set by `advance`. */
  #second = 0;
  #minute = 0;

  constructor(private readonly random: () => number) {}

  /** Sets the clocks to a moment, in seconds since 1970. */
  advance(seconds: number): void {
    this.#second = seconds & ACCESS_MASK;
    this.#minute = Math.floor(seconds / 60) & LFU_MINUTES_MASK;
  }

  /** The access bits of a key made now. */
  get initial(): number {
    return this.isLfu
      ? this.#minute << LFU_MINUTES_SHIFT | LFU_COUNTER_INITIAL
      : this.#second;
  }

  /** The access word of a key used now; the bits beside the access bits stay. */
  stamped(word: number): number {
    if (!this.isLfu) return (word & ~ACCESS_MASK) | this.#second;
    const counter = this.#increased(this.frequency(word));
    return (word & ~ACCESS_MASK) | this.#minute << LFU_MINUTES_SHIFT | counter;
  }

  /** Seconds since the last use, under a policy without LFU. */
  idleSeconds(word: number): number {
    const used = word & ACCESS_MASK;
    return this.#second >= used
      ? this.#second - used
      : this.#second + LRU_ROUND_SECONDS - used;
  }

  /** The access bits of a key last used so long ago, under a policy without LFU. */
  ofIdleSeconds(seconds: number): number {
    const used = this.#second - seconds;
    // The clock goes round; Redis's remainder is that of 24 bits.
    return used >= 0 ? used : (used + LRU_ROUND_SECONDS) & ACCESS_MASK;
  }

  /** The access bits of a key with this counter, 0 to 255, under an LFU policy. */
  ofFrequency(counter: number): number {
    return this.#minute << LFU_MINUTES_SHIFT | counter;
  }

  /** The counter as it is now, 0 to 255, under an LFU policy. */
  frequency(word: number): number {
    const counter = word & LFU_COUNTER_MASK;
    if (this.lfuDecayMinutes === 0) return counter;
    const since = (word & ACCESS_MASK) >>> LFU_MINUTES_SHIFT;
    const elapsed = this.#minute >= since
      ? this.#minute - since
      : LFU_MINUTES_MASK - since + this.#minute;
    return Math.max(0, counter - Math.floor(elapsed / this.lfuDecayMinutes));
  }

  #increased(counter: number): number {
    if (counter === LFU_COUNTER_MAX) return counter;
    const above = Math.max(0, counter - LFU_COUNTER_INITIAL);
    return this.random() < 1 / (above * this.lfuLogFactor + 1)
      ? counter + 1
      : counter;
  }
}

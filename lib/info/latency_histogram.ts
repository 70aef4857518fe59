/**
 * How often something took how long, with two significant digits: the buckets of
 * HdrHistogram, so that figures agree with Redis's.
 *
 * Up to 255 ns each value has its bucket; above, every power of two is divided
 * into 128 buckets. {@link https://hdrhistogram.github.io/HdrHistogram/}
 */

/** Values with a bucket of their own, and buckets of each power of two above. */
const EXACT_VALUES = 256;
const EXACT_BITS = 8;
const BUCKETS_PER_POWER = EXACT_VALUES / 2;
const LATENCY_MIN_NS = 1;
/** Longer times count as this one. */
const LATENCY_MAX_NS = 1e9;
const BUCKETS = bucketOf(LATENCY_MAX_NS) + 1;
/** First bound of {@link LatencyHistogram.cumulative}: about a microsecond. */
const FIRST_BOUND_NS = 1024;

/** See the top of the file. */
export class LatencyHistogram {
  #total = 0;
  readonly #counts = new Float64Array(BUCKETS);

  /** How many times were recorded. */
  get total(): number {
    return this.#total;
  }

  /** Notes `count` times of `nanoseconds` each. */
  record(nanoseconds: number, count: number): void {
    const value = nanoseconds < LATENCY_MIN_NS
      ? LATENCY_MIN_NS
      : nanoseconds > LATENCY_MAX_NS
      ? LATENCY_MAX_NS
      : nanoseconds | 0;
    this.#counts[bucketOf(value)] += count;
    this.#total += count;
  }

  /** The longest time among the shortest `percent` of all, in nanoseconds; 0 when there are none. */
  percentile(percent: number): number {
    const rank = Math.max(1, Math.floor(percent / 100 * this.#total + 0.5));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket];
      if (seen >= rank) return highestOf(bucket);
    }
    return 0;
  }

  /**
   * For bounds that double from 1 µs on, how many times were not longer; only
   * bounds with more than the one before.
   */
  cumulative(): { microseconds: number; count: number }[] {
    const steps: { microseconds: number; count: number }[] = [];
    let bucket = 0, seen = 0, before = 0;
    for (let bound = FIRST_BOUND_NS; before < this.#total; bound *= 2) {
      const last = Math.min(bucketOf(bound), BUCKETS - 1);
      while (bucket <= last) seen += this.#counts[bucket++];
      if (seen > before) {
        const microseconds = Math.floor(highestOf(bucketOf(bound)) / 1000);
        steps.push({ microseconds, count: seen });
      }
      before = seen;
    }
    return steps;
  }
}

function bucketOf(value: number): number {
  if (value < EXACT_VALUES) return value;
  const power = 31 - Math.clz32(value);
  const shift = power - EXACT_BITS + 1;
  return EXACT_VALUES + (power - EXACT_BITS) * BUCKETS_PER_POWER +
    (value >>> shift) - BUCKETS_PER_POWER;
}

/** The highest value of a bucket. */
function highestOf(bucket: number): number {
  if (bucket < EXACT_VALUES) return bucket;
  const above = bucket - EXACT_VALUES;
  const shift = Math.floor(above / BUCKETS_PER_POWER) + 1;
  const within = above % BUCKETS_PER_POWER + BUCKETS_PER_POWER;
  return (within + 1) * 2 ** shift - 1;
}

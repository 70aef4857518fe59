/**
 * How fast a counter grows right now: the mean of the latest samples, which the
 * cron takes. INFO's `instantaneous_…` fields.
 */

/** Samples that the mean is of: with ten a second, 1.6 seconds. */
const SAMPLES = 16;

/** See the top of the file. */
export class InstantaneousMetric {
  readonly #samples = new Float64Array(SAMPLES);
  #next = 0;
  #lastValue = 0;
  #lastBase: number | undefined;

  /**
   * @param factor what a unit of the base is worth: 1000 when the base is in
   *   milliseconds and the rate shall be per second.
   */
  constructor(private readonly factor: number) {}

  /** Takes a sample: the counter, and what its growth is divided by the growth of. */
  sample(value: number, base: number): void {
    if (this.#lastBase !== undefined) {
      const growth = base - this.#lastBase;
      this.#samples[this.#next] = growth > 0
        ? (value - this.#lastValue) * this.factor / growth
        : 0;
      this.#next = (this.#next + 1) % SAMPLES;
    }
    this.#lastValue = value;
    this.#lastBase = base;
  }

  /** The mean rate. */
  get rate(): number {
    return this.#samples.reduce((sum, sample) => sum + sample, 0) / SAMPLES;
  }

  /** Begins anew, for counters that were set back. */
  reset(): void {
    this.#samples.fill(0);
    this.#lastBase = undefined;
  }
}

/** What a benchmark found, and the figures that tables show of it. */

/** What a row has to reach. */
export type Target =
  | { readonly ratioAtLeast: number }
  | { readonly ratioAtMost: number }
  | { readonly oursAtMost: number };

/** One figure of both servers. */
export interface Row {
  readonly suite: string;
  /** `SET P=16`, with the figure's name when it is not throughput. */
  readonly name: string;
  /** Of the figures; `/s` is commands a second. */
  readonly unit: "/s" | "ms" | "MB";
  /** Medians of the rounds; `undefined` where a server was not measured. */
  readonly ours: number;
  readonly reference: number | undefined;
  /** CPU time per command, medians of the rounds. */
  readonly cpuMicros?: { readonly ours: number; readonly reference: number };
  readonly target?: Target;
  /** Every round's figures, in order. */
  readonly samples?: {
    readonly ours: readonly number[];
    readonly reference: readonly number[];
  };
}

/** The middle value; of an even count, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1
    ? sorted[middle]
    : (sorted[middle - 1] + sorted[middle]) / 2;
}

/** Ours against the reference's: 2 is twice its figure. */
export function ratioOf(row: Row): number | undefined {
  return row.reference === undefined || row.reference === 0
    ? undefined
    : row.ours / row.reference;
}

/** Whether the row reaches its target; `undefined` when it has none. */
export function isMet(row: Row): boolean | undefined {
  const { target } = row;
  if (target === undefined) return undefined;
  if ("oursAtMost" in target) return row.ours <= target.oursAtMost;
  const ratio = ratioOf(row);
  if (ratio === undefined) return undefined;
  return "ratioAtLeast" in target
    ? ratio >= target.ratioAtLeast
    : ratio <= target.ratioAtMost;
}

/** The target in words. */
export function describeTarget(row: Row): string {
  const { target } = row;
  if (target === undefined) return "";
  if ("oursAtMost" in target) return `≤ ${target.oursAtMost} ${row.unit}`;
  return "ratioAtLeast" in target
    ? `≥ ${target.ratioAtLeast}x`
    : `≤ ${target.ratioAtMost}x`;
}

/** Below 0, 0 or above 0 as the first bytes come before the others, are the same, or come behind them. */
export function compareBytes(
  bytes: Uint8Array,
  offset: number,
  length: number,
  other: Uint8Array,
  otherOffset: number,
  otherLength: number,
): number {
  const shared = Math.min(length, otherLength);
  for (let i = 0; i < shared; i++) {
    const difference = bytes[offset + i] - other[otherOffset + i];
    if (difference !== 0) return difference;
  }
  return length - otherLength;
}

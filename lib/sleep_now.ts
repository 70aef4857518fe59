/** Stops the whole server for a while; only for what tests ask for with DEBUG. */
export function sleepNow(durationMs: number): void {
  if (durationMs <= 0) return;
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, durationMs);
}

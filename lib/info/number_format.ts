/** Numbers as INFO prints them. */

const UNITS = ["K", "M", "G", "T", "P"];
const UNIT_SIZE = 1024;

/** An amount of bytes for people: `512B`, `1.51M`. */
export function humanBytes(bytes: number): string {
  if (bytes < UNIT_SIZE) return `${bytes}B`;
  let value = bytes / UNIT_SIZE, unit = 0;
  while (value >= UNIT_SIZE && unit < UNITS.length - 1) {
    value /= UNIT_SIZE;
    unit++;
  }
  return `${value.toFixed(2)}${UNITS[unit]}`;
}

/** `part` of `whole` in percent, with two decimals. */
export function percentOf(part: number, whole: number): string {
  return whole === 0 ? "0.00%" : `${(100 * part / whole).toFixed(2)}%`;
}

/** The quotient with two decimals; 0.00 when there is nothing to divide by. */
export function ratio(part: number, whole: number): string {
  return whole === 0 ? "0.00" : (part / whole).toFixed(2);
}

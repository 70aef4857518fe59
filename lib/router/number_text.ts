/**
 * Floats as Redis reads and writes them.
 *
 * Reading follows strtod: decimal and hexadecimal, `inf` and `infinity` in any
 * case, with a sign; NaN, spaces and trailing bytes are refused.
 */

const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;
const HEXADECIMAL = /^([+-]?)0x([0-9a-f]*)\.?([0-9a-f]*)(?:p([+-]?\d+))?$/i;
const INFINITE = /^([+-]?)inf(inity)?$/i;

/** The double that a text stands for, or undefined when it is none or overflows. */
export function parseFloatStrict(text: string): number | undefined {
  if (DECIMAL.test(text)) {
    const value = Number(text);
    return Number.isFinite(value) ? value : undefined;
  }
  const infinite = INFINITE.exec(text);
  if (infinite !== null) return infinite[1] === "-" ? -Infinity : Infinity;
  const hex = HEXADECIMAL.exec(text);
  if (hex === null || hex[2].length + hex[3].length === 0) return undefined;
  const digits = Number(BigInt(`0x${hex[2]}${hex[3]}`));
  const value = digits * 2 ** (Number(hex[4] ?? 0) - 4 * hex[3].length);
  if (!Number.isFinite(value)) return undefined;
  return hex[1] === "-" ? -value : value;
}

/**
 * A double as Redis 7.2 prints it: the shortest digits that read back the same,
 * `inf` and `-inf`, exponents from 1e21 and below 1e-6 on.
 */
export function formatFloat(value: number): string {
  if (value === Infinity) return "inf";
  if (value === -Infinity) return "-inf";
  if (Number.isNaN(value)) return "nan";
  if (Object.is(value, -0)) return "-0";
  return String(value);
}

/**
 * The ways in which Redis reads numbers in its configuration. They differ on
 * purpose: what one directive accepts, another refuses, as in Redis.
 */

const INT64_MAX = 0x7fff_ffff_ffff_ffffn;
const INT64_MIN = -INT64_MAX - 1n;
const UINT64_MAX = 0xffff_ffff_ffff_ffffn;

/** Digits that a memory value may have before Redis refuses it. */
const MEMORY_DIGITS_MAX = 127;

/** Bytes per unit: `k` counts thousands, `kb` 1024s. */
const MEMORY_UNITS: ReadonlyMap<string, bigint> = new Map([
  ["", 1n],
  ["b", 1n],
  ["k", 1000n],
  ["kb", 1024n],
  ["m", 1000n ** 2n],
  ["mb", 1024n ** 2n],
  ["g", 1000n ** 3n],
  ["gb", 1024n ** 3n],
]);

/** The units that {@link formatMemory} writes, with their bytes, largest first. */
const WRITTEN_UNITS = [
  ["gb", 1024n ** 3n],
  ["mb", 1024n ** 2n],
  ["kb", 1024n],
] as const;

/** An integer as Redis prints one: no plus, no leading zero, 64 bits. */
export function parseStrictInteger(text: string): bigint | undefined {
  if (!/^(0|-?[1-9][0-9]{0,19})$/.test(text)) return undefined;
  const value = BigInt(text);
  return value >= INT64_MIN && value <= INT64_MAX ? value : undefined;
}

/**
 * An integer as C's `strtoll` reads it: blanks and a plus before it are fine, an
 * empty text is 0, and what does not fit 64 bits becomes the nearest that does.
 */
export function parseLenientInteger(text: string): bigint | undefined {
  if (text === "") return 0n;
  if (!/^[ \t\n\v\f\r]*[+-]?[0-9]+$/.test(text)) return undefined;
  const value = BigInt(text.trim().replace("+", ""));
  if (value > INT64_MAX) return INT64_MAX;
  return value < INT64_MIN ? INT64_MIN : value;
}

/** Like {@link parseLenientInteger}, with octal digits. */
export function parseOctal(text: string): bigint | undefined {
  if (text === "") return 0n;
  const match = /^[ \t\n\v\f\r]*([+-]?)([0-7]{1,21})$/.exec(text);
  if (match === null) return undefined;
  const value = BigInt("0o" + match[2]);
  return match[1] === "-" ? -value : value;
}

/**
 * An amount of memory in bytes, such as `100`, `100mb` or `1g`; 0 to 2^64-1,
 * where a product beyond wraps around, as Redis's does.
 */
export function parseMemory(text: string): bigint | undefined {
  const match = /^([0-9]*)([a-z]*)$/i.exec(text);
  if (match === null || match[1].length > MEMORY_DIGITS_MAX) return undefined;
  const unitBytes = MEMORY_UNITS.get(match[2].toLowerCase());
  if (unitBytes === undefined) return undefined;
  const amount = BigInt(match[1]);
  const bounded = amount > UINT64_MAX ? UINT64_MAX : amount;
  return BigInt.asUintN(64, bounded * unitBytes);
}

/** An amount of memory with the largest unit that divides it. */
export function formatMemory(bytes: bigint): string {
  if (bytes === 0n) return "0";
  for (const [unit, unitBytes] of WRITTEN_UNITS) {
    if (bytes % unitBytes === 0n) return `${bytes / unitBytes}${unit}`;
  }
  return `${bytes}`;
}

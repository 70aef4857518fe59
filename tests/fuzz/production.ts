/**
 * How the fuzzers make commands: productions, and the pieces that they share.
 *
 * Keys come from a small universe, so that commands meet each other's data.
 * Times are generous: relative ones start at 1,000 seconds and absolute ones lie
 * in the past or after the year 2200, so that no run is long enough for a key to
 * expire on one of two servers only.
 */
import type { Argument } from "../support/command_text.ts";
import type { Random } from "./random.ts";

/** Makes the arguments of one command. */
export interface Production {
  /** How often, beside the others; 1 by default. */
  weight?: number;
  /** First Redis version that has the command. */
  since?: string;
  /** Never gets an argument more or less: it would no longer be what the run can bear. */
  isExact?: boolean;
  make: (r: Random) => Argument[];
}

/** Productions by command name; a subcommand has its own, `client|id`. */
export type Grammar = Record<string, Production | Production[]>;

/** A COUNT with which one step of SCAN returns all keys. */
export const WHOLE_SCAN_COUNT = "10000";

const KEYS = [
  ..."abcdefghij".split("").map((letter) => `key:${letter}`),
  "",
  "\x00\r\n\xff",
  "{tag}k",
  "key:" + "long".repeat(30),
];

const WORDS = [
  "",
  "v",
  "value",
  "hello world",
  "ohmytext",
  "mynewtext",
  "\x00",
  "\r\n",
  "\xff\xfe",
];

const INTEGERS = [
  "0",
  "1",
  "-1",
  "9",
  "10",
  "42",
  "9999",
  "10000",
  "-12345",
  "2147483647",
  "-2147483648",
  "4294967296",
  "9007199254740991",
  "9007199254740993",
  "-9007199254740993",
  "9223372036854775806",
  "9223372036854775807",
  "-9223372036854775807",
  "-9223372036854775808",
];

/** What looks like an integer and is none. */
const NO_INTEGERS = [
  "",
  "x",
  "1.5",
  " 1",
  "1 ",
  "+1",
  "01",
  "-0",
  "0x10",
  "1e3",
  "--1",
  "9223372036854775808",
  "-9223372036854775809",
  "99999999999999999999",
];

const FLOATS = [
  "0.5",
  "-0.5",
  "3.14",
  "3.0e3",
  "1e-5",
  "0.1",
  "0.2",
  "1.23456789012345678",
  "1e17",
  "-1.5e10",
  ".5",
  "5.",
  "1e20",
  "0.000000000000000001",
];

const NO_FLOATS = [
  "",
  "x",
  "1.5x",
  " 1.5",
  "1.5 ",
  "nan",
  "1,5",
  "1e",
  "e5",
  "--1.5",
  ".",
];

export function key(r: Random): string {
  return r.pick(KEYS);
}

export function keys(r: Random, most = 4): string[] {
  return r.repeat(r.between(1, most), () => key(r));
}

export function integer(r: Random): string {
  return r.oneIn(3) ? String(r.between(-1000, 1000)) : r.pick(INTEGERS);
}

/** Mostly an integer, at times something that only looks like one. */
export function integerOrNot(r: Random): string {
  return r.oneIn(8) ? r.pick(NO_INTEGERS) : integer(r);
}

export function floatOrNot(r: Random): string {
  switch (r.below(8)) {
    case 0:
      return r.pick(NO_FLOATS);
    case 1:
    case 2:
      return integer(r);
    case 3:
    case 4:
      return float(r);
    default:
      return r.pick(FLOATS);
  }
}

/** A decimal of up to 25 digits, at times with an exponent. */
function float(r: Random): string {
  const digits = (most: number) =>
    r.repeat(r.below(most), () => r.below(10)).join("");
  const sign = r.oneIn(2) ? "-" : "";
  const exponent = r.oneIn(3)
    ? `e${r.between(-30, r.oneIn(10) ? 300 : 25)}`
    : "";
  return `${sign}${r.below(10)}${digits(15)}.${digits(10)}${exponent}`;
}

/** An offset into a value, near its ends most of the time. */
export function offset(r: Random): string {
  return r.oneIn(10) ? integerOrNot(r) : String(r.between(-12, 12));
}

export function value(r: Random): Argument {
  switch (r.below(6)) {
    case 0:
    case 1:
      return r.pick(WORDS);
    case 2:
    case 3:
      return integerOrNot(r);
    case 4:
      return floatOrNot(r);
    default:
      return bytes(
        r,
        r.oneIn(50) ? r.between(500, 3_000) : r.between(0, 80),
      );
  }
}

export function bytes(r: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => r.below(256));
}

/** Absolute seconds that are far from now. */
const FAR_SECONDS = [7258118400, 7258118401, 9000000000, 253402300799];
const PAST_SECONDS = [1, 2, 1000, 1500000000];
const BAD_TIMES = [
  "0",
  "-1",
  "9223372036854775807",
  "9223372036854776",
  ...NO_INTEGERS,
];

/**
 * A time as EX, PX, EXAT and PXAT take it, right most of the time.
 *
 * Two random relative times are a second apart but for one case in a hundred
 * million, so that GT and LT do not depend on how fast a server is.
 */
export function time(r: Random, unit: "EX" | "PX" | "EXAT" | "PXAT"): string {
  if (r.oneIn(8)) return r.pick(BAD_TIMES);
  const scale = unit.startsWith("P") ? 1000 : 1;
  if (unit.endsWith("AT")) {
    return String(r.pick(r.oneIn(6) ? PAST_SECONDS : FAR_SECONDS) * scale);
  }
  return String(r.between(1_000, 100_000_000) * scale);
}

/** `EX 1000` and the like. */
export function expiryOption(r: Random): string[] {
  const unit = r.pick(["EX", "PX", "EXAT", "PXAT"] as const);
  return [randomCase(r, unit), time(r, unit)];
}

/** A glob over the keys. */
export function pattern(r: Random): string {
  return r.pick([
    "*",
    "key:*",
    "key:?",
    "key:[a-d]",
    "key:[^a-d]",
    "*:long*",
    "\\*",
    "",
    "[",
    "{*",
  ]);
}

export function database(r: Random): string {
  return r.oneIn(10)
    ? r.pick(["16", "-1", "x", "99999999999", ""])
    : String(r.below(4));
}

/** The text with the case of some letters changed, at times. */
export function randomCase(r: Random, text: string): string {
  if (!r.oneIn(4)) return text;
  return text.replaceAll(
    /[a-zA-Z]/g,
    (letter) => r.oneIn(2) ? letter.toLowerCase() : letter.toUpperCase(),
  );
}

/** Something that is an option nowhere. */
export function junk(r: Random): Argument {
  return r.pick<Argument>([
    "JUNK",
    "",
    "NXX",
    "\x00",
    "1",
    "EX\x00",
    bytes(r, 3),
  ]);
}

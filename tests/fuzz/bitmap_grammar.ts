/** Productions for bitmaps and bit fields. */
import type { Argument } from "../support/command_text.ts";
import {
  bytes,
  type Grammar,
  integerOrNot,
  key,
  keys,
  offset,
  randomCase,
} from "./production.ts";
import type { Random } from "./random.ts";

/** A bit of a short string, rarely of one that is too long for a record. */
function bitOffset(r: Random): string {
  if (r.oneIn(20)) return integerOrNotFar(r);
  return String(r.below(r.oneIn(50) ? 200_000 : 500));
}

/** No large offsets: strings of half a gigabyte are no test. */
function integerOrNotFar(r: Random): string {
  return r.pick(["-1", "x", "", "#1", "4294967296", "9223372036854775807"]);
}

function encoding(r: Random): string {
  if (r.oneIn(20)) return r.pick(["u64", "i65", "u0", "x", "", "I8", "u8 "]);
  return r.oneIn(2) ? `u${r.between(1, 63)}` : `i${r.between(1, 64)}`;
}

function fieldOffset(r: Random): string {
  return r.oneIn(3) ? `#${r.below(9)}` : bitOffset(r);
}

function gets(r: Random): Argument[] {
  return r.repeat(
    r.below(4),
    () => [randomCase(r, "GET"), encoding(r), fieldOffset(r)],
  ).flat();
}

function fieldOperations(r: Random): Argument[] {
  return r.repeat(r.between(1, 4), () => {
    const verb = r.pick(["GET", "SET", "INCRBY", "SET", "INCRBY"]);
    const overflow = r.oneIn(2)
      ? ["OVERFLOW", r.pick(["WRAP", "SAT", "FAIL", "sat", "x"])]
      : [];
    const operand = verb === "GET" ? [] : [integerOrNot(r)];
    return [
      ...overflow,
      randomCase(r, verb),
      encoding(r),
      fieldOffset(r),
      ...operand,
    ];
  }).flat();
}

function range(r: Random): Argument[] {
  if (r.oneIn(3)) return [];
  const ends = [offset(r), offset(r)];
  return r.oneIn(3) ? [...ends, r.pick(["BIT", "BYTE", "bit", "x"])] : ends;
}

export const bitmapGrammar: Grammar = {
  setbit: {
    weight: 3,
    make: (
      r,
    ) => [key(r), bitOffset(r), r.oneIn(20) ? integerOrNot(r) : r.below(2)],
  },
  getbit: { weight: 2, make: (r) => [key(r), bitOffset(r)] },
  bitcount: { weight: 2, make: (r) => [key(r), ...range(r)] },
  bitpos: [
    { weight: 2, make: (r) => [key(r), r.below(2), ...range(r)] },
    { make: (r) => [key(r), integerOrNot(r), offset(r)] },
  ],
  bitop: {
    weight: 3,
    make: (r) => {
      const operation = r.pick(["AND", "OR", "XOR", "NOT", "x"]);
      const sources = keys(r, operation === "NOT" && !r.oneIn(9) ? 1 : 4);
      return [randomCase(r, operation), key(r), ...sources];
    },
  },
  bitfield: { weight: 4, make: (r) => [key(r), ...fieldOperations(r)] },
  bitfield_ro: [
    { make: (r) => [key(r), ...gets(r)] },
    { weight: 0.2, make: (r) => [key(r), ...fieldOperations(r)] },
  ],
  set: {
    weight: 2,
    make: (r) => [
      key(r),
      r.oneIn(3)
        ? new Uint8Array(r.below(300)).fill(r.pick([0, 0xff]))
        : bytes(r, r.below(300)),
    ],
  },
};

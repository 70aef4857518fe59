/**
 * Productions for streams.
 *
 * IDs are always given, at least their moments: `*` would be another moment on the
 * second server. What answers times (how long an entry is pending) is asked only
 * where nothing is found.
 */
import type { Argument } from "../support/command_text.ts";
import {
  type Grammar,
  integerOrNot,
  key,
  type Production,
  randomCase,
  value,
} from "./production.ts";
import type { Random } from "./random.ts";

const STREAMS = ["stream:a", "stream:b", "stream:c", "stream:d"];

const ODD_IDS = [
  "-",
  "+",
  "0",
  "0-0",
  "$",
  ">",
  "1-2-3",
  "x",
  "",
  "01-02",
  "-5",
  "5-",
  "18446744073709551615",
  "18446744073709551615-18446744073709551615",
  "18446744073709551616-1",
  "9007199254740993-1",
];

function stream(r: Random): string {
  return r.oneIn(12) ? key(r) : r.pick(STREAMS);
}

/** A moment among few, so that commands find what others added. */
function id(r: Random): string {
  if (r.oneIn(20)) return r.pick(ODD_IDS);
  const ms = r.oneIn(30)
    ? String(9007199254740000 + r.below(2000))
    : String(r.between(1, 300));
  return r.oneIn(4) ? ms : `${ms}-${r.below(4)}`;
}

function newId(r: Random): string {
  if (r.oneIn(3)) return `${r.between(0, 300)}-*`;
  return id(r);
}

function interval(r: Random): [string, string] {
  const side = (edge: string) =>
    r.oneIn(3) ? edge : r.oneIn(5) ? `(${id(r)}` : id(r);
  return [side("-"), side("+")];
}

function countOption(r: Random): string[] {
  return r.oneIn(3)
    ? [randomCase(r, "COUNT"), r.oneIn(6) ? integerOrNot(r) : `${r.below(9)}`]
    : [];
}

function trimming(r: Random): string[] {
  const words = r.oneIn(2)
    ? [randomCase(r, "MAXLEN")]
    : [randomCase(r, "MINID")];
  if (r.oneIn(2)) words.push(r.pick(["=", "~"]));
  words.push(
    r.oneIn(10)
      ? integerOrNot(r)
      : words[0].length === 6
      ? `${r.below(40)}`
      : id(r),
  );
  if (r.oneIn(5)) words.push("LIMIT", r.oneIn(4) ? integerOrNot(r) : "50");
  return words;
}

const FIELDS = ["f", "g", "field", "1", "-7"];

function pairs(r: Random): Argument[] {
  const count = r.between(1, 3);
  const fields = r.oneIn(2)
    ? FIELDS.slice(0, count)
    : r.repeat(count, () => r.pick(FIELDS));
  return fields.flatMap((field) => [field, value(r)]);
}

const add: Production = {
  weight: 12,
  make: (r) => [
    stream(r),
    ...(r.oneIn(12) ? ["NOMKSTREAM"] : []),
    ...(r.oneIn(8) ? trimming(r) : []),
    newId(r),
    ...pairs(r),
  ],
};

export const streamGrammar: Grammar = {
  xadd: add,
  xlen: { make: (r) => [stream(r)] },
  xrange: {
    weight: 3,
    make: (r) => [stream(r), ...interval(r), ...countOption(r)],
  },
  xrevrange: {
    weight: 3,
    make: (r) => [stream(r), ...interval(r).reverse(), ...countOption(r)],
  },
  xdel: {
    weight: 3,
    make: (r) => [stream(r), ...r.repeat(r.between(1, 3), () => id(r))],
  },
  xtrim: { make: (r) => [stream(r), ...trimming(r)] },
  xsetid: {
    weight: 0.2,
    make: (r) => [
      stream(r),
      id(r),
      ...(r.oneIn(3) ? ["ENTRIESADDED", `${r.below(2000)}`] : []),
      ...(r.oneIn(3) ? ["MAXDELETEDID", id(r)] : []),
    ],
  },
};

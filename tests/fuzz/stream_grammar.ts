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

const GROUPS = ["g", "h", "group\xff"];
const CONSUMERS = ["alice", "bob", "carl"];
/** Longer than a run lasts: nothing has been pending for so long. */
const NEVER_IDLE_MS = "100000000";

function groupId(r: Random): string {
  return r.oneIn(3) ? "$" : r.oneIn(2) ? "0" : id(r);
}

function entriesRead(r: Random): string[] {
  return r.oneIn(3)
    ? ["ENTRIESREAD", r.oneIn(9) ? "x" : `${r.between(-2, 50)}`]
    : [];
}

/** Keys and an ID for each, mostly one. */
function streams(r: Random, make: () => string): string[] {
  const keys = r.repeat(r.oneIn(3) ? 2 : 1, () => stream(r));
  const ids = keys.map(make);
  return [randomCase(r, "STREAMS"), ...keys, ...ids];
}

function claimOptions(r: Random): string[] {
  const options: string[] = [];
  if (r.oneIn(3)) options.push("FORCE");
  if (r.oneIn(3)) options.push("JUSTID");
  if (r.oneIn(5)) options.push("RETRYCOUNT", `${r.between(-1, 9)}`);
  if (r.oneIn(8)) options.push("LASTID", id(r));
  if (r.oneIn(8)) options.push(r.pick(["IDLE", "TIME"]), integerOrNot(r));
  return options;
}

/** For as short as can be: nobody would add what is waited for. */
function waiting(r: Random): string[] {
  if (!r.oneIn(12)) return [];
  return [randomCase(r, "BLOCK"), r.oneIn(4) ? r.pick(["x", "-1"]) : "1"];
}

/** Not a time that a run can take, at which it would matter how fast a server is. */
const idle = (r: Random) =>
  r.oneIn(8) ? r.pick([NEVER_IDLE_MS, "-1", "x", ""]) : "0";

const groupGrammar: Grammar = {
  xread: {
    weight: 2,
    // `+` is an ID since Redis 7.4.
    make: (r) => [
      ...countOption(r),
      ...waiting(r),
      ...streams(r, () => id(r).replace(/^\+$/, "0")),
    ],
  },
  xreadgroup: {
    weight: 5,
    make: (r) => [
      "GROUP",
      r.pick(GROUPS),
      r.pick(CONSUMERS),
      ...countOption(r),
      ...waiting(r),
      ...(r.oneIn(6) ? ["NOACK"] : []),
      ...streams(r, () => r.oneIn(3) ? id(r) : ">"),
    ],
  },
  "xgroup|create": {
    weight: 3,
    make: (r) => [
      stream(r),
      r.pick(GROUPS),
      groupId(r),
      ...(r.oneIn(4) ? ["MKSTREAM"] : []),
      ...entriesRead(r),
    ],
  },
  "xgroup|setid": {
    make: (r) => [stream(r), r.pick(GROUPS), groupId(r), ...entriesRead(r)],
  },
  "xgroup|destroy": {
    weight: 0.3,
    make: (r) => [stream(r), r.pick(GROUPS)],
  },
  "xgroup|createconsumer": {
    make: (r) => [stream(r), r.pick(GROUPS), r.pick(CONSUMERS)],
  },
  "xgroup|delconsumer": {
    weight: 0.5,
    make: (r) => [stream(r), r.pick(GROUPS), r.pick(CONSUMERS)],
  },
  xack: {
    weight: 2,
    make: (r) => [
      stream(r),
      r.pick(GROUPS),
      ...r.repeat(r.between(1, 3), () => id(r)),
    ],
  },
  xpending: [
    { weight: 2, make: (r) => [stream(r), r.pick(GROUPS)] },
    {
      make: (r) => [
        stream(r),
        r.pick(GROUPS),
        "IDLE",
        NEVER_IDLE_MS,
        ...interval(r),
        integerOrNot(r),
        ...r.some([r.pick(CONSUMERS)]),
      ],
      isExact: true,
    },
  ],
  xclaim: {
    weight: 2,
    make: (r) => [
      stream(r),
      r.pick(GROUPS),
      r.pick(CONSUMERS),
      idle(r),
      ...r.repeat(r.between(1, 3), () => id(r)),
      ...claimOptions(r),
    ],
  },
  xautoclaim: {
    weight: 2,
    make: (r) => [
      stream(r),
      r.pick(GROUPS),
      r.pick(CONSUMERS),
      idle(r),
      interval(r)[0],
      ...countOption(r),
      ...(r.oneIn(3) ? ["JUSTID"] : []),
    ],
  },
  "xinfo|stream": { weight: 2, make: (r) => [stream(r)], isExact: true },
  "xinfo|groups": { weight: 2, make: (r) => [stream(r)] },
  // Consumers that are there would be idle for another time.
  "xinfo|consumers": { make: (r) => [stream(r), "nobody"], isExact: true },
};

export const streamGrammar: Grammar = {
  ...groupGrammar,
  xadd: add,
  // A stream with the highest ID takes no more entries.
  del: { weight: 0.2, make: (r) => [r.pick(STREAMS)], isExact: true },
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

/** Productions for HyperLogLogs: on keys of their own, so that most calls find one. */
import type { Argument } from "../support/command_text.ts";
import { bytes, type Grammar, key, randomCase, value } from "./production.ts";
import type { Random } from "./random.ts";

const KEYS = ["hll:a", "hll:b", "hll:c", "hll:{d}"];
/** Bytes before the runs of a value. */
const HEAD_BYTES = 16;

function hllKey(r: Random): string {
  return r.pick(KEYS);
}

function hllKeys(r: Random): string[] {
  return r.repeat(r.between(1, 3), () => r.oneIn(25) ? key(r) : hllKey(r));
}

/** A few elements, at times so many that the value becomes dense. */
function elements(r: Random): Argument[] {
  const count = r.oneIn(15) ? r.between(100, 600) : r.below(6);
  return r.repeat(count, () => r.oneIn(4) ? value(r) : String(r.next()));
}

/**
 * A value that looks like a sparse HyperLogLog, with right or wrong runs.
 *
 * But its last run is whole. Of one that needs another byte, Redis reads the byte
 * behind the string, which is 0 in a copy of that string and may be something else
 * after a PFADD: what it answers does not follow from the value then. That is why
 * the commands here that write bytes change no runs of a value that is there, and
 * those that make HyperLogLogs keep to keys that no other command edits.
 */
function sparseValue(r: Random): Uint8Array {
  const head = [0x48, 0x59, 0x4c, 0x4c, r.oneIn(10) ? r.below(4) : 1, 0, 0, 0];
  const kept = r.repeat(8, () => r.oneIn(2) ? 0 : r.below(256));
  const runs: number[] = [];
  let left = 16384;
  while (left > 0 && !r.oneIn(60)) {
    const kind = r.below(3);
    const most = Math.min(left, [64, 4, 5000][kind]);
    const count = r.between(1, most);
    left -= count;
    if (kind === 0) runs.push(count - 1);
    else if (kind === 1) runs.push(0x80 | (r.below(32) << 2) | (count - 1));
    else runs.push(0x40 | ((count - 1) >> 8), (count - 1) & 255);
  }
  if (r.oneIn(8)) {
    runs.splice(r.below(runs.length + 1), 0, ...bytes(r, 3));
    runs.push(0);
  }
  return Uint8Array.from([...head, ...kept, ...runs]);
}

export const hyperloglogGrammar: Grammar = {
  pfadd: { weight: 6, make: (r) => [hllKey(r), ...elements(r)] },
  pfcount: { weight: 3, make: hllKeys },
  pfmerge: { weight: 2, make: (r) => [hllKey(r), ...hllKeys(r)] },
  pfdebug: {
    weight: 1,
    make: (r) => [
      randomCase(r, r.pick(["ENCODING", "DECODE", "GETREG", "TODENSE", "x"])),
      hllKey(r),
    ],
  },
  pfselftest: { weight: 0.0002, make: () => [] },
  // Redis 7.0 finds damage at other places when a value becomes dense.
  set: { since: "7.2", make: (r) => [hllKey(r), sparseValue(r)] },
  get: { weight: 2, make: (r) => [hllKey(r)] },
  // Redis 7.0 has another encoding of lists.
  lpush: { since: "7.2", weight: 0.1, make: (r) => [hllKey(r), value(r)] },
  unlink: { make: (r) => [hllKey(r)] },
  setrange: {
    weight: 0.2,
    make: (r) => [hllKey(r), r.below(HEAD_BYTES), bytes(r, 1)],
  },
};

/** Productions for HyperLogLogs: on keys of their own, so that most calls find one. */
import type { Argument } from "../support/command_text.ts";
import { bytes, type Grammar, key, randomCase, value } from "./production.ts";
import type { Random } from "./random.ts";

const KEYS = ["hll:a", "hll:b", "hll:c", "hll:{d}"];

function hllKey(r: Random): string {
  return r.oneIn(25) ? key(r) : r.pick(KEYS);
}

function hllKeys(r: Random): string[] {
  return r.repeat(r.between(1, 3), () => hllKey(r));
}

/** A few elements, at times so many that the value becomes dense. */
function elements(r: Random): Argument[] {
  const count = r.oneIn(15) ? r.between(100, 600) : r.below(6);
  return r.repeat(count, () => r.oneIn(4) ? value(r) : String(r.next()));
}

/** A value that looks like a sparse HyperLogLog, with right or wrong runs. */
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
  return Uint8Array.from([...head, ...kept, ...runs]);
}

export const hyperloglogGrammar: Grammar = {
  pfadd: { weight: 6, make: (r) => [hllKey(r), ...elements(r)] },
  pfcount: { weight: 3, make: hllKeys },
  pfmerge: { weight: 2, make: hllKeys },
  pfdebug: {
    weight: 1,
    make: (r) => [
      randomCase(r, r.pick(["ENCODING", "DECODE", "GETREG", "TODENSE", "x"])),
      hllKey(r),
    ],
  },
  pfselftest: { weight: 0.0002, make: () => [] },
  set: { make: (r) => [r.pick(KEYS), sparseValue(r)] },
  get: { weight: 2, make: (r) => [r.pick(KEYS)] },
  unlink: { make: (r) => [r.pick(KEYS)] },
  setrange: {
    weight: 0.2,
    make: (r) => [r.pick(KEYS), r.below(60), bytes(r, r.between(1, 3))],
  },
};

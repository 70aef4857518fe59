/** What PFSELFTEST checks: that registers keep their values, and that estimates are good. */

import {
  cardinalityOf,
  DENSE,
  DENSE_BYTES,
  denseRegister,
  ElementPlace,
  HEAD_BYTES,
  raiseDenseRegister,
  REGISTER_COUNT,
  setDenseRegister,
  writeHead,
} from "./hyperloglog.ts";
import { HyperLogLogEdit } from "./sparse_hyperloglog.ts";

const REGISTER_ROUNDS = 20;
/** Elements that are added; estimates are checked at every power of ten up to here. */
const ELEMENTS_MAX = 1_000_000;
/** Deviations of an estimate that are still taken for chance. */
const DEVIATIONS_MAX = 6;

/** Returns what is wrong, or undefined. `random` answers numbers in [0, 1). */
export function testHyperLogLogs(
  random: () => number,
  sparseMaxBytes: number,
): string | undefined {
  return testRegisters(random) ?? testEstimates(random, sparseMaxBytes);
}

/** Each register keeps what it was set to while the others are set. */
function testRegisters(random: () => number): string | undefined {
  const bytes = new Uint8Array(DENSE_BYTES);
  const expected = new Uint8Array(REGISTER_COUNT);
  for (let round = 0; round < REGISTER_ROUNDS; round++) {
    for (let i = 0; i < REGISTER_COUNT; i++) {
      expected[i] = Math.floor(random() * 64);
      setDenseRegister(bytes, HEAD_BYTES, i, expected[i]);
    }
    for (let i = 0; i < REGISTER_COUNT; i++) {
      const value = denseRegister(bytes, HEAD_BYTES, i);
      if (value !== expected[i]) {
        return `Register ${i} should be ${expected[i]} but is ${value}`;
      }
    }
  }
  return undefined;
}

/** A dense and a sparse one with the same elements agree with each other and with the number of those. */
function testEstimates(
  random: () => number,
  sparseMaxBytes: number,
): string | undefined {
  const element = new DataView(new ArrayBuffer(16));
  const place = new ElementPlace();
  const dense = new Uint8Array(DENSE_BYTES), edit = new HyperLogLogEdit();
  writeHead(dense, DENSE);
  edit.clear();
  element.setUint32(4, Math.floor(random() * 2 ** 32), true);
  const mask = Math.floor(random() * 2 ** 32);
  for (let count = 1, checkpoint = 1; count <= ELEMENTS_MAX; count++) {
    element.setInt32(0, count ^ mask, true);
    place.find(element, 0, 8);
    const { index, value } = place;
    raiseDenseRegister(dense, HEAD_BYTES, index, value);
    edit.raise(index, value, sparseMaxBytes);
    if (count < checkpoint) continue;
    if (count < sparseMaxBytes / 2 && edit.isDense) {
      return "sparse encoding not used";
    }
    const estimate = cardinalityOf(dense, 0, DENSE_BYTES);
    if (estimate !== cardinalityOf(edit.bytes, 0, edit.length)) {
      return "dense/sparse disagree";
    }
    const error = Math.abs(count - Number(estimate));
    if (error > errorMax(count)) {
      return `Too big error. card:${count} abserr:${error}`;
    }
    checkpoint *= 10;
  }
  return undefined;
}

/** The error that chance allows; two of ten elements rarely share a register. */
function errorMax(count: number): number {
  const deviation = 1.04 / Math.sqrt(REGISTER_COUNT);
  return count === 10 ? 1 : Math.ceil(deviation * DEVIATIONS_MAX * count);
}

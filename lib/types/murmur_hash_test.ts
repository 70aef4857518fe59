import { assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import { sourceOf } from "../keyspace/record_store.ts";
import { MurmurHash } from "./murmur_hash.ts";

const M = 0xc6a4a7935bd1e995n;

function hashOf(bytes: Uint8Array, seed: number): bigint {
  const { view } = sourceOf(bytes);
  const hash = new MurmurHash(seed);
  hash.hash(view, 0, bytes.length);
  return (BigInt(hash.high >>> 0) << 32n) | BigInt(hash.low >>> 0);
}

/** The algorithm as it is published, in BigInts. */
function modelHash(bytes: Uint8Array, seed: number): bigint {
  const u64 = (value: bigint) => BigInt.asUintN(64, value);
  const word = (from: number, to: number) =>
    bytes.slice(from, to).reduceRight(
      (sum, byte) => (sum << 8n) | BigInt(byte),
      0n,
    );
  let h = BigInt(seed) ^ u64(BigInt(bytes.length) * M);
  const whole = bytes.length & ~7;
  for (let at = 0; at < whole; at += 8) {
    let k = u64(word(at, at + 8) * M);
    k = u64((k ^ (k >> 47n)) * M);
    h = u64((h ^ k) * M);
  }
  if (whole < bytes.length) h = u64((h ^ word(whole, bytes.length)) * M);
  h = u64((h ^ (h >> 47n)) * M);
  return h ^ (h >> 47n);
}

Deno.test(`MurmurHash does what the algorithm does in 64 bits (seed ${TEST_SEED})`, () => {
  const r = new Random(TEST_SEED);
  for (let round = 0; round < 3000; round++) {
    const length = r.below(40), seed = r.next();
    const bytes = Uint8Array.from(
      { length },
      () => r.pick([0, 0xff, r.below(256)]),
    );
    assertEquals(hashOf(bytes, seed), modelHash(bytes, seed));
  }
});

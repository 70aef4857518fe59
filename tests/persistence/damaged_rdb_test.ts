/**
 * RDB files with a value of each form that are damaged anywhere: a file with a
 * checksum is refused with the place; what is loaded from one without is a value
 * that can be saved and loaded again, or nothing is.
 *
 * A sample of all places, which a seed picks; with TSREDIS_TEST_ALL=yes every place,
 * and every bit of it.
 */
import { assert, assertEquals, assertThrows } from "@std/assert";
import { digestOfKeyspace } from "../../lib/keyspace/digest.ts";
import { Keyspace } from "../../lib/keyspace/keyspace.ts";
import { Crc64 } from "../../lib/persistence/crc64.ts";
import { writeKeyspace } from "../../lib/persistence/rdb_file.ts";
import { RdbError } from "../../lib/persistence/rdb_format.ts";
import { RdbLoader } from "../../lib/persistence/rdb_loader.ts";
import { RdbReader } from "../../lib/persistence/rdb_reader.ts";
import { Random } from "../fuzz/random.ts";
import { TEST_SEED } from "../fuzz/test_seed.ts";
import { bytesOf, textOf } from "../support/binary_text.ts";
import { CommandRunner } from "../support/command_runner.ts";
import { quote } from "../support/command_text.ts";
import { ManualClock } from "../support/manual_clock.ts";
import { OTHER_FORMS } from "../support/other_forms.ts";
import { ALL_VALUE_MAKERS } from "./threshold_values.ts";

const isForAll = Deno.env.get("TSREDIS_TEST_ALL") === "yes";
/** Damages of one file, unless all are wanted. */
const SAMPLES = 40;
/** The parts of a form are all in a short one. */
const FILE_BYTES_MAX = 900;
const CHECKSUM_BYTES = 8;
const MEMORY_MAX_BYTES = 64 * 1024 * 1024;
const LOAD_MAX_MS = 5000;

/** The bytes that a keyspace is saved as. */
function save(keyspace: Keyspace, isCompressing: boolean): Uint8Array {
  const parts: string[] = [];
  writeKeyspace(
    keyspace,
    { isCompressing, hasChecksum: true, usage: "idle", aux: [["a", "b"]] },
    (bytes) => parts.push(textOf(bytes)),
  );
  return bytesOf(parts.join(""));
}

/** What is loaded from a file, every checksum that is not 0 being compared. @throws {RdbError} */
function load(bytes: Uint8Array): Keyspace {
  const startMs = performance.now(), { external } = Deno.memoryUsage();
  const keyspace = new Keyspace(4, new ManualClock());
  try {
    const reader = RdbReader.ofBytes(bytes);
    const options = { isDroppingExpired: true, hasChecksum: true };
    const loader = new RdbLoader(keyspace, reader, options);
    while (loader.step(1000));
    return keyspace;
  } finally {
    assert(performance.now() - startMs < LOAD_MAX_MS, "loading is slow");
    const grownBytes = Deno.memoryUsage().external - external;
    assert(grownBytes < MEMORY_MAX_BYTES, `${grownBytes} bytes for loading`);
  }
}

/** A file with a value of a type, and a key that expires in another database. */
function fileOf(kind: string, r: Random): Uint8Array {
  const runner = new CommandRunner();
  for (;;) {
    runner.run("FLUSHALL");
    runner.run("SELECT 2");
    runner.run("SET volatile v PXAT 4000000000000");
    runner.run("SELECT 0");
    for (const command of ALL_VALUE_MAKERS[kind](r, "k")) {
      runner.runWords(
        ...command.map((arg) =>
          arg instanceof Uint8Array ? textOf(arg) : String(arg)
        ),
      );
    }
    const bytes = save(runner.server.parts.keyspace, r.oneIn(2));
    if (bytes.length <= FILE_BYTES_MAX) return bytes;
  }
}

/** A file with a value in a form that is only read: its type number and itself. */
function fileAround(form: string): Uint8Array {
  const bytes = bytesOf(
    `REDIS0011${form[0]}\x01k${form.slice(1)}\xff${"\0".repeat(8)}`,
  );
  const crc = new Crc64(), end = bytes.length - CHECKSUM_BYTES;
  crc.update(bytes, 0, end);
  crc.write(new DataView(bytes.buffer), end);
  return bytes;
}

function withoutChecksum(bytes: Uint8Array): Uint8Array {
  return bytes.slice().fill(0, bytes.length - CHECKSUM_BYTES);
}

/** What is loaded can be saved and loaded again; false when the file is refused. */
function isLoadedWhole(bytes: Uint8Array): boolean {
  let loaded: Keyspace;
  try {
    loaded = load(bytes);
  } catch (error) {
    if (!(error instanceof RdbError)) throw error;
    assert(/at byte \d+/.test(error.message), error.message);
    return false;
  }
  const again = load(save(loaded, true));
  assertEquals(digestOfKeyspace(again), digestOfKeyspace(loaded));
  return true;
}

/** Cuts a file at each place and alters each byte; answers how many of the altered ones were loaded. */
function damage(whole: Uint8Array, r: Random): [loaded: number, of: number] {
  const places = isForAll || whole.length < SAMPLES
    ? [...whole.keys()]
    : [...r.repeat(SAMPLES, () => r.below(whole.length))];
  let loaded = 0, tried = 0;
  for (const at of places) {
    for (const bytes of [whole, withoutChecksum(whole)]) {
      const error = assertThrows(() => load(bytes.slice(0, at)), RdbError);
      assert(error.offset <= at);
    }
    const bits = Array.from({ length: 8 }, (_, bit) => 1 << bit);
    for (const mask of isForAll ? [...bits, 0xff] : [r.pick(bits), 0xff]) {
      const altered = whole.with(at, whole[at] ^ mask);
      assert(!isLoadedWhole(altered), `${mask} at ${at}`);
      tried++;
      if (isLoadedWhole(withoutChecksum(altered))) loaded++;
    }
  }
  return [loaded, tried];
}

/** `damage`, with the file in what is thrown. */
function damageFile(whole: Uint8Array, r: Random): void {
  assert(isLoadedWhole(whole) && isLoadedWhole(withoutChecksum(whole)));
  try {
    const [loaded, tried] = damage(whole, r);
    // Damage to a text or a number leaves a right file with another value.
    assert(loaded > 0 && loaded < tried, `${loaded} of ${tried} loaded`);
  } catch (error) {
    throw new Error(`file ${quote(textOf(whole))}`, { cause: error });
  }
}

for (const kind of Object.keys(ALL_VALUE_MAKERS)) {
  Deno.test(`a damaged RDB file with a value of kind ${kind} is refused, or loaded whole if nothing shows the damage, seed ${TEST_SEED}`, () => {
    const r = new Random(TEST_SEED);
    damageFile(fileOf(kind, r), r);
  });
}

Deno.test(`a damaged RDB file of an older form is refused, or loaded whole if nothing shows the damage, seed ${TEST_SEED}`, () => {
  const r = new Random(TEST_SEED);
  for (const form of OTHER_FORMS) damageFile(fileAround(form), r);
});

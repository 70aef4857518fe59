import { assert, assertEquals, assertThrows } from "@std/assert";
import { digestOfKeyspace } from "../keyspace/digest.ts";
import { Keyspace } from "../keyspace/keyspace.ts";
import { CommandRunner } from "../../tests/support/command_runner.ts";
import { ManualClock } from "../../tests/support/manual_clock.ts";
import { argsOf } from "../../tests/support/args_of.ts";
import { streamOf } from "../types/stream_value.ts";
import { Random } from "../../tests/fuzz/random.ts";
import { writeKeyspace } from "./rdb_file.ts";
import { RdbError } from "./rdb_format.ts";
import type { RdbOptions } from "./rdb_file_writer.ts";
import { RdbLoader } from "./rdb_loader.ts";
import { type ByteFeed, RdbReader } from "./rdb_reader.ts";
import { RdbSnapshot } from "./rdb_snapshot.ts";

const OPTIONS: RdbOptions = {
  isCompressing: true,
  hasChecksum: true,
  usage: undefined,
  aux: [["redis-ver", "7.2.6"]],
};

/** Random changes to values of all types, in three databases. */
function change(runner: CommandRunner, r: Random): void {
  const value = () =>
    r.pick([
      () => String(r.between(-200, 200)),
      () => String(r.between(-3e9, 3e9)),
      () => `${r.next()}${r.next()}`.slice(0, 18),
      () => "abc".repeat(r.below(40)),
      () => String.fromCharCode(r.below(256)).repeat(r.below(100)),
      () => r.oneIn(50) ? "x".repeat(80_000) + r.next() : "y",
    ])();
  const key = (kind: string) => kind + r.below(12);
  runner.runWords(
    ...r.pick<() => string[]>([
      () => ["SET", key("s"), value()],
      () => ["APPEND", key("s"), value()],
      () => [
        "PEXPIREAT",
        key(r.pick(["s", "l", "h"])),
        String(4e12 + r.next()),
      ],
      () => ["RPUSH", key("l"), value(), value(), value()],
      () => ["LPOP", key("l")],
      () => ["SADD", key("i"), String(r.between(-99999, 99999))],
      () => ["SADD", key("t"), value(), value()],
      () => ["HSET", key("h"), value(), value(), value(), value()],
      () => ["ZADD", key("z"), String(r.between(-9, 9)), value()],
      () => ["ZADD", key("z"), String(r.next() / 7), value(), "-inf", value()],
      () => ["XADD", key("x"), "*", value(), value()],
      () => ["XGROUP", "CREATE", key("x"), "g" + r.below(3), "0"],
      () => [
        ...["XREADGROUP", "GROUP", "g" + r.below(3), "c" + r.below(3)],
        ...["COUNT", "2", "STREAMS", key("x"), ">"],
      ],
      () => ["DEL", key(r.pick(["s", "l", "i", "t", "h", "x", "z"]))],
      () => ["SELECT", String(r.below(3))],
    ])(),
  );
  if (r.oneIn(5)) runner.clock.advance(1);
}

function bytesOfKeyspace(keyspace: Keyspace, options = OPTIONS): Uint8Array {
  const parts: Uint8Array[] = [];
  writeKeyspace(keyspace, options, (bytes) => parts.push(bytes));
  return joined(parts);
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(
    parts.reduce((sum, { length }) => sum + length, 0),
  );
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** Gives bytes in pieces of a random size. */
function feedOf(bytes: Uint8Array, r: Random): ByteFeed {
  let at = 0;
  return {
    readSync(buffer) {
      if (at === bytes.length) return null;
      const end = Math.min(at + r.between(1, 5000), at + buffer.length);
      const piece = bytes.subarray(at, end);
      buffer.set(piece);
      at += piece.length;
      return piece.length;
    },
  };
}

function load(reader: RdbReader, hasChecksum = true): Keyspace {
  const keyspace = new Keyspace(4, new ManualClock());
  const loader = new RdbLoader(keyspace, reader, {
    isDroppingExpired: true,
    hasChecksum,
  });
  while (loader.step(1000));
  return keyspace;
}

Deno.test("an RDB file gives back all that was written, compressed or not", () => {
  for (let seed = 1; seed <= 6; seed++) {
    const r = new Random(seed), runner = new CommandRunner();
    for (let i = 0; i < 1500; i++) change(runner, r);
    const { keyspace } = runner.server.parts;
    const bytes = bytesOfKeyspace(keyspace, {
      ...OPTIONS,
      isCompressing: r.oneIn(2),
      hasChecksum: r.oneIn(2),
      usage: r.pick([undefined, "idle", "frequency"]),
    });
    const loaded = load(RdbReader.ofFeed(feedOf(bytes, r)));
    assertEquals(
      digestOfKeyspace(loaded),
      digestOfKeyspace(keyspace),
      `seed ${seed}`,
    );
    for (const [index, db] of keyspace.databases.entries()) {
      const other = loaded.databases[index];
      if (other === undefined) continue;
      assertEquals(other.size, db.size);
      assertEquals(other.volatile.size, db.volatile.size, `seed ${seed}`);
    }
  }
});

Deno.test("RdbSnapshot holds the state of its start, whatever happens meanwhile", async () => {
  for (let seed = 1; seed <= 2; seed++) {
    const r = new Random(seed), runner = new CommandRunner();
    const { keyspace } = runner.server.parts;
    for (let i = 0; i < 3000; i++) change(runner, r);
    // Large enough to be written in parts, and changed on the way.
    for (const [kind, command] of LARGE) {
      for (let part = 0; part < 3; part++) {
        const values = Array.from({ length: 1500 }, (_, n) => [
          ...(kind === "z" ? [String(n)] : []),
          `${kind}${part}-${n}-${"x".repeat(30)}`,
        ]);
        runner.runWords(command, kind + "1", ...values.flat());
      }
    }
    const expected = digestOfKeyspace(keyspace);
    const parts: Uint8Array[] = [];
    const snapshot = new RdbSnapshot(keyspace, (bytes) => {
      parts.push(bytes);
      return Promise.resolve();
    }, OPTIONS);
    let isDone = false;
    const finished = snapshot.finished.then(() => isDone = true);
    while (!isDone) {
      for (let i = r.below(100); i > 0; i--) change(runner, r);
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
    await finished;
    const loaded = load(RdbReader.ofBytes(joined(parts)));
    assertEquals(digestOfKeyspace(loaded), expected);
    assertEquals(snapshot.keysWritten, snapshot.keysTotal);
    assert(digestOfKeyspace(keyspace) !== expected);
  }
});

const LARGE = [["l", "RPUSH"], ["t", "SADD"], ["h", "HSET"], ["z", "ZADD"]];

Deno.test("a stream's counters can be as large as commands make them", () => {
  const runner = new CommandRunner();
  const largest = "9223372036854775807";
  for (
    const command of [
      "XADD x 1-1 f v",
      `XSETID x 1-1 ENTRIESADDED ${largest}`,
      `XGROUP CREATE x g 0 ENTRIESREAD ${largest}`,
      `XCLAIM x g c 0 1-1 RETRYCOUNT ${largest} FORCE`,
    ]
  ) runner.run(command);
  const bytes = bytesOfKeyspace(runner.server.parts.keyspace);
  const [db] = load(RdbReader.ofBytes(bytes)).databases;
  const stream = streamOf(db.map, db.peek(argsOf("GET", "x"), 1));
  const group = [...stream.groups()][0];
  const [[, slot]] = group.pending.entries();
  const counters = [
    stream.entriesAdded,
    group.entriesRead,
    group.deliveryCountOf(slot),
  ];
  assertEquals(counters, counters.map(() => Number(largest)));
});

/** A file with a little of everything. */
function smallFile(): Uint8Array {
  const runner = new CommandRunner();
  for (
    const command of [
      "SET int 12345",
      "SET text hello",
      `SET packed ${"abc".repeat(20)}`,
      "SET volatile v PXAT 4000000000000",
      "RPUSH list a 1 70000 -5",
      "SADD integers 1 2 3",
      "SADD set a b",
      "HSET hash f v g 12",
      "ZADD sorted 1 a 2.5 b -inf c",
      "XADD stream 1-1 f v",
      "XGROUP CREATE stream g 0",
      "XREADGROUP GROUP g c STREAMS stream >",
      "SELECT 3",
      "SET other db",
    ]
  ) runner.run(command);
  return bytesOfKeyspace(runner.server.parts.keyspace);
}

Deno.test("an RDB file that is cut anywhere is refused with the place", () => {
  const whole = smallFile();
  for (let length = 0; length < whole.length; length++) {
    const error = assertThrows(
      () => load(RdbReader.ofBytes(whole.slice(0, length))),
      RdbError,
    );
    assert(error.offset <= length);
  }
});

Deno.test("an RDB file with a bit of any byte flipped is refused by its checksum at the latest", () => {
  const whole = smallFile(), r = new Random(7);
  for (let at = 0; at < whole.length; at++) {
    const damaged = whole.slice();
    damaged[at] ^= 1 << r.below(8);
    assertThrows(() => load(RdbReader.ofBytes(damaged)), RdbError, undefined);
    try {
      load(RdbReader.ofBytes(damaged), false);
    } catch (error) {
      assert(error instanceof RdbError, `byte ${at}: ${error}`);
    }
  }
});

/** Every form that a value has had in RDB files is read, from bytes made here. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";
import { ManualClock } from "../../tests/support/manual_clock.ts";
import { digestOfKeyspace } from "../keyspace/digest.ts";
import { Keyspace } from "../keyspace/keyspace.ts";
import { bytesOfText, textOfBytes } from "../resp/byte_text.ts";
import { Crc64 } from "./crc64.ts";
import { writeKeyspace } from "./rdb_file.ts";
import { RdbError } from "./rdb_format.ts";
import { type LoadOptions, RdbLoader } from "./rdb_loader.ts";
import { RdbReader } from "./rdb_reader.ts";

type Bytes = (number | string)[];

/** Numbers are bytes, texts their characters. */
function bytesOf(parts: Bytes): Uint8Array {
  return bytesOfText(
    parts.map((part) =>
      typeof part === "string" ? part : String.fromCharCode(part & 255)
    ).join(""),
  );
}

function little(value: number | bigint, width: number): Bytes {
  return Array.from(
    { length: width },
    (_, i) => Number(BigInt(value) >> BigInt(8 * i) & 255n),
  );
}

function big(value: number | bigint, width: number): Bytes {
  return little(value, width).reverse();
}

function double(value: number): Bytes {
  return [...new Uint8Array(new Float64Array([value]).buffer)];
}

/** A string with its length in one byte, or in four. */
function text(value: string): Bytes {
  return value.length < 64
    ? [value.length, value]
    : [0x80, ...big(value.length, 4), value];
}

function blob(bytes: Bytes): Bytes {
  return text(textOfBytes(bytesOf(bytes)));
}

/** A listpack of these elements, each given as its encoding and data. */
function listpack(...elements: Bytes[]): Bytes {
  const body = elements.flatMap((element): Bytes => {
    const { length } = bytesOf(element);
    return length < 128
      ? [...element, length]
      : [...element, length >> 7, length & 127 | 128];
  });
  const length = bytesOf(body).length + 7;
  return [...little(length, 4), ...little(elements.length, 2), ...body, 255];
}

function packedText(value: string): Bytes {
  const { length } = value;
  if (length < 64) return [0x80 | length, value];
  return length < 4096
    ? [0xe0 | length >> 8, length & 255, value]
    : [0xf0, ...little(length, 4), value];
}

/** A ziplist of these entries, each given as its encoding and data. */
function ziplist(...entries: Bytes[]): Bytes {
  const body: Bytes = [];
  let before = 0, last = 10;
  for (const entry of entries) {
    last = 10 + bytesOf(body).length;
    body.push(...before < 254 ? [before] : [254, ...little(before, 4)]);
    body.push(...entry);
    before = 10 + bytesOf(body).length - last;
  }
  const length = bytesOf(body).length + 11;
  return [
    ...little(length, 4),
    ...little(last, 4),
    ...little(entries.length, 2),
    ...body,
    255,
  ];
}

function zipText(value: string): Bytes {
  const { length } = value;
  if (length < 64) return [length, value];
  return length < 16384
    ? [0x40 | length >> 8, length & 255, value]
    : [0x80, ...big(length, 4), value];
}

function intset(width: number, ...values: (number | bigint)[]): Bytes {
  return [
    ...little(width, 4),
    ...little(values.length, 4),
    ...values.flatMap((value) =>
      little(BigInt.asUintN(64, BigInt(value)), 8).slice(0, width)
    ),
  ];
}

/** A stream ID as the key of a block or a pending entry has it. */
function rawId(ms: number, seq: number): Bytes {
  return [...big(ms, 8), ...big(seq, 8)];
}

/** A whole file; with its checksum if its version has one. */
function file(head: string, ...parts: Bytes): Uint8Array {
  const body = bytesOf([head, ...parts, 255]);
  if (Number(head.slice(5)) < 5) return body;
  const whole = new Uint8Array(body.length + 8), crc = new Crc64();
  whole.set(body);
  crc.update(body);
  crc.write(new DataView(whole.buffer), body.length);
  return whole;
}

function loadInto(
  keyspace: Keyspace,
  bytes: Uint8Array,
  options: Partial<LoadOptions> = {},
): void {
  const loader = new RdbLoader(keyspace, RdbReader.ofBytes(bytes), {
    isDroppingExpired: true,
    hasChecksum: true,
    ...options,
  });
  while (loader.step(1));
}

function load(bytes: Uint8Array, options?: Partial<LoadOptions>): Keyspace {
  const keyspace = new Keyspace(4, new ManualClock());
  loadInto(keyspace, bytes, options);
  return keyspace;
}

/** The digest of what these commands make. */
function digestAfter(commands: readonly string[]): string {
  const runner = new CommandRunner();
  for (const command of commands) runner.runWords(...command.split(" "));
  return digestOfKeyspace(runner.server.parts.keyspace);
}

const LONG = "x".repeat(300), LONGER = "y".repeat(5000);
const BLOCK = listpack(
  // Entries, deleted, fields, their names, end of the master entry.
  ...[[2], [0], [1], packedText("f"), [0]],
  // Flags: same fields; ID beside the block's; value; elements.
  ...[[2], [0], [0], packedText("v"), [4]],
  ...[[2], [0], [1], packedText("w"), [4]],
);
const STREAM_COMMANDS = [
  "XADD k 5-1 f v",
  "XADD k 5-2 f w",
  "XGROUP CREATE k g 0",
];
/** Pending entry 5-1 of group `g`, delivered at moment 7 for the third time to consumer `c`. */
const PENDING: Bytes = [1, ...rawId(5, 1), ...little(7, 8), 3];

/** What the form is called, its version and type number, the value, and commands that make it. */
const FORMS: readonly [string, string, number, Bytes, string[]][] = [
  ["string", "REDIS0001", 0, text("value"), ["SET k value"]],
  ["string of 14 bits length", "REDIS0002", 0, [0x41, 44, LONG], [
    `SET k ${LONG}`,
  ]],
  ["string of 64 bits length", "REDIS0009", 0, [0x81, ...big(5, 8), "value"], [
    "SET k value",
  ]],
  ["string that is an integer of 8 bits", "REDIS0001", 0, [0xc0, -5], [
    "SET k -5",
  ]],
  ["string that is an integer of 16 bits", "REDIS0001", 0, [
    0xc1,
    ...little(30000, 2),
  ], ["SET k 30000"]],
  ["string that is an integer of 32 bits", "REDIS0001", 0, [
    0xc2,
    ...little(0x80000000, 4),
  ], ["SET k -2147483648"]],
  ["compressed string", "REDIS0003", 0, [0xc3, 5, 12, 0, "a", 0xe0, 2, 0], [
    "SET k aaaaaaaaaaaa",
  ]],
  ["list", "REDIS0001", 1, [2, ...text("a"), 0xc0, 7], ["RPUSH k a 7"]],
  ["set", "REDIS0001", 2, [2, ...text("a"), 0xc0, 7], ["SADD k a 7"]],
  ["sorted set with texts for scores", "REDIS0001", 3, [
    ...[3, ...text("a"), 3, "1.5", ...text("b"), 254, ...text("c"), 255],
  ], ["ZADD k 1.5 a inf b -inf c"]],
  ["hash", "REDIS0001", 4, [1, ...text("f"), ...text("v")], ["HSET k f v"]],
  ["sorted set with doubles", "REDIS0008", 5, [
    ...[2, ...text("a"), ...double(-0.5), ...text("b"), ...double(1e300)],
  ], ["ZADD k -0.5 a 1e300 b"]],
  [
    "zipmap",
    "REDIS0002",
    9,
    blob([
      ...[2, 1, "f", 1, 3, "v---", 254, ...little(300, 4), LONG, 0, 0, 255],
    ]).flat(),
    [`HSET k f v`, `HSET k ${LONG} `],
  ],
  [
    "list in a ziplist",
    "REDIS0004",
    10,
    blob(ziplist(
      ...[zipText("a"), zipText(LONG), zipText("b"), [0xf1], [0xfd], [
        0xfe,
        -3,
      ]],
      ...[[0xc0, ...little(-300 & 65535, 2)], [0xf0, ...little(0x800000, 3)]],
      [0xd0, ...little(1 << 30, 4)],
      [0xe0, ...little(1n << 62n, 8)],
      zipText("z".repeat(17000)),
    )),
    [
      `RPUSH k a ${LONG} b 0 12 -3 -300 -8388608 1073741824 4611686018427387904 ${
        "z".repeat(17000)
      }`,
    ],
  ],
  ["intset of 16 bits", "REDIS0004", 11, blob(intset(2, -300, 5)), [
    "SADD k 5 -300",
  ]],
  ["intset of 32 bits", "REDIS0004", 11, blob(intset(4, -300, 70000)), [
    "SADD k -300 70000",
  ]],
  ["intset of 64 bits", "REDIS0004", 11, blob(intset(8, -(2n ** 63n), 1)), [
    "SADD k 1 -9223372036854775808",
  ]],
  [
    "sorted set in a ziplist",
    "REDIS0004",
    12,
    blob(
      ziplist(zipText("a"), [0xf2], zipText("b"), zipText("1.5")),
    ),
    ["ZADD k 1 a 1.5 b"],
  ],
  [
    "hash in a ziplist",
    "REDIS0004",
    13,
    blob(
      ziplist(zipText("f"), zipText("v"), zipText("g"), [0xf3]),
    ),
    ["HSET k f v g 2"],
  ],
  ["quicklist of ziplists", "REDIS0007", 14, [
    2,
    ...blob(ziplist(zipText("a"), zipText("b"))),
    ...blob(ziplist(zipText("c"))),
  ], ["RPUSH k a b c"]],
  ["stream 1", "REDIS0009", 15, [
    ...[1, 16, ...rawId(5, 1), ...blob(BLOCK), 2, 5, 2],
    ...[1, ...text("g"), 0, 0, ...PENDING],
    ...[1, ...text("c"), ...little(7, 8), 1, ...rawId(5, 1)],
  ], STREAM_COMMANDS],
  [
    "hash in a listpack",
    "REDIS0010",
    16,
    blob(
      listpack(packedText("f"), [0x7f], packedText(LONG), packedText(LONGER)),
    ),
    [`HSET k f 127 ${LONG} ${LONGER}`],
  ],
  [
    "sorted set in a listpack",
    "REDIS0010",
    17,
    blob(
      listpack(
        packedText("a"),
        [0xdf, 0xff],
        packedText("b"),
        packedText("inf"),
      ),
    ),
    ["ZADD k -1 a inf b"],
  ],
  ["quicklist of listpacks and large elements", "REDIS0010", 18, [
    ...[3, 2],
    ...blob(listpack(
      ...[packedText("a"), [0xf1, ...little(4096, 2)]],
      ...[[0xf2, ...little(0x800000, 3)], [0xf3, ...little(1 << 30, 4)]],
      [0xf4, ...little(1n << 62n, 8)],
    )),
    ...[1, ...text(LONGER), 2, ...blob(listpack(packedText("z")))],
  ], [
    `RPUSH k a 4096 -8388608 1073741824 4611686018427387904 ${LONGER} z`,
  ]],
  ["stream 2", "REDIS0010", 19, [
    ...[1, 16, ...rawId(5, 1), ...blob(BLOCK), 2, 5, 2, 5, 1, 0, 0, 2],
    ...[1, ...text("g"), 0, 0, 0, ...PENDING],
    ...[1, ...text("c"), ...little(7, 8), 1, ...rawId(5, 1)],
  ], STREAM_COMMANDS],
  ["set in a listpack", "REDIS0011", 20, blob(listpack(packedText("a"), [7])), [
    "SADD k a 7",
  ]],
  ["stream 3", "REDIS0011", 21, [
    ...[1, 16, ...rawId(5, 1), ...blob(BLOCK), 2, 5, 2, 5, 1, 0, 0, 2],
    ...[1, ...text("g"), 0, 0, 0, ...PENDING],
    ...[1, ...text("c"), ...little(7, 8), ...little(6, 8), 1, ...rawId(5, 1)],
  ], STREAM_COMMANDS],
  ["hash of Valkey with times", "VALKEY080", 22, [
    ...[2, ...text("f"), ...text("v"), ...little(4e12, 8)],
    ...[...text("g"), ...text("w"), ...little(2n ** 64n - 1n, 8)],
  ], ["HSET k f v g w", "HPEXPIREAT k 4000000000000 FIELDS 1 f"]],
  ["hash with times", "REDIS0012", 24, [
    ...[...little(4e12, 8), 2, 2, ...text("f"), ...text("v")],
    ...[0, ...text("g"), ...text("w")],
  ], ["HSET k f v g w", "HPEXPIREAT k 4000000000001 FIELDS 1 f"]],
  ["hash with times in a listpack", "REDIS0012", 25, [
    ...little(4e12, 8),
    ...blob(listpack(
      ...[packedText("f"), packedText("v"), [0xf4, ...little(4e12, 8)]],
      ...[packedText("g"), packedText("w"), [0]],
    )),
  ], ["HSET k f v g w", "HPEXPIREAT k 4000000000000 FIELDS 1 f"]],
];

for (const [name, head, type, value, commands] of FORMS) {
  Deno.test(`a ${name} is read, and refused when it is cut`, () => {
    const whole = file(head, type, ...text("k"), ...value);
    assertEquals(digestOfKeyspace(load(whole)), digestAfter(commands));
    const end = whole.length - (Number(head.slice(5)) < 5 ? 1 : 9);
    for (let length = head.length; length < end; length++) {
      assertThrows(() => load(whole.slice(0, length)), RdbError);
    }
  });
}

/** Loads a file into a server that commands can then be run on. */
function serverWith(bytes: Uint8Array): CommandRunner {
  const runner = new CommandRunner();
  loadInto(runner.server.parts.keyspace, bytes);
  return runner;
}

Deno.test("the pending entries and consumers of streams are read", () => {
  for (const [name, head, type, value] of FORMS) {
    if (!name.startsWith("stream")) continue;
    const runner = serverWith(file(head, type, ...text("k"), ...value));
    runner.clock.advance(1);
    const now = runner.clock.nowMs();
    assertEquals(
      runner.run("XPENDING k g - + 10"),
      `*1\r\n*4\r\n$3\r\n5-1\r\n$1\r\nc\r\n:${now - 7}\r\n:3\r\n`,
      name,
    );
  }
});

Deno.test("what belongs to a key and to a database is read", () => {
  const runner = serverWith(file(
    "REDIS0011",
    ...[0xfa, ...text("redis-ver"), ...text("7.2.6")],
    ...[0xfa, ...text("unknown"), ...text("field")],
    ...[0xfe, 2, 0xfb, 3, 2, 0xf4, 0, 1, 1],
    ...[0xfc, ...little(4e12, 8), 0xf8, 50, 0, ...text("ms"), ...text("v")],
    ...[0xfd, ...little(2e9, 4), 0, ...text("s"), ...text("v")],
    ...[0xfc, ...little(1000, 8), 0, ...text("over"), ...text("v")],
    ...[0xf9, 200, 0, ...text("plain"), ...text("v")],
  ));
  runner.run("SELECT 2");
  assertEquals(runner.run("PEXPIRETIME ms"), ":4000000000000\r\n");
  assertEquals(runner.run("OBJECT IDLETIME ms"), ":50\r\n");
  assertEquals(runner.run("EXPIRETIME s"), ":2000000000\r\n");
  assertEquals(runner.run("PTTL plain"), ":-1\r\n");
  assertEquals(runner.run("OBJECT IDLETIME plain"), ":0\r\n");
  assertEquals(runner.run("DBSIZE"), ":3\r\n");
});

Deno.test("how often a key was used is read under a policy that asks for it", () => {
  const runner = new CommandRunner();
  runner.run("CONFIG SET maxmemory-policy allkeys-lfu");
  loadInto(
    runner.server.parts.keyspace,
    file(
      "REDIS0009",
      ...[0xf9, 200, 0, ...text("often"), ...text("v")],
      ...[0xf8, 50, 0, ...text("idle"), ...text("v")],
    ),
  );
  assertEquals(runner.run("OBJECT FREQ often"), ":200\r\n");
  assertEquals(runner.run("OBJECT FREQ idle"), ":5\r\n");
});

Deno.test("libraries of functions are handed over, and written again", () => {
  const library = "#!lua name=l\nredis.register_function('f', f)";
  const bytes = file(
    "REDIS0010",
    ...[0xf5, ...text(library), 0xfe, 0, 0xfb, 1, 0],
    ...[0, ...text("k"), ...text("v")],
  );
  const libraries: Uint8Array[] = [];
  const keyspace = load(bytes, { onLibrary: (it) => libraries.push(it) });
  const written: Uint8Array[] = [];
  writeKeyspace(
    keyspace,
    { ...PLAIN, libraries },
    (bytes) => written.push(bytes),
  );
  assertEquals(textOfBytes(written[0]), textOfBytes(bytes));
});

const PLAIN = {
  isCompressing: false,
  hasChecksum: true,
  usage: undefined,
  aux: [],
};

Deno.test("a file is of the lowest version that holds the data", () => {
  for (
    const [version, ...commands] of [
      ["0010", "SET k v", "HSET h f v", "XADD s 1-1 f v"],
      ["0012", "HSET h f v", "HPEXPIREAT h 4000000000000 FIELDS 1 f"],
      ["0010", "HSET h f v", "HEXPIRE h 9 FIELDS 1 f", "HPERSIST h FIELDS 1 f"],
      ["0010", "HSET h f v", "HEXPIRE h 9 FIELDS 1 f", "DEL h"],
    ]
  ) {
    const runner = new CommandRunner();
    for (const command of commands) runner.run(command);
    const parts: Uint8Array[] = [];
    writeKeyspace(
      runner.server.parts.keyspace,
      PLAIN,
      (bytes) => parts.push(bytes),
    );
    const head = textOfBytes(parts[0].subarray(0, 9));
    assertEquals(head, `REDIS${version}`, commands.join());
  }
});

for (
  const [what, message, head, ...parts] of [
    ["another file", "wrong signature", "RADIS0010"],
    ["version 0", "cannot read RDB version 0", "REDIS0000"],
    ["a later version", "cannot read RDB version 13", "REDIS0013"],
    ["a later version of Valkey", "cannot read RDB version 81", "VALKEY081"],
    ["a module's data", "data of a module", "REDIS0011", 0xf7, 1],
    ["a module's value", "a value of a module", "REDIS0009", 7, 1, "k", 1],
    ["an old module's value", "a value of a module", "REDIS0009", 6, 1, "k", 1],
    ["old functions", "functions in a form", "REDIS0010", 0xf6, 1],
    ["an unknown type", "unknown type 99", "REDIS0010", 99, 1, "k", 1],
    ["a type of Valkey only", "unknown type 22", "REDIS0012", 22, 1, "k", 0],
    ["too high a database", "a database number", "REDIS0010", 0xfe, 4],
    ["something behind its end", "more behind", "REDIS0001", 0xff, 0],
    ["a key twice", "there before", "REDIS0001", 0, 1, "k", 0, 0, 1, "k", 0],
    ["an unknown string", "unknown string encoding 4", "REDIS0001", 0, 0xc4],
    [
      ...["an odd hash", "odd number", "REDIS0010", 16, 1, "k"] as const,
      ...blob(listpack([1])),
    ],
    ["a double member", "comes twice", "REDIS0001", 2, 1, "k", 2, 0, 0],
    [
      "a score that is no number",
      "no number",
      "REDIS0001",
      3,
      1,
      "k",
      1,
      0,
      253,
    ],
  ] as [string, string, string, ...Bytes][]
) {
  Deno.test(`a file with ${what} is refused with the reason and the place`, () => {
    const error = assertThrows(() => load(file(head, ...parts)), RdbError);
    assert(error.message.includes(message), error.message);
    assert(/at byte \d+$/.test(error.message), error.message);
  });
}

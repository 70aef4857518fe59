import { assertEquals } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";
import { EncodingLimits } from "../keyspace/encoding_limits.ts";
import { bytesOfText, textOfBytes } from "../resp/byte_text.ts";
import type { HashObject } from "../types/hash_object.ts";
import { ListpackBuilder } from "./listpack_builder.ts";
import {
  RDB_TYPE_HASH,
  RDB_TYPE_HASH_LISTPACK_EX,
  RDB_TYPE_HASH_METADATA,
} from "./rdb_format.ts";
import { RdbReader } from "./rdb_reader.ts";
import { ValueReader } from "./rdb_value_reader.ts";
import { rdbTypeOf, writeValue } from "./rdb_value_writer.ts";
import { RdbWriter } from "./rdb_writer.ts";

const NOW_MS = 1_700_000_000_000;
const OPTIONS = { isCompressing: false, hasChecksum: false };

/** The fields of a hash that was read, as `field=value@moment`. */
function fieldsOf(type: number, bytes: Uint8Array): string[] {
  const reader = RdbReader.ofBytes(bytes);
  const values = new ValueReader(reader, new EncodingLimits());
  values.begin(type);
  while (!values.goOn());
  const { value } = values;
  const { table } = value as HashObject, fields: string[] = [];
  for (let at = table.first(); at !== 0; at = table.next(at)) {
    const [key, content] = [table.key(at), table.value(at)].map(textOfBytes);
    fields.push(`${key}=${content}@${table.expiresAt(at)}`);
  }
  return fields.sort();
}

/** The type and the bytes as which key `k` is written. */
function written(runner: CommandRunner): [number, Uint8Array] {
  const { database: db } = runner, writer = new RdbWriter(OPTIONS);
  const ref = db.peekKey(bytesOfText("k"));
  writeValue(writer, db.map, ref);
  return [rdbTypeOf(db.map, ref), writer.take(true)];
}

Deno.test("the times of fields are written and read back", () => {
  const runner = new CommandRunner();
  runner.run("HSET k a 1 b 2 c 3");
  runner.run(`HPEXPIREAT k ${NOW_MS + 5000} FIELDS 1 a`);
  runner.run(`HPEXPIREAT k 70000000000000 FIELDS 1 b`);
  const [type, bytes] = written(runner);
  assertEquals(type, RDB_TYPE_HASH_METADATA);
  assertEquals(fieldsOf(type, bytes), [
    `a=1@${NOW_MS + 5000}`,
    "b=2@70000000000000",
    "c=3@-1",
  ]);
});

Deno.test("a hash without times is written as Redis 7.0 reads it", () => {
  const runner = new CommandRunner();
  runner.run("HSET k a 1");
  runner.run("HEXPIRE k 100 FIELDS 1 a");
  runner.run("HPERSIST k FIELDS 1 a");
  assertEquals(written(runner)[0], RDB_TYPE_HASH);
});

Deno.test("the packed form of Redis 7.4 is read", () => {
  const listpack = new ListpackBuilder(), writer = new RdbWriter(OPTIONS);
  listpack.begin();
  for (const text of ["a", "1", String(NOW_MS), "b", "2", "0"]) {
    listpack.add(bytesOfText(text));
  }
  writer.int64(NOW_MS);
  listpack.end();
  writer.string(listpack.bytes, 0, listpack.length);
  assertEquals(fieldsOf(RDB_TYPE_HASH_LISTPACK_EX, writer.take(true)), [
    `a=1@${NOW_MS}`,
    "b=2@-1",
  ]);
});

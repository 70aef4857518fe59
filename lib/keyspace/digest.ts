/**
 * Fingerprints of the data, equal to those of a redis-server with the same data.
 *
 * Made of SHA-1 in two ways: *mixing* in depends on the order, *xoring* in does
 * not, so that keys count in any order and what is within a key in its own.
 * {@link https://redis.io/docs/latest/commands/debug/}
 */

import { bytesOfText } from "../resp/byte_text.ts";
import { sha1 } from "../types/sha1.ts";
import { VALUE_TYPES } from "../types/value_types.ts";
import type { DigestMixer } from "./collection.ts";
import type { Database } from "./database.ts";
import type { Keyspace } from "./keyspace.ts";
import {
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_STREAM,
  TYPE_STRING,
  TYPE_ZSET,
} from "./record.ts";

const DIGEST_BYTES = 20;
/** Where a hash is computed before it is xored. */
const hash = new Uint8Array(DIGEST_BYTES);
/** Redis's own numbers of the types, which the digest contains. */
const TYPE_WORDS = new Map([
  [TYPE_STRING, bigEndian(0)],
  [TYPE_LIST, bigEndian(1)],
  [TYPE_SET, bigEndian(2)],
  [TYPE_ZSET, bigEndian(3)],
  [TYPE_HASH, bigEndian(4)],
  [TYPE_STREAM, bigEndian(6)],
]);
const EXPIRE_MARK = bytesOfText("!!expire!!");
const KEYS_PER_WALK = 1024;

/** The digest of all data, in hexadecimal; forty zeros when there is none. */
export function digestOfKeyspace(keyspace: Keyspace): string {
  const digest = new Uint8Array(DIGEST_BYTES);
  for (const db of keyspace.databases) {
    if (db.size === 0) continue;
    mix(digest, bigEndian(db.index));
    for (let from = 0; from !== -1;) {
      from = db.map.index.walk(from, KEYS_PER_WALK, (ref) => {
        const entry = new Uint8Array(DIGEST_BYTES);
        mix(entry, db.map.key(ref));
        mixValue(entry, db, ref);
        xor(digest, entry);
      });
    }
  }
  return digest.toHex();
}

/** The digest of one key's value and of whether it expires; forty zeros without a key. */
export function digestOfValue(db: Database, ref: number): string {
  const digest = new Uint8Array(DIGEST_BYTES);
  if (ref !== 0) mixValue(digest, db, ref);
  return digest.toHex();
}

function mixValue(digest: Uint8Array, db: Database, ref: number): void {
  const { map } = db, type = map.typeOf(ref);
  mix(digest, TYPE_WORDS.get(type)!);
  if (type === TYPE_STRING) mix(digest, map.string(ref));
  else VALUE_TYPES[type]!.digest(mixerOf(digest), map, ref);
  if (map.expiresAtMs(ref) !== -1) xor(digest, EXPIRE_MARK);
}

function mixerOf(digest: Uint8Array): DigestMixer {
  return {
    mix: (bytes) => mix(digest, bytes),
    xor: (bytes) => xor(digest, bytes),
    xorEntry(mixEntry) {
      element.fill(0);
      mixEntry(elementMixer);
      xor(digest, element);
    },
  };
}

/** Of one element at a time. */
const element = new Uint8Array(DIGEST_BYTES);
const elementMixer = mixerOf(element);

/** digest = digest xor SHA1(data) */
function xor(digest: Uint8Array, data: Uint8Array): void {
  sha1(data, hash);
  for (let i = 0; i < DIGEST_BYTES; i++) digest[i] ^= hash[i];
}

/** digest = SHA1(digest xor SHA1(data)) */
function mix(digest: Uint8Array, data: Uint8Array): void {
  xor(digest, data);
  sha1(digest, digest);
}

function bigEndian(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

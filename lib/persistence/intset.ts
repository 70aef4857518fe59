/**
 * Intsets: ascending integers of one width, as RDB files have small sets of them.
 *
 * ```
 * bytes per integer: 2, 4 or 8 (4 bytes) | number of integers (4 bytes) | integers
 * ```
 *
 * Everything is little-endian.
 */

import { parseInt64 } from "../router/args.ts";
import { bytesOfText } from "../resp/byte_text.ts";

const HEAD_BYTES = 8;

/** The intset of these integers in decimal, given in ascending order. */
export function packIntset(
  members: Iterable<Uint8Array>,
  count: number,
): Uint8Array {
  const values: bigint[] = [];
  for (const member of members) values.push(parseInt64(member)!);
  const width = Math.max(
    widthOf(values[0] ?? 0n),
    widthOf(values[values.length - 1] ?? 0n),
  );
  const bytes = new Uint8Array(HEAD_BYTES + width * count);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, width, true);
  view.setUint32(4, count, true);
  values.forEach((value, index) => {
    const at = HEAD_BYTES + index * width;
    if (width === 2) view.setInt16(at, Number(value), true);
    else if (width === 4) view.setInt32(at, Number(value), true);
    else view.setBigInt64(at, value, true);
  });
  return bytes;
}

/**
 * The integers of an intset in decimal.
 *
 * @throws {RangeError} of damage: wrong lengths, integers that do not ascend.
 */
export function* intsetMembers(bytes: Uint8Array): Generator<Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  if (bytes.length < HEAD_BYTES) throw new RangeError("intset too short");
  const width = view.getUint32(0, true), count = view.getUint32(4, true);
  if (width !== 2 && width !== 4 && width !== 8) {
    throw new RangeError("unknown intset width");
  }
  if (count === 0 || bytes.length !== HEAD_BYTES + width * count) {
    throw new RangeError("wrong intset length");
  }
  let previous: bigint | undefined;
  for (let at = HEAD_BYTES; at < bytes.length; at += width) {
    const value = width === 8
      ? view.getBigInt64(at, true)
      : BigInt(width === 4 ? view.getInt32(at, true) : view.getInt16(at, true));
    if (previous !== undefined && value <= previous) {
      throw new RangeError("intset out of order");
    }
    previous = value;
    yield bytesOfText(String(value));
  }
}

function widthOf(value: bigint): number {
  if (BigInt.asIntN(16, value) === value) return 2;
  return BigInt.asIntN(32, value) === value ? 4 : 8;
}

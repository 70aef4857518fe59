/**
 * The number of nodes that a radix tree over the blocks of a stream would have.
 *
 * Redis keeps blocks in such a tree, by their IDs as 16 bytes, and XINFO tells its
 * size. A tree has a node per key, a node per place where keys part, and one for
 * every run of bytes before those that all keys below have in common.
 */

import type { StreamBlock } from "./stream_block.ts";
import type { StreamId } from "./stream_id.ts";

const KEY_BYTES = 16;

/** See the top of the file. An empty tree has one node. */
export function radixNodeCount(blocks: readonly StreamBlock[]): number {
  if (blocks.length === 0) return 1;
  // Depths of the places, from the root on, where the keys so far part from those to come.
  const places: number[] = [];
  let nodes = 0, before = -1;
  for (let i = 0; i < blocks.length; i++) {
    const after = i + 1 < blocks.length
      ? commonBytes(blocks[i].id, blocks[i + 1].id)
      : -1;
    nodes += nodesOf(KEY_BYTES, Math.max(before, after));
    while (places.length > 0 && places[places.length - 1] > after) {
      const place = places.pop()!;
      const above = places.length > 0 ? places[places.length - 1] : -1;
      nodes += nodesOf(place, Math.max(above, after));
    }
    if (after > (places.length > 0 ? places[places.length - 1] : -1)) {
      places.push(after);
    }
    before = after;
  }
  return nodes;
}

/** A node at a depth, and the one for the bytes between it and the parting place above. */
function nodesOf(depth: number, above: number): number {
  return depth > above + 1 ? 2 : 1;
}

/** How many bytes two different IDs have in common. */
function commonBytes(one: StreamId, other: StreamId): number {
  const differences = [
    one.msHigh ^ other.msHigh,
    one.msLow ^ other.msLow,
    one.seqHigh ^ other.seqHigh,
    one.seqLow ^ other.seqLow,
  ];
  const word = differences.findIndex((difference) => difference !== 0);
  return 4 * word + (Math.clz32(differences[word]) >>> 3);
}

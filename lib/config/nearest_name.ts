/** Guessing which name was meant by one that does not exist. */

/** The share of a name that may be wrong in a guess. */
const WRONG_SHARE_MAX = 0.4;

/**
 * The valid name that takes the fewest edits (insert, delete, replace, swap of
 * neighbours) to reach; `undefined` when none is near enough to be meant.
 */
export function nearestName(
  given: string,
  names: Iterable<string>,
): string | undefined {
  let nearest: string | undefined;
  let fewest = Infinity;
  for (const name of names) {
    const most = Math.floor(
      Math.max(given.length, name.length) * WRONG_SHARE_MAX,
    );
    if (Math.abs(name.length - given.length) > most) continue;
    const edits = editDistance(given, name);
    if (edits <= most && edits < fewest) {
      nearest = name;
      fewest = edits;
    }
  }
  return nearest;
}

/** The optimal string alignment distance of two texts. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row++) {
    const current = [row];
    for (let column = 1; column <= to.length; column++) {
      const isSame = from[row - 1] === to[column - 1];
      let edits = Math.min(
        last[column] + 1,
        current[column - 1] + 1,
        last[column - 1] + (isSame ? 0 : 1),
      );
      const isSwap = row > 1 && column > 1 &&
        from[row - 1] === to[column - 2] &&
        from[row - 2] === to[column - 1];
      if (isSwap) edits = Math.min(edits, beforeLast[column - 2] + 1);
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return last[to.length];
}

/**
 * The longest common subsequence of two byte strings, by dynamic programming.
 *
 * Cell (i, j) holds the length of the longest common subsequence of the first i
 * bytes of one string and the first j of the other:
 *
 * ```
 *        j  0 1 2 3
 *    i         b a d        a byte in common adds 1 to the cell diagonally before;
 *    0      0 0 0 0         else the larger neighbour, above or to the left, counts
 *    1 a    0 0 1 1
 *    2 b    0 1 1 1
 *    3 d    0 1 1 2
 * ```
 *
 * Walking back from the last cell finds the bytes. Among equally long
 * subsequences it takes the one that Redis takes: at a tie it goes to the left.
 * {@link https://en.wikipedia.org/wiki/Longest_common_subsequence}
 */

/** A run of bytes that both strings have, `length` long from these indices on. */
export interface CommonRun {
  readonly first: number;
  readonly second: number;
  readonly length: number;
}

/** See the top of the file. */
export class LcsTable {
  readonly #cells: Uint32Array;
  readonly #first: Uint8Array;
  readonly #second: Uint8Array;

  private constructor(
    first: Uint8Array,
    second: Uint8Array,
    cells: Uint32Array,
  ) {
    this.#first = first;
    this.#second = second;
    this.#cells = cells;
    this.#fill();
  }

  /** Memory that the table of strings with these lengths takes. */
  static byteLength(firstLength: number, secondLength: number): number {
    return (firstLength + 1) * (secondLength + 1) *
      Uint32Array.BYTES_PER_ELEMENT;
  }

  /** The table of two strings; `undefined` when there is not enough memory for it. */
  static of(first: Uint8Array, second: Uint8Array): LcsTable | undefined {
    let cells: Uint32Array;
    try {
      cells = new Uint32Array((first.length + 1) * (second.length + 1));
    } catch {
      return undefined;
    }
    return new LcsTable(first, second, cells);
  }

  /** Length of the longest common subsequence. */
  get length(): number {
    return this.#cells[this.#cells.length - 1];
  }

  /** The longest common subsequence. */
  common(): Uint8Array {
    const bytes = new Uint8Array(this.length);
    let left = bytes.length;
    for (const { first, length } of this.matches()) {
      left -= length;
      bytes.set(this.#first.subarray(first, first + length), left);
    }
    return bytes;
  }

  /** The runs that the longest common subsequence is made of, from the last to the first. */
  *matches(): Generator<CommonRun> {
    const first = this.#first, second = this.#second, cells = this.#cells;
    const width = second.length + 1;
    let i = first.length, j = second.length, length = 0;
    while (i > 0 && j > 0) {
      if (first[i - 1] === second[j - 1]) {
        i--;
        j--;
        length++;
        continue;
      }
      if (length > 0) yield { first: i, second: j, length };
      length = 0;
      if (cells[(i - 1) * width + j] > cells[i * width + j - 1]) i--;
      else j--;
    }
    if (length > 0) yield { first: i, second: j, length };
  }

  #fill(): void {
    const first = this.#first, second = this.#second, cells = this.#cells;
    const width = second.length + 1;
    for (let i = 1; i <= first.length; i++) {
      const byte = first[i - 1];
      let cell = i * width + 1;
      for (let j = 0; j < second.length; j++, cell++) {
        const above = cells[cell - width], left = cells[cell - 1];
        cells[cell] = byte === second[j]
          ? cells[cell - width - 1] + 1
          : above > left
          ? above
          : left;
      }
    }
  }
}

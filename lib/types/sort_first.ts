/**
 * Sorting only as far as the first elements are asked for.
 *
 * Elements that are equal come in an order that clients of Redis see, so this is
 * its algorithm to the letter: the quicksort of Bentley and McIlroy, "Engineering a
 * Sort Function", which looks into no part behind the last element that is wanted.
 * {@link https://doi.org/10.1002/spe.4380231105}
 */

/** Fewer elements are sorted by insertion. */
const QUICK_MIN = 7;
/** More elements have the median of nine as their pivot, not that of three. */
const MEDIAN_OF_NINE_ABOVE = 40;

type Compare = (one: number, other: number) => number;

/** Sorts the first `wanted` of `count` elements; the others are in no order behind them. */
export function sortFirst(
  elements: Uint32Array,
  count: number,
  wanted: number,
  compare: Compare,
): void {
  sortPart(elements, 0, count, wanted, compare);
}

/** Sorts from `start` on and before `end`, as far as that is before `wanted`. */
function sortPart(
  elements: Uint32Array,
  start: number,
  end: number,
  wanted: number,
  compare: Compare,
): void {
  while (true) {
    const count = end - start;
    if (count < QUICK_MIN) return insertionSort(elements, start, end, compare);
    swap(elements, start, pivotOf(elements, start, count, compare));
    const pivot = elements[start];
    // Those equal to the pivot gather at both ends.
    let leftEqual = start + 1, left = leftEqual;
    let rightEqual = end - 1, right = rightEqual;
    while (true) {
      for (; left <= right; left++) {
        const order = compare(elements[left], pivot);
        if (order > 0) break;
        if (order === 0) swap(elements, leftEqual++, left);
      }
      for (; left <= right; right--) {
        const order = compare(elements[right], pivot);
        if (order < 0) break;
        if (order === 0) swap(elements, right, rightEqual--);
      }
      if (left > right) break;
      swap(elements, left++, right--);
    }
    const lower = left - leftEqual, higher = rightEqual - right;
    swapMany(elements, start, left, Math.min(leftEqual - start, lower));
    swapMany(elements, left, end, Math.min(higher, end - 1 - rightEqual));
    if (lower > 1 && start < wanted) {
      sortPart(elements, start, start + lower, wanted, compare);
    }
    if (higher <= 1 || end - higher >= wanted) return;
    start = end - higher;
  }
}

function insertionSort(
  elements: Uint32Array,
  start: number,
  end: number,
  compare: Compare,
): void {
  for (let i = start + 1; i < end; i++) {
    for (let at = i; at > start; at--) {
      if (compare(elements[at - 1], elements[at]) <= 0) break;
      swap(elements, at, at - 1);
    }
  }
}

/** Where the element is that divides the others. */
function pivotOf(
  elements: Uint32Array,
  start: number,
  count: number,
  compare: Compare,
): number {
  const median = (one: number, two: number, three: number) =>
    medianOf(elements, one, two, three, compare);
  let low = start, high = start + count - 1;
  let middle = start + (count >>> 1);
  if (count === QUICK_MIN) return middle;
  if (count > MEDIAN_OF_NINE_ABOVE) {
    const step = count >>> 3;
    low = median(low, low + step, low + 2 * step);
    middle = median(middle - step, middle, middle + step);
    high = median(high - 2 * step, high - step, high);
  }
  return median(low, middle, high);
}

function medianOf(
  elements: Uint32Array,
  one: number,
  two: number,
  three: number,
  compare: Compare,
): number {
  const isBefore = (i: number, j: number) =>
    compare(elements[i], elements[j]) < 0;
  if (isBefore(one, two)) {
    if (isBefore(two, three)) return two;
    return isBefore(one, three) ? three : one;
  }
  if (isBefore(three, two)) return two;
  return isBefore(one, three) ? one : three;
}

function swap(elements: Uint32Array, one: number, other: number): void {
  const element = elements[one];
  elements[one] = elements[other];
  elements[other] = element;
}

/** Swaps `count` elements from `start` on with as many before `end`. */
function swapMany(
  elements: Uint32Array,
  start: number,
  end: number,
  count: number,
): void {
  for (let i = 0; i < count; i++) swap(elements, start + i, end - count + i);
}

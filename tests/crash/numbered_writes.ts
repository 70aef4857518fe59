/** Commands with numbers, and what is left of the first k of them. */
import type { Argument } from "../support/command_text.ts";

/** What a writer's keys hold; "" for a key that is not there. */
export interface Leftovers {
  readonly odd: string;
  readonly left: string;
  readonly right: string;
  readonly list: readonly string[];
}

/** A number's commands; several of them are a transaction. */
export function commandOf(writer: string, number: number): Argument[][] {
  const text = String(number);
  if (number % 2 === 1) return [["SET", `odd:${writer}`, text]];
  if (number % 4 === 0) return [["RPUSH", `list:${writer}`, text]];
  return [
    ["MULTI"],
    ["SET", `left:${writer}`, text],
    ["SET", `right:${writer}`, text],
    ["EXEC"],
  ];
}

/** The highest k up to `sent` whose first k commands leave this; undefined when there is none. */
export function highestPrefix(
  { odd, left, right, list }: Leftovers,
  sent: number,
): number | undefined {
  const lastOdd = Number(odd), lastPair = Number(left);
  const lastListed = Number(list.at(-1) ?? 0);
  const prefix = Math.max(lastOdd, lastPair, lastListed);
  const isWhole = left === right && prefix <= sent &&
    lastOdd === latest(prefix, 1, 2) &&
    lastPair === latest(prefix, 2, 4) &&
    lastListed === latest(prefix, 4, 4) &&
    list.every((text, index) => Number(text) === 4 * (index + 1));
  return isWhole ? prefix : undefined;
}

/** The last of `first`, `first + step` … up to `limit`; 0 when there is none. */
function latest(limit: number, first: number, step: number): number {
  return limit < first ? 0 : limit - (limit - first) % step;
}

/**
 * The letters with which `notify-keyspace-events` names channels and classes of
 * events (lib/keyspace/key_event.ts). The order is the one in which Redis prints
 * them.
 */

import {
  NOTIFY_EVICTED,
  NOTIFY_EXPIRED,
  NOTIFY_GENERIC,
  NOTIFY_HASH,
  NOTIFY_KEY_MISS,
  NOTIFY_KEYEVENT,
  NOTIFY_KEYSPACE,
  NOTIFY_LIST,
  NOTIFY_MODULE,
  NOTIFY_NEW,
  NOTIFY_SET,
  NOTIFY_STREAM,
  NOTIFY_STRING,
  NOTIFY_ZSET,
} from "../keyspace/key_event.ts";

interface EventClass {
  readonly letter: string;
  readonly bit: number;
  /** Part of what the letter `A` stands for. */
  readonly isInAll: boolean;
}

const CLASSES: readonly EventClass[] = [
  { letter: "g", bit: NOTIFY_GENERIC, isInAll: true },
  { letter: "$", bit: NOTIFY_STRING, isInAll: true },
  { letter: "l", bit: NOTIFY_LIST, isInAll: true },
  { letter: "s", bit: NOTIFY_SET, isInAll: true },
  { letter: "h", bit: NOTIFY_HASH, isInAll: true },
  { letter: "z", bit: NOTIFY_ZSET, isInAll: true },
  { letter: "x", bit: NOTIFY_EXPIRED, isInAll: true },
  { letter: "e", bit: NOTIFY_EVICTED, isInAll: true },
  { letter: "t", bit: NOTIFY_STREAM, isInAll: true },
  { letter: "d", bit: NOTIFY_MODULE, isInAll: true },
  { letter: "n", bit: NOTIFY_NEW, isInAll: false },
  { letter: "K", bit: NOTIFY_KEYSPACE, isInAll: false },
  { letter: "E", bit: NOTIFY_KEYEVENT, isInAll: false },
  { letter: "m", bit: NOTIFY_KEY_MISS, isInAll: false },
];

const ALL = CLASSES.reduce(
  (sum, { bit, isInAll }) => isInAll ? sum | bit : sum,
  0,
);

/** The classes that the letters name; `undefined` when one is unknown. */
export function parseKeyspaceEvents(letters: string): number | undefined {
  let bits = 0;
  for (const letter of letters) {
    const named = CLASSES.find((eventClass) => eventClass.letter === letter);
    if (named !== undefined) bits |= named.bit;
    else if (letter === "A") bits |= ALL;
    else return undefined;
  }
  return bits;
}

/** The letters for the classes. */
export function formatKeyspaceEvents(bits: number): string {
  const hasAll = (bits & ALL) === ALL;
  let letters = hasAll ? "A" : "";
  for (const { letter, bit, isInAll } of CLASSES) {
    // Redis has the new-key class print only without A, although A leaves it out.
    const isPrinted = hasAll ? !isInAll && bit !== NOTIFY_NEW : true;
    if (isPrinted && (bits & bit) !== 0) letters += letter;
  }
  return letters;
}

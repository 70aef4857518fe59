/**
 * The classes of keyspace events, as `notify-keyspace-events` names them with
 * letters. The order is the one in which Redis prints them.
 */

interface EventClass {
  readonly letter: string;
  readonly bit: number;
  /** Part of what the letter `A` stands for. */
  readonly isInAll: boolean;
}

/** One bit per class of events; a configuration is their sum. */
export const KEYSPACE_EVENT = {
  generic: 1 << 0,
  string: 1 << 1,
  list: 1 << 2,
  set: 1 << 3,
  hash: 1 << 4,
  sortedSet: 1 << 5,
  expired: 1 << 6,
  evicted: 1 << 7,
  stream: 1 << 8,
  module: 1 << 9,
  newKey: 1 << 10,
  keyMiss: 1 << 11,
  /** Publish on `__keyspace@<db>__:<key>`. */
  keyspaceChannel: 1 << 12,
  /** Publish on `__keyevent@<db>__:<event>`. */
  keyeventChannel: 1 << 13,
} as const;

const CLASSES: readonly EventClass[] = [
  { letter: "g", bit: KEYSPACE_EVENT.generic, isInAll: true },
  { letter: "$", bit: KEYSPACE_EVENT.string, isInAll: true },
  { letter: "l", bit: KEYSPACE_EVENT.list, isInAll: true },
  { letter: "s", bit: KEYSPACE_EVENT.set, isInAll: true },
  { letter: "h", bit: KEYSPACE_EVENT.hash, isInAll: true },
  { letter: "z", bit: KEYSPACE_EVENT.sortedSet, isInAll: true },
  { letter: "x", bit: KEYSPACE_EVENT.expired, isInAll: true },
  { letter: "e", bit: KEYSPACE_EVENT.evicted, isInAll: true },
  { letter: "t", bit: KEYSPACE_EVENT.stream, isInAll: true },
  { letter: "d", bit: KEYSPACE_EVENT.module, isInAll: true },
  { letter: "n", bit: KEYSPACE_EVENT.newKey, isInAll: false },
  { letter: "K", bit: KEYSPACE_EVENT.keyspaceChannel, isInAll: false },
  { letter: "E", bit: KEYSPACE_EVENT.keyeventChannel, isInAll: false },
  { letter: "m", bit: KEYSPACE_EVENT.keyMiss, isInAll: false },
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
    const isPrinted = hasAll ? !isInAll && bit !== KEYSPACE_EVENT.newKey : true;
    if (isPrinted && (bits & bit) !== 0) letters += letter;
  }
  return letters;
}

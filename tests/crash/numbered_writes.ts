/**
 * Commands with numbers, of all kinds: what the first k of them leave can be told
 * for every k, so that what a killed server had kept can be compared with it.
 */
import { Random } from "../fuzz/random.ts";

/** Database that all writers share; each has one of its own besides. */
export const SHARED_DB = 0;
/** A list in the shared database to which every transaction adds `writer number`. */
export const ORDER_KEY = "order";

/** What a writer is called and where it writes. */
export interface WriterName {
  readonly name: string;
  readonly dbIndex: number;
  readonly seed: number;
}

const KEY_NAMES = [
  ...["text", "number", "list", "copy", "hash", "set", "sorted", "stream"],
  ...["bits", "log", "volatile", "left", "right", "large"],
];
const LARGE_BYTES = 20_000;
const FAR_MS = "90000000";

/** The keys whose values tell what a writer did; its transactions leave their number in `left`. */
export function keysOf({ name }: WriterName): string[] {
  return KEY_NAMES.map((key) => `${key}:${name}`);
}

/** A key that lives for a few milliseconds only. */
export function shortLivedKey({ name }: WriterName): string {
  return `short:${name}`;
}

/** What the writer pushes to `source` another client, who waits, moves to `moved`. */
export function movedKeys(
  { name }: WriterName,
): { source: string; moved: string } {
  return { source: `source:${name}`, moved: `moved:${name}` };
}

/** A number's commands; several of them are a transaction. */
export function commandsOf(writer: WriterName, number: number): string[][] {
  const r = new Random(writer.seed + number);
  const text = `${number}`, small = `${r.below(12)}`;
  const key = (kind: string) => `${kind}:${writer.name}`;
  if (number % 8 === 0) return transactionOf(writer, number);
  return [
    r.pick<() => string[]>([
      () => ["SET", key("text"), text],
      () => ["SETRANGE", key("text"), small, text],
      () => ["INCRBY", key("number"), small],
      () => ["INCRBYFLOAT", key("number"), "3"],
      () => ["RPUSH", key("list"), text, small],
      () => ["LPUSH", key("list"), text],
      () => ["LPOP", key("list")],
      () => ["LTRIM", key("list"), "0", "9"],
      () => ["COPY", key("list"), key("copy"), "REPLACE"],
      () => ["HSET", key("hash"), small, text],
      () => ["HINCRBY", key("hash"), "n", small],
      () => ["HDEL", key("hash"), small],
      () => ["SADD", key("set"), small, text],
      () => ["SREM", key("set"), small],
      () => ["ZADD", key("sorted"), text, small],
      () => ["ZINCRBY", key("sorted"), "1.5", small],
      () => ["ZPOPMIN", key("sorted")],
      () => ["XADD", key("stream"), `${number}-1`, "field", text],
      () => ["XTRIM", key("stream"), "MAXLEN", "10"],
      () => ["SETBIT", key("bits"), `${number % 900}`, "1"],
      () => ["PFADD", key("log"), text],
      () => ["SET", key("volatile"), text, "PX", FAR_MS],
      () => ["PERSIST", key("volatile")],
      () => ["PEXPIRE", key("list"), FAR_MS],
      () => ["SET", shortLivedKey(writer), text, "PX", "3"],
      () => ["DEL", key(r.pick(["list", "hash", "set", "sorted", "text"]))],
      () => ["RPUSH", movedKeys(writer).source, text],
      () =>
        r.oneIn(4)
          ? ["SET", key("large"), text.repeat(LARGE_BYTES / text.length)]
          : ["APPEND", key("text"), small],
    ])(),
  ];
}

function transactionOf(
  { name, dbIndex }: WriterName,
  number: number,
): string[][] {
  const text = `${number}`;
  return [
    ["MULTI"],
    ["SET", `left:${name}`, text],
    ["SELECT", `${SHARED_DB}`],
    ["RPUSH", ORDER_KEY, `${name} ${text}`],
    ["SELECT", `${dbIndex}`],
    ["SET", `right:${name}`, text],
    ["EXEC"],
  ];
}

/** Resident memory of a million small collections of each type. */
import { type Contestant, sleep, startServer } from "./contestant.ts";
import { runCommand } from "./loader.ts";
import type { Row } from "./measurement.ts";
import { digits, sendCommands } from "./pipeline.ts";

const COLLECTIONS = 1_000_000;
const ELEMENTS = 5;
const MEGABYTE = 1_000_000;
/** Lets the server return what it does not need. */
const SETTLE_MS = 3000;

/** Ten bytes that no other element has. */
function element(index: number, of: number): string {
  return `${of}:${digits(index).slice(-8)}`;
}

const TYPES: readonly {
  readonly name: string;
  readonly command: string;
  readonly words: (index: number, of: number) => readonly string[];
}[] = [
  {
    name: "hashes of 5 fields",
    command: "HSET",
    words: (index, of) => [`field${digits(of).slice(-5)}`, element(index, of)],
  },
  {
    name: "lists of 5 elements",
    command: "RPUSH",
    words: (index, of) => [element(index, of)],
  },
  {
    name: "sets of 5 members",
    command: "SADD",
    words: (index, of) => [element(index, of)],
  },
  {
    name: "sorted sets of 5 members",
    command: "ZADD",
    words: (index, of) => [String(index % 1000), element(index, of)],
  },
];

/** A million keys of each type, elements of 10 bytes. */
export async function measureSmallCollections(
  suite: string,
  context: { readonly ours: Contestant; readonly reference: Contestant },
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const type of TYPES) {
    console.error(`${suite}: ${type.name}`);
    rows.push({
      suite,
      name: `RSS, 1 M ${type.name} of 10 bytes`,
      unit: "MB",
      ours: await measureOne(context.ours, type),
      reference: await measureOne(context.reference, type),
      target: { ratioAtMost: 1 },
    });
  }
  return rows;
}

async function measureOne(
  contestant: Contestant,
  { command, words }: typeof TYPES[number],
): Promise<number> {
  const server = await startServer(contestant);
  try {
    await sendCommands(server.port, COLLECTIONS, (index) => {
      const all = [command, `key:${digits(index)}`];
      for (let of = 0; of < ELEMENTS; of++) all.push(...words(index, of));
      return all;
    });
    const size = await runCommand(server.port, "DBSIZE");
    if (size !== `:${COLLECTIONS}`) throw new Error(`DBSIZE answers ${size}`);
    await sleep(SETTLE_MS);
    return server.residentBytes() / MEGABYTE;
  } finally {
    await server.stop();
  }
}

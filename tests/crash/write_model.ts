/** A server in this process that does a writer's commands one by one, to compare with. */
import { digestOfValue } from "../../lib/keyspace/digest.ts";
import { bytesOfText } from "../../lib/resp/byte_text.ts";
import { sourceOf } from "../../lib/keyspace/record_store.ts";
import { CommandRunner } from "../support/command_runner.ts";
import { commandsOf, keysOf, type WriterName } from "./numbered_writes.ts";

const NOTHING = "0".repeat(40);

/** See the top of the file. */
export class WriteModel {
  /** How many numbers have been done. */
  done = 0;
  readonly #runner = new CommandRunner();
  readonly #keys: string[];

  constructor(private readonly writer: WriterName) {
    this.#runner.run(`SELECT ${writer.dbIndex}`);
    this.#keys = keysOf(writer);
  }

  next(): void {
    for (const words of commandsOf(this.writer, ++this.done)) {
      this.#runner.runWords(...words);
    }
  }

  /** Number of the last transaction, as its key has it; "" before the first. */
  get left(): string {
    const reply = this.#runner.run(`GET left:${this.writer.name}`);
    return reply === "$-1\r\n" ? "" : reply.split("\r\n")[1];
  }

  /** What `DEBUG DIGEST-VALUE` answers for the writer's keys. */
  digests(): string[] {
    const db =
      this.#runner.server.parts.keyspace.databases[this.writer.dbIndex];
    return this.#keys.map((key) => {
      const bytes = bytesOfText(key);
      const ref = db.map.find(sourceOf(bytes), 0, bytes.length);
      return ref === 0 ? NOTHING : digestOfValue(db, ref);
    });
  }
}

/** What is found of a writer's keys after a start. */
export interface Leftovers {
  readonly left: string;
  readonly digests: readonly string[];
}

/** The k from `least` to `most` whose first k commands leave this; undefined when there is none. */
export function prefixOf(
  writer: WriterName,
  { left, digests }: Leftovers,
  least: number,
  most: number,
): number | undefined {
  const model = new WriteModel(writer);
  let found: number | undefined;
  for (;;) {
    // Digests are slow, and one key tells where they are worth it.
    if (model.done >= least && model.left === left) {
      if (isEqual(model.digests(), digests)) found = model.done;
    } else if (found !== undefined) return found;
    if (model.done === most) return found;
    model.next();
  }
}

function isEqual(a: readonly string[], b: readonly string[]): boolean {
  return a.every((text, index) => text === b[index]);
}

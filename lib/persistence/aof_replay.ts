/** Does again what an append-only file says was done. */

import type { Logger } from "../log/logger.ts";
import { Client, GATE_UNAUTHENTICATED, NO_LINK } from "../net/client.ts";
import type { BufferPool } from "../resp/buffer_pool.ts";
import { textOfBytes } from "../resp/byte_text.ts";
import { ReplyWriter } from "../resp/reply_writer.ts";
import type { Args } from "../router/args.ts";
import type { Router } from "../router/router.ts";
import type { AofLoaderTarget } from "./aof_loader.ts";
import { UnknownCommandError } from "./aof_reader.ts";

/** See the top of the file. */
export class AofReplay implements AofLoaderTarget {
  readonly #client: Client;
  /** Bytes of the files before this one. */
  #loadedBefore = 0;

  constructor(
    private readonly router: Router,
    pool: BufferPool,
    private readonly log: Logger,
    readonly loadRdb: (file: Deno.FsFile) => Promise<number>,
    private readonly noteProgress: (loadedBytes: number) => void,
  ) {
    this.#client = new Client(0, new ReplyWriter(pool), NO_LINK, 0);
    this.#client.isPrimary = true;
    this.#client.setGate(GATE_UNAUTHENTICATED, false);
  }

  get isInTransaction(): boolean {
    return this.#client.transaction !== undefined;
  }

  discardTransaction(): void {
    this.#client.endTransaction();
  }

  /** Each file begins in database 0. */
  begin(loadedBytes: number): void {
    this.#client.dbIndex = 0;
    this.#loadedBefore = loadedBytes;
  }

  onProgress(offset: number): void {
    this.noteProgress(this.#loadedBefore + offset);
  }

  /** @throws {UnknownCommandError} */
  run(args: Args): void {
    const { router } = this, { keyspace, parts } = router.call;
    const name = args.text(0);
    if (parts.commands.findByFullName(name) === undefined) {
      throw new UnknownCommandError(`Unknown command '${name}'`);
    }
    const { effects } = keyspace, { isWanted } = effects;
    const errorCount = parts.stats.totalErrorReplies;
    router.beginBatch();
    // What is done again is passed on to nobody.
    effects.isWanted = false;
    try {
      router.run(this.#client, args);
    } finally {
      effects.isWanted = isWanted;
    }
    router.endBatch();
    if (parts.stats.totalErrorReplies !== errorCount) this.#noteRefusal(name);
    this.#client.reply.truncate(0);
  }

  /** What was done once without an error was to be done again without one. */
  #noteRefusal(commandName: string): void {
    const text = textOfBytes(this.#client.reply.written(0));
    const error = text.slice(text.lastIndexOf("\n-") + 2).trimEnd();
    this.router.call.parts.stats.unexpectedErrorReplies++;
    this.log.warning(
      `== CRITICAL == This server is sending an error to its AOF-loading-client: '${error}' after processing the command '${commandName}'`,
    );
  }
}

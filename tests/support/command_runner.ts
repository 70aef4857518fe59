/**
 * A server without a network, for tests of what commands do beside answering:
 * what they pass on, which events they cause, when keys expire.
 */
import { Config } from "../../lib/config/config.ts";
import type { Database } from "../../lib/keyspace/database.ts";
import type { KeyEvent } from "../../lib/keyspace/key_event.ts";
import { Logger } from "../../lib/log/logger.ts";
import { Client, type ClientLink, NO_LINK } from "../../lib/net/client.ts";
import { textOfBytes } from "../../lib/resp/byte_text.ts";
import type { Disk } from "../../lib/persistence/disk.ts";
import { ReplyWriter } from "../../lib/resp/reply_writer.ts";
import { Server } from "../../lib/server.ts";
import { effectTexts } from "./effect_text.ts";
import { argsOf } from "./args_of.ts";
import { ManualClock } from "./manual_clock.ts";

const LINK: ClientLink = {
  ...NO_LINK,
  remoteAddress: "127.0.0.1:1",
  localAddress: "127.0.0.1:2",
};

/** What a runner's server works with instead of defaults. */
export interface CommandRunnerOptions {
  readonly config?: Config;
  readonly disk?: Disk;
  /** Takes the lines of the log. */
  readonly onLog?: (line: string) => void;
}

/** See the top of the file. */
export class CommandRunner {
  readonly clock = new ManualClock();
  readonly server: Server;
  readonly #client: Client;
  #effects: string[] = [];
  #events: string[] = [];

  constructor({ config, disk, onLog }: CommandRunnerOptions = {}) {
    const log = new Logger({
      sink: { write: (line) => onLog?.(textOfBytes(line)) },
      level: onLog === undefined ? "nothing" : "notice",
      nowMs: () => this.clock.nowMs(),
      processId: 1,
    });
    const { clock } = this;
    this.server = new Server(config ?? new Config(), log, { clock, disk });
    const { router, parts, pool } = this.server;
    this.#client = new Client(1, new ReplyWriter(pool), LINK, 0);
    parts.clients.add(this.#client);
    router.effects.listen((batch) => {
      this.#effects.push(...effectTexts(batch));
    });
    parts.keyspace.observe({
      keyChanged: (_db, key, event) => this.#note(key, event),
      databaseReplaced() {},
    });
  }

  get database(): Database {
    return this.server.parts.keyspace.databases[0];
  }

  /** Runs a command of words separated by single spaces; answers its RESP2 reply's bytes as text. */
  run(command: string): string {
    return this.runWords(...command.split(" "));
  }

  runWords(...words: string[]): string {
    return this.#runAs(this.#client, words);
  }

  /** A further client. */
  newClient(): Client {
    const { parts, pool } = this.server;
    const id = parts.clients.nextId();
    return new Client(id, new ReplyWriter(pool), LINK, 0);
  }

  /** `run` as another client. */
  runAs(client: Client, command: string): string {
    return this.#runAs(client, command.split(" "));
  }

  /** What a client was sent since the last call, as text. */
  sentTo({ reply }: Client): string {
    const { buffer, length, lent } = reply.takeOutput();
    let text = "", from = 0;
    for (const { at, bytes } of lent) {
      text += textOfBytes(buffer.bytes.subarray(from, at)) + textOfBytes(bytes);
      from = at;
    }
    return text + textOfBytes(buffer.bytes.subarray(from, length));
  }

  #runAs(client: Client, words: string[]): string {
    const { router } = this.server;
    router.beginBatch();
    router.run(client, argsOf(...words));
    router.endBatch();
    return this.sentTo(client);
  }

  /** What was passed on since the last call, each command as words. */
  takeEffects(): string[] {
    const effects = this.#effects;
    this.#effects = [];
    return effects;
  }

  /** Events since the last call, as `name key`. */
  takeEvents(): string[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #note(key: Uint8Array, event: KeyEvent): void {
    this.#events.push(`${event.name} ${textOfBytes(key)}`);
  }
}

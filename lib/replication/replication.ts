/**
 * Primaries and replicas: which of the two this server is, its history of changes,
 * and the stream in which that goes on.
 *
 * ```
 * primary   commands → effects ─┐
 * replica   PrimaryLink ────────┴→ Backlog → Replica, Replica … → connections
 * ```
 *
 * A primary adds what its commands have passed on to the stream; a replica adds
 * its primary's bytes as they come, so that its own replicas have the same history
 * and may follow any of its servers.
 */

import type { Config } from "../config/config.ts";
import type { ServerStats } from "../info/server_stats.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import type { Logger } from "../log/logger.ts";
import type { Client } from "../net/client.ts";
import type { ClientRegistry } from "../net/client_registry.ts";
import type { ByteText } from "../resp/byte_text.ts";
import type { BlockedClients } from "../router/blocked_clients.ts";
import { type EffectBatch, isMultiAt, MULTI } from "../router/effects.ts";
import { Acknowledgements } from "./acknowledgements.ts";
import { Backlog } from "./backlog.ts";
import { CopyFiles } from "./copy_files.ts";
import { encodeRequest } from "./encode_request.ts";
import { Failover } from "./failover.ts";
import { FullSync } from "./full_sync.ts";
import { linkHost, type LinkParts } from "./link_host.ts";
import { LocalExpiry } from "./local_expiry.ts";
import { PrimaryLink } from "./primary_link.ts";
import type { PrimaryStream } from "./primary_stream.ts";
import { type PsyncRequest, refusalOfPsync } from "./psync.ts";
import type { Replica } from "./replica.ts";
import { Replicas } from "./replicas.ts";
import type { CopyMetadata, ReplicationData } from "./replication_data.ts";
import { ReplicationGuards } from "./replication_guards.ts";
import { ReplicationHistory } from "./replication_history.ts";

/** The parts of the server that replication works on. */
export interface ReplicationParts {
  readonly config: Config;
  readonly keyspace: Keyspace;
  readonly clients: ClientRegistry;
  readonly blocked: BlockedClients;
  readonly log: Logger;
  readonly stats: ServerStats;
}

const ROLE_CHANGED =
  "UNBLOCKED force unblock from blocking operation, instance state changed (master -> replica?)";
const SYNTHESIZING =
  "Before turning into a replica, using my own master parameters to synthesize a cached master: I may be able to synchronize with the new master with just a partial transfer.";
const NO_DATABASE = -1;

/** See the top of the file. */
export class Replication {
  readonly history = new ReplicationHistory();
  readonly replicas: Replicas;
  readonly acknowledgements: Acknowledgements;
  readonly failover: Failover;
  readonly guards: ReplicationGuards;
  readonly fullSync: FullSync;
  readonly localExpiry: LocalExpiry;
  readonly copyFiles: CopyFiles;
  #backlog: Backlog | undefined;
  #link: PrimaryLink | undefined;
  /** Database that the stream is in; NO_DATABASE when a reader does not know. */
  #streamDb = NO_DATABASE;
  /** Whether our data is what the history says: else only a full copy helps. */
  #isContinuable = false;
  #seconds = 0;
  #linkParts!: LinkParts;

  constructor(
    readonly parts: ReplicationParts,
    readonly data: ReplicationData,
  ) {
    const { keyspace, config, log } = parts;
    const nowMs = () => keyspace.clock.nowMs();
    this.copyFiles = new CopyFiles(config, log, keyspace.clock);
    this.replicas = new Replicas({
      log,
      nowMs,
      backlog: () => this.#backlog,
      onSent: (length) => parts.stats.netReplicationOutputBytes += length,
      onProgress: () => this.#progressed(),
    });
    this.acknowledgements = new Acknowledgements(this, parts.blocked);
    this.failover = new Failover(this);
    this.localExpiry = new LocalExpiry(keyspace);
    this.guards = new ReplicationGuards(this);
    this.fullSync = new FullSync({
      log,
      get mayCopy() {
        return data.mayCopy;
      },
      get isDiskless() {
        return config.get("repl-diskless-sync");
      },
      get delaySeconds() {
        return config.get("repl-diskless-sync-delay");
      },
      get replicasMax() {
        return config.get("repl-diskless-sync-max-replicas");
      },
      writeCopy: (options, write, signal) =>
        data.write(options, this.metadata, write, signal),
      waiting: () =>
        [...this.replicas.all()].filter(({ state }) => state === "waiting"),
      begin: (replicas) => this.#beginCopies(replicas),
      finish: (replica, awaitsAck) => this.#finishCopy(replica, awaitsAck),
      temporaryPath: () => this.copyFiles.temporaryPath(),
      settleCopy: (path) => this.copyFiles.settle(path),
    });
    config.onChange("repl-backlog-size", (bytes) => {
      if (this.#backlog === undefined) return;
      this.#backlog.capacityBytes = bytes;
      this.#backlog.trim();
    });
  }

  /** Before the data is loaded at the start: which role the server is going to have. */
  takeRole(): void {
    const { config, keyspace, log } = this.parts;
    keyspace.isReplica = log.isReplica = config.get("replicaof") !== undefined;
  }

  /** Before a file is loaded at the start: a primary's stream gets the keys that have expired in it. */
  beginLoading(): void {
    if (!this.parts.keyspace.isReplica) this.#createBacklog();
  }

  /** After that: goes on from the place of the file, if it has one. */
  endLoading(place: CopyMetadata | undefined): void {
    const { keyspace, log } = this.parts;
    if (place === undefined) return this.dropBacklog();
    if (!keyspace.isReplica) {
      this.#backlog!.rebase(place.offset);
      this.history.succeed(place.id, place.offset);
      this.replicas.emptySinceMs = keyspace.clock.nowMs();
      return;
    }
    log.notice(SYNTHESIZING);
    this.history.adopt(place.id, place.offset);
    this.#streamDb = place.dbIndex;
    this.#isContinuable = true;
  }

  /** Begins, with the parts that are made after this one. */
  start(linkParts: LinkParts): void {
    this.#linkParts = linkParts;
    this.guards.start(linkParts.router.guards);
    const primary = this.parts.config.get("replicaof");
    if (primary !== undefined) this.follow(primary.host, primary.port, true);
  }

  stop(): void {
    this.fullSync.stop();
    this.#link?.stop();
  }

  get backlog(): Backlog | undefined {
    return this.#backlog;
  }

  /** The link to our primary; undefined when this is one. */
  get link(): PrimaryLink | undefined {
    return this.#link;
  }

  get isReplica(): boolean {
    return this.#link !== undefined;
  }

  get isContinuable(): boolean {
    return this.#isContinuable;
  }

  /** How far our primary's stream is applied here. */
  get appliedOffset(): number {
    return this.history.offset + (this.#link?.stream?.appliedBytes ?? 0);
  }

  /** What a copy says of the history that it belongs to. */
  get metadata(): CopyMetadata {
    const { id, offset } = this.history;
    return { id, offset, dbIndex: Math.max(0, this.#currentDb) };
  }

  /** `metadata` for a file, from which we go on after a restart; undefined when nobody could. */
  get place(): CopyMetadata | undefined {
    const hasPlace = this.isReplica
      ? this.#isContinuable
      : this.#backlog !== undefined;
    const isWhole = hasPlace && this.parts.keyspace.effects.flushUnits();
    return isWhole ? this.metadata : undefined;
  }

  get #currentDb(): number {
    return this.#link?.stream?.client.dbIndex ?? this.#streamDb;
  }

  /** Becomes the replica of a primary. */
  follow(host: ByteText, port: number, isAtStart = false): void {
    const { keyspace, config, blocked, log } = this.parts;
    const wasPrimary = !this.isReplica && !isAtStart;
    keyspace.effects.flush();
    this.#dropLink();
    for (const { client } of [...blocked.all()]) client.isClosing = true;
    blocked.unblockAll(ROLE_CHANGED);
    if (wasPrimary) {
      log.notice(SYNTHESIZING);
      this.#isContinuable = true;
      this.#backlog ??= this.#newBacklog();
      this.#streamDb = NO_DATABASE;
    }
    keyspace.effects.unlisten(this.#onEffects);
    keyspace.isReplica = log.isReplica = true;
    config.load("replicaof", [host, String(port)], false);
    const link: PrimaryLink = new PrimaryLink(
      host,
      port,
      linkHost(this, this.#linkParts, () => this.#link === link),
      () => keyspace.clock.nowMs(),
    );
    this.#link = link;
    link.start();
    this.guards.update();
  }

  /** Becomes a primary, whose history goes on where that of the old one is. */
  promote(): void {
    if (this.#link === undefined) return;
    const { keyspace, config } = this.parts;
    keyspace.effects.flush();
    this.#dropLink();
    config.load("replicaof", ["no", "one"], false);
    this.history.branch();
    this.replicas.closeAll();
    this.replicas.emptySinceMs = keyspace.clock.nowMs();
    this.#streamDb = NO_DATABASE;
    keyspace.isReplica = this.parts.log.isReplica = false;
    if (this.#backlog !== undefined) this.#listen();
    this.data.resumeFile();
    this.guards.update();
  }

  /** Serves a client that asks for the stream; `request` is undefined for SYNC. */
  serve(client: Client, request: PsyncRequest | undefined): void {
    const { log, stats, keyspace } = this.parts;
    keyspace.effects.flush();
    const name = this.replicas.nameOf(client);
    log.notice(`Replica ${name} asks for synchronization`);
    if (request !== undefined) {
      const refusal = refusalOfPsync(
        request,
        this.history,
        this.#backlog,
        name,
      );
      if (refusal === undefined) {
        stats.syncPartialOk++;
        return this.#continue(client, request);
      }
      log.notice(refusal);
      if (!request.id.startsWith("?")) stats.syncPartialErr++;
    }
    stats.syncFull++;
    const replica = this.replicas.add(client);
    replica.isSilent = request === undefined;
    if (this.#backlog === undefined) {
      this.history.renew();
      this.#createBacklog();
      const { id, previousId } = this.history;
      log.notice(
        `Replication backlog created, my new replication IDs are '${id}' and '${previousId}'`,
      );
    }
    this.fullSync.schedule();
  }

  /** Adds a command to the stream that changes no data, or is said to. */
  say(...words: readonly ByteText[]): void {
    if (this.isReplica || this.#backlog === undefined) return;
    this.parts.keyspace.effects.flush();
    this.#append(encodeRequest(...words));
    this.replicas.notify();
  }

  /** Counts what has gone to a file only, so that the offset says how far that is. */
  noteUnstreamed(count: number): void {
    if (this.#backlog === undefined && !this.isReplica) {
      this.history.offset += count;
    }
  }

  /** Once a second, by the cron. */
  tick(): void {
    const { config, keyspace, log } = this.parts;
    const timeoutMs = config.get("repl-timeout") * 1000;
    this.failover.check();
    this.localExpiry.tick();
    this.#link?.tick(timeoutMs, this.history.offset, this.data.fileOffset);
    const pingPeriod = config.get("repl-ping-replica-period");
    const isPinging = ++this.#seconds % pingPeriod === 0 &&
      this.replicas.size > 0 && !this.failover.isInProgress;
    if (isPinging) this.say("PING");
    for (const replica of this.replicas.all()) {
      if (replica.isWaitingInSilence) replica.sendLineBreak();
    }
    this.replicas.closeSilent(timeoutMs);
    this.#backlog?.trim();
    const ttlSeconds = config.get("repl-backlog-ttl");
    const isIdle = this.#backlog !== undefined && !this.isReplica &&
      this.replicas.size === 0 && ttlSeconds > 0 &&
      keyspace.clock.nowMs() - this.replicas.emptySinceMs > ttlSeconds * 1000;
    if (isIdle) {
      this.history.renew();
      this.dropBacklog();
      log.notice(
        `Replication backlog freed after ${ttlSeconds} seconds without connected replicas.`,
      );
    }
    this.fullSync.tick();
    this.#progressed();
  }

  /** A client's connection is closed. */
  forget(client: Client): void {
    this.replicas.remove(client);
    this.fullSync.forget();
    this.#backlog?.trim();
  }

  /** Our primary lets us go on; its history may have another id now. */
  continueAs(id: string | undefined): void {
    if (id !== undefined && id !== this.history.id) {
      this.parts.log.notice(`Master replication ID changed to ${id}`);
      this.history.continueAs(id);
      this.replicas.closeAll();
    }
    this.#backlog ??= this.#newBacklog();
  }

  /** Replaces all data by a copy. */
  async load(path: string): Promise<void> {
    this.replicas.closeAll();
    this.#backlog = undefined;
    this.#isContinuable = false;
    this.#streamDb = await this.data.load(path);
  }

  /** The copy is loaded; our history is the primary's from now on. */
  adopt(id: string | undefined, offset: number): void {
    if (id === undefined) this.history.renew();
    else this.history.adopt(id, offset);
    this.#isContinuable = id !== undefined;
    this.#backlog = this.#newBacklog();
    this.data.resumeFile();
  }

  beginStream(stream: PrimaryStream): void {
    stream.client.dbIndex = Math.max(0, this.#streamDb);
    this.parts.clients.add(stream.client);
    if (!this.#link?.isPrimarySilent) {
      stream.acknowledge(this.history.offset, this.data.fileOffset);
    }
  }

  endStream(stream: PrimaryStream): void {
    this.#streamDb = stream.client.dbIndex;
    this.parts.clients.remove(stream.client);
  }

  /** Adds our primary's bytes, whose commands have run, to our own stream. */
  relay(bytes: Uint8Array, from: number, to: number): void {
    this.#backlog?.append(bytes, from, to);
    this.history.offset += to - from;
    this.replicas.notify();
  }

  /** Frees the backlog; nothing is added to the stream until a replica comes. */
  dropBacklog(): void {
    this.#backlog = undefined;
    this.parts.keyspace.effects.unlisten(this.#onEffects);
  }

  readonly #onEffects = ({ bytes, runs }: EffectBatch): void => {
    for (const { dbIndex, start, end } of runs) {
      let from = start;
      if (dbIndex !== this.#streamDb) {
        // Redis selects behind MULTI.
        if (isMultiAt(bytes, start)) {
          from += MULTI.length;
          this.#append(MULTI);
        }
        this.#append(encodeRequest("SELECT", String(dbIndex)));
        this.#streamDb = dbIndex;
      }
      this.#append(bytes, from, end);
    }
    this.replicas.notify();
  };

  #append(bytes: Uint8Array, from = 0, to = bytes.length): void {
    this.#backlog!.append(bytes, from, to);
    this.history.offset += to - from;
  }

  #newBacklog(): Backlog {
    return new Backlog(
      this.parts.config.get("repl-backlog-size"),
      this.history.offset,
      () => this.replicas.neededFrom(),
    );
  }

  #createBacklog(): void {
    this.#backlog = this.#newBacklog();
    this.#streamDb = NO_DATABASE;
    if (!this.isReplica) this.#listen();
  }

  #listen(): void {
    const { effects } = this.parts.keyspace;
    effects.unlisten(this.#onEffects);
    effects.listen(this.#onEffects);
  }

  #dropLink(): void {
    const link = this.#link;
    if (link?.stream !== undefined) this.endStream(link.stream);
    this.#link = undefined;
    link?.stop();
  }

  #continue(client: Client, { next }: PsyncRequest): void {
    const replica = this.replicas.add(client);
    const position = next - 1;
    const { log } = this.parts;
    replica.sendHead(
      replica.options.acceptsNewId
        ? `+CONTINUE ${this.history.id}\r\n`
        : "+CONTINUE\r\n",
    );
    replica.position = position;
    replica.state = "online";
    log.notice(
      `Partial resynchronization request from ${replica.name} accepted. Sending ${
        this.history.offset - position
      } bytes of backlog starting from offset ${next}.`,
    );
    this.#progressed();
  }

  #beginCopies(replicas: readonly Replica[]): void {
    this.parts.keyspace.effects.flush();
    const { id, offset } = this.history;
    for (const replica of replicas) {
      replica.state = "copying";
      replica.position = offset;
      if (!replica.isSilent) {
        replica.sendHead(`+FULLRESYNC ${id} ${offset}\r\n`);
      }
    }
    // What follows begins with SELECT; a relayed stream goes on, so the copy says the database.
    if (!this.isReplica) this.#streamDb = NO_DATABASE;
  }

  #finishCopy(replica: Replica, awaitsAck: boolean): void {
    const { client, name, options } = replica;
    if (options.wantsCopyOnly) {
      this.parts.log.notice(
        `Close the connection with replica ${name} as RDB transfer is complete`,
      );
      return client.link.close();
    }
    replica.putOnline(awaitsAck);
    this.parts.log.notice(
      `Synchronization with replica ${name} succeeded`,
    );
    client.link.flushSoon();
    this.#progressed();
  }

  #progressed(): void {
    this.guards.noteGoodReplicas();
    this.acknowledgements.check();
    this.failover.check();
  }
}

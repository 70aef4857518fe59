/**
 * A client as commands see it: who it is, what it selected, what it may do, and
 * where its replies go. How its bytes travel is the connection's business.
 */

import type { Subscriptions } from "../pubsub/subscriptions.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { Command } from "../router/command_table.ts";
import type { OutputFeed } from "./output_feed.ts";
import type { ClientTracking } from "../tracking/client_tracking.ts";
import { Transaction } from "../router/transaction.ts";

/** Reasons why a client's commands take the router's slow way; bits of {@link Client.gates}. */
export const GATE_UNAUTHENTICATED = 1 << 0;
export const GATE_NO_TOUCH = 1 << 1;
export const GATE_REPLY_OFF = 1 << 2;
/** The replies of the command that runs are dropped; set from SKIP_NEXT after it. */
export const GATE_REPLY_SKIP = 1 << 3;
export const GATE_REPLY_SKIP_NEXT = 1 << 4;
/** It has begun a transaction. */
export const GATE_TRANSACTION = 1 << 5;
/** It is subscribed to a channel or a pattern. */
export const GATE_SUBSCRIBED = 1 << 6;
/** Its keys are tracked, or it is told about the keys of another client. */
export const GATE_TRACKING = 1 << 7;

/** Sides of a limit in `client-output-buffer-limit`. */
export type ClientClass = "normal" | "replica" | "pubsub";

/** What a client can ask of its connection. */
export interface ClientLink {
  readonly remoteAddress: string;
  readonly localAddress: string;
  readonly isUnixSocket: boolean;
  /** Sends what was written to `reply` outside of the client's own batch. */
  flushSoon(): void;
  /** Goes on with the commands of a client that was parked. */
  resume(): void;
  /** Closes at once; what was not sent is lost. */
  close(): void;
  /** Size of the request buffer, and what in it is not run yet, in bytes. */
  readonly queryBufferBytes: number;
  readonly queryPendingBytes: number;
  /** Whether replies are on their way to the transport. */
  readonly isWriting: boolean;
  /** Bytes handed to the transport that it has not written yet. */
  readonly inFlightBytes: number;
}

/** The link of a client that has no connection. */
export const NO_LINK: ClientLink = {
  remoteAddress: "",
  localAddress: "",
  isUnixSocket: false,
  flushSoon() {},
  resume() {},
  close() {},
  queryBufferBytes: 0,
  queryPendingBytes: 0,
  isWriting: false,
  inFlightBytes: 0,
};

/** A push message for {@link ReplyWriter.pushEncoded}. */
interface Push {
  readonly encoded: Uint8Array;
  readonly large: Uint8Array | undefined;
}

/** See the top of the file. */
export class Client {
  /** Set by CLIENT SETNAME and HELLO; Latin-1 text of its bytes. */
  name = "";
  /** Set by CLIENT SETINFO. */
  libraryName = "";
  libraryVersion = "";
  /** Set by SELECT. */
  dbIndex = 0;
  /** Name of the user it is authenticated as. */
  user = "default";
  /** GATE_ bits; 0 lets every command straight through. */
  gates = 0;
  /** Set by CLIENT NO-EVICT. */
  isEvictionExempt = false;
  /** Set by QUIT, CLIENT KILL and protocol errors: close once the replies are sent. */
  isClosing = false;
  /** Set by MONITOR: it is sent every command that others run. */
  isMonitor = false;
  /** A command waits (a pause, a blocking command): no further one is run. */
  isParked = false;
  /** It waits in {@link BlockedClients}. */
  isBlocked = false;
  /** It is a replica of ours. */
  isReplica = false;
  /** What it is sent behind its replies; a replica has one. */
  feed: OutputFeed | undefined;
  /** It is the link to our primary: what it sends was decided there. */
  isPrimary = false;
  /** What it has queued since MULTI. */
  transaction: Transaction | undefined;
  /** A key that it watches was changed: its next EXEC fails. */
  hasWatchFailed = false;
  /** What it is subscribed to; undefined when to nothing. By {@link PubSub}. */
  subscriptions: Subscriptions | undefined;
  /** How the keys that it reads are tracked; undefined when they are not. By {@link KeyTracking}. */
  tracking: ClientTracking | undefined;
  /** What it is to be sent behind the reply of the command that runs. */
  readonly #deferred: Push[] = [];
  readonly #deferredLast: Push[] = [];
  readonly createdAtMs: number;
  /** When it sent or was sent something last; by the connection. */
  lastActiveAtMs: number;
  lastCommand: Command | undefined;
  /** Commands it had run, bytes it sent and was sent; by the connection. */
  commandsRun = 0;
  bytesIn = 0;
  bytesOut = 0;
  /** Arguments of the command that is being run, for CLIENT LIST. */
  argvBytes = 0;
  /** Most bytes that were sent to it at once; by the connection. */
  outputPeakBytes = 0;
  /** When its output went over the soft limit, or 0. */
  softLimitSinceMs = 0;

  constructor(
    readonly id: number,
    readonly reply: ReplyWriter,
    readonly link: ClientLink,
    nowMs: number,
  ) {
    this.createdAtMs = this.lastActiveAtMs = nowMs;
  }

  get isAuthenticated(): boolean {
    return (this.gates & GATE_UNAUTHENTICATED) === 0;
  }

  setGate(gate: number, isSet: boolean): void {
    this.gates = isSet ? this.gates | gate : this.gates & ~gate;
  }

  beginTransaction(): void {
    this.transaction = new Transaction();
    this.setGate(GATE_TRANSACTION, true);
  }

  endTransaction(): void {
    this.transaction = undefined;
    this.setGate(GATE_TRANSACTION, false);
  }

  /** Which limits of `client-output-buffer-limit` hold for it. */
  get outputClass(): ClientClass {
    if (this.isReplica) return "replica";
    return (this.gates & GATE_SUBSCRIBED) !== 0 ? "pubsub" : "normal";
  }

  /** Sends push messages ({@link ReplyWriter.pushEncoded}) that its own command does not cause. */
  push(encoded: Uint8Array, large?: Uint8Array): void {
    if (this.isClosing) return;
    this.reply.pushEncoded(encoded, large);
    this.link.flushSoon();
  }

  /** Sends a push message behind the reply of the client's command that runs and causes it. */
  defer(encoded: Uint8Array, large?: Uint8Array): void {
    this.#deferred.push({ encoded: encoded.slice(), large });
  }

  /** `defer` for a message about changed keys, which follows all others. */
  deferLast(encoded: Uint8Array): void {
    this.#deferredLast.push({ encoded: encoded.slice(), large: undefined });
  }

  /** Takes the last reply back, to be sent as a push message behind what the command answers. */
  deferReply(mark: number): void {
    const encoded = this.reply.written(mark).slice();
    this.reply.truncate(mark);
    this.#deferred.push({ encoded, large: undefined });
  }

  /** Sends what was deferred; its command has answered. */
  sendDeferred(): void {
    if (this.#deferred.length + this.#deferredLast.length === 0) return;
    for (const messages of [this.#deferred, this.#deferredLast]) {
      for (const { encoded, large } of messages) {
        this.reply.pushEncoded(encoded, large);
      }
      messages.length = 0;
    }
  }

  /** Bytes of replies that were not sent yet. */
  get outputBytes(): number {
    return this.reply.pendingBytes + this.link.inFlightBytes +
      (this.feed?.pendingBytes ?? 0);
  }
}

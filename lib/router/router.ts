/**
 * Runs commands: finds them, checks whether they may run, calls their handlers,
 * and accounts for what they did.
 *
 * ```
 * frame → table → arity → gates (only when some are shut) → handler → errors, effects, time
 * ```
 *
 * All connections share one router, one decoder and one set of argument arrays:
 * a batch is a synchronous turn, so nothing of it outlives the turn.
 */

import {
  type Client,
  GATE_NO_TOUCH,
  GATE_REPLY_OFF,
  GATE_REPLY_SKIP,
  GATE_REPLY_SKIP_NEXT,
  GATE_SUBSCRIBED,
  GATE_UNAUTHENTICATED,
} from "../net/client.ts";
import { RequestDecoder, type RequestState } from "../resp/request_decoder.ts";
import { Args } from "./args.ts";
import type { BlockedClient } from "./blocked_clients.ts";
import { Call, type Executor, type ServerParts } from "./call.ts";
import { CommandError } from "./command_error.ts";
import { type Command, flagBit } from "./command_table.ts";
import type { Effects } from "./effects.ts";
import { Guards } from "./guards.ts";
import { CommandTimer } from "./command_timer.ts";
import type { QueuedCommand } from "./transaction.ts";
import { QUOTED_ARGS_BYTES, unknownCommand } from "./unknown_command.ts";

const WRITE = flagBit("write");
const MAY_REPLICATE = flagBit("may_replicate");
const READONLY = flagBit("readonly");
const NO_AUTH = flagBit("no_auth");
const NO_MULTI = flagBit("no_multi");

const GATES_OF_REPLY = GATE_REPLY_OFF | GATE_REPLY_SKIP;

/** What a replica must leave to others, and a monitor, which counts as one. */
const KEYSPACE_COMMANDS = WRITE | READONLY | MAY_REPLICATE;
const MONITOR_AND_KEYSPACE = new CommandError(
  "ERR Replica can't interact with the keyspace",
);
const NOT_IN_TRANSACTION = new CommandError(
  "ERR Command not allowed inside a transaction",
);
const NOT_AUTHENTICATED = new CommandError("NOAUTH Authentication required.");

/** Attacks within this time of each other are logged once. */
const ATTACK_LOG_INTERVAL_MS = 60 * 1000;

/** See the top of the file. */
export class Router implements Executor {
  readonly decoder = new RequestDecoder();
  readonly args = new Args();
  readonly effects: Effects;
  readonly call: Call;
  #isMonitored = false;
  #attackLoggedAtMs = -Infinity;
  /** The states of the server in which commands are refused. */
  readonly guards = new Guards(() => this.#updateSpecial());
  /** Not 0 while a pause, a monitor or a guard makes every command take the slow way. */
  #special = 0;
  /** Commands that run inside of the one that a client sent. */
  #depth = 0;
  readonly #parts: ServerParts;

  // The turn: when it began, and how many commands had been run before it.
  #batchStartMs = 0;
  #commandsBefore = 0;
  /** How long the commands of this router take. */
  readonly timer: CommandTimer;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    this.effects = parts.keyspace.effects;
    this.call = new Call(parts, this);
    parts.clients.onPauseChange = (mode) => {
      parts.keyspace.isPaused = mode !== undefined;
      parts.holds.pause(mode);
    };
    parts.holds.onChange = () => this.#updateSpecial();
    parts.blocked.onWoken = () => this.#serveWoken();
    this.timer = new CommandTimer(parts);
    parts.monitors.onChange = (isWanted) => {
      this.#isMonitored = isWanted;
      this.#updateSpecial();
    };
  }

  get depth(): number {
    return this.#depth;
  }

  /** Begins a turn: the clock is read once for all its commands. */
  beginBatch(): void {
    this.#parts.keyspace.tick();
    this.args.isTaken = false;
    this.#batchStartMs = this.#parts.keyspace.clock.monotonicMs();
    this.timer.start(this.#batchStartMs);
    this.#commandsBefore = this.#parts.stats.commandsProcessed;
  }

  /** Where the arguments of the decoded frames are. */
  setSource(bytes: Uint8Array, view: DataView): void {
    const { args } = this;
    args.bytes = bytes;
    args.view = view;
    args.offsets = this.decoder.offsets;
    args.lengths = this.decoder.lengths;
  }

  /**
   * Runs the decoded frames and moves `state.start` behind each one that ran.
   * Stops when the client parks or closes, or its output reaches `outputMax`.
   * Returns how many ran.
   */
  runFrames(client: Client, state: RequestState, outputMax: number): number {
    const { decoder, args } = this;
    const frames = decoder.frameCount;
    let warmedFrom = 0, warmedTo = 0;
    const { reply } = client, { warmPass, databases } = this.#parts.keyspace;
    for (let frame = 0; frame < frames; frame++) {
      if (frame === warmedTo) {
        const { map } = databases[client.dbIndex];
        warmedFrom = frame;
        const element = this.#elementIndexOf(frame);
        warmedTo = warmPass.loadFrames(map, decoder, args, frame, element);
      }
      const count = decoder.counts[frame];
      args.base = decoder.bases[frame];
      args.count = count;
      args.firstKeyHash = warmPass.frameHashes[frame - warmedFrom];
      if (count > 0) {
        const inline = decoder.inlineSource(frame);
        if (inline !== undefined) {
          args.bytes = inline.bytes;
          args.view = inline.view;
          args.firstKeyHash = -1;
        }
        const isDone = this.run(client, args);
        if (inline !== undefined) this.setSource(state.buffer, state.view);
        if (!isDone) return stoppedAt(frame, frames, state);
      }
      state.start = decoder.ends[frame];
      if (
        client.isClosing || client.isParked || reply.pendingBytes > outputMax
      ) return stoppedAt(frame + 1, frames, state);
    }
    return frames;
  }

  /** Where a frame's command names the first element that it looks up; 0 for nowhere. */
  #elementIndexOf(frame: number): number {
    const { bases, offsets, lengths } = this.decoder, first = bases[frame];
    const { commands } = this.#parts;
    const command = commands.find(
      this.args.bytes,
      offsets[first],
      lengths[first],
    );
    return command === undefined ? 0 : command.elementIndex;
  }

  /** Ends a turn: hands its effects on and accounts for the time of the last commands. */
  endBatch(): void {
    this.effects.flush();
    const endMs = this.timer.close();
    const { stats } = this.#parts;
    stats.countTurn(
      (endMs - this.#batchStartMs) * 1000,
      stats.commandsProcessed - this.#commandsBefore,
    );
  }

  /** Runs one command of a client; false when it was put off and must be run again later. */
  run(client: Client, args: Args): boolean {
    const command = this.#resolve(client, args);
    if (command === undefined) return true;
    if ((client.gates | this.#special) !== 0) {
      if (!this.#mayRun(client, command, args)) return !client.isParked;
    }
    this.#runTimed(client, command, args);
    this.#endUnit();
    return true;
  }

  runQueued(client: Client, { command, args }: QueuedCommand): void {
    const { call } = this, { db, command: outer } = call;
    const { reply } = client, mark = reply.length;
    const wasClosing = client.isClosing;
    this.#depth++;
    this.#runTimed(client, command, args);
    this.#depth--;
    // It has had itself killed: what had been answered before is all that it gets.
    if (wasClosing) reply.truncate(mark);
    call.client = client;
    call.db = db;
    call.command = outer;
  }

  #runTimed(client: Client, command: Command, args: Args): void {
    this.timer.begin(command, args);
    this.#invoke(client, command, args);
    // A command that waits counts once, when it has been run again.
    if (client.isBlocked) return;
    client.commandsRun++;
    this.#parts.stats.commandsProcessed++;
    this.timer.end(client, command, args);
  }

  /** Ends what a client's command, or several that belong together, have done. */
  #endUnit(): void {
    if (this.effects.isWanted) this.effects.endUnit();
    const { blocked } = this.#parts;
    if (blocked.hasReady) blocked.serve((waiting) => this.#rerun(waiting));
  }

  /** Serves the clients that waited for what happened outside of a command. */
  #serveWoken(): void {
    this.beginBatch();
    this.#endUnit();
    this.endBatch();
  }

  /** Runs the command of a client that waited again. */
  #rerun({ client, command, args, deadlineMs }: BlockedClient): void {
    const { call } = this;
    this.#parts.blocked.release(client);
    client.isParked = false;
    call.retryDeadlineMs = deadlineMs;
    if (client.gates !== 0) this.#parts.pubsub.beforeCommand(client);
    this.#runTimed(client, command, args);
    call.retryDeadlineMs = undefined;
    if (this.effects.isWanted) this.effects.endUnit();
    if (!client.isBlocked) client.link.resume();
  }

  /** Answers a protocol error and closes the connection. */
  protocolError(client: Client, text: string): void {
    client.reply.error(text);
    this.#parts.stats.countError(text);
    this.#parts.log.verbose(
      `Protocol error (${text}) from client: ${client.link.remoteAddress}`,
    );
    client.isClosing = true;
  }

  #invoke(client: Client, command: Command, args: Args): void {
    const { call, effects } = this;
    const { keyspace } = this.#parts;
    const { reply } = client;
    const mark = reply.length;
    const dirtyBefore = keyspace.dirty;
    const gatesBefore = client.gates;
    call.client = client;
    call.db = keyspace.databases[client.dbIndex];
    call.command = command;
    effects.dbIndex = client.dbIndex;
    client.lastCommand = command;
    try {
      command.definition.run(call, args, reply);
    } catch (error) {
      reply.truncate(mark);
      this.#failed(client, command, error);
    }
    if (effects.isWanted) {
      // Less is what a save leaves.
      const isChanged = keyspace.dirty > dirtyBefore;
      if (isChanged && !effects.isReplaced) effects.addVerbatim(args);
      effects.isReplaced = false;
    }
    if (client.tracking !== undefined) {
      this.#parts.tracking.afterCommand(client, command, args);
      if (this.#depth === 0) {
        this.#parts.tracking.afterCaching(client, command);
      }
    }
    // Gates that the command itself opened were shut for it.
    if ((gatesBefore | client.gates | this.#special) !== 0) {
      this.#afterGated(client, mark, gatesBefore);
      if (this.#isMonitored && call.retryDeadlineMs === undefined) {
        this.#parts.monitors.feed(command, client, args, call.nowMs);
      }
    }
  }

  /** Finds the command or subcommand and checks its arity; answers when there is none. */
  #resolve(client: Client, args: Args): Command | undefined {
    const found = this.#parts.commands.find(
      args.bytes,
      args.offset(0),
      args.length(0),
    );
    if (found === undefined) {
      this.#refuseUnknown(client, args);
      return undefined;
    }
    let command = found;
    if (found.subcommands.size > 0 && args.count > 1) {
      const sub = found.subcommands.get(args.text(1).toLowerCase());
      if (sub === undefined) {
        client.lastCommand = undefined;
        this.#refuse(
          client,
          CommandError.unknownSubcommand(
            args.shown(1, QUOTED_ARGS_BYTES),
            found.definition.name,
          ),
        );
        return undefined;
      }
      command = sub;
    }
    if (!command.acceptsCount(args.count)) {
      this.#reject(
        client,
        command,
        args,
        CommandError.wrongArity(command.fullName),
      );
      return undefined;
    }
    return command;
  }

  /** The slow way, when something is special about the client or the moment. */
  #mayRun(client: Client, command: Command, args: Args): boolean {
    const { transaction } = client;
    const isQueueing = transaction !== undefined &&
      command.definition.transaction === undefined;
    const flags =
      transaction !== undefined && command.definition.transaction === "execute"
        ? transaction.flagsOf(command)
        : command.flags;
    if (
      (client.gates & GATE_UNAUTHENTICATED) !== 0 &&
      (command.flags & NO_AUTH) === 0
    ) {
      this.#reject(client, command, args, NOT_AUTHENTICATED);
      return false;
    }
    const error = this.#refusalOf(client, command, flags);
    if (error !== undefined) {
      this.#reject(client, command, args, error);
      return false;
    }
    const isReplica = client.isMonitor || client.isReplica;
    if (isReplica && (command.flags & KEYSPACE_COMMANDS) !== 0) {
      this.#reject(client, command, args, MONITOR_AND_KEYSPACE);
      return false;
    }
    const { holds } = this.#parts;
    if (holds.isActive && holds.holdsBack(client, command, args, flags)) {
      return false;
    }
    if (isQueueing) {
      transaction.add(command, args);
      const mark = client.reply.length;
      client.reply.simple("QUEUED");
      this.#afterGated(client, mark, client.gates);
      return false;
    }
    this.#parts.pubsub.beforeCommand(client);
    this.#parts.keyspace.isStamping = (client.gates & GATE_NO_TOUCH) === 0;
    return true;
  }

  /** Why the state of the client or of the server does not let a command run. */
  #refusalOf(
    client: Client,
    command: Command,
    flags: number,
  ): CommandError | undefined {
    if (client.transaction !== undefined && (flags & NO_MULTI) !== 0) {
      return NOT_IN_TRANSACTION;
    }
    if (
      (client.gates & GATE_SUBSCRIBED) !== 0 && client.reply.protocol === 2 &&
      command.definition.isForSubscribers !== true
    ) return CommandError.notWhileSubscribed(command.fullName);
    return this.guards.refusalOf(client, command, flags);
  }

  #updateSpecial(): void {
    this.#special = Number(this.#parts.holds.isActive) |
      Number(this.#isMonitored) | this.guards.size;
  }

  /** Drops the reply of a client that wants none, unless the command changed that. */
  #afterGated(client: Client, mark: number, gatesBefore: number): void {
    if ((gatesBefore & client.gates & GATES_OF_REPLY) !== 0) {
      this.#parts.replication.replicas.noteReply(client, mark);
      client.reply.truncate(mark);
    }
    if (this.#depth > 0) return;
    this.#parts.keyspace.isStamping = true;
    this.#parts.clients.running = undefined;
    client.sendDeferred();
    const isNext = (client.gates & GATE_REPLY_SKIP_NEXT) !== 0;
    client.setGate(GATE_REPLY_SKIP_NEXT, false);
    client.setGate(GATE_REPLY_SKIP, isNext);
  }

  /** Answers an unknown command; a browser's request, which could be made to hold commands, is cut off. */
  #refuseUnknown(client: Client, args: Args): void {
    client.lastCommand = undefined;
    if (!args.is(0, "post") && !args.is(0, "host:")) {
      return this.#refuse(client, unknownCommand(args));
    }
    client.isClosing = true;
    const { nowMs } = this.call;
    if (nowMs - this.#attackLoggedAtMs <= ATTACK_LOG_INTERVAL_MS) return;
    this.#attackLoggedAtMs = nowMs;
    this.#parts.log.warning(
      `Possible SECURITY ATTACK detected. It looks like somebody is sending POST or Host: commands to Redis. This is likely due to an attacker attempting to use Cross Protocol Scripting to compromise your Redis instance. Connection from ${client.link.remoteAddress} aborted.`,
    );
  }

  /** Answers a command that may not be run. */
  #reject(
    client: Client,
    command: Command,
    args: Args,
    error: CommandError,
  ): void {
    client.lastCommand = command;
    command.rejectedCalls++;
    if (command.definition.transaction !== "execute") {
      return this.#refuse(client, error);
    }
    this.#parts.watchedKeys.unwatch(client);
    client.endTransaction();
    this.#refuse(client, CommandError.transactionDiscarded(error));
    // So that who watches sees the end of the transaction.
    if (this.#isMonitored) {
      this.#parts.monitors.feed(command, client, args, this.call.nowMs);
    }
  }

  #failed(client: Client, command: Command, error: unknown): void {
    command.failedCalls++;
    if (error instanceof CommandError) return this.#answerError(client, error);
    this.#parts.stats.unexpectedErrorReplies++;
    this.#parts.log.warning(
      `Internal error in ${command.fullName}: ${
        error instanceof Error ? error.stack : error
      }`,
    );
    this.#answerError(client, new CommandError("ERR internal error"));
    client.isClosing = true;
  }

  #answerError(client: Client, error: CommandError): void {
    this.#parts.stats.countError(error.text);
    client.reply.error(error.text);
  }

  /** Answers a command that was not run. */
  #refuse(client: Client, error: CommandError): void {
    if (client.transaction !== undefined) client.transaction.isAborted = true;
    const mark = client.reply.length;
    this.#answerError(client, error);
    if (client.gates !== 0) this.#afterGated(client, mark, client.gates);
  }
}

/**
 * The number of frames that ran. When some did not, they are decoded again, so that
 * what was decoded of the incomplete frame behind them counts no more.
 */
function stoppedAt(ran: number, frames: number, state: RequestState): number {
  if (ran < frames) state.partial = undefined;
  return ran;
}

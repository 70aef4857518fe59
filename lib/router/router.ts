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
 *
 * Reading the clock costs as much as a small command. So commands of constant
 * time that follow each other in a batch are timed together and each is charged
 * the mean; any other command is timed alone.
 */

import {
  type Client,
  GATE_NO_TOUCH,
  GATE_REPLY_OFF,
  GATE_REPLY_SKIP,
  GATE_REPLY_SKIP_NEXT,
  GATE_UNAUTHENTICATED,
} from "../net/client.ts";
import { RequestDecoder, type RequestState } from "../resp/request_decoder.ts";
import { Args } from "./args.ts";
import { Call, type ServerParts } from "./call.ts";
import { CommandError } from "./command_error.ts";
import { type Command, flagBit } from "./command_table.ts";
import { type Effect, Effects } from "./effects.ts";

const WRITE = flagBit("write");
const MAY_REPLICATE = flagBit("may_replicate");
const READONLY = flagBit("readonly");
const NO_AUTH = flagBit("no_auth");

/** What a monitor must leave to others: it counts as a replica. */
const KEYSPACE_COMMANDS = WRITE | READONLY | MAY_REPLICATE;
const MONITOR_AND_KEYSPACE = new CommandError(
  "ERR Replica can't interact with the keyspace",
);
const NOT_AUTHENTICATED = new CommandError("NOAUTH Authentication required.");

/** Attacks within this time of each other are logged once. */
const ATTACK_LOG_INTERVAL_MS = 60 * 1000;

/** Commands timed together at most, unless slow ones among them must be told apart. */
const GROUP_MAX = 64;
/** Keys loaded together; below this, a batch is not worth it. */
const WARM_MAX = 64;
const WARM_MIN = 4;
/** Keys from which on the table no longer fits the CPU's caches. */
const WARM_KEYS_MIN = 20000;
/** Longest list of arguments quoted in "unknown command". */
const QUOTED_ARGS_BYTES = 128;

/** Told of every effect, in order: what the append-only file and the replicas take. */
export type EffectListener = (
  dbIndex: number,
  effects: readonly Effect[],
) => void;

/** See the top of the file. */
export class Router {
  readonly decoder = new RequestDecoder();
  readonly args = new Args();
  readonly effects = new Effects();
  readonly call: Call;
  /** Whether latencies go into histograms (`latency-tracking`). */
  isTrackingLatency = true;
  /** Commands that a pause holds back: flag bits, or all. */
  #pausedFlags = 0;
  #isMonitored = false;
  #attackLoggedAtMs = -Infinity;
  /** Not 0 while a pause or a monitor makes every command take the slow way. */
  #special = 0;
  readonly #parts: ServerParts;
  readonly #listeners: EffectListener[] = [];

  // The turn: when it began, and how many commands had been run before it.
  #batchStartMs = 0;
  #commandsBefore = 0;
  // The commands that were run since the clock was read last.
  #groupStartMs = 0;
  #groupCount = 0;
  #groupMax = GROUP_MAX;
  readonly #groupCommands: Command[] = [];

  // What the warm pass works in.
  readonly #warmHashes = new Int32Array(WARM_MAX);
  readonly #warmRefs = new Int32Array(WARM_MAX);
  /** Keeps the warm pass's loads alive. */
  warmSum = 0;

  constructor(parts: ServerParts) {
    this.#parts = parts;
    this.call = new Call(parts, this.effects);
    parts.clients.onPauseChange = (mode) => {
      this.#pausedFlags = mode === undefined
        ? 0
        : mode === "all"
        ? ~0
        : WRITE | MAY_REPLICATE;
      parts.keyspace.isExpiring = mode === undefined;
      this.#special = this.#pausedFlags | Number(this.#isMonitored);
    };
    parts.slowCommands.onChange = (isExact) => {
      this.#groupMax = isExact ? 1 : GROUP_MAX;
    };
    parts.monitors.onChange = (isWanted) => {
      this.#isMonitored = isWanted;
      this.#special = this.#pausedFlags | Number(isWanted);
    };
  }

  /** Has `listener` told of every effect from now on. */
  listen(listener: EffectListener): void {
    this.#listeners.push(listener);
    this.effects.isWanted = true;
  }

  /** Begins a turn: the clock is read once for all its commands. */
  beginBatch(): void {
    this.#parts.keyspace.tick();
    this.args.isTaken = false;
    this.#batchStartMs = this.#parts.keyspace.clock.monotonicMs();
    this.#groupStartMs = this.#batchStartMs;
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
    const { reply } = client;
    for (let frame = 0; frame < frames; frame++) {
      if (frame === warmedTo) {
        warmedFrom = frame;
        warmedTo = this.#warm(client, frame);
      }
      const count = decoder.counts[frame];
      args.base = decoder.bases[frame];
      args.count = count;
      args.firstKeyHash = this.#warmHashes[frame - warmedFrom];
      if (count > 0) {
        const inline = decoder.inlineSource(frame);
        if (inline !== undefined) {
          args.bytes = inline.bytes;
          args.view = inline.view;
          args.firstKeyHash = -1;
        }
        const isDone = this.run(client, args);
        if (inline !== undefined) this.setSource(state.buffer, state.view);
        if (!isDone) return frame;
      }
      state.start = decoder.ends[frame];
      if (client.isClosing || reply.pendingBytes > outputMax) return frame + 1;
    }
    return frames;
  }

  /** Ends a turn: accounts for the time of the last commands. */
  endBatch(): void {
    this.#closeGroup();
    const { stats } = this.#parts;
    stats.countTurn(
      (this.#groupStartMs - this.#batchStartMs) * 1000,
      stats.commandsProcessed - this.#commandsBefore,
    );
  }

  /** Runs one command of a client; false when it was put off and must be run again later. */
  run(client: Client, args: Args): boolean {
    const command = this.#resolve(client, args);
    if (command === undefined) return true;
    if ((client.gates | this.#special) !== 0) {
      if (!this.#mayRun(client, command)) return !client.isParked;
    }
    const isAlone = !command.isConstantTime;
    if (isAlone && this.#groupCount > 0) this.#closeGroup();
    this.#invoke(client, command, args);
    this.#groupCommands[this.#groupCount++] = command;
    if (isAlone || this.#groupCount >= this.#groupMax) this.#closeGroup();
    return true;
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
    const { keyspace, stats } = this.#parts;
    const { reply } = client;
    const mark = reply.length;
    const dirtyBefore = keyspace.dirty;
    const gatesBefore = client.gates;
    call.client = client;
    call.db = keyspace.databases[client.dbIndex];
    call.command = command;
    client.lastCommand = command;
    try {
      command.definition.run(call, args, reply);
    } catch (error) {
      reply.truncate(mark);
      this.#failed(client, command, error);
    }
    client.commandsRun++;
    stats.commandsProcessed++;
    if (effects.isWanted) {
      this.#passOn(keyspace.dirty !== dirtyBefore, client.dbIndex, args);
    }
    // Gates that the command itself opened were shut for it.
    if ((gatesBefore | client.gates | this.#special) !== 0) {
      this.#afterGated(client, mark);
      if (this.#isMonitored) {
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
      this.#reject(client, command, CommandError.wrongArity(command.fullName));
      return undefined;
    }
    return command;
  }

  /** The slow way, when something is special about the client or the moment. */
  #mayRun(client: Client, command: Command): boolean {
    if (
      (client.gates & GATE_UNAUTHENTICATED) !== 0 &&
      (command.flags & NO_AUTH) === 0
    ) {
      this.#reject(client, command, NOT_AUTHENTICATED);
      return false;
    }
    if (client.isMonitor && (command.flags & KEYSPACE_COMMANDS) !== 0) {
      this.#reject(client, command, MONITOR_AND_KEYSPACE);
      return false;
    }
    const isPaused = this.#pausedFlags === ~0 ||
      (command.flags & this.#pausedFlags) !== 0;
    if (isPaused) {
      this.#parts.clients.parkUntilUnpaused(client);
      return false;
    }
    this.#parts.keyspace.isStamping = (client.gates & GATE_NO_TOUCH) === 0;
    return true;
  }

  #afterGated(client: Client, mark: number): void {
    this.#parts.keyspace.isStamping = true;
    if ((client.gates & (GATE_REPLY_OFF | GATE_REPLY_SKIP)) !== 0) {
      client.reply.truncate(mark);
    }
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
  #reject(client: Client, command: Command, error: CommandError): void {
    client.lastCommand = command;
    command.rejectedCalls++;
    this.#refuse(client, error);
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
    const mark = client.reply.length;
    this.#answerError(client, error);
    if (client.gates !== 0) this.#afterGated(client, mark);
  }

  #passOn(isChanged: boolean, dbIndex: number, args: Args): void {
    const { effects } = this;
    if (isChanged && !effects.isReplaced) {
      const whole: Uint8Array[] = [];
      for (let i = 0; i < args.count; i++) whole.push(args.copy(i));
      effects.list.push(whole);
    }
    if (effects.list.length > 0) {
      for (const listener of this.#listeners) listener(dbIndex, effects.list);
    }
    effects.reset();
  }

  /** Charges the commands since the clock was read last with the time since. */
  #closeGroup(): void {
    const count = this.#groupCount;
    if (count === 0) return;
    this.#groupCount = 0;
    const nowMs = this.#parts.keyspace.clock.monotonicMs();
    const microseconds = (nowMs - this.#groupStartMs) * 1000;
    this.#groupStartMs = nowMs;
    const each = microseconds / count;
    let first = 0;
    for (let i = 1; i <= count; i++) {
      if (i < count && this.#groupCommands[i] === this.#groupCommands[first]) {
        continue;
      }
      this.#groupCommands[first].record(
        i - first,
        each * (i - first),
        this.isTrackingLatency,
      );
      first = i;
    }
    const { stats, slowCommands } = this.#parts;
    stats.commandMicroseconds += microseconds;
    if (each < slowCommands.thresholdMicroseconds) return;
    const last = this.#groupCommands[count - 1];
    const { client, nowMs: atMs } = this.call;
    slowCommands.note(last, client, this.args, each, atMs);
  }

  /**
   * Loads the table slots and records of the keys that the next frames name, so
   * that their cache misses overlap. Returns the frame after the last one loaded.
   */
  #warm(client: Client, from: number): number {
    const { decoder, args } = this;
    const { map } = this.#parts.keyspace.databases[client.dbIndex];
    const to = Math.min(decoder.frameCount, from + WARM_MAX);
    const hashes = this.#warmHashes;
    if (to - from < WARM_MIN || map.size < WARM_KEYS_MIN) {
      hashes.fill(-1, 0, to - from);
      return to;
    }
    for (let frame = from; frame < to; frame++) {
      const key = decoder.bases[frame] + 1;
      // What has no key warms the slots of an empty one, which does no harm.
      const length = decoder.counts[frame] < 2 ? 0 : decoder.lengths[key];
      hashes[frame - from] = map.hashOf(
        args.view,
        decoder.offsets[key],
        length,
      );
    }
    this.warmSum ^= map.warm(hashes, to - from, this.#warmRefs);
    return to;
  }
}

/** The refusal of a command that does not exist, quoting it and its first arguments. */
function unknownCommand(args: Args): CommandError {
  const name = args.shown(0, QUOTED_ARGS_BYTES);
  let quoted = "";
  for (let i = 1; i < args.count && quoted.length < QUOTED_ARGS_BYTES; i++) {
    quoted += `'${args.shown(i, QUOTED_ARGS_BYTES - quoted.length)}' `;
  }
  return new CommandError(
    `ERR unknown command '${name}', with args beginning with: ${quoted}`,
  );
}

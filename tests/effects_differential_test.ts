/**
 * tsredis and a real redis-server run the same random commands; what each has its
 * replicas do for them must be the same, and how many changes it counts. (That the
 * replies are the same is the other differential test's.)
 */
import { CommandMaker } from "./fuzz_grammar.ts";
import { Random } from "./fuzz/random.ts";
import { TEST_SEED } from "./fuzz/test_seed.ts";
import { type Argument, joinCommand } from "./support/command_text.ts";
import {
  findRealRedis,
  type RealRedis,
  testBesideRedis7_2,
} from "./support/real_redis.ts";
import { ReplicationStream } from "./support/replication_stream.ts";
import { RespClient } from "./support/resp_client.ts";
import {
  type ServerProcess,
  startRedis,
  startTsredis,
} from "./support/server_process.ts";

const BATCHES = 400;
const BATCH_COMMANDS = 50;
/** Commands before the first different one that a difference shows. */
const SHOWN_BEFORE = 8;
/** They wait for replicas, of which there is a silent one here, or change roles. */
const LEFT_OUT = new Set([
  "wait",
  "waitaof",
  "failover",
  "replicaof",
  "slaveof",
]);
/** Ends the stream of a batch. */
const MARK = ["PUBLISH", "end-of-batch", ""];
const CHANGES = /rdb_changes_since_last_save:\d+/;
/** Moments that are made of a time to live differ by as long as a batch takes. */
const CLOCK_TOLERANCE_MS = 10_000;

testBesideRedis7_2(
  await findRealRedis(),
  `tsredis has its replicas do what redis-server has, seed ${TEST_SEED}`,
  "7.2 passes some commands on in another form",
  compare,
);

async function compare(redis: RealRedis): Promise<void> {
  await using real = await startRedis(redis.path);
  await using own = await startTsredis({
    args: ["--enable-debug-command", "yes", "--save", ""],
  });
  using ours = await Primary.open(own);
  using theirs = await Primary.open(real);
  const maker = new CommandMaker(new Random(TEST_SEED), redis.version);
  for (let batch = 0; batch < BATCHES; batch++) {
    const commands: Argument[][] = [];
    while (commands.length < BATCH_COMMANDS) {
      commands.push(...maker.next().filter(isTaken));
    }
    const [left, right] = await Promise.all(
      [ours, theirs].map((primary) => primary.run(commands)),
    );
    const difference = differenceOf(left, right);
    if (difference === undefined) continue;
    throw new Error([...commands.map(short), difference].join("\n"));
  }
}

function isTaken([name]: Argument[]): boolean {
  return !LEFT_OUT.has(String(name).toLowerCase());
}

/** A server, a client of it and what its replicas are sent. */
class Primary implements Disposable {
  private constructor(
    readonly client: RespClient,
    readonly marker: RespClient,
    readonly stream: ReplicationStream,
  ) {}

  static async open({ address, port }: ServerProcess): Promise<Primary> {
    const client = await RespClient.connect(address);
    // Dead keys must stay until a command finds them, or it depends on time who is first.
    await client.text("DEBUG", "SET-ACTIVE-EXPIRE", "0");
    return new Primary(
      client,
      await RespClient.connect(address),
      await ReplicationStream.open(port),
    );
  }

  /** Runs commands; answers how many changes there were by then, and what the replicas are to do for them. */
  async run(commands: readonly Argument[][]): Promise<string[][]> {
    await this.client.pipeline(commands);
    const info = await this.marker.text("INFO", "persistence");
    await this.marker.call(...MARK);
    const effects: string[][] = [CHANGES.exec(info)!.slice(0, 1)];
    for (;;) {
      const words = await this.stream.next();
      if (words.join() === MARK.join()) return effects;
      effects.push(words);
    }
  }

  [Symbol.dispose](): void {
    for (const part of [this.client, this.marker, this.stream]) {
      part[Symbol.dispose]();
    }
  }
}

function differenceOf(
  own: readonly string[][],
  real: readonly string[][],
): string | undefined {
  const length = Math.max(own.length, real.length);
  for (let i = 0; i < length; i++) {
    if (areSame(own[i] ?? [], real[i] ?? [])) continue;
    return [
      ...own.slice(Math.max(0, i - SHOWN_BEFORE), i).map(short),
      `tsredis: ${short(own[i] ?? ["nothing more"])}`,
      `redis:   ${short(real[i] ?? ["nothing more"])}`,
    ].join("\n");
  }
  return undefined;
}

function short(command: readonly Argument[]): string {
  return joinCommand(command).slice(0, 300);
}

/** The case of a name means nothing. */
function areSame(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length &&
    left.every((text, i) =>
      text === right[i] || isSameMoment(text, right[i]) ||
      (i === 0 && text.toLowerCase() === right[i].toLowerCase())
    );
}

function isSameMoment(left: string, right: string): boolean {
  return /^\d{13,16}$/.test(left) && /^\d{13,16}$/.test(right) &&
    Math.abs(Number(left) - Number(right)) <= CLOCK_TOLERANCE_MS;
}

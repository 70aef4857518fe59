/**
 * Makes random commands for the differential test: right ones, and ones with
 * wrong arity, wrong options and names in any case.
 *
 * Each group of commands has its productions in tests/fuzz; a new group is added
 * to `GRAMMARS`. The coverage test asks `productionNames` which commands the
 * fuzzer knows.
 */
import { bitmapGrammar } from "./fuzz/bitmap_grammar.ts";
import { hyperloglogGrammar } from "./fuzz/hyperloglog_grammar.ts";
import { hashGrammar } from "./fuzz/hash_grammar.ts";
import { keyGrammar } from "./fuzz/key_grammar.ts";
import { persistenceGrammar } from "./fuzz/persistence_grammar.ts";
import { pubsubGrammar } from "./fuzz/pubsub_grammar.ts";
import { listGrammar } from "./fuzz/list_grammar.ts";
import {
  type Grammar,
  junk,
  keys,
  type Production,
  randomCase,
} from "./fuzz/production.ts";
import type { Random } from "./fuzz/random.ts";
import { replicationGrammar } from "./fuzz/replication_grammar.ts";
import { setGrammar } from "./fuzz/set_grammar.ts";
import { serverGrammar } from "./fuzz/server_grammar.ts";
import { sortedSetGrammar } from "./fuzz/sorted_set_grammar.ts";
import { streamGrammar } from "./fuzz/stream_grammar.ts";
import { sortGrammar } from "./fuzz/sort_grammar.ts";
import { stringGrammar } from "./fuzz/string_grammar.ts";
import { trackingGrammar } from "./fuzz/tracking_grammar.ts";
import { transactionGrammar } from "./fuzz/transaction_grammar.ts";
import type { Argument } from "./support/command_text.ts";
import { isAtLeast } from "./support/real_redis.ts";

/** What Redis 7.0 answers as 7.2 does, byte for byte. */
const GRAMMARS_OF_7_0: Grammar[] = [
  stringGrammar,
  keyGrammar,
  serverGrammar,
  bitmapGrammar,
  hyperloglogGrammar,
];

/** Texts of errors, encodings of small collections and the writing of floats have changed in 7.2. */
const GRAMMARS_OF_7_2: Grammar[] = [
  streamGrammar,
  replicationGrammar,
  hashGrammar,
  setGrammar,
  sortedSetGrammar,
  persistenceGrammar,
  pubsubGrammar,
  trackingGrammar,
  transactionGrammar,
  sortGrammar,
  listGrammar,
];

const GRAMMARS = [...GRAMMARS_OF_7_2, ...GRAMMARS_OF_7_0];

/** One in so many is a whole transaction, of less than so many commands. */
const TRANSACTION_ONE_IN = 40;
const TRANSACTION_COMMANDS = 9;
/** What is watched beside the keys that all commands use. */
const WATCHED = ["stream:a", "stream:b", "hll:a", "lex:a", "sort:l", "sort:m"];

/** Reads a float, for which Redis sets errno to 0. */
const CLEARS_ERRNO: Argument[] = ["INCRBYFLOAT", "sort:errno", "0.5"];

/** One command in so many has an argument too many, or the last one missing. */
const WRONG_ARITY_ONE_IN = 20;

interface WeightedProduction {
  name: string;
  production: Production;
  /** Sum of the weights up to and with this one. */
  reach: number;
}

/** Names of all commands that are made: `get`, `client|id`. */
export function productionNames(): string[] {
  return GRAMMARS.flatMap((grammar) => Object.keys(grammar));
}

function grammarsOf(version: string): Grammar[] {
  return isAtLeast(version, "7.2") ? GRAMMARS : GRAMMARS_OF_7_0;
}

/** Makes commands that a Redis of this version knows. */
export class CommandMaker {
  readonly #random: Random;
  readonly #productions: WeightedProduction[] = [];

  constructor(random: Random, version: string) {
    this.#random = random;
    let reach = 0;
    for (
      const [name, productions] of grammarsOf(version).flatMap((grammar) =>
        Object.entries(grammar)
      )
    ) {
      for (const production of [productions].flat()) {
        if (
          production.since !== undefined &&
          !isAtLeast(version, production.since)
        ) continue;
        reach += production.weight ?? 1;
        this.#productions.push({ name, production, reach });
      }
    }
  }

  /** The next command; mostly one, followed by another where its effect has to be settled. */
  next(): Argument[][] {
    const r = this.#random;
    return r.oneIn(TRANSACTION_ONE_IN) ? this.#transaction(r) : this.#one(r);
  }

  /** MULTI, a few commands, and EXEC most of the time. */
  #transaction(r: Random): Argument[][] {
    const queued = r.repeat(r.below(TRANSACTION_COMMANDS), () => this.#one(r));
    const watched = [...keys(r), ...r.some(WATCHED)];
    const watch = r.oneIn(3) ? [["WATCH", ...watched], ...this.#one(r)] : [];
    return [...watch, ["MULTI"], ...queued.flat(), [
      r.oneIn(10) ? "DISCARD" : "EXEC",
    ]];
  }

  #one(r: Random): Argument[][] {
    const total = this.#productions[this.#productions.length - 1].reach;
    const at = r.next() / 2 ** 32 * total;
    const { name, production } = this.#productions.find(({ reach }) =>
      at < reach
    )!;
    const args = production.make(r);
    const words = name.split("|").map((word) => randomCase(r, word));
    if (!production.isExact && r.oneIn(WRONG_ARITY_ONE_IN)) {
      if (r.oneIn(2)) args.push(junk(r));
      else args.pop();
    }
    const command = [...words, ...args];
    // An ERANGE that a command before it has left in errno makes SORT of Redis refuse numbers.
    if (name.startsWith("sort")) return [CLEARS_ERRNO, command];
    // SET with a moment in the past leaves a dead key until someone looks.
    return name === "set" ? [command, ["EXISTS", args[0] ?? ""]] : [command];
  }
}

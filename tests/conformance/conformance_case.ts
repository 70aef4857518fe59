/**
 * The form of a conformance case: what clients send and what Redis 7.2 answers.
 *
 * Cases are data where they can be. Each runs in RESP2 and in RESP3, on a fresh
 * connection to a server whose databases are empty, and must leave the server
 * as it found it. A new group is a new `*_cases.ts` file in this directory that
 * exports `group`; the runner finds it by its name.
 */
import type { Argument } from "../support/command_text.ts";
import type { Expected, Protocol } from "../support/expectation.ts";
import type { Conversation } from "./conversation.ts";

export interface ConformanceGroup {
  name: string;
  cases: ConformanceCase[];
}

/** As typed into redis-cli, or argument by argument. */
export type Command = string | readonly Argument[];

/** A command and the reply that it must get. */
export type Step = readonly [command: Command, expected: Expected];

export interface ConformanceCase {
  /** A sentence: what Redis does. */
  name: string;
  /** First Redis version that behaves so; skipped with that reason on an older server. */
  since?: string;
  /** The one protocol in which the case makes sense; both by default. */
  protocol?: Protocol;
  /** Uses DEBUG, which a real server may forbid. */
  needsDebug?: boolean;
  /** Directives set for this case only. */
  config?: Record<string, string>;
  /** Commands on one connection, one after the other. */
  steps?: readonly Step[];
  /** Instead of or after `steps`: whatever needs several connections, raw bytes or time. */
  run?: (t: Conversation) => Promise<void>;
  /** Commands that `run` uses, `["client|kill"]`: for the coverage test. */
  covers?: string[];
}

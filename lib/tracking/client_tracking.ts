/** How one client's keys are tracked, as CLIENT TRACKING set it. */

import type { Command } from "../router/command_table.ts";
import type { ByteText } from "../resp/byte_text.ts";

/** What CLIENT TRACKING ON says. */
export interface TrackingOptions {
  /** Id of the client that is told instead; 0 for the client itself. */
  readonly redirectTo: number;
  readonly isBroadcast: boolean;
  readonly isOptIn: boolean;
  readonly isOptOut: boolean;
  readonly isNoLoop: boolean;
}

/** See the top of the file. */
export class ClientTracking {
  /** Beginnings of the keys of which it is told; of a broadcast only. */
  readonly prefixes = new Set<ByteText>();
  /** The client that should be told is gone. */
  isRedirectBroken = false;
  /** Set by CLIENT CACHING, whose container this is, until the next command or transaction is over. */
  cachingGivenBy: Command | undefined;

  constructor(public options: TrackingOptions) {}

  /** Whether the keys that its command reads are to be remembered. */
  get isRemembering(): boolean {
    const { isBroadcast, isOptIn, isOptOut } = this.options;
    const isCachingGiven = this.cachingGivenBy !== undefined;
    return !isBroadcast && !(isOptIn && !isCachingGiven) &&
      !(isOptOut && isCachingGiven);
  }
}

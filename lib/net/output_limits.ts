/**
 * Closes clients that do not read what they are sent (`client-output-buffer-limit`).
 *
 * A client over its class's hard limit is closed at once, one that stays over the
 * soft limit when its seconds are over. A client's own commands cannot pile up
 * output without end anyway, since it is not read from until it was written to;
 * the limits are for single large replies and for what others send it.
 */

import type { Config } from "../config/config.ts";
import type { OutputBufferLimits } from "../config/special_directives.ts";
import type { ServerStats } from "../info/server_stats.ts";
import type { Logger } from "../log/logger.ts";
import type { Client, ClientClass } from "./client.ts";
import { clientLine } from "./client_line.ts";

/** See the top of the file. */
export class OutputLimits {
  #limits: OutputBufferLimits;

  constructor(
    private readonly config: Config,
    private readonly stats: ServerStats,
    private readonly log: Logger,
  ) {
    this.#limits = config.get("client-output-buffer-limit");
    config.onChange("client-output-buffer-limit", (limits) => {
      this.#limits = limits;
    });
  }

  /** A replica may have as much before it as the backlog keeps anyway. */
  #limitsOf({ outputClass }: Client): OutputBufferLimits[ClientClass] {
    const limits = this.#limits[outputClass];
    if (outputClass !== "replica") return limits;
    const keptBytes = this.config.get("repl-backlog-size");
    const atLeastKept = (bytes: number) =>
      bytes === 0 ? 0 : Math.max(bytes, keptBytes);
    return {
      hardBytes: atLeastKept(limits.hardBytes),
      softBytes: atLeastKept(limits.softBytes),
      softSeconds: limits.softSeconds,
    };
  }

  /** Whether the client has to be closed; counts and logs it. */
  isExceeded(client: Client, nowMs: number): boolean {
    const { hardBytes, softBytes, softSeconds } = this.#limitsOf(client);
    if (hardBytes === 0 && softBytes === 0) return false;
    const bytes = client.outputBytes;
    const isOverHard = hardBytes > 0 && bytes >= hardBytes;
    if (softBytes === 0 || bytes < softBytes) client.softLimitSinceMs = 0;
    else if (client.softLimitSinceMs === 0) client.softLimitSinceMs = nowMs;
    const isOverSoft = client.softLimitSinceMs > 0 &&
      nowMs - client.softLimitSinceMs > softSeconds * 1000;
    if (!isOverHard && !isOverSoft) return false;
    this.stats.outputBufferLimitDisconnections++;
    this.log.warning(
      `Client ${clientLine(client, nowMs)} ` +
        "closed for overcoming of output buffer limits.",
    );
    return true;
  }
}

/** The files that full copies of the data go through. */

import type { Config } from "../config/config.ts";
import type { Clock } from "../keyspace/keyspace.ts";
import type { Logger } from "../log/logger.ts";

/** Tells copies of the same second apart. */
let copyNumber = 0;

/** See the top of the file. */
export class CopyFiles {
  constructor(
    private readonly config: Config,
    private readonly log: Logger,
    private readonly clock: Clock,
  ) {}

  /** A path in `dir` for a copy of the data. */
  temporaryPath(): string {
    const seconds = Math.floor(this.clock.nowMs() / 1000);
    return this.config.resolvePath(
      `temp-${seconds}-${copyNumber++}.${Deno.pid}.rdb`,
    );
  }

  /**
   * A copy has served its purpose. It stays as the snapshot file, as in Redis, unless
   * `rdb-del-sync-files` says that a server without persistence shall have none.
   */
  async settle(path: string): Promise<void> {
    const { config, log } = this;
    const isPersistent = config.get("save").length > 0 ||
      config.get("appendonly");
    if (!config.get("rdb-del-sync-files") || isPersistent) {
      await Deno.rename(path, config.resolvePath(config.get("dbfilename")));
      return;
    }
    await Deno.remove(path);
    log.notice(
      "Removed the RDB file of a full resynchronization: this server has persistence disabled",
    );
  }
}

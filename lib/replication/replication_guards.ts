/** What a replica refuses, and a primary with too few replicas. */

import { flagBit } from "../router/command_table.ts";
import { CommandError } from "../router/command_error.ts";
import type { Guard, Guards } from "../router/guards.ts";
import type { Replication } from "./replication.ts";

const WRITE = flagBit("write");
const STALE = flagBit("stale");
const READ_ONLY = new CommandError(
  "READONLY You can't write against a read only replica.",
);
const NO_REPLICAS = new CommandError(
  "NOREPLICAS Not enough good replicas to write.",
);
const PRIMARY_DOWN = new CommandError(
  "MASTERDOWN Link with MASTER is down and replica-serve-stale-data is set to 'no'.",
);
const refuseWrites: Guard = (client, _, flags) =>
  (flags & WRITE) !== 0 && !client.isPrimary ? READ_ONLY : undefined;
const refuseForReplicas: Guard = (_, __, flags) =>
  (flags & WRITE) !== 0 ? NO_REPLICAS : undefined;
const refuseStale: Guard = (client, _, flags) =>
  (flags & STALE) === 0 && !client.isPrimary ? PRIMARY_DOWN : undefined;
/** See the top of the file. */
export class ReplicationGuards {
  #guards: Guards | undefined;
  /** Replicas that told of themselves lately; fewer than asked for refuse writes. */
  goodReplicas = 0;

  constructor(private readonly replication: Replication) {
    replication.parts.config.onChangeOfAny([
      "replica-read-only",
      "replica-serve-stale-data",
      "min-replicas-to-write",
      "min-replicas-max-lag",
    ], () => {
      this.noteGoodReplicas();
      this.update();
    });
  }

  start(guards: Guards): void {
    this.#guards = guards;
    this.update();
  }

  /** Whether writes depend on replicas at all. */
  get countsReplicas(): boolean {
    const { config } = this.replication.parts;
    return config.get("min-replicas-to-write") > 0 &&
      config.get("min-replicas-max-lag") > 0;
  }

  noteGoodReplicas(): void {
    const { config } = this.replication.parts;
    const before = this.goodReplicas;
    this.goodReplicas = this.countsReplicas
      ? this.replication.replicas.countGood(config.get("min-replicas-max-lag"))
      : 0;
    if (this.goodReplicas !== before) this.update();
  }

  /** Follows a change of the role, of the link or of the configuration. */
  update(): void {
    const guards = this.#guards;
    if (guards === undefined) return;
    const { link, localExpiry, parts: { config } } = this.replication;
    const isReplica = link !== undefined;
    const isReadOnly = isReplica && config.get("replica-read-only");
    guards.set("read-only", isReadOnly ? refuseWrites : undefined);
    localExpiry.setActive(isReplica && !isReadOnly);
    const isStale = isReplica && link.state !== "connected" &&
      !config.get("replica-serve-stale-data");
    guards.set("stale", isStale ? refuseStale : undefined);
    const hasTooFew = !isReplica && this.countsReplicas &&
      this.goodReplicas < config.get("min-replicas-to-write");
    guards.set("min-replicas", hasTooFew ? refuseForReplicas : undefined);
  }
}

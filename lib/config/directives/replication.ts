/** Directives about primaries and replicas. */

import {
  INT64_MAX,
  INT_MAX,
  integer,
  memory,
  oneOf,
  optionalText,
  secret,
  yesNo,
} from "../scalar_directives.ts";
import { primaryAddress } from "../special_directives.ts";

const REPLICA_DIRECTIVES = {
  "replicaof": primaryAddress({
    summary: "The primary whose data this server copies.",
    alias: "slaveof",
    isMutable: false,
  }),
  "masteruser": optionalText({
    summary: "User for the connection to the primary.",
    isSensitive: true,
  }),
  "masterauth": secret({
    summary: "Password for the connection to the primary.",
  }),
  "replica-serve-stale-data": yesNo(true, {
    summary: "Answer from old data while the primary is not reached.",
    alias: "slave-serve-stale-data",
  }),
  "replica-read-only": yesNo(true, {
    summary: "Refuse writes on a replica.",
    alias: "slave-read-only",
  }),
  "replica-lazy-flush": yesNo(false, {
    summary: "Free the old data in the background after a full copy.",
    alias: "slave-lazy-flush",
    isEffective: false,
  }),
  "replica-ignore-maxmemory": yesNo(true, {
    summary: "Leave eviction to the primary.",
    alias: "slave-ignore-maxmemory",
    isEffective: false,
  }),
  "replica-ignore-disk-write-errors": yesNo(false, {
    summary: "Go on when a replica cannot write its files.",
    isEffective: false,
  }),
  "replica-priority": integer(100, {
    summary: "Sentinel promotes the lowest; 0 is never promoted.",
    alias: "slave-priority",
    minimum: 0,
    maximum: INT_MAX,
  }),
  "replica-announced": yesNo(true, {
    summary: "Let Sentinel tell about this replica.",
  }),
  "replica-announce-ip": optionalText({
    summary: "Address that a replica gives to its primary.",
    alias: "slave-announce-ip",
  }),
  "replica-announce-port": integer(0, {
    summary: "Port that a replica gives to its primary; 0 for its own.",
    alias: "slave-announce-port",
    minimum: 0,
    maximum: 65535,
  }),
  "propagation-error-behavior": oneOf(
    ["ignore", "panic", "panic-on-replicas"],
    "ignore",
    {
      summary: "What to do when a command from the primary or a file fails.",
      isEffective: false,
    },
  ),
};

const PRIMARY_DIRECTIVES = {
  "repl-diskless-sync": yesNo(true, {
    summary: "Send full copies without writing them to the disk.",
  }),
  "repl-diskless-sync-delay": integer(5, {
    summary: "Wait for more replicas before a full copy.",
    unit: "seconds",
    minimum: 0,
    maximum: INT_MAX,
  }),
  "repl-diskless-sync-max-replicas": integer(0, {
    summary: "Stop that wait at so many replicas; 0 for no such number.",
    unit: "replicas",
    minimum: 0,
    maximum: INT_MAX,
  }),
  "repl-diskless-load": oneOf(
    ["disabled", "on-empty-db", "swapdb"],
    "disabled",
    {
      summary: "Load full copies without writing them to the disk.",
      isFixedWhileLoading: true,
      isEffective: false,
    },
  ),
  "repl-disable-tcp-nodelay": yesNo(false, {
    summary: "Send to replicas in fewer, later packets.",
    isEffective: false,
  }),
  "repl-ping-replica-period": integer(10, {
    summary: "How often replicas are sent a PING.",
    unit: "seconds",
    alias: "repl-ping-slave-period",
    minimum: 1,
    maximum: INT_MAX,
  }),
  "repl-timeout": integer(60, {
    summary: "Silence after which a link is given up.",
    unit: "seconds",
    minimum: 1,
    maximum: INT_MAX,
  }),
  "repl-backlog-size": memory(1024 * 1024, {
    summary:
      "Changes that are kept for replicas that come back; at least 16 KiB.",
    minimum: 1,
    maximum: INT64_MAX,
    raisedTo: 16 * 1024,
  }),
  "repl-backlog-ttl": integer(3600, {
    summary: "How long they are kept without replicas; 0 for ever.",
    unit: "seconds",
    minimum: 0,
    maximum: INT64_MAX,
  }),
  "min-replicas-to-write": integer(0, {
    summary: "Refuse writes with fewer replicas; 0 never.",
    unit: "replicas",
    alias: "min-slaves-to-write",
    minimum: 0,
    maximum: INT_MAX,
  }),
  "min-replicas-max-lag": integer(10, {
    summary: "Silence after which a replica does not count for that.",
    unit: "seconds",
    alias: "min-slaves-max-lag",
    minimum: 0,
    maximum: INT_MAX,
  }),
};

export const REPLICATION_DIRECTIVES = {
  ...REPLICA_DIRECTIVES,
  ...PRIMARY_DIRECTIVES,
};

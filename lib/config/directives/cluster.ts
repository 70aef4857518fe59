/** Directives about clusters. */

import type { DirectiveOptions } from "../directive.ts";
import {
  INT64_MAX,
  INT_MAX,
  integer,
  memory,
  oneOf,
  optionalText,
  text,
  UINT64_MAX,
  yesNo,
} from "../scalar_directives.ts";
import { checkHostName, checkNodeName } from "../text_checks.ts";

function flag(
  initial: boolean,
  summary: string,
  options: Partial<DirectiveOptions> = {},
) {
  return yesNo(initial, { summary, isEffective: false, ...options });
}

function port(summary: string, options: Partial<DirectiveOptions> = {}) {
  return integer(0, {
    summary,
    minimum: 0,
    maximum: 65535,
    isEffective: false,
    ...options,
  });
}

export const CLUSTER_DIRECTIVES = {
  "cluster-enabled": flag(false, "Be a node of a cluster.", {
    isMutable: false,
  }),
  "cluster-config-file": text("nodes.conf", {
    summary: "File in which a node keeps what it knows of the cluster.",
    isMutable: false,
    isEffective: false,
  }),
  "cluster-node-timeout": integer(15000, {
    summary: "Silence after which a node counts as failing.",
    unit: "milliseconds",
    minimum: 0,
    maximum: INT64_MAX,
    isEffective: false,
  }),
  "cluster-ping-interval": integer(0, {
    summary: "How often nodes ping each other; 0 for the usual.",
    unit: "milliseconds",
    minimum: 0,
    maximum: INT64_MAX,
    isHidden: true,
    isEffective: false,
  }),
  "cluster-port": port("Port of the cluster bus; 0 for port + 10000.", {
    isMutable: false,
  }),
  "cluster-announce-ip": optionalText({
    summary: "Address that a node gives to others.",
    isEffective: false,
  }),
  "cluster-announce-hostname": optionalText({
    summary: "Host name that a node gives to others.",
    isEffective: false,
  }, checkHostName),
  "cluster-announce-human-nodename": optionalText({
    summary: "Name of a node in the log.",
    isEffective: false,
  }, checkNodeName),
  "cluster-announce-port": port("Port that a node gives; 0 for its own."),
  "cluster-announce-tls-port": port("The same for TLS."),
  "cluster-announce-bus-port": port("The same for the cluster bus."),
  "cluster-preferred-endpoint-type": oneOf(
    ["ip", "hostname", "unknown-endpoint"],
    "ip",
    { summary: "What redirections name a node by.", isEffective: false },
  ),
  "cluster-require-full-coverage": flag(
    true,
    "Refuse queries while some slots have no node.",
  ),
  "cluster-allow-reads-when-down": flag(
    false,
    "Serve reads while the cluster is down.",
  ),
  "cluster-allow-pubsubshard-when-down": flag(
    true,
    "Serve sharded channels while the cluster is down.",
  ),
  "cluster-replica-no-failover": flag(
    false,
    "Never promote this replica by itself.",
    { alias: "cluster-slave-no-failover" },
  ),
  "cluster-replica-validity-factor": integer(10, {
    summary: "Node timeouts after which a replica's data is too old; 0 never.",
    alias: "cluster-slave-validity-factor",
    minimum: 0,
    maximum: INT_MAX,
    isEffective: false,
  }),
  "cluster-migration-barrier": integer(1, {
    summary: "Replicas that a primary keeps when others move away.",
    unit: "replicas",
    minimum: 0,
    maximum: INT_MAX,
    isEffective: false,
  }),
  "cluster-allow-replica-migration": flag(
    true,
    "Let replicas move to primaries that have none.",
  ),
  "cluster-link-sendbuf-limit": memory(0, {
    summary: "Most unsent data on a link of the bus; 0 for no limit.",
    minimum: 0,
    maximum: UINT64_MAX,
    isEffective: false,
  }),
};

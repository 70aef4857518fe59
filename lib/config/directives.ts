/**
 * The table of directives: every one that Redis 7.2 has, and tsredis's own.
 *
 * The file reader, the command line, CONFIG GET, SET and REWRITE, the types of
 * `config.get` and docs/CONFIG.md come from it. To add a directive, add a row to
 * the file of its group.
 */

import type { Directive } from "./directive.ts";
import { CLUSTER_DIRECTIVES } from "./directives/cluster.ts";
import { DATA_TYPE_DIRECTIVES } from "./directives/data_types.ts";
import { EVENT_DIRECTIVES } from "./directives/events.ts";
import { MEMORY_DIRECTIVES } from "./directives/memory.ts";
import { NETWORK_DIRECTIVES } from "./directives/network.ts";
import { PERSISTENCE_DIRECTIVES } from "./directives/persistence.ts";
import { PROCESS_DIRECTIVES } from "./directives/process.ts";
import { REPLICATION_DIRECTIVES } from "./directives/replication.ts";
import { SECURITY_DIRECTIVES } from "./directives/security.ts";
import { TLS_DIRECTIVES } from "./directives/tls.ts";
import { lowerCase } from "./scalar_directives.ts";

/** The groups in the order of the docs, by heading. */
export const DIRECTIVE_GROUPS = {
  "Network": NETWORK_DIRECTIVES,
  "TLS": TLS_DIRECTIVES,
  "Process": PROCESS_DIRECTIVES,
  "Security": SECURITY_DIRECTIVES,
  "Persistence": PERSISTENCE_DIRECTIVES,
  "Replication": REPLICATION_DIRECTIVES,
  "Memory": MEMORY_DIRECTIVES,
  "Data types": DATA_TYPE_DIRECTIVES,
  "Events and latency": EVENT_DIRECTIVES,
  "Cluster": CLUSTER_DIRECTIVES,
};

export const DIRECTIVES = {
  ...NETWORK_DIRECTIVES,
  ...TLS_DIRECTIVES,
  ...PROCESS_DIRECTIVES,
  ...SECURITY_DIRECTIVES,
  ...PERSISTENCE_DIRECTIVES,
  ...REPLICATION_DIRECTIVES,
  ...MEMORY_DIRECTIVES,
  ...DATA_TYPE_DIRECTIVES,
  ...EVENT_DIRECTIVES,
  ...CLUSTER_DIRECTIVES,
};

/** A directive's primary name. */
export type DirectiveName = keyof typeof DIRECTIVES;

/** What `config.get(name)` returns. */
export type ValueOf<Name extends DirectiveName> =
  (typeof DIRECTIVES)[Name] extends Directive<infer Value> ? Value : never;

/** A name by which a directive is found: its own or its alias. */
export interface ListedDirective {
  /** As CONFIG GET lists it. */
  readonly listedName: string;
  readonly name: DirectiveName;
  readonly directive: Directive<unknown>;
}

/** Words of old versions that Redis 7.2 still skips, with their argument. */
export const IGNORED_DIRECTIVES: ReadonlySet<string> = new Set([
  "list-max-ziplist-entries",
  "list-max-ziplist-value",
  "lua-replicate-commands",
]);

/** Every name and alias, in the order of the table. */
export const LISTED_DIRECTIVES: readonly ListedDirective[] = Object.entries(
  DIRECTIVES as Record<DirectiveName, Directive<unknown>>,
).flatMap(([key, directive]) => {
  const name = key as DirectiveName;
  const names = directive.alias === undefined
    ? [name]
    : [name, directive.alias];
  return names.map((listedName) => ({ listedName, name, directive }));
});

const BY_NAME: ReadonlyMap<string, ListedDirective> = new Map(
  LISTED_DIRECTIVES.map((listed) => [listed.listedName, listed]),
);

/** The directive with this name or alias, in any case. */
export function findDirective(name: string): ListedDirective | undefined {
  return BY_NAME.get(lowerCase(name));
}

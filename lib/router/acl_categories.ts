/**
 * The ACL categories of a command, which follow from its flags and its group;
 * a definition names only what does not follow.
 *
 * COMMAND INFO and COMMAND LIST read them, and ACL will.
 */

import type { CommandDefinition, CommandGroup } from "./command.ts";

/** Every category, in the order in which they are listed. */
export const ACL_CATEGORIES = [
  "keyspace",
  "read",
  "write",
  "set",
  "sortedset",
  "list",
  "hash",
  "string",
  "bitmap",
  "hyperloglog",
  "geo",
  "stream",
  "pubsub",
  "admin",
  "fast",
  "slow",
  "blocking",
  "dangerous",
  "connection",
  "transaction",
  "scripting",
] as const;

export type AclCategory = typeof ACL_CATEGORIES[number];

/** Groups that are categories; containers take part only by their subcommands. */
const OF_GROUP: Partial<Record<CommandGroup, AclCategory>> = {
  generic: "keyspace",
  string: "string",
  list: "list",
  set: "set",
  "sorted-set": "sortedset",
  hash: "hash",
  pubsub: "pubsub",
  transactions: "transaction",
  connection: "connection",
  scripting: "scripting",
  hyperloglog: "hyperloglog",
  geo: "geo",
  stream: "stream",
  bitmap: "bitmap",
};

/** The categories of a command, in listing order. */
export function aclCategories(definition: CommandDefinition): AclCategory[] {
  const { categories = [], subcommands } = definition;
  const flags = new Set(definition.flags);
  const found = new Set<string>();
  const ofGroup = OF_GROUP[definition.group];
  if (ofGroup !== undefined && subcommands === undefined) found.add(ofGroup);
  for (const category of categories) {
    if (category.startsWith("-")) found.delete(category.slice(1));
    else found.add(category);
  }
  if (flags.has("write")) found.add("write");
  if (flags.has("readonly") && !found.has("scripting")) found.add("read");
  if (flags.has("admin")) found.add("admin").add("dangerous");
  if (flags.has("pubsub")) found.add("pubsub");
  if (flags.has("blocking")) found.add("blocking");
  found.add(flags.has("fast") ? "fast" : "slow");
  return ACL_CATEGORIES.filter((category) => found.has(category));
}

/** The category of this name, given without `@` and in any case. */
export function findAclCategory(name: string): AclCategory | undefined {
  const lower = name.toLowerCase();
  return ACL_CATEGORIES.find((category) => category === lower);
}

/** The types of values by their number in a record; see lib/keyspace/collection.ts. */

import type { ValueType } from "../keyspace/collection.ts";

/** Strings have none: the keyspace itself knows them. */
export const VALUE_TYPES: readonly (ValueType | undefined)[] = [
  undefined, // TYPE_NONE
  undefined, // TYPE_STRING
];

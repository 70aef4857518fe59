/** The types of values by their number in a record; see lib/keyspace/collection.ts. */

import type { ValueType } from "../keyspace/collection.ts";
import { HASH_VALUE_TYPE } from "./hash_value.ts";
import { LIST_VALUE_TYPE } from "./list_value.ts";
import { SET_VALUE_TYPE } from "./set_value.ts";
import { SORTED_SET_VALUE_TYPE } from "./sorted_set_value.ts";
import { STREAM_VALUE_TYPE } from "./stream_value.ts";

/** Strings have none: the keyspace itself knows them. */
export const VALUE_TYPES: readonly (ValueType | undefined)[] = [
  undefined, // TYPE_NONE
  undefined, // TYPE_STRING
  LIST_VALUE_TYPE,
  SET_VALUE_TYPE,
  SORTED_SET_VALUE_TYPE,
  HASH_VALUE_TYPE,
  STREAM_VALUE_TYPE,
];

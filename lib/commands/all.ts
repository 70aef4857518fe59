/**
 * Every command of the server: the one list that a new file of commands is added
 * to. A module's exports are its commands.
 */

import type { CommandDefinition } from "../router/command.ts";
import * as bitfield from "./bitfield.ts";
import * as bitmap from "./bitmap.ts";
import * as client from "./client.ts";
import * as command from "./command_command.ts";
import * as config from "./config_command.ts";
import * as connection from "./connection.ts";
import * as database from "./database_commands.ts";
import * as debug from "./debug.ts";
import * as geo from "./geo.ts";
import * as geoSearch from "./geo_search.ts";
import * as hyperloglog from "./hyperloglog.ts";
import * as hash from "./hash.ts";
import * as hashCounter from "./hash_counter.ts";
import * as hashExpiry from "./hash_expiry.ts";
import * as hashExpiring from "./hash_expiring.ts";
import * as hashRandom from "./hash_random.ts";
import * as hashScan from "./hash_scan.ts";
import * as hashWhole from "./hash_whole.ts";
import * as info from "./info.ts";
import * as key from "./key.ts";
import * as keyDump from "./key_dump.ts";
import * as keyExpiry from "./key_expiry.ts";
import * as keyScan from "./key_scan.ts";
import * as latency from "./latency.ts";
import * as memory from "./memory.ts";
import * as migrate from "./migrate.ts";
import * as monitor from "./monitor.ts";
import * as persistence from "./persistence.ts";
import * as pubsub from "./pubsub.ts";
import * as object from "./object.ts";
import * as lcs from "./lcs.ts";
import * as list from "./list.ts";
import * as listMiddle from "./list_middle.ts";
import * as listMove from "./list_move.ts";
import * as listPop from "./list_pop.ts";
import * as lolwut from "./lolwut.ts";
import * as replication from "./replication.ts";
import * as replicationSync from "./replication_sync.ts";
import * as setAlgebra from "./set_algebra.ts";
import * as setMembers from "./set_members.ts";
import * as setRandom from "./set_random.ts";
import * as setScan from "./set_scan.ts";
import * as shutdown from "./shutdown.ts";
import * as slowlog from "./slowlog.ts";
import * as sortedSet from "./sorted_set.ts";
import * as sortedSetRange from "./sorted_set_range.ts";
import * as sortedSetAlgebra from "./sorted_set_algebra.ts";
import * as sortedSetPop from "./sorted_set_pop.ts";
import * as sortedSetRandom from "./sorted_set_random.ts";
import * as sortedSetRemove from "./sorted_set_remove.ts";
import * as stream from "./stream.ts";
import * as streamClaim from "./stream_claim.ts";
import * as streamGroup from "./stream_group.ts";
import * as streamInfo from "./stream_info.ts";
import * as streamPending from "./stream_pending.ts";
import * as streamRead from "./stream_read.ts";
import * as sort from "./sort.ts";
import * as string from "./string.ts";
import * as stringCounter from "./string_counter.ts";
import * as stringMany from "./string_many.ts";
import * as stringRange from "./string_range.ts";
import * as time from "./time.ts";
import * as wait from "./wait.ts";
import * as transaction from "./transaction.ts";

/** The definitions, in the order of their groups. */
export const COMMAND_DEFINITIONS: readonly CommandDefinition[] = [
  bitfield,
  bitmap,
  client,
  command,
  config,
  connection,
  database,
  debug,
  geo,
  geoSearch,
  hyperloglog,
  hash,
  hashCounter,
  hashExpiry,
  hashExpiring,
  hashRandom,
  hashScan,
  hashWhole,
  info,
  key,
  keyDump,
  keyExpiry,
  keyScan,
  latency,
  list,
  listMiddle,
  listMove,
  listPop,
  memory,
  migrate,
  monitor,
  persistence,
  object,
  replication,
  replicationSync,
  pubsub,
  setAlgebra,
  setMembers,
  setRandom,
  setScan,
  shutdown,
  sortedSet,
  sortedSetRange,
  sortedSetRemove,
  sortedSetRandom,
  sortedSetPop,
  sortedSetAlgebra,
  slowlog,
  stream,
  streamClaim,
  streamGroup,
  streamInfo,
  streamPending,
  streamRead,
  sort,
  string,
  stringCounter,
  stringMany,
  stringRange,
  time,
  transaction,
  wait,
  lcs,
  lolwut,
].flatMap((group) => Object.values(group));

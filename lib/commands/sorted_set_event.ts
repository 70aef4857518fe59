/** What happens to sorted sets, as key events name it. */

import { keyEvent, NOTIFY_ZSET } from "../keyspace/key_event.ts";

export const ZADD_EVENT = keyEvent(NOTIFY_ZSET, "zadd");
export const ZINCR_EVENT = keyEvent(NOTIFY_ZSET, "zincr");
export const ZREM_EVENT = keyEvent(NOTIFY_ZSET, "zrem");
export const ZREMRANGEBYRANK_EVENT = keyEvent(NOTIFY_ZSET, "zremrangebyrank");
export const ZREMRANGEBYSCORE_EVENT = keyEvent(NOTIFY_ZSET, "zremrangebyscore");
export const ZREMRANGEBYLEX_EVENT = keyEvent(NOTIFY_ZSET, "zremrangebylex");
export const ZPOPMIN_EVENT = keyEvent(NOTIFY_ZSET, "zpopmin");
export const ZPOPMAX_EVENT = keyEvent(NOTIFY_ZSET, "zpopmax");
export const ZRANGESTORE_EVENT = keyEvent(NOTIFY_ZSET, "zrangestore");
export const ZUNIONSTORE_EVENT = keyEvent(NOTIFY_ZSET, "zunionstore");
export const ZINTERSTORE_EVENT = keyEvent(NOTIFY_ZSET, "zinterstore");
export const ZDIFFSTORE_EVENT = keyEvent(NOTIFY_ZSET, "zdiffstore");
export const GEORADIUSSTORE_EVENT = keyEvent(NOTIFY_ZSET, "georadiusstore");
export const GEOSEARCHSTORE_EVENT = keyEvent(NOTIFY_ZSET, "geosearchstore");

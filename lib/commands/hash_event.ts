/** What happens to hashes, as key events name it. */

import { keyEvent, NOTIFY_HASH } from "../keyspace/key_event.ts";

export const HSET_EVENT = keyEvent(NOTIFY_HASH, "hset");
export const HDEL_EVENT = keyEvent(NOTIFY_HASH, "hdel");
export const HINCRBY_EVENT = keyEvent(NOTIFY_HASH, "hincrby");
export const HINCRBYFLOAT_EVENT = keyEvent(NOTIFY_HASH, "hincrbyfloat");
export const HEXPIRE_EVENT = keyEvent(NOTIFY_HASH, "hexpire");
export const HPERSIST_EVENT = keyEvent(NOTIFY_HASH, "hpersist");

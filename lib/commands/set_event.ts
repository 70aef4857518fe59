/** What happens to sets, as key events name it. */

import { keyEvent, NOTIFY_SET } from "../keyspace/key_event.ts";

export const SADD_EVENT = keyEvent(NOTIFY_SET, "sadd");
export const SREM_EVENT = keyEvent(NOTIFY_SET, "srem");
export const SPOP_EVENT = keyEvent(NOTIFY_SET, "spop");
export const SINTERSTORE_EVENT = keyEvent(NOTIFY_SET, "sinterstore");
export const SUNIONSTORE_EVENT = keyEvent(NOTIFY_SET, "sunionstore");
export const SDIFFSTORE_EVENT = keyEvent(NOTIFY_SET, "sdiffstore");

/** Events that several files of stream commands cause. */

import {
  CHANGED_FOR_NOBODY,
  keyEvent,
  NOTIFY_STREAM,
} from "../keyspace/key_event.ts";

export const XTRIM_EVENT = keyEvent(NOTIFY_STREAM, "xtrim");
export const CREATE_CONSUMER_EVENT = keyEvent(
  NOTIFY_STREAM,
  "xgroup-createconsumer",
  CHANGED_FOR_NOBODY,
);

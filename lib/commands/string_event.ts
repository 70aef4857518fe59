/** What happens to strings, as notifications name it. */

import { keyEvent, NOTIFY_STRING } from "../keyspace/key_event.ts";

export const SET_EVENT = keyEvent(NOTIFY_STRING, "set");
export const INCRBY_EVENT = keyEvent(NOTIFY_STRING, "incrby");
export const INCRBYFLOAT_EVENT = keyEvent(NOTIFY_STRING, "incrbyfloat");
export const APPEND_EVENT = keyEvent(NOTIFY_STRING, "append");
export const SETRANGE_EVENT = keyEvent(NOTIFY_STRING, "setrange");
export const SETBIT_EVENT = keyEvent(NOTIFY_STRING, "setbit");
export const PFADD_EVENT = keyEvent(NOTIFY_STRING, "pfadd");

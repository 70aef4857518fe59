/**
 * What can happen to a key, as keyspace notifications name it.
 *
 * {@link https://redis.io/docs/latest/develop/use/keyspace-notifications/}
 */

/** Channels to publish on, and classes of events: the letters of `notify-keyspace-events`. */
export const NOTIFY_KEYSPACE = 1 << 0; // K
export const NOTIFY_KEYEVENT = 1 << 1; // E
export const NOTIFY_GENERIC = 1 << 2; // g
export const NOTIFY_STRING = 1 << 3; // $
export const NOTIFY_LIST = 1 << 4; // l
export const NOTIFY_SET = 1 << 5; // s
export const NOTIFY_HASH = 1 << 6; // h
export const NOTIFY_ZSET = 1 << 7; // z
export const NOTIFY_EXPIRED = 1 << 8; // x
export const NOTIFY_EVICTED = 1 << 9; // e
export const NOTIFY_STREAM = 1 << 10; // t
export const NOTIFY_KEY_MISS = 1 << 11; // m
export const NOTIFY_MODULE = 1 << 13; // d
export const NOTIFY_NEW = 1 << 14; // n

/**
 * For whom a key has changed, beside those who asked for notifications: everybody;
 * or, where the change is one of consumer groups, not for WATCH and for caches of
 * clients, as in Redis, and not for those who wait for the key either, but with
 * `CHANGED_FOR_WAITING`.
 */
export const CHANGED_FOR_ALL = 0;
export const CHANGED_FOR_WAITING = 1;
export const CHANGED_FOR_NOBODY = 2;

/** An event's class and name. */
export interface KeyEvent {
  readonly class: number;
  readonly name: string;
  /** One of CHANGED_FOR_…. */
  readonly audience: number;
}

/** Makes an event; every event is made once, beside the commands that cause it. */
export function keyEvent(
  eventClass: number,
  name: string,
  audience = CHANGED_FOR_ALL,
): KeyEvent {
  return { class: eventClass, name, audience };
}

/** Events that the keyspace itself causes, or several command groups. */
export const DEL_EVENT = keyEvent(NOTIFY_GENERIC, "del");
export const EXPIRED_EVENT = keyEvent(NOTIFY_EXPIRED, "expired");
export const EXPIRE_EVENT = keyEvent(NOTIFY_GENERIC, "expire");
export const PERSIST_EVENT = keyEvent(NOTIFY_GENERIC, "persist");
export const KEY_MISS_EVENT = keyEvent(NOTIFY_KEY_MISS, "keymiss");
export const NEW_EVENT = keyEvent(NOTIFY_NEW, "new");
/** A change of a value's bytes, not of its contents: watchers learn of it, nobody is notified. */
export const REWRITE_EVENT = keyEvent(0, "");

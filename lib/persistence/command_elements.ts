/** The elements of collections as words of the commands that add them. */

import type { ByteMap } from "../keyspace/byte_map.ts";
import {
  TYPE_HASH,
  TYPE_LIST,
  TYPE_SET,
  TYPE_ZSET,
} from "../keyspace/record.ts";
import { NO_EXPIRY } from "../keyspace/record_store.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { FrozenList } from "../types/frozen_list.ts";
import type { FrozenTable } from "../types/frozen_table.ts";
import type { HashObject } from "../types/hash_object.ts";
import {
  entryLength,
  entryStart,
  inlineCount,
  inlineEnd,
  inlineStart,
  nextEntry,
} from "../types/inline_entries.ts";
import { readScore } from "../types/inline_score.ts";
import type { List } from "../types/list.ts";
import { ListpackText, nextElement } from "../types/listpack.ts";
import { COUNT_BYTES, packedCount } from "../types/packed_list.ts";
import type { SetObject } from "../types/set_object.ts";
import { inlineMembers } from "../types/set_value.ts";
import type { Elements } from "../types/elements.ts";

/** A command, and how many words of it are an element. */
interface Form {
  readonly name: string;
  readonly width: 1 | 2;
}

const FORMS: Readonly<Record<number, Form>> = {
  [TYPE_LIST]: { name: "RPUSH", width: 1 },
  [TYPE_SET]: { name: "SADD", width: 1 },
  [TYPE_HASH]: { name: "HMSET", width: 2 },
  [TYPE_ZSET]: { name: "ZADD", width: 2 },
};

const BEFORE_FIRST = -1;

/** The elements of a collection in turn. */
export abstract class CommandElements {
  /** Of the command that adds them. */
  abstract readonly form: Form;
  /** How many there are. */
  abstract readonly size: number;

  /** When the current one expires, in ms since 1970, or -1. */
  get expiresAt(): number {
    return NO_EXPIRY;
  }

  /** Goes to the next one; false at the end, where memory is given free. */
  abstract next(): boolean;
  /** Writes the words of the current one. */
  abstract write(out: ReplyWriter): void;

  /** The name of the current one, of those that expire, as bytes of its own. */
  field(): Uint8Array {
    throw new Error(`no element of ${this.form.name} expires`);
  }
}

/** The elements of a list, hash or sorted set that is bytes in its record; valid until that changes, or another one is opened. */
class InlineElements extends CommandElements {
  form = FORMS[TYPE_LIST];
  size = 0;

  readonly #text = new ListpackText();
  #type = TYPE_LIST;
  #bytes: Uint8Array = new Uint8Array(0);
  #at = 0;
  #next = 0;
  #end = 0;

  open(map: ByteMap, ref: number): this {
    const type = map.typeOf(ref), isList = type === TYPE_LIST;
    this.#type = type;
    this.form = FORMS[type];
    this.#bytes = map.arena.bytes[ref >>> 20];
    const start = map.stringOffset(ref);
    this.#next = isList ? start + COUNT_BYTES : inlineStart(map, ref);
    this.#end = inlineEnd(map, ref);
    this.size = isList
      ? packedCount(this.#bytes, start)
      : inlineCount(map, ref);
    return this;
  }

  next(): boolean {
    if (this.#next >= this.#end) return false;
    const at = this.#at = this.#next;
    if (this.#type === TYPE_LIST) {
      this.#next = nextElement(this.#bytes, at);
      return true;
    }
    this.#next = nextEntry(this.#bytes, nextEntry(this.#bytes, at));
    return true;
  }

  write(out: ReplyWriter): void {
    const bytes = this.#bytes, at = this.#at;
    if (this.#type === TYPE_LIST) {
      const text = this.#text;
      text.read(bytes, at);
      return out.bulkRange(text.bytes, text.offset, text.length);
    }
    if (this.#type === TYPE_ZSET) {
      out.double(readScore(bytes, nextEntry(bytes, at)));
    }
    out.bulkRange(bytes, entryStart(bytes, at), entryLength(bytes, at));
    if (this.#type !== TYPE_HASH) return;
    const value = nextEntry(bytes, at);
    out.bulkRange(bytes, entryStart(bytes, value), entryLength(bytes, value));
  }
}

/** The members of a set that is bytes in its record; valid until that changes. */
class InlineMembers extends CommandElements {
  readonly form = FORMS[TYPE_SET];
  readonly size: number;
  /** Where the current one is; 0 at the end. */
  #at = BEFORE_FIRST;

  constructor(private readonly members: Elements) {
    super();
    this.size = members.size;
  }

  next(): boolean {
    this.#at = this.#at === BEFORE_FIRST
      ? this.members.first()
      : this.members.next(this.#at);
    return this.#at !== 0;
  }

  write(out: ReplyWriter): void {
    this.members.replyKey(out, this.#at);
  }
}

const inlineElements = new InlineElements();

/** The elements of a collection that is bytes in its record; valid until that changes, or those of another one are asked for. */
export function elementsInRecord(map: ByteMap, ref: number): CommandElements {
  return map.typeOf(ref) === TYPE_SET
    ? new InlineMembers(inlineMembers(map, ref))
    : inlineElements.open(map, ref);
}

/** The elements as they are now of a collection that is an object, while others change it. */
export function freezeElements(map: ByteMap, ref: number): CommandElements {
  const type = map.typeOf(ref);
  if (type === TYPE_LIST) {
    return new FrozenListElements((map.object(ref) as List).freeze());
  }
  const { table } = map.object(ref) as SetObject | HashObject;
  return new FrozenTableElements(type, table.freeze());
}

class FrozenListElements extends CommandElements {
  readonly form = FORMS[TYPE_LIST];
  readonly size: number;

  constructor(private readonly list: FrozenList) {
    super();
    this.size = list.size;
  }

  next(): boolean {
    return this.list.next();
  }

  write(out: ReplyWriter): void {
    const { bytes, at, length } = this.list;
    out.bulkRange(bytes, at, length);
  }
}

class FrozenTableElements extends CommandElements {
  readonly form: Form;
  readonly size: number;

  constructor(
    private readonly type: number,
    private readonly table: FrozenTable,
  ) {
    super();
    this.form = FORMS[type];
    this.size = table.size;
  }

  override get expiresAt(): number {
    return this.table.expiresAt;
  }

  next(): boolean {
    return this.table.next();
  }

  write(out: ReplyWriter): void {
    const { bytes, view, keyAt, keyLength, valueAt, valueLength } = this.table;
    if (this.type === TYPE_ZSET) out.double(view.getFloat64(valueAt, true));
    out.bulkRange(bytes, keyAt, keyLength);
    if (this.type === TYPE_HASH) out.bulkRange(bytes, valueAt, valueLength);
  }

  override field(): Uint8Array {
    const { bytes, keyAt, keyLength } = this.table;
    return bytes.slice(keyAt, keyAt + keyLength);
  }
}

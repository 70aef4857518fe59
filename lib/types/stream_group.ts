/**
 * Consumer groups of a stream: what was delivered to whom and not acknowledged.
 *
 * The pending entries of a group (its PEL) are numbered slots in typed arrays. Two
 * ordered maps lead to a slot by the entry's ID: the group's, and that of the
 * consumer who owns the entry.
 */

import { type ByteText, textOfBytes } from "../resp/byte_text.ts";
import { IdMap } from "./id_map.ts";
import { StreamId } from "./stream_id.ts";

/** How many entries a group has read, when nobody knows. */
export const ENTRIES_READ_UNKNOWN = -1;
/** When a consumer was active last, when it never was. */
export const NEVER_ACTIVE = -1;

const SLOTS_MIN = 8;
const NO_OWNER = -1;
/** What a group or a consumer takes beside its pending entries; an estimate. */
const OBJECT_BYTES = 400;
/** Number and delivery of a slot. */
const SLOT_BYTES = 20;

/** A reader of a group. */
export class Consumer {
  /** Entries delivered to it and not acknowledged; the values are slots of its group. */
  pending = new IdMap();
  /** When it asked last, and was given something last, in ms since 1970; by the commands. */
  seenTimeMs: number;
  activeTimeMs = NEVER_ACTIVE;

  /** @param number of it in its group. */
  constructor(
    readonly name: Uint8Array,
    readonly number: number,
    seenTimeMs: number,
  ) {
    this.seenTimeMs = seenTimeMs;
  }
}

/** See the top of the file. */
export class ConsumerGroup {
  /** Up to where entries were delivered. */
  readonly lastId = new StreamId();
  /** How many entries of the stream are up to `lastId`, or ENTRIES_READ_UNKNOWN. */
  entriesRead = ENTRIES_READ_UNKNOWN;
  /** All entries not acknowledged; the values are slots. */
  pending = new IdMap();

  readonly #consumers = new Map<ByteText, Consumer>();
  /** Consumers by number. */
  #byNumber: (Consumer | undefined)[] = [];
  // Slots: when delivered last, in ms since 1970, how often, and to which consumer.
  #times = new Float64Array(SLOTS_MIN);
  #counts = new Float64Array(SLOTS_MIN);
  #owners = new Int32Array(SLOTS_MIN);
  #slotCount = 0;
  /** The first of the free slots, which are chained by `#owners`, or -1. */
  #freeSlot = -1;

  constructor(readonly name: Uint8Array) {}

  get consumerCount(): number {
    return this.#consumers.size;
  }

  get memoryBytes(): number {
    let bytes = OBJECT_BYTES + this.pending.memoryBytes +
      this.#times.length * SLOT_BYTES;
    for (const { pending } of this.#consumers.values()) {
      bytes += OBJECT_BYTES + pending.memoryBytes;
    }
    return bytes;
  }

  copy(): ConsumerGroup {
    const copy = new ConsumerGroup(this.name);
    copy.lastId.copyFrom(this.lastId);
    copy.entriesRead = this.entriesRead;
    copy.pending = this.pending.copy();
    copy.#times = this.#times.slice();
    copy.#counts = this.#counts.slice();
    copy.#owners = this.#owners.slice();
    copy.#slotCount = this.#slotCount;
    copy.#freeSlot = this.#freeSlot;
    copy.#byNumber = this.#byNumber.map((consumer) => {
      if (consumer === undefined) return undefined;
      const { name, number, seenTimeMs, activeTimeMs } = consumer;
      const twin = new Consumer(name, number, seenTimeMs);
      twin.activeTimeMs = activeTimeMs;
      twin.pending = consumer.pending.copy();
      copy.#consumers.set(textOfBytes(name), twin);
      return twin;
    });
    return copy;
  }

  consumer(name: Uint8Array): Consumer | undefined {
    return this.#consumers.get(textOfBytes(name));
  }

  /** The consumers in the order of their names' bytes. */
  consumers(): Consumer[] {
    return inOrder(this.#consumers);
  }

  /** Makes a consumer; there must be none of that name. */
  addConsumer(name: Uint8Array, seenTimeMs: number): Consumer {
    let number = this.#byNumber.indexOf(undefined);
    if (number < 0) number = this.#byNumber.length;
    const consumer = new Consumer(name.slice(), number, seenTimeMs);
    this.#byNumber[number] = consumer;
    this.#consumers.set(textOfBytes(name), consumer);
    return consumer;
  }

  /** Removes a consumer and what it has pending. */
  deleteConsumer(consumer: Consumer): void {
    for (const [id, slot] of consumer.pending.entries()) {
      this.pending.delete(id);
      this.#free(slot);
    }
    this.#consumers.delete(textOfBytes(consumer.name));
    this.#byNumber[consumer.number] = undefined;
  }

  /** Who has the entry in a slot; undefined until it is given to somebody. */
  ownerOf(slot: number): Consumer | undefined {
    return this.#byNumber[this.#owners[slot]];
  }

  deliveryTimeOf(slot: number): number {
    return this.#times[slot];
  }

  deliveryCountOf(slot: number): number {
    return this.#counts[slot];
  }

  setDelivery(slot: number, timeMs: number, count: number): void {
    this.#times[slot] = timeMs;
    this.#counts[slot] = count;
  }

  /** Makes an entry pending that is not; without a consumer it must be given to one. Returns its slot. */
  addPending(
    id: StreamId,
    consumer: Consumer | undefined,
    timeMs: number,
    count: number,
  ): number {
    const slot = this.#allocate();
    this.#owners[slot] = consumer === undefined ? NO_OWNER : consumer.number;
    this.setDelivery(slot, timeMs, count);
    this.pending.add(id, slot);
    consumer?.pending.add(id, slot);
    return slot;
  }

  /** Gives a pending entry to a consumer. */
  give(id: StreamId, slot: number, consumer: Consumer): void {
    const owner = this.ownerOf(slot);
    if (owner === consumer) return;
    owner?.pending.delete(id);
    consumer.pending.add(id, slot);
    this.#owners[slot] = consumer.number;
  }

  /** Removes a pending entry; false when it is none. */
  deletePending(id: StreamId): boolean {
    const slot = this.pending.delete(id);
    if (slot < 0) return false;
    this.ownerOf(slot)?.pending.delete(id);
    this.#free(slot);
    return true;
  }

  #allocate(): number {
    if (this.#freeSlot >= 0) {
      const slot = this.#freeSlot;
      this.#freeSlot = this.#owners[slot];
      return slot;
    }
    if (this.#slotCount === this.#times.length) this.#grow();
    return this.#slotCount++;
  }

  #free(slot: number): void {
    this.#owners[slot] = this.#freeSlot;
    this.#freeSlot = slot;
    if (this.pending.size > 0) return;
    this.#times = new Float64Array(SLOTS_MIN);
    this.#counts = new Float64Array(SLOTS_MIN);
    this.#owners = new Int32Array(SLOTS_MIN);
    this.#slotCount = 0;
    this.#freeSlot = -1;
  }

  #grow(): void {
    const size = 2 * this.#times.length;
    const times = new Float64Array(size), counts = new Float64Array(size);
    const owners = new Int32Array(size);
    times.set(this.#times);
    counts.set(this.#counts);
    owners.set(this.#owners);
    this.#times = times;
    this.#counts = counts;
    this.#owners = owners;
  }
}

/** The values of a map in the order of its keys' bytes. */
export function inOrder<T>(map: ReadonlyMap<ByteText, T>): T[] {
  return [...map.keys()].sort((one, other) => one < other ? -1 : 1)
    .map((key) => map.get(key)!);
}

import { assertEquals } from "@std/assert";
import { bytesOfText, textOfBytes } from "../resp/byte_text.ts";
import { Random } from "../../tests/fuzz/random.ts";
import { type Consumer, ConsumerGroup } from "./stream_group.ts";
import { StreamId } from "./stream_id.ts";

/** A pending entry: what a group says of it. */
interface Pending {
  owner: string;
  timeMs: number;
  count: number;
}

/** What a group must hold: pending entries by ID as one number, and its consumers. */
interface Model {
  pending: Map<number, Pending>;
  consumers: Set<string>;
}

const STEPS = 6_000;
const NAMES = ["a", "b", "c", "d", "\xff", ""];

function idOf(key: number): StreamId {
  return StreamId.of(Math.floor(key / 4), key % 4);
}

function consumerOf(
  group: ConsumerGroup,
  model: Model,
  name: string,
): Consumer {
  model.consumers.add(name);
  const bytes = bytesOfText(name);
  return group.consumer(bytes) ?? group.addConsumer(bytes, 0);
}

/** Delivers an entry for the first time, or gives it to another consumer. */
function deliver(
  group: ConsumerGroup,
  model: Model,
  key: number,
  r: Random,
): void {
  const owner = r.pick(NAMES), timeMs = r.next(), id = idOf(key);
  const consumer = consumerOf(group, model, owner);
  const known = model.pending.get(key), slot = group.pending.get(id);
  assertEquals(slot >= 0, known !== undefined);
  const count = (known?.count ?? 0) + 1;
  if (known === undefined) group.addPending(id, consumer, timeMs, count);
  else {
    assertEquals(group.deliveryCountOf(slot), known.count);
    group.give(id, slot, consumer);
    group.setDelivery(slot, timeMs, count);
  }
  model.pending.set(key, { owner, timeMs, count });
}

function deleteConsumer(
  group: ConsumerGroup,
  model: Model,
  name: string,
): void {
  const consumer = group.consumer(bytesOfText(name));
  assertEquals(consumer !== undefined, model.consumers.delete(name));
  if (consumer === undefined) return;
  group.deleteConsumer(consumer);
  for (const [key, { owner }] of model.pending) {
    if (owner === name) model.pending.delete(key);
  }
}

function expectSame(group: ConsumerGroup, model: Model): void {
  const expected = [...model.pending].sort(([one], [other]) => one - other)
    .map(([key, pending]) => ({ id: idOf(key).toString(), ...pending }));
  // An ID is valid until the next one.
  const found = Array.from(group.pending.entries(), ([id, slot]) => ({
    id: id.toString(),
    owner: textOfBytes(group.ownerOf(slot)!.name),
    timeMs: group.deliveryTimeOf(slot),
    count: group.deliveryCountOf(slot),
  }));
  assertEquals(found, expected);
  const consumers = group.consumers();
  assertEquals(
    consumers.map(({ name }) => textOfBytes(name)),
    [...model.consumers].sort(),
  );
  assertEquals(group.consumerCount, model.consumers.size);
  for (const { name, pending } of consumers) {
    assertEquals(
      Array.from(pending.entries(), ([id]) => id.toString()),
      expected.filter(({ owner }) => owner === textOfBytes(name))
        .map(({ id }) => id),
    );
  }
}

for (const seed of [1, 2, 3]) {
  Deno.test(`ConsumerGroup does what a map of pending entries does (seed ${seed})`, () => {
    const r = new Random(seed);
    const group = new ConsumerGroup(bytesOfText("g"));
    const model: Model = { pending: new Map(), consumers: new Set() };
    for (let step = 0; step < STEPS; step++) {
      // Growing and shrinking by turns, down to nothing.
      const isGrowing = step % 1_500 < 700;
      const key = isGrowing ? r.below(2_000) : r.below(400) + step % 2_000;
      if (r.oneIn(200)) deleteConsumer(group, model, r.pick(NAMES));
      else if (r.below(10) < (isGrowing ? 8 : 1)) deliver(group, model, key, r);
      else {
        assertEquals(
          group.deletePending(idOf(key % 2_000)),
          model.pending.delete(key % 2_000),
        );
      }
      if (step % 1_500 === 1_499) {
        for (const left of [...model.pending.keys()]) {
          group.deletePending(idOf(left));
          model.pending.delete(left);
        }
      }
      if (step % 250 !== 0) continue;
      expectSame(group, model);
      const copy = group.copy();
      copy.deletePending(idOf([...model.pending.keys()][0] ?? 0));
      expectSame(group, model);
    }
  });
}

/** Commands that pick members of a set at random: SRANDMEMBER and SPOP. */

import type { Args } from "../router/args.ts";
import type { Call } from "../router/call.ts";
import { CommandError } from "../router/command_error.ts";
import { defineCommand, oneKey } from "../router/command.ts";
import { DEL_EVENT } from "../keyspace/key_event.ts";
import { TYPE_SET } from "../keyspace/record.ts";
import { sourceOf } from "../keyspace/record_store.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import {
  type Elements,
  ListedElements,
  pickDistinct,
} from "../types/elements.ts";
import { ScratchSource } from "../types/inline_entries.ts";
import { SetEdit } from "../types/set_edit.ts";
import {
  SET_INTSET,
  SET_LISTPACK,
  type SetObject,
} from "../types/set_object.ts";
import {
  ascendingRefs,
  inlineMembers,
  replyMembers,
} from "../types/set_value.ts";
import { storeEdit } from "./collection_store.ts";
import { delCommand, unlinkCommand } from "./key.ts";
import { checkRepetitions, randomCount } from "./random_count.ts";
import { SPOP_EVENT } from "./set_event.ts";
import { sremCommand } from "./set_members.ts";

/** Members in one of the SREMs by which SPOP is passed on. */
const EFFECT_MEMBERS_MAX = 1024;
/**
 * A set of which so many times more members are popped than are left is made anew
 * by Redis, in an encoding that befits what is left.
 */
const RENEWAL_FACTOR = 5;

const edit = new SetEdit();
const popped = new ScratchSource();

/**
 * SRANDMEMBER key [count]
 *
 * A negative count is one of members that may repeat.
 * {@link https://redis.io/docs/latest/commands/srandmember/}
 */
export const srandmemberCommand = defineCommand({
  name: "srandmember",
  arity: -2,
  flags: ["readonly"],
  group: "set",
  keys: oneKey("RO", "access"),
  since: "1.0.0",
  complexity:
    "Without the count argument O(1), otherwise O(N) where N is the absolute value of the passed count.",
  summary: "Get one or multiple random members from a set",
  syntax: "key [count]{2.6.0}",
  tips: ["nondeterministic_output"],
  history: [["2.6.0", "Added the optional `count` argument."]],
  run(call, args, reply) {
    const { db, keyspace: { random } } = call, hasCount = args.count > 2;
    if (args.count > 3) throw CommandError.syntax;
    const count = hasCount ? randomCount(args, 2) : 1;
    const ref = db.readType(args, 1, TYPE_SET);
    if (ref === 0 || count === 0) {
      return hasCount ? reply.array(0) : reply.null();
    }
    const elements = elementsOf(call, ref);
    if (!hasCount) return elements.replyKey(reply, elements.random(random));
    checkRepetitions(count);
    const picked = count < 0 ? -count : Math.min(count, elements.size);
    reply.array(picked);
    const take = (at: number) => elements.replyKey(reply, at);
    if (count > 0) pickDistinct(elements, picked, random, take);
    else for (let i = 0; i < picked; i++) take(elements.random(random));
  },
});

/** The members of a set, an intset's in ascending order. */
function elementsOf({ db: { map } }: Call, ref: number): Elements {
  if (!map.isObject(ref)) return inlineMembers(map, ref);
  const { table, kind } = map.object(ref) as SetObject;
  return kind === SET_INTSET
    ? new ListedElements(table, ascendingRefs(table))
    : table;
}

/**
 * SPOP key [count]
 *
 * Replicas get the SREM of what was popped, or the deletion of the key.
 * {@link https://redis.io/docs/latest/commands/spop/}
 */
export const spopCommand = defineCommand({
  name: "spop",
  arity: -2,
  flags: ["write", "fast"],
  group: "set",
  keys: oneKey("RW", "access", "delete"),
  since: "1.0.0",
  complexity:
    "Without the count argument O(1), otherwise O(N) where N is the value of the passed count.",
  summary:
    "Returns one or more random members from a set after removing them. Deletes the set if the last member was popped.",
  syntax: "key [count]{3.2.0}",
  tips: ["nondeterministic_output"],
  history: [["3.2.0", "Added the `count` argument."]],
  run(call, args, reply) {
    if (args.count > 3) throw CommandError.syntax;
    if (args.count === 3) return popMany(call, args, reply);
    const { db } = call;
    const ref = db.writeType(args, 1, TYPE_SET);
    if (ref === 0) return reply.null();
    if (db.map.isObject(ref)) popFromObject(call, ref, args, reply);
    else popFromRecord(call, ref, args, reply);
    const isEmpty = edit.size === 0;
    if (isEmpty) db.discard(ref);
    else storeEdit(db, args, 1, ref, TYPE_SET, edit);
    db.changed(args, 1, SPOP_EVENT);
    if (isEmpty) db.changedToo(args, 1, DEL_EVENT);
  },
});

function popFromObject(
  { db: { map }, keyspace, effects }: Call,
  ref: number,
  args: Args,
  reply: ReplyWriter,
): void {
  edit.open(map, ref, keyspace.limits);
  const { table } = edit.object!;
  const at = table.random(keyspace.random);
  table.replyKey(reply, at);
  if (effects.isWanted) {
    effects.replaceWith(sremCommand.name, args.slice(1), table.key(at));
  }
  table.select(at);
  table.remove(at);
}

function popFromRecord(
  { db: { map }, keyspace, effects }: Call,
  ref: number,
  args: Args,
  reply: ReplyWriter,
): void {
  const elements = inlineMembers(map, ref);
  const at = elements.random(keyspace.random), member = elements.key(at);
  elements.replyKey(reply, at);
  if (effects.isWanted) {
    effects.replaceWith(sremCommand.name, args.slice(1), member);
  }
  popped.hold(member);
  edit.open(map, ref, keyspace.limits);
  edit.remove(popped, 0, member.length);
}

function popMany(call: Call, args: Args, reply: ReplyWriter): void {
  const { db, keyspace } = call;
  const count = args.integer(2, CommandError.notPositive);
  if (count < 0) throw CommandError.notPositive;
  const ref = db.writeType(args, 1, TYPE_SET);
  if (ref === 0 || count === 0) return reply.set(0);
  const elements = elementsOf(call, ref), { size } = elements;
  if (count >= size) {
    replyMembers(reply, db.map, ref);
    db.discard(ref);
    keyspace.dirty += size - 1;
    db.changed(args, 1, SPOP_EVENT);
    db.changedToo(args, 1, DEL_EVENT);
    passOnDeletion(call, args);
    return;
  }
  reply.set(count);
  const popped = new PoppedMembers(call, args);
  const take = (at: number) => {
    elements.replyKey(reply, at);
    popped.add(elements.key(at));
  };
  if (count * 2 >= size) popMost(call, ref, elements, count, take);
  else popSome(call, ref, elements, count, take);
  popped.end();
  storeEdit(db, args, 1, ref, TYPE_SET, edit);
  db.changed(args, 1, SPOP_EVENT);
  keyspace.dirty += count - 1;
}

function passOnDeletion({ effects, parts }: Call, args: Args): void {
  if (!effects.isWanted) return;
  const isLazy = parts.config.get("lazyfree-lazy-server-del");
  effects.replaceWith(
    (isLazy ? unlinkCommand : delCommand).name,
    args.slice(1),
  );
}

/** Removes some members one by one. */
function popSome(
  { db: { map }, keyspace }: Call,
  ref: number,
  elements: Elements,
  count: number,
  take: (at: number) => void,
): void {
  const members: Uint8Array[] = [];
  pickDistinct(elements, count, keyspace.random, (at) => {
    take(at);
    members.push(elements.key(at).slice());
  });
  edit.open(map, ref, keyspace.limits);
  for (const member of members) {
    edit.remove(sourceOf(member), 0, member.length);
  }
}

/** Makes the set anew of the few members that stay. */
function popMost(
  { db: { map }, keyspace }: Call,
  ref: number,
  elements: Elements,
  count: number,
  take: (at: number) => void,
): void {
  const stays = new Set<number>(), { size } = elements;
  pickDistinct(elements, size - count, keyspace.random, (at) => stays.add(at));
  edit.open(map, ref, keyspace.limits);
  const { isIntset, kind } = edit;
  const isRenewed = (size - count) * RENEWAL_FACTOR <= count;
  edit.begin(
    keyspace.limits,
    isIntset ? SET_INTSET : isRenewed ? SET_LISTPACK : kind,
  );
  for (let at = elements.first(); at !== 0; at = elements.next(at)) {
    if (!stays.has(at)) take(at);
    else {
      const member = elements.key(at);
      edit.add(sourceOf(member), 0, member.length);
    }
  }
}

/** Passes popped members on, as one SREM or as several. */
class PoppedMembers {
  #members: Uint8Array[] = [];

  constructor(private readonly call: Call, private readonly args: Args) {}

  add(member: Uint8Array): void {
    if (!this.call.effects.isWanted) return;
    this.#members.push(member.slice());
    if (this.#members.length === EFFECT_MEMBERS_MAX) this.end();
  }

  end(): void {
    if (this.#members.length === 0) return;
    this.call.effects.replaceWith(
      sremCommand.name,
      this.args.slice(1),
      ...this.#members,
    );
    this.#members = [];
  }
}

/** A command's definition as COMMAND INFO and COMMAND DOCS answer it. */

import { aclCategories } from "../router/acl_categories.ts";
import type { KeyFlag, KeySpec } from "../router/command.ts";
import { type Command, FLAG_ORDER } from "../router/command_table.ts";
import { legacyKeyRange } from "../router/key_positions.ts";
import { type ArgumentDoc, parseSyntax } from "../router/syntax.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";

/** Flags that are nobody's business. */
const HIDDEN_FLAGS: ReadonlySet<string> = new Set(["may_replicate"]);
/** Follows from the key specifications; stands before the last flag. */
const MOVABLE_KEYS = "movablekeys";
const LAST_FLAG = "allow_busy";

const KEY_FLAG_ORDER: readonly KeyFlag[] = [
  "RO",
  "RW",
  "OW",
  "RM",
  "access",
  "update",
  "insert",
  "delete",
  "not_key",
  "incomplete",
  "variable_flags",
];

/** Ten facts: name, arity, flags, key range, categories, tips, key specifications, subcommands. */
export function replyCommandInfo(reply: ReplyWriter, command: Command): void {
  const { definition } = command;
  const { first, last, step, isMovable } = legacyKeyRange(definition.keys);
  reply.array(10);
  reply.bulkText(command.fullName);
  reply.integer(command.arity);
  replyNames(reply, flagNames(command, isMovable));
  reply.integer(first);
  reply.integer(last);
  reply.integer(step);
  replyNames(reply, aclCategories(definition).map((name) => `@${name}`));
  const { tips = [], keys = [] } = definition;
  reply.set(tips.length);
  for (const tip of tips) reply.bulkText(tip);
  reply.set(keys.length);
  for (const spec of keys) replyKeySpec(reply, spec);
  const { subcommands } = command;
  if (subcommands.size === 0) return reply.set(0);
  reply.array(subcommands.size);
  for (const sub of subcommands.values()) replyCommandInfo(reply, sub);
}

function flagNames(command: Command, isMovable: boolean): string[] {
  const flags = new Set<string>(command.definition.flags);
  const names: string[] = FLAG_ORDER.filter((flag) =>
    flags.has(flag) && !HIDDEN_FLAGS.has(flag)
  );
  if (isMovable) {
    const end = names.at(-1) === LAST_FLAG ? names.length - 1 : names.length;
    names.splice(end, 0, MOVABLE_KEYS);
  }
  return names;
}

/** The flags of a key, as a set. */
export function replyKeyFlags(
  reply: ReplyWriter,
  flags: readonly KeyFlag[],
): void {
  replyNames(reply, KEY_FLAG_ORDER.filter((flag) => flags.includes(flag)));
}

function replyNames(reply: ReplyWriter, names: readonly string[]): void {
  reply.set(names.length);
  for (const name of names) reply.simple(name);
}

function replyKeySpec(reply: ReplyWriter, spec: KeySpec): void {
  const { notes, flags, begin, find } = spec;
  reply.map(notes === undefined ? 3 : 4);
  if (notes !== undefined) replyText(reply, "notes", notes);
  reply.bulkText("flags");
  replyKeyFlags(reply, flags);
  reply.bulkText("begin_search");
  if (begin === "unknown") replySearch(reply, "unknown", {});
  else if ("index" in begin) replySearch(reply, "index", begin);
  else {
    replySearch(reply, "keyword", {
      keyword: begin.keyword,
      startfrom: begin.startFrom,
    });
  }
  reply.bulkText("find_keys");
  if (find === "unknown") replySearch(reply, "unknown", {});
  else if ("last" in find) {
    replySearch(reply, "range", {
      lastkey: find.last,
      keystep: find.step,
      limit: find.limit,
    });
  } else {
    replySearch(reply, "keynum", {
      keynumidx: find.keyNumIndex,
      firstkey: find.firstKey,
      keystep: find.step,
    });
  }
}

function replySearch(
  reply: ReplyWriter,
  type: string,
  spec: Readonly<Record<string, string | number>>,
): void {
  reply.map(2);
  replyText(reply, "type", type);
  reply.bulkText("spec");
  const facts = Object.entries(spec);
  reply.map(facts.length);
  for (const [name, value] of facts) {
    reply.bulkText(name);
    if (typeof value === "number") reply.integer(value);
    else reply.bulkText(value);
  }
}

/** What the documentation says of a command, as a map. */
export function replyCommandDocs(reply: ReplyWriter, command: Command): void {
  const { definition, subcommands } = command;
  const mark = reply.beginDeferred();
  let pairs = 0;
  const text = (name: string, value: string | undefined) => {
    if (value === undefined || value === "") return;
    replyText(reply, name, value);
    pairs++;
  };
  const head = (name: string) => {
    reply.bulkText(name);
    pairs++;
  };
  text("summary", definition.summary);
  text("since", definition.since);
  text("group", definition.group);
  text("complexity", definition.complexity);
  const flags: string[] = [];
  if (definition.deprecatedSince !== undefined) flags.push("deprecated");
  if (definition.isInternal) flags.push("syscmd");
  if (flags.length > 0) {
    head("doc_flags");
    replyNames(reply, flags);
  }
  text("deprecated_since", definition.deprecatedSince);
  text("replaced_by", definition.replacedBy);
  const { history = [] } = definition;
  if (history.length > 0) {
    head("history");
    reply.set(history.length);
    for (const [since, change] of history) {
      reply.array(2);
      reply.bulkText(since);
      reply.bulkText(change);
    }
  }
  if (definition.syntax !== "") {
    head("arguments");
    replyArguments(reply, parseSyntax(definition.syntax));
  }
  if (subcommands.size > 0) {
    head("subcommands");
    reply.map(subcommands.size);
    for (const sub of subcommands.values()) {
      reply.bulkText(sub.fullName);
      replyCommandDocs(reply, sub);
    }
  }
  reply.endDeferred(mark, pairs, "map");
}

function replyArguments(
  reply: ReplyWriter,
  list: readonly ArgumentDoc[],
): void {
  reply.array(list.length);
  for (const argument of list) replyArgument(reply, argument);
}

function replyArgument(reply: ReplyWriter, argument: ArgumentDoc): void {
  const mark = reply.beginDeferred();
  let pairs = 2;
  const text = (name: string, value: string | undefined) => {
    if (value === undefined) return;
    replyText(reply, name, value);
    pairs++;
  };
  replyText(reply, "name", argument.name);
  replyText(reply, "type", argument.type);
  text("display_text", argument.displayText);
  if (argument.keySpecIndex !== undefined) {
    reply.bulkText("key_spec_index");
    reply.integer(argument.keySpecIndex);
    pairs++;
  }
  text("token", argument.token);
  text("since", argument.since);
  text("deprecated_since", argument.deprecatedSince);
  const flags: string[] = [];
  if (argument.isOptional) flags.push("optional");
  if (argument.isMultiple) flags.push("multiple");
  if (argument.isMultipleToken) flags.push("multiple_token");
  if (flags.length > 0) {
    reply.bulkText("flags");
    replyNames(reply, flags);
    pairs++;
  }
  if (argument.arguments !== undefined) {
    reply.bulkText("arguments");
    replyArguments(reply, argument.arguments);
    pairs++;
  }
  reply.endDeferred(mark, pairs, "map");
}

function replyText(reply: ReplyWriter, name: string, value: string): void {
  reply.bulkText(name);
  reply.bulkText(value);
}

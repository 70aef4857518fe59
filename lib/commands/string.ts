/** String commands. */

import { defineCommand, oneKey } from "../router/command.ts";
import { keyEvent, NOTIFY_STRING } from "../keyspace/key_event.ts";

const SET_EVENT = keyEvent(NOTIFY_STRING, "set");

/** GET key. {@link https://redis.io/docs/latest/commands/get/} */
export const getCommand = defineCommand({
  name: "get",
  arity: 2,
  flags: ["readonly", "fast"],
  group: "string",
  keys: oneKey("RO", "access"),
  since: "1.0.0",
  complexity: "O(1)",
  summary: "Returns the string value of a key.",
  syntax: "key",
  run(call, args, reply) {
    const ref = call.db.readString(args, 1);
    if (ref === 0) reply.null();
    else call.db.replyString(reply, ref);
  },
});

/** SET key value. {@link https://redis.io/docs/latest/commands/set/} */
export const setCommand = defineCommand({
  name: "set",
  arity: -3,
  flags: ["write", "denyoom"],
  group: "string",
  keys: oneKey("RW", "access", "update", "variable_flags"),
  since: "1.0.0",
  complexity: "O(1)",
  summary:
    "Sets the string value of a key, ignoring its type. The key is created if it doesn't exist.",
  syntax: "key value",
  run(call, args, reply) {
    const ref = call.db.write(args, 1);
    call.db.setString(args, 1, ref, 2, false, SET_EVENT);
    reply.ok();
  },
});

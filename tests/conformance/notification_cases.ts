/** Keyspace notifications: what `notify-keyspace-events` has the server publish. */
import { NULL, OK, push } from "../support/expectation.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import type { Conversation } from "./conversation.ts";

/** Another client that listens to all notifications. */
async function listener(t: Conversation): Promise<Conversation> {
  const other = await t.other();
  await other.expect("PSUBSCRIBE __key*", push("psubscribe", "__key*", 1));
  return other;
}

async function hears(
  listener: Conversation,
  ...messages: [channel: string, content: string][]
): Promise<void> {
  for (const [channel, content] of messages) {
    await listener.receive(push("pmessage", "__key*", channel, content));
  }
}

const notifications: ConformanceCase[] = [
  {
    name: "a change is published on the key's channel, then on the event's",
    config: { "notify-keyspace-events": "KEA" },
    run: async (t) => {
      const other = await listener(t);
      await t.expect("SELECT 2", OK);
      await t.expect("SET k v PX 100000", OK);
      await t.expect("DEL k nope", 1);
      await hears(
        other,
        ["__keyspace@2__:k", "set"],
        ["__keyevent@2__:set", "k"],
        ["__keyspace@2__:k", "expire"],
        ["__keyevent@2__:expire", "k"],
        ["__keyspace@2__:k", "del"],
        ["__keyevent@2__:del", "k"],
      );
    },
  },
  {
    name: "only the classes and channels that were asked for are published",
    config: { "notify-keyspace-events": "E$x" },
    run: async (t) => {
      const other = await listener(t);
      await t.expect("SET k v", OK);
      await t.expect("EXPIRE k 100", 1);
      await t.expect("APPEND k w", 2);
      await t.expect("PEXPIRE k 1", 1);
      await t.eventually("GET k", NULL);
      await hears(
        other,
        ["__keyevent@0__:set", "k"],
        ["__keyevent@0__:append", "k"],
        ["__keyevent@0__:expired", "k"],
      );
    },
  },
  {
    name: "new keys and missed reads are published when asked for by letter",
    since: "7.0.0",
    config: { "notify-keyspace-events": "Kmn$" },
    run: async (t) => {
      const other = await listener(t);
      await t.expect("GET k", NULL);
      await t.expect("OBJECT ENCODING k", NULL);
      await t.expect("SET k v", OK);
      await t.expect("SET k w", OK);
      await hears(
        other,
        ["__keyspace@0__:k", "keymiss"],
        ["__keyspace@0__:k", "new"],
        ["__keyspace@0__:k", "set"],
        ["__keyspace@0__:k", "set"],
      );
    },
  },
  {
    name: "what a client's own command causes follows its reply",
    since: "7.2",
    protocol: 3,
    config: { "notify-keyspace-events": "K$" },
    run: async (t) => {
      await t.expect(
        "SUBSCRIBE __keyspace@0__:k",
        push(
          "subscribe",
          "__keyspace@0__:k",
          1,
        ),
      );
      await t.expect("SET k v", OK);
      await t.receive(push("message", "__keyspace@0__:k", "set"));
    },
  },
];

export const group: ConformanceGroup = {
  name: "notifications",
  cases: notifications,
};

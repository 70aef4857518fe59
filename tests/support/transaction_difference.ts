/**
 * Compares the replies of two servers one by one, and those within EXEC's reply
 * by the commands that had been queued: what is allowed to differ outside of a
 * transaction may differ inside.
 */
import type { Reply } from "../../lib/resp/reply_decoder.ts";
import type { Argument } from "./command_text.ts";
import { payloadText } from "./reply_text.ts";
import { replyDifference } from "./reply_difference.ts";

/** Waits for another server, so that tsredis refuses it within a transaction on purpose. */
const REFUSED = "migrate";

/** See the top of the file; one for each connection, in the order of its commands. */
export class TransactionComparison {
  #queue: (readonly Argument[])[] = [];

  /** `undefined` when the replies agree, else both as text. */
  difference(
    command: readonly Argument[],
    left: Reply,
    right: Reply,
  ): string | undefined {
    if (right.type === "simple" && payloadText(right) === "QUEUED") {
      this.#queue.push(command);
      return replyDifference(command, left, right);
    }
    const name = String(command[0]).toLowerCase();
    if (name !== "exec" && name !== "discard" && name !== "reset") {
      return replyDifference(command, left, right);
    }
    const queue = this.#queue;
    // EXEC ends a transaction whatever it answers.
    if (name === "exec" || right.type !== "error") this.#queue = [];
    const isComparable = left.type === "array" && right.type === "array" &&
      left.items.length === right.items.length &&
      right.items.length === queue.length;
    if (!isComparable) return replyDifference(command, left, right);
    for (const [i, queued] of queue.entries()) {
      if (String(queued[0]).toLowerCase() === REFUSED) continue;
      const difference = replyDifference(queued, left.items[i], right.items[i]);
      if (difference !== undefined) {
        return `within EXEC, ${queued.join(" ").slice(0, 200)}:\n${difference}`;
      }
    }
    return undefined;
  }
}

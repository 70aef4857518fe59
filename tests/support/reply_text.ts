/** Replies as text, for failure messages: unlike redis-cli's format, every difference on the wire shows. */
import type { Reply } from "../../lib/resp/reply_decoder.ts";
import { textOf } from "./binary_text.ts";
import { quote } from "./command_text.ts";

/** `"v"`, `+OK`, `-ERR …`, `:1`, `nil`, `[…]`, `set[…]`, `{k => v}`, `,1.5`. */
export function replyText(reply: Reply): string {
  switch (reply.type) {
    case "simple":
      return `+${textOf(reply.value)}`;
    case "error":
      return `${reply.isBulk ? "!" : "-"}${textOf(reply.value)}`;
    case "integer":
      return `:${reply.value}`;
    case "bulk":
      return quoted(textOf(reply.value));
    case "verbatim":
      return `${reply.format}:${quoted(textOf(reply.value))}`;
    case "null":
      return { bulk: "nil", array: "nil-array", resp3: "null" }[reply.form];
    case "double":
      return `,${reply.text}`;
    case "bigNumber":
      return `(${reply.value}`;
    case "boolean":
      return reply.value ? "#t" : "#f";
    case "map":
      return `{${entriesText(reply.entries)}}`;
    case "attribute":
      return `|{${entriesText(reply.entries)}} ${replyText(reply.reply)}`;
    case "array":
      return `[${reply.items.map(replyText).join(", ")}]`;
    default:
      return `${reply.type}[${reply.items.map(replyText).join(", ")}]`;
  }
}

function entriesText(entries: [Reply, Reply][]): string {
  return entries.map(([key, value]) =>
    `${replyText(key)} => ${replyText(value)}`
  ).join(", ");
}

function quoted(text: string): string {
  const inQuotes = quote(text);
  return inQuotes.startsWith('"') ? inQuotes : `"${inQuotes}"`;
}

/** The text that a simple string, an error, a bulk or a verbatim string carries. */
export function payloadText(reply: Reply): string | undefined {
  return "value" in reply && reply.value instanceof Uint8Array
    ? textOf(reply.value)
    : undefined;
}

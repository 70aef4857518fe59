/** Requests that servers send each other. */

import { bytesOfText, type ByteText } from "../resp/byte_text.ts";

/** One command as a request. */
export function encodeRequest(...words: readonly ByteText[]): Uint8Array {
  let text = `*${words.length}\r\n`;
  for (const word of words) text += `$${word.length}\r\n${word}\r\n`;
  return bytesOfText(text);
}

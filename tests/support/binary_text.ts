/**
 * Strings whose characters are bytes: `"\xff"` is the one byte 0xff.
 *
 * Test data, commands and replies are written so, because keys and values are
 * bytes and mostly readable. `TextDecoder("latin1")` would not do: it is
 * windows-1252.
 */

/** @throws {RangeError} when a character is no byte: text meant as UTF-8 has to be encoded by the test. */
export function bytesOf(text: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff) {
      throw new RangeError(
        `Character ${i} of ${JSON.stringify(text)} is not a byte`,
      );
    }
    bytes[i] = code;
  }
  return bytes;
}

/** Characters handed to `String.fromCharCode` at once: more would pass the engine's argument limit. */
const CHARACTERS_PER_CALL_MAX = 8192;

export function textOf(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += CHARACTERS_PER_CALL_MAX) {
    text += String.fromCharCode(
      ...bytes.subarray(i, i + CHARACTERS_PER_CALL_MAX),
    );
  }
  return text;
}

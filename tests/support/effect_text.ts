/** Effects as tests read them: each command as words with spaces between them. */
import { textOfBytes } from "../../lib/resp/byte_text.ts";
import type { EffectBatch } from "../../lib/router/effects.ts";

/** The commands of a batch; `SELECT` stands before those of another database than 0. */
export function effectTexts({ bytes, runs }: EffectBatch): string[] {
  return runs.flatMap(({ dbIndex, start, end }) => {
    const commands = requestTexts(textOfBytes(bytes.subarray(start, end)));
    return dbIndex === 0 ? commands : [`SELECT ${dbIndex}`, ...commands];
  });
}

function requestTexts(requests: string): string[] {
  const texts: string[] = [];
  let at = 0;
  const number = () => {
    const end = requests.indexOf("\r\n", at);
    const value = Number(requests.slice(at + 1, end));
    at = end + 2;
    return value;
  };
  while (at < requests.length) {
    const words: string[] = [];
    for (let left = number(); left > 0; left--) {
      const length = number();
      words.push(requests.slice(at, at + length));
      at += length + 2;
    }
    texts.push(words.join(" "));
  }
  return texts;
}

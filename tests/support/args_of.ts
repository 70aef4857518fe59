import { Args, ARGS_SLACK_BYTES } from "../../lib/router/args.ts";
import { bytesOfText } from "../../lib/resp/byte_text.ts";

/** The arguments of a command, the first being its name, from texts of one byte per character. */
export function argsOf(...texts: string[]): Args {
  const args = new Args();
  args.bytes = bytesOfText(texts.join("") + "\0".repeat(ARGS_SLACK_BYTES));
  args.view = new DataView(args.bytes.buffer);
  args.lengths = Int32Array.from(texts, (text) => text.length);
  args.offsets = new Int32Array(texts.length);
  for (let i = 1; i < texts.length; i++) {
    args.offsets[i] = args.offsets[i - 1] + texts[i - 1].length;
  }
  args.count = texts.length;
  return args;
}

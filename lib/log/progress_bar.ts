/** A line on a terminal that shows how far something is. */

const CELLS = 30;
const TO_LINE_START = "\r";
const CLEAR_TO_LINE_END = "\x1b[K";

const encoder = new TextEncoder();

/** See the top of the file. */
export class ProgressBar {
  #isShown = false;

  constructor(
    private readonly terminal: { writeSync(bytes: Uint8Array): number },
  ) {}

  /** One on the terminal that the process has; undefined when it has none. */
  static onTerminal(): ProgressBar | undefined {
    const terminal = [Deno.stderr, Deno.stdout].find((it) => it.isTerminal());
    return terminal === undefined ? undefined : new ProgressBar(terminal);
  }

  /** Shows a share from 0 to 1, and a text behind it. */
  show(share: number, text: string): void {
    const done = Math.round(Math.min(1, Math.max(0, share)) * CELLS);
    const cells = "#".repeat(done) + "-".repeat(CELLS - done);
    this.#write(`${TO_LINE_START}[${cells}] ${text}${CLEAR_TO_LINE_END}`);
    this.#isShown = true;
  }

  /** Takes it away. */
  clear(): void {
    if (this.#isShown) this.#write(TO_LINE_START + CLEAR_TO_LINE_END);
    this.#isShown = false;
  }

  #write(text: string): void {
    try {
      this.terminal.writeSync(encoder.encode(text));
    } catch {
      // Nobody looks any more.
    }
  }
}

/**
 * Runs README's tour: every command in its order, until each has answered what
 * README says. `…` in an answer stands for anything.
 *
 * The commands run in one shell, in an empty directory, on ports that are free.
 */
import { assertEquals } from "@std/assert";
import { findRealRedis, testBesideRedis } from "../support/real_redis.ts";
import { freePort, tsredisCommand } from "../support/server_process.ts";

interface Step {
  readonly command: string;
  readonly answer: string;
}

/** How long a command may take until it answers what it should: servers have to start first. */
const STEP_LIMIT_MS = 20_000;
const RETRY_MS = 100;
const PORT = /\b63[0-9]{2}\b/g;
const SERVER_COMMAND = "npx -y deno@2.9.6 run -A main.ts";

const redis = await findRealRedis();

testBesideRedis(redis, "README's tour shows what it says", async () => {
  const readme = await Deno.readTextFile(
    new URL("../../README.md", import.meta.url),
  );
  const steps = stepsOf(readme);
  assertEquals(steps.length > 10, true, "README has a tour");
  await using shell = new Shell();
  for (const { command, answer } of withFreePorts(steps)) {
    const isBackground = command.endsWith("&");
    const deadlineMs = Date.now() + STEP_LIMIT_MS;
    let found = await shell.run(command);
    while (!isBackground && !matches(answer, found)) {
      if (Date.now() > deadlineMs) assertEquals(found, answer, command);
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
      found = await shell.run(command);
    }
  }
});

/** The commands of the tour, which stand behind `$ `, with the lines that follow each. */
function stepsOf(readme: string): Step[] {
  const tour = /\n## A tour\n([^]*?)\n## /.exec(readme)?.[1] ?? "";
  const blocks = [...tour.matchAll(/```console\n([^]*?)```/g)];
  return blocks.flatMap(([, block]) =>
    block.split(/^\$ /m).slice(1).map((step) => {
      const [command, ...answer] = step.trimEnd().split("\n");
      return { command, answer: answer.join("\n") };
    })
  );
}

function withFreePorts(steps: readonly Step[]): Step[] {
  const ports = new Map<string, string>();
  const replaced = (text: string) =>
    text.replaceAll(PORT, (port) => {
      if (!ports.has(port)) ports.set(port, `${freePort()}`);
      return ports.get(port)!;
    }).replaceAll(SERVER_COMMAND, tsredisCommand().join(" "));
  return steps.map(({ command, answer }) => ({
    command: replaced(command),
    answer: replaced(answer),
  }));
}

function matches(expected: string, found: string): boolean {
  const pattern = expected.split("…").map((part) =>
    part.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&")
  ).join(".*");
  return new RegExp(`^${pattern}$`).test(found);
}

/** A shell whose background jobs end with it. */
class Shell implements AsyncDisposable {
  readonly #dir = Deno.makeTempDirSync({ prefix: "tsredis-tour-" });
  readonly #child = new Deno.Command("setsid", {
    args: ["bash", "--norc"],
    cwd: this.#dir,
    stdin: "piped",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  readonly #writer = this.#child.stdin.getWriter();
  readonly #reader = this.#child.stdout
    .pipeThrough(new TextDecoderStream()).getReader();
  #count = 0;

  /** What the command wrote to standard output and error, without the last line break. */
  async run(command: string): Promise<string> {
    const end = `--- end of step ${++this.#count} ---`;
    const line = command.endsWith("&")
      ? `${command}\necho '${end}'\n`
      : `{ ${command}; } 2>&1\necho '${end}'\n`;
    await this.#writer.write(new TextEncoder().encode(line));
    let text = "";
    while (!text.includes(end)) {
      const { value, done } = await this.#reader.read();
      if (done) throw new Error(`the shell ended at: ${command}\n${text}`);
      text += value;
    }
    return text.slice(0, text.indexOf(end)).trimEnd();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await new Deno.Command("kill", {
      args: ["-9", "--", `-${this.#child.pid}`],
    })
      .output();
    await this.#reader.cancel().catch(() => {});
    await this.#writer.abort().catch(() => {});
    await this.#child.status;
    await Deno.remove(this.#dir, { recursive: true });
  }
}

/** One client's side of a conformance case. */
import type { Reply } from "../../lib/resp/reply_decoder.ts";
import {
  type Argument,
  joinCommand,
  splitCommand,
} from "../support/command_text.ts";
import {
  type Expected,
  expectReply,
  type Protocol,
  textLike,
} from "../support/expectation.ts";
import { replyText } from "../support/reply_text.ts";
import { type Address, RespClient } from "../support/resp_client.ts";
import type { Command } from "./conformance_case.ts";

/** Longest time that `eventually` waits. */
const EVENTUALLY_TIMEOUT_MS = 5_000;
const POLL_INTERVAL_MS = 5;

export class Conversation implements Disposable {
  /** The protocol that the case runs in; `HELLO` within a case does not change it. */
  readonly protocol: Protocol;
  readonly #address: Address;
  readonly #client: RespClient;
  /** Further connections of the case, closed with this one. */
  readonly #others: Conversation[] = [];

  private constructor(
    address: Address,
    client: RespClient,
    protocol: Protocol,
  ) {
    this.#address = address;
    this.#client = client;
    this.protocol = protocol;
  }

  static async open(
    address: Address,
    protocol: Protocol,
  ): Promise<Conversation> {
    const client = await RespClient.connect(address);
    if (protocol === 3) await client.call("HELLO", 3);
    return new Conversation(address, client, protocol);
  }

  /** A second client of the same server in the same protocol. */
  async other(): Promise<Conversation> {
    const other = await Conversation.open(this.#address, this.protocol);
    this.#others.push(other);
    return other;
  }

  /** A second client that has sent nothing at all yet. */
  async stranger(): Promise<Conversation> {
    const client = await RespClient.connect(this.#address);
    const other = new Conversation(this.#address, client, 2);
    this.#others.push(other);
    return other;
  }

  call(command: Command): Promise<Reply> {
    return this.#client.call(...argumentsOf(command));
  }

  /** The text of a string reply or a description of another one. */
  text(command: Command): Promise<string> {
    return this.#client.text(...argumentsOf(command));
  }

  /** Sends a command and checks its reply. `protocol` is given where `HELLO` changed it. */
  async expect(
    command: Command,
    expected: Expected,
    protocol = this.protocol,
  ): Promise<void> {
    expectReply(
      await this.call(command),
      expected,
      protocol,
      commandText(command),
    );
  }

  /** Repeats a command until its reply is the expected one. */
  async eventually(command: Command, expected: Expected): Promise<void> {
    const deadlineMs = Date.now() + EVENTUALLY_TIMEOUT_MS;
    for (;;) {
      try {
        return await this.expect(command, expected);
      } catch (error) {
        if (Date.now() > deadlineMs) throw error;
        await wait(POLL_INTERVAL_MS);
      }
    }
  }

  /** Sends bytes as they are. */
  send(data: string): Promise<void> {
    return this.#client.send(data);
  }

  /** Sends a command without waiting for its reply. */
  start(command: Command): Promise<void> {
    const args = argumentsOf(command);
    const request = args.map((arg) => `$${String(arg).length}\r\n${arg}\r\n`)
      .join("");
    return this.#client.send(`*${args.length}\r\n${request}`);
  }

  /** Checks the next reply that arrives. */
  async receive(expected: Expected, protocol = this.protocol): Promise<void> {
    expectReply(await this.#client.read(), expected, protocol, "next reply");
  }

  /** Checks that the server closes without another reply. */
  async receiveClose(): Promise<void> {
    const replies = await this.#client.readUntilClosed();
    if (replies.length > 0) {
      throw new Error(`Replies before the close: ${replies.map(replyText)}`);
    }
  }

  close(): void {
    this.#client.close();
  }

  [Symbol.dispose](): void {
    this.#client.close();
    for (const other of this.#others) other[Symbol.dispose]();
  }
}

export function wait(timeMs: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, timeMs));
}

export function argumentsOf(command: Command): readonly Argument[] {
  return typeof command === "string" ? splitCommand(command) : command;
}

function commandText(command: Command): string {
  return typeof command === "string"
    ? command
    : joinCommand(command).slice(0, 300);
}

/** A further client that has sent a command and waits; `count` with it. */
export async function waiting(
  t: Conversation,
  command: string,
  count = 1,
): Promise<Conversation> {
  const client = await t.other();
  await client.start(command);
  await t.eventually(
    "INFO clients",
    textLike(new RegExp(`^blocked_clients:${count}\\r$`, "m")),
  );
  return client;
}

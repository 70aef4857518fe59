/**
 * What a replica says to its primary before the data comes: PING, AUTH, who it is
 * and what it can, and from where on it wants the stream.
 *
 * ```
 * → PING                                    ← +PONG
 * → AUTH, REPLCONF listening-port …, capa   ← +OK for each
 * → PSYNC <id> <first byte that it wants>   ← +CONTINUE <id> | +FULLRESYNC <id> <offset> | -error
 * ```
 */

import type { Transport } from "../net/transport.ts";
import { bytesOfText, type ByteText } from "../resp/byte_text.ts";
import { encodeRequest } from "./encode_request.ts";
import type { LinkReader } from "./link_reader.ts";

/** The primary refused, and may do so the next time, too. */
export class HandshakeError extends Error {
  override readonly name = "HandshakeError";
}

/** Who we are, for the primary. */
export interface ReplicaSelf {
  readonly user: ByteText;
  readonly password: ByteText;
  readonly listeningPort: number;
  /** Address to be known by, or "". */
  readonly address: ByteText;
}

/** From where on the primary sends. */
export type SyncOffer =
  | { readonly kind: "continue"; readonly id: string | undefined }
  | { readonly kind: "full"; readonly id: string; readonly offset: number }
  /** It does not know PSYNC: SYNC gives the data without an id. */
  | { readonly kind: "unsupported" };

const ID_PATTERN = /^[0-9a-zA-Z]{40}$/;

/** Introduces ourselves. @throws {HandshakeError} when the primary does not want us. */
export async function introduce(
  transport: Transport,
  reader: LinkReader,
  self: ReplicaSelf,
  log: (line: string) => void,
): Promise<void> {
  await send(transport, ["PING"]);
  const pong = await reader.line();
  const isRefusedOnly = /^-(NOAUTH|NOPERM|ERR operation not permitted)/
    .test(pong);
  if (!pong.startsWith("+") && !isRefusedOnly) {
    throw new HandshakeError(`Error reply to PING from master: '${pong}'`);
  }
  log("Master replied to PING, replication can continue...");
  const commands: ByteText[][] = [];
  if (self.password !== "") {
    commands.push([
      "AUTH",
      ...(self.user === "" ? [] : [self.user]),
      self.password,
    ]);
  }
  commands.push(["REPLCONF", "listening-port", `${self.listeningPort}`]);
  if (self.address !== "") {
    commands.push(["REPLCONF", "ip-address", self.address]);
  }
  commands.push(["REPLCONF", "capa", "eof", "capa", "psync2"]);
  await send(transport, ...commands);
  for (const command of commands) {
    const reply = await reader.line();
    if (!reply.startsWith("-")) continue;
    if (command[0] === "AUTH") {
      throw new HandshakeError(`Unable to AUTH to MASTER: ${reply}`);
    }
    log(
      `(Non critical) Master does not understand REPLCONF ${
        command[1]
      }: ${reply}`,
    );
  }
}

/**
 * Asks for the stream from `next` on (counted from 1) of the history `id`, or with
 * undefined for a full copy.
 *
 * @throws {HandshakeError} when the primary cannot serve us now.
 */
export async function askForStream(
  transport: Transport,
  reader: LinkReader,
  known: { id: string; next: number } | undefined,
  isFailover: boolean,
): Promise<SyncOffer> {
  await send(transport, [
    "PSYNC",
    known?.id ?? "?",
    String(known?.next ?? -1),
    ...(isFailover ? ["FAILOVER"] : []),
  ]);
  let reply = "";
  // Empty lines show only that the primary is there.
  while (reply === "") reply = await reader.line();
  const [head, id, offset] = reply.split(" ");
  if (head === "+CONTINUE") {
    return { kind: "continue", id: ID_PATTERN.test(id ?? "") ? id : undefined };
  }
  if (head === "+FULLRESYNC") {
    if (!ID_PATTERN.test(id ?? "") || !/^\d+$/.test(offset ?? "")) {
      throw new HandshakeError("Master replied with wrong +FULLRESYNC syntax.");
    }
    return { kind: "full", id, offset: Number(offset) };
  }
  if (/^-(NOMASTERLINK|LOADING)/.test(reply)) {
    throw new HandshakeError(
      `Master is currently unable to PSYNC but should be in the future: ${reply}`,
    );
  }
  return { kind: "unsupported" };
}

/** Asks a primary that does not know PSYNC for a copy. */
export async function askForCopy(transport: Transport): Promise<void> {
  await transport.write(bytesOfText("SYNC\r\n"));
}

async function send(
  transport: Transport,
  ...commands: readonly (readonly ByteText[])[]
): Promise<void> {
  for (const words of commands) await transport.write(encodeRequest(...words));
}

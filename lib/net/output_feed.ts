/**
 * Bytes that a client is sent behind its replies, from where they are: what a
 * replica gets. The connection asks for the next ones whenever the last have left.
 */
export interface OutputFeed {
  /** The next bytes; they stay as they are until they were sent. Undefined when there are none now. */
  next(): Uint8Array | undefined;
  /** So many of them have left. */
  sent(length: number): void;
  /** Bytes that wait to be sent, for `client-output-buffer-limit`. */
  readonly pendingBytes: number;
}

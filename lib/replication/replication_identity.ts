/**
 * Which history of changes this server's data belongs to: replicas ask to go on
 * in it. Forty hex digits, anew at every start.
 */

const ID_BYTES = 20;

/** See the top of the file. */
export class ReplicationIdentity {
  #id = newId();

  get id(): string {
    return this.#id;
  }

  /** The history before the last change of roles; forty zeros for none. */
  get previousId(): string {
    return "0".repeat(2 * ID_BYTES);
  }

  /** Begins a new history. */
  renew(): void {
    this.#id = newId();
  }
}

function newId(): string {
  return crypto.getRandomValues(new Uint8Array(ID_BYTES)).toHex();
}

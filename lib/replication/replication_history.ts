/**
 * Which history of changes this server's data belongs to, and how far it goes:
 * what replicas name when they ask to go on where they were.
 *
 * A replica takes on its primary's id. One that is promoted begins a new id and
 * remembers the old one up to the byte at which it was promoted, so that the other
 * replicas of the old primary can go on with it.
 */

const ID_BYTES = 20;
const NO_ID = "0".repeat(2 * ID_BYTES);

/** See the top of the file. */
export class ReplicationHistory {
  #id = newId();
  #previousId = NO_ID;
  #previousEnd = -1;
  /** Bytes of the stream so far; set by who adds to it. */
  offset = 0;

  /** Forty hex digits. */
  get id(): string {
    return this.#id;
  }

  /** The history before the last change of roles; forty zeros for none. */
  get previousId(): string {
    return this.#previousId;
  }

  /** The first byte (counted from 1) that is not part of the previous history any more, or -1. */
  get previousEnd(): number {
    return this.#previousEnd;
  }

  /** Begins a new history that has nothing to do with any other. */
  renew(): void {
    this.#id = newId();
    this.forgetPrevious();
  }

  /** Begins a new history that goes on where this one is. */
  branch(): void {
    this.continueAs(newId());
  }

  /** Goes on under another id, which others gave it. */
  continueAs(id: string): void {
    this.#previousId = this.#id;
    this.#previousEnd = this.offset + 1;
    this.#id = id;
  }

  /** Takes on the history of data that came from elsewhere. */
  adopt(id: string, offset: number): void {
    this.#id = id;
    this.offset = offset;
    this.forgetPrevious();
  }

  /** Goes on where a history ended that was kept in a file; what is there already follows it. */
  succeed(id: string, offset: number): void {
    this.#previousId = id;
    this.#previousEnd = offset + 1;
    this.offset += offset;
  }

  forgetPrevious(): void {
    this.#previousId = NO_ID;
    this.#previousEnd = -1;
  }

  /** Whether this history holds that of `id` up to the byte before `next` (counted from 1). */
  includes(id: string, next: number): boolean {
    const asked = id.toLowerCase();
    return asked === this.#id ||
      (asked === this.#previousId && next <= this.#previousEnd);
  }
}

function newId(): string {
  return crypto.getRandomValues(new Uint8Array(ID_BYTES)).toHex();
}

/**
 * What has the memory of a collection stay as it is for somebody who reads it bit by
 * bit: whoever is about to change a piece of it takes a copy of the piece first.
 */
export class Freeze {
  /** Nobody reads it any more. */
  isOver = false;
}

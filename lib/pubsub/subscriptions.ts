/** What one client is subscribed to, by name, in the order in which it asked. */

import type { ByteText } from "../resp/byte_text.ts";

/** See the top of the file. */
export class Subscriptions {
  readonly channels = new Set<ByteText>();
  readonly patterns = new Set<ByteText>();
  readonly shardChannels = new Set<ByteText>();

  /** Of all kinds together. */
  get count(): number {
    return this.channels.size + this.patterns.size + this.shardChannels.size;
  }

  /** What the names take, in bytes. */
  get nameBytes(): number {
    let bytes = 0;
    for (const names of [this.channels, this.patterns, this.shardChannels]) {
      for (const name of names) bytes += name.length;
    }
    return bytes;
  }
}

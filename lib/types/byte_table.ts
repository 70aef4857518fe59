/**
 * A map from bytes to bytes, or a set of bytes: what large hashes and sets are.
 *
 * Entries are records in a log, found through a HashIndex. The log is cut into
 * chunks of up to 64 KiB, so that the table is a few objects for the garbage
 * collector however many entries it has, and one of a few kilobytes reserves no
 * more. A new record goes to the end of the last chunk; a removed one stays as a
 * gap. When gaps are a third of everything, the chunk with the most of them is
 * emptied: the records left in it go to the end. So every change takes a bounded
 * time, and walking over all entries reads memory from front to back.
 *
 * ```
 * ref (32 bits):  chunk (18) | word in chunk (14), never 0
 * record:         key length (29 bits) | flags (3)
 *                 [value length]               in a map
 *                 [expiry: ms since 1970, 2 words]
 *                 key bytes, padded to a word
 *                 [value bytes, padded to a word]
 * ```
 *
 * Refs are valid until the next change of the table. What says "after find" acts
 * on the key of the last {@linkcode ByteTable.find}, with nothing changed since.
 */

import { hashBytes, randomHashSeed } from "../keyspace/hash.ts";
import { HashIndex } from "../keyspace/hash_index.ts";
import { type ByteSource, NO_EXPIRY } from "../keyspace/record_store.ts";
import type { ReplyWriter } from "../resp/reply_writer.ts";
import type { Elements } from "./elements.ts";
import { FrozenTable } from "./frozen_table.ts";
import {
  areEqual,
  Chunk,
  emptiest,
  EXPIRY_WORDS,
  HAS_EXPIRY,
  IS_GAP,
  LENGTH_MASK,
  memoryOf,
  NO_BYTES,
  readMoment,
  WORD_COPY_MAX,
  wordsOf,
  writeBytes,
  writeMoment,
} from "./byte_table_chunk.ts";

/** One for all tables: two tables in the order of their hashes can be compared side by side. */
const SEED = randomHashSeed();
const WORD_BITS = 14;
const WORD_MASK = (1 << WORD_BITS) - 1;
const CHUNK_WORDS = 1 << WORD_BITS;
const CHUNKS_MAX = 1 << (32 - WORD_BITS);
/** Longer records get a chunk of their own. */
const RECORD_WORDS_MAX = CHUNK_WORDS / 4;
/** Size of the first chunk and of later ones when they begin; they double until they are full. */
const FIRST_CHUNK_WORDS = 256;
const NEXT_CHUNK_WORDS = 4096;
/** Gaps that are left alone in any case. */
const GAP_WORDS_MIN = 512;
/** Distance of the two words of a record that a warm pass loads: a small record's length. */
const WARM_WORDS = 8;

/** See the top of the file. */
export class ByteTable implements Elements {
  index: HashIndex;
  /** Hash of the key last looked for. */
  hash = 0;
  /** Told of records that are moved; the old bytes are still there. */
  onMove: ((ref: number, made: number) => void) | undefined;
  #slot = 0;
  /** Words of a record before its key, without an expiry. */
  readonly #headWords: number;
  #chunks: (Chunk | undefined)[] = [];
  /** The chunk that takes new records. */
  #last = 0;
  #vacant: number[] = [];
  /** Words of all chunks that were handed out, and those of them that are alive. */
  #usedWords = 0;
  #liveWords = 0;

  /** @param hasValues true for a map, false for a set. */
  constructor(readonly hasValues: boolean, capacity = 0) {
    this.index = new HashIndex(capacity);
    this.#headWords = hasValues ? 2 : 1;
    this.#last = this.#open(FIRST_CHUNK_WORDS);
  }

  get size(): number {
    return this.index.size;
  }

  get memoryBytes(): number {
    return this.index.byteLength + memoryOf(this.#chunks);
  }

  /** A copy that shares nothing with this one. */
  copy(): ByteTable {
    const copy = new ByteTable(this.hasValues, this.size);
    copy.#chunks = this.#chunks.map((chunk) => chunk?.copy());
    copy.#last = this.#last;
    copy.#vacant = this.#vacant.slice();
    copy.#usedWords = this.#usedWords;
    copy.#liveWords = this.#liveWords;
    this.index.walk(0, Infinity, (ref, hash) => copy.index.insert(hash, ref));
    return copy;
  }

  /** The entries as they are now, to be read while the table changes. */
  freeze(): FrozenTable {
    return new FrozenTable(this.size, this.hasValues, this.#chunks);
  }

  /** The ref of a key, or 0. Needs 3 readable bytes behind the key. */
  find(source: ByteSource, offset: number, length: number): number {
    const hash = this.hashOf(source.view, offset, length);
    return this.findHashed(source, offset, length, hash);
  }

  /** `find` for a key whose hash in a table is known. */
  findHashed(
    source: ByteSource,
    offset: number,
    length: number,
    hash: number,
  ): number {
    this.hash = hash;
    const table = this.index.tableOf(hash), slots = table.slots;
    let slot = table.lowerBound(hash);
    for (; slots[2 * slot] === hash; slot++) {
      const ref = slots[2 * slot + 1];
      if (ref === 0) return 0;
      if (this.#hasKey(ref, source, offset, length)) {
        this.#slot = slot;
        return ref;
      }
    }
    return 0;
  }

  /** Makes `ref`, known to be in the table, the one that "after find" means. */
  select(ref: number): void {
    this.hash = this.hashOfRef(ref);
    this.#slot = this.index.findRef(this.hash, ref);
  }

  /** The hash of a record's key. */
  hashOfRef(ref: number): number {
    const { view } = this.chunkOf(ref);
    return this.hashOf(view, this.keyOffset(ref), this.keyLength(ref));
  }

  hashOf(view: DataView, offset: number, length: number): number {
    return hashBytes(SEED, view, offset, length);
  }

  warm(hashes: Int32Array, count: number, refs: Int32Array): number {
    let sum = this.index.warm(hashes, count, refs);
    for (let i = 0; i < count; i++) {
      const ref = refs[i];
      if (ref === 0) continue;
      const { words } = this.chunkOf(ref), word = ref & WORD_MASK;
      const last = Math.min(word + WARM_WORDS, words.length - 1);
      sum ^= words[word] ^ words[last];
    }
    return sum;
  }

  /** After find, which must have found nothing: adds the key. Returns its ref. */
  add(
    key: ByteSource,
    keyOffset: number,
    keyLength: number,
    value: ByteSource = NO_BYTES,
    valueOffset = 0,
    valueLength = 0,
    expiresAt = NO_EXPIRY,
  ): number {
    const ref = this.#append(
      key,
      keyOffset,
      keyLength,
      value,
      valueOffset,
      valueLength,
      expiresAt,
    );
    this.index.insert(this.hash, ref);
    return ref;
  }

  /** After find: gives the key another value and expiry. */
  setValue(
    ref: number,
    value: ByteSource,
    offset: number,
    length: number,
    expiresAt = NO_EXPIRY,
  ): void {
    const chunk = this.chunkOf(ref), word = ref & WORD_MASK;
    const header = chunk.words[word];
    const isSameSize = wordsOf(length) === wordsOf(chunk.words[word + 1]) &&
      ((header & HAS_EXPIRY) !== 0) === (expiresAt !== NO_EXPIRY);
    if (isSameSize) {
      chunk.thaw();
      if (expiresAt !== NO_EXPIRY) {
        writeMoment(chunk.words, word + this.#headWords, expiresAt);
      }
      chunk.words[word + 1] = length;
      const at = word + this.#keyWord(header) + wordsOf(header & LENGTH_MASK);
      writeBytes(chunk, at, value, offset, length);
      return;
    }
    const made = this.#append(
      chunk,
      this.keyOffset(ref),
      header & LENGTH_MASK,
      value,
      offset,
      length,
      expiresAt,
    );
    this.index.tableOf(this.hash).slots[2 * this.#slot + 1] = made;
    this.#free(ref);
  }

  /** After find: sets when the entry expires, or never with -1. */
  setExpiry(ref: number, expiresAt: number): void {
    const chunk = this.chunkOf(ref), word = ref & WORD_MASK;
    const header = chunk.words[word];
    const had = (header & HAS_EXPIRY) !== 0;
    if (had && expiresAt !== NO_EXPIRY) {
      chunk.thaw();
      writeMoment(chunk.words, word + this.#headWords, expiresAt);
    } else if (had || expiresAt !== NO_EXPIRY) {
      const length = this.valueLength(ref);
      this.setValue(ref, chunk, this.valueOffset(ref), length, expiresAt);
    }
  }

  /** After find: removes the key. */
  remove(ref: number): void {
    this.index.removeAt(this.hash, this.#slot);
    this.#free(ref);
  }

  /** The memory in which a record is. */
  chunkOf(ref: number): Chunk {
    return this.#chunks[ref >>> WORD_BITS]!;
  }

  keyLength(ref: number): number {
    return this.chunkOf(ref).words[ref & WORD_MASK] & LENGTH_MASK;
  }

  /** Where a record's key begins in its chunk, in bytes. */
  keyOffset(ref: number): number {
    const word = ref & WORD_MASK;
    return (word + this.#keyWord(this.chunkOf(ref).words[word])) << 2;
  }

  valueLength(ref: number): number {
    return this.chunkOf(ref).words[(ref & WORD_MASK) + 1];
  }

  /** Where a record's value begins in its chunk, in bytes. */
  valueOffset(ref: number): number {
    const word = ref & WORD_MASK, header = this.chunkOf(ref).words[word];
    return (word + this.#keyWord(header) + wordsOf(header & LENGTH_MASK)) << 2;
  }

  /** When an entry expires, in ms since 1970, or -1. */
  expiresAt(ref: number): number {
    const { words } = this.chunkOf(ref), word = ref & WORD_MASK;
    if ((words[word] & HAS_EXPIRY) === 0) return NO_EXPIRY;
    return readMoment(words, word + this.#headWords);
  }

  /** A record's key, valid until the next change. */
  key(ref: number): Uint8Array {
    const offset = this.keyOffset(ref);
    return this.chunkOf(ref).bytes.subarray(
      offset,
      offset + this.keyLength(ref),
    );
  }

  /** A record's value, valid until the next change. */
  value(ref: number): Uint8Array {
    const offset = this.valueOffset(ref);
    return this.chunkOf(ref).bytes.subarray(
      offset,
      offset + this.valueLength(ref),
    );
  }

  replyKey(reply: ReplyWriter, ref: number): void {
    const { words, bytes } = this.chunkOf(ref), word = ref & WORD_MASK;
    const header = words[word], at = word + this.#keyWord(header);
    reply.bulkWords(words, bytes, at, header & LENGTH_MASK);
  }

  replyValue(reply: ReplyWriter, ref: number): void {
    const { words, bytes } = this.chunkOf(ref), word = ref & WORD_MASK;
    const header = words[word];
    const at = word + this.#keyWord(header) + wordsOf(header & LENGTH_MASK);
    reply.bulkWords(words, bytes, at, words[word + 1]);
  }

  /** Answers all entries in the order of the log: their keys, their values, or both. */
  replyAll(reply: ReplyWriter, hasKeys: boolean, hasValues: boolean): void {
    for (const chunk of this.#chunks) {
      if (chunk === undefined) continue;
      const { words, bytes, end } = chunk;
      for (let word = 1; word < end;) {
        const header = words[word], length = header & LENGTH_MASK;
        const key = word + this.#keyWord(header);
        const value = key + wordsOf(length);
        const valueLength = this.hasValues ? words[word + 1] : 0;
        if (header >= 0) {
          if (hasKeys) reply.bulkWords(words, bytes, key, length);
          if (hasValues) reply.bulkWords(words, bytes, value, valueLength);
        }
        word = value + wordsOf(valueLength);
      }
    }
  }

  /** The first entry in the order of the log, or 0; for walking over all with `next`. */
  first(): number {
    return this.#nextFrom(0, 1);
  }

  /** The entry behind another one in the log, or 0. */
  next(ref: number): number {
    const word = ref & WORD_MASK;
    return this.#nextFrom(
      ref >>> WORD_BITS,
      word + this.#recordWords(this.chunkOf(ref).words, word),
    );
  }

  /** An entry picked at random, each with the same chance; 0 when there is none. */
  random(random: () => number): number {
    return this.index.random(random);
  }

  #nextFrom(number: number, word: number): number {
    for (; number < this.#chunks.length; number++, word = 1) {
      const chunk = this.#chunks[number];
      if (chunk === undefined) continue;
      const { words, end } = chunk;
      while (word < end) {
        if (words[word] >= 0) return (number << WORD_BITS) | word;
        word += this.#recordWords(words, word);
      }
    }
    return 0;
  }

  #keyWord(header: number): number {
    return this.#headWords + ((header & HAS_EXPIRY) >>> 28);
  }

  #recordWords(words: Int32Array, word: number): number {
    const header = words[word];
    return this.#keyWord(header) + wordsOf(header & LENGTH_MASK) +
      (this.hasValues ? wordsOf(words[word + 1]) : 0);
  }

  #hasKey(
    ref: number,
    source: ByteSource,
    offset: number,
    length: number,
  ): boolean {
    const { words } = this.chunkOf(ref);
    const word = ref & WORD_MASK, header = words[word];
    return (header & LENGTH_MASK) === length &&
      areEqual(words, word + this.#keyWord(header), source, offset, length);
  }

  #append(
    key: ByteSource,
    keyOffset: number,
    keyLength: number,
    value: ByteSource,
    valueOffset: number,
    valueLength: number,
    expiresAt: number,
  ): number {
    const hasExpiry = expiresAt !== NO_EXPIRY;
    const head = this.#headWords + (hasExpiry ? EXPIRY_WORDS : 0);
    const ref = this.#allocate(
      head + wordsOf(keyLength) + (this.hasValues ? wordsOf(valueLength) : 0),
    );
    const chunk = this.chunkOf(ref), word = ref & WORD_MASK;
    chunk.words[word] = keyLength | (hasExpiry ? HAS_EXPIRY : 0);
    if (hasExpiry) writeMoment(chunk.words, word + this.#headWords, expiresAt);
    writeBytes(chunk, word + head, key, keyOffset, keyLength);
    if (this.hasValues) {
      chunk.words[word + 1] = valueLength;
      const at = word + head + wordsOf(keyLength);
      writeBytes(chunk, at, value, valueOffset, valueLength);
    }
    return ref;
  }

  #allocate(words: number): number {
    let number = this.#last;
    if (words > RECORD_WORDS_MAX) number = this.#open(words + 1);
    let chunk = this.#chunks[number]!;
    const needed = chunk.end + words;
    if (needed > chunk.words.length) {
      if (needed <= CHUNK_WORDS) {
        const doubled = Math.min(CHUNK_WORDS, chunk.words.length * 2);
        chunk.grow(Math.max(needed, doubled));
      } else {
        number = this.#last = this.#open(NEXT_CHUNK_WORDS);
        chunk = this.#chunks[number]!;
      }
    }
    const word = chunk.end;
    chunk.end += words;
    chunk.live += words;
    this.#usedWords += words;
    this.#liveWords += words;
    return (number << WORD_BITS) | word;
  }

  /** Begins a chunk; its number. @throws {RangeError} when there are no numbers left. */
  #open(words: number): number {
    const number = this.#vacant.pop() ?? this.#chunks.length;
    if (number === CHUNKS_MAX) {
      throw new RangeError("all memory that one collection can have is in use");
    }
    this.#chunks[number] = new Chunk(new Int32Array(words));
    return number;
  }

  /** Makes a record a gap, and closes gaps when there are many. */
  #free(ref: number): void {
    const number = ref >>> WORD_BITS, word = ref & WORD_MASK;
    const chunk = this.#chunks[number]!;
    const words = this.#recordWords(chunk.words, word);
    chunk.thaw();
    chunk.words[word] |= IS_GAP;
    chunk.live -= words;
    this.#liveWords -= words;
    if (chunk.live === 0) this.#drop(number);
    const gaps = this.#usedWords - this.#liveWords;
    if (gaps > GAP_WORDS_MIN && gaps * 2 > this.#liveWords) this.#evacuate();
  }

  /** Gives up a chunk without a live record. */
  #drop(number: number): void {
    const chunk = this.#chunks[number]!;
    this.#usedWords -= chunk.end - 1;
    if (number === this.#last) {
      chunk.thaw();
      chunk.end = 1;
    } else {
      this.#chunks[number] = undefined;
      this.#vacant.push(number);
    }
  }

  /** Moves the records out of the chunk with the most gaps. */
  #evacuate(): void {
    const victim = emptiest(this.#chunks, this.#last);
    const from = this.#chunks[victim]!;
    if (victim === this.#last) {
      const words = Math.max(FIRST_CHUNK_WORDS, from.live + (from.live >> 1));
      this.#last = this.#open(Math.min(CHUNK_WORDS, words));
    }
    for (let word = 1; word < from.end;) {
      const words = this.#recordWords(from.words, word);
      if (from.words[word] >= 0) {
        this.#move(from, (victim << WORD_BITS) | word, words);
      }
      word += words;
    }
    this.#liveWords -= from.live;
    this.#drop(victim);
  }

  #move(from: Chunk, ref: number, words: number): void {
    const hash = this.hashOfRef(ref);
    const slot = this.index.findRef(hash, ref);
    const made = this.#allocate(words);
    const to = this.chunkOf(made).words;
    let word = ref & WORD_MASK, at = made & WORD_MASK;
    if (words <= WORD_COPY_MAX) {
      for (const end = word + words; word < end;) to[at++] = from.words[word++];
    } else to.set(from.words.subarray(word, word + words), at);
    this.index.tableOf(hash).slots[2 * slot + 1] = made;
    this.onMove?.(ref, made);
  }
}

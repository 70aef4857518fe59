/**
 * Memory for records, outside the JavaScript heap.
 *
 * Millions of small objects make the garbage collector slow and cost several
 * times their contents, so records live in ArrayBuffers of 16 MiB ("chunks")
 * that the collector never looks into. A record is named by its `ref`, the
 * number of its first 16-byte unit:
 *
 * ```
 * ref (32 bits):  chunk (12) | page (8) | unit (12)
 * chunk: 16 MiB = 256 pages      page: 64 KiB = 4,096 units of 16 bytes
 * ```
 *
 * A page holds records of one size class only, as a slab allocator does. Up to
 * 64 units each size is its own class; above, the classes are the sizes that
 * tile a page (4096/63 … 4096/4 units), so a page never wastes more than its
 * remainder. A page with no live record returns to the pool and may serve
 * another class. The memory of a chunk with no live page is spare: it serves the
 * next chunk, and what is too much of it is given back to the system
 * ({@link Arena.freeSpare}), by whoever can spare the milliseconds that this takes.
 *
 * What fragments a slab allocator is many pages with a few live records each, and
 * many chunks with a few such pages. {@link Arena.beginCompaction} closes the
 * thinnest to new records; whoever owns the records then moves those for which
 * {@link Arena.isLeaving} holds, a few at a time, and the emptied pages and chunks
 * are free.
 *
 * Called by ByteMap, and by nobody else.
 */

/** Bytes in a unit, the grain of all sizes here. */
export const UNIT_BYTES = 16;
/** Largest record in units (16 KiB); larger values are objects of their own. */
export const RECORD_UNITS_MAX = 1024;
/** log2 of the units in a chunk: `ref >>> CHUNK_SHIFT` is the chunk. */
export const CHUNK_SHIFT = 20;
/** Mask of the unit within its chunk; times 4 it is the 32-bit word. */
export const CHUNK_UNIT_MASK = (1 << CHUNK_SHIFT) - 1;

export const CHUNK_BYTES = UNIT_BYTES << CHUNK_SHIFT;
const PAGE_SHIFT = 12;
const PAGE_UNITS = 1 << PAGE_SHIFT;
const PAGE_UNIT_MASK = PAGE_UNITS - 1;
const CHUNK_PAGES = 1 << (CHUNK_SHIFT - PAGE_SHIFT);
const CHUNKS_MAX = 4096;
const EXACT_UNITS_MAX = 64;
/** End mark of a page's list of free records, and of lists of pages. */
const NONE = -1;
const CLASS_FREE = 0;
/** Chunks whose memory is kept though nobody needs it now. */
const SPARE_CHUNKS_MAX = 1;
/** Only pages and chunks with a smaller share of live records are worth emptying. */
const LEAVING_SHARE_MAX = 0.75;
/** Steps in which shares are told apart when the thinnest pages are looked for. */
const SHARE_STEPS = 64;

const { classSizes, classOfUnits } = makeSizeClasses();
/** Records in a page, by class. */
const classCapacities = classSizes.map((size) =>
  size === 0 ? 0 : Math.floor(PAGE_UNITS / size)
);

/** The units that a record of `units` really takes, its size class. */
export function allocatedUnits(units: number): number {
  return classSizes[classOfUnits[units]];
}

function makeSizeClasses() {
  const sizes = [0];
  for (let units = 1; units <= EXACT_UNITS_MAX; units++) sizes.push(units);
  for (let perPage = EXACT_UNITS_MAX - 1; perPage >= 4; perPage--) {
    const size = Math.floor(PAGE_UNITS / perPage);
    if (size > sizes[sizes.length - 1]) sizes.push(size);
  }
  const ofUnits = new Uint8Array(RECORD_UNITS_MAX + 1);
  for (let units = 1, sizeClass = 1; units <= RECORD_UNITS_MAX; units++) {
    if (units > sizes[sizeClass]) sizeClass++;
    ofUnits[units] = sizeClass;
  }
  return { classSizes: Int32Array.from(sizes), classOfUnits: ofUnits };
}

/** Stands in for the memory of a chunk that was given back. */
const NO_MEMORY = new ArrayBuffer(0);

/** Allocator of records in size-class pages; see the top of the file. */
export class Arena {
  /** Chunk memory as 32-bit words, by chunk number. Read by every record access. */
  readonly words: Int32Array[] = [];
  /** The same memory as bytes. */
  readonly bytes: Uint8Array[] = [];
  /** The same memory for unaligned reads. */
  readonly views: DataView[] = [];
  /** Units held by live records, size class rounding included. */
  usedUnits = 0;
  /** Pages in use, by any class. */
  usedPages = 0;
  /** Bytes of all chunks that exist. */
  chunkBytes = 0;

  /** Per chunk: pages that belong to no class; 0 for one that was given back. */
  #freePages: number[] = [];
  /** Per chunk: whether a compaction empties it. */
  #isChunkLeaving: boolean[] = [];
  /** Memory of former chunks. */
  readonly #spare: ArrayBuffer[] = [];
  /** Lowest chunk that may have a free page. */
  #firstFreeChunk = 0;
  /** Per page: its size class, or CLASS_FREE. */
  #pageClass = new Uint8Array(0);
  /** Per page: records in use. */
  #pageLive = new Uint16Array(0);
  /** Per page: first unit never handed out yet. */
  #pageFresh = new Uint16Array(0);
  /** Per page: first free unit of the freed ones, each holding the next, or NONE. */
  #pageFreed = new Int16Array(0);
  /** Per page: neighbours in its class's list of pages with room. */
  #pageNext = new Int32Array(0);
  #pagePrevious = new Int32Array(0);
  /** Per page: 1 while a compaction empties it. */
  #pageLeaving = new Uint8Array(0);
  /** Per class: first page with room, or NONE. */
  #roomy = new Int32Array(classSizes.length).fill(NONE);

  /** @param recycled answers memory of a chunk that nobody uses any more, if there is any */
  constructor(
    private readonly recycled: () => ArrayBuffer | undefined = () => undefined,
  ) {}

  /**
   * Reserves a record of `units` (1 to RECORD_UNITS_MAX); its memory is not cleared.
   *
   * @throws {RangeError} when all 64 GiB are in use or the system refuses memory.
   */
  allocate(units: number): number {
    const sizeClass = classOfUnits[units];
    const size = classSizes[sizeClass];
    let page = this.#roomy[sizeClass];
    if (page === NONE) page = this.#openPage(sizeClass);
    let unit = this.#pageFreed[page];
    if (unit !== NONE) {
      this.#pageFreed[page] =
        this.words[page >>> 8][((page & 0xff) << 14) + (unit << 2)];
    } else {
      unit = this.#pageFresh[page];
      this.#pageFresh[page] = unit + size;
    }
    const live = this.#pageLive[page] + 1;
    this.#pageLive[page] = live;
    if ((live + 1) * size > PAGE_UNITS) this.#unlinkPage(page, sizeClass);
    this.usedUnits += size;
    return (page << PAGE_SHIFT) | unit;
  }

  /** Gives back the record at `ref`. */
  release(ref: number): void {
    const page = ref >>> PAGE_SHIFT;
    const sizeClass = this.#pageClass[page];
    const size = classSizes[sizeClass];
    const live = this.#pageLive[page];
    const unit = ref & PAGE_UNIT_MASK;
    this.words[ref >>> CHUNK_SHIFT][(ref & CHUNK_UNIT_MASK) << 2] =
      this.#pageFreed[page];
    this.#pageFreed[page] = unit;
    this.#pageLive[page] = live - 1;
    this.usedUnits -= size;
    const wasFull = (live + 1) * size > PAGE_UNITS;
    if (this.#pageLeaving[page] !== 0) {
      if (live === 1) this.#closePage(page);
    } else if (live === 1) {
      if (!wasFull) this.#unlinkPage(page, sizeClass);
      this.#closePage(page);
    } else if (wasFull) this.#linkPage(page, sizeClass);
  }

  /** Gives the memory of one chunk back to the system; false when none is too much. */
  freeSpare(): boolean {
    if (this.#spare.length <= SPARE_CHUNKS_MAX) return false;
    // Left to the collector, which sees no hurry, it would stay for half a minute.
    this.#spare.pop()!.transfer(0);
    return true;
  }

  /** Hands over all memory, to be freed; the arena must not be used any more. */
  surrender(): ArrayBuffer[] {
    const memory = this.words.map((words) => words.buffer as ArrayBuffer)
      .filter((buffer) => buffer !== NO_MEMORY);
    this.words.length = this.bytes.length = this.views.length = 0;
    return [...memory, ...this.#spare];
  }

  /** Units that the record at `ref` holds, its size class. */
  sizeOf(ref: number): number {
    return classSizes[this.#pageClass[ref >>> PAGE_SHIFT]];
  }

  /** Bytes of former chunks that are not given back yet. */
  get spareBytes(): number {
    return this.#spare.length * CHUNK_BYTES;
  }

  /** Bytes of pages of some class. */
  get usedPageBytes(): number {
    return this.usedPages * PAGE_UNITS * UNIT_BYTES;
  }

  /** Bytes of chunks that no live record holds. */
  get wastedBytes(): number {
    return this.chunkBytes - this.usedUnits * UNIT_BYTES;
  }

  /**
   * Closes thinly used pages and chunks to new records, so that moving their
   * records away empties them: the thinnest ones, with live records of up to about
   * `unitsMax` together. Returns how many pages were closed; 0 means that there is
   * nothing to gain.
   */
  beginCompaction(unitsMax: number): number {
    const stepMax = this.#thinnestSteps(unitsMax);
    let unitsLeft = unitsMax, leaving = 0;
    // The last pages first, so that the last chunks become empty.
    for (let page = this.words.length * CHUNK_PAGES; --page > 0;) {
      if (unitsLeft <= 0) return leaving;
      const sizeClass = this.#pageClass[page];
      if (sizeClass === CLASS_FREE) continue;
      if (this.#shareStep(page) > stepMax || this.#isLastRoomy(page)) continue;
      this.#closeToRecords(page);
      unitsLeft -= this.#pageLive[page] * classSizes[sizeClass];
      leaving++;
    }
    return leaving + this.#closeChunks(unitsLeft);
  }

  /** Whether the record at `ref` should be moved, its page being emptied. */
  isLeaving(ref: number): boolean {
    return this.#pageLeaving[ref >>> PAGE_SHIFT] !== 0;
  }

  /** Ends a compaction: pages that still hold records take new ones again. */
  endCompaction(): void {
    this.#isChunkLeaving.length = 0;
    this.#firstFreeChunk = 0;
    for (let page = 1; page < this.words.length * CHUNK_PAGES; page++) {
      if (this.#pageLeaving[page] === 0) continue;
      this.#pageLeaving[page] = 0;
      if (!this.#isFull(page)) this.#linkPage(page, this.#pageClass[page]);
    }
  }

  /** The highest step of share that is worth emptying: pages up to it hold `unitsMax`, or all thin ones less. */
  #thinnestSteps(unitsMax: number): number {
    const unitsOfStep = new Float64Array(SHARE_STEPS + 1);
    for (let page = 1; page < this.words.length * CHUNK_PAGES; page++) {
      const sizeClass = this.#pageClass[page];
      if (sizeClass === CLASS_FREE) continue;
      unitsOfStep[this.#shareStep(page)] += this.#pageLive[page] *
        classSizes[sizeClass];
    }
    const last = Math.floor(SHARE_STEPS * LEAVING_SHARE_MAX);
    let step = 0;
    for (let units = unitsOfStep[0]; step < last && units < unitsMax;) {
      units += unitsOfStep[++step];
    }
    return step;
  }

  /** A page's share of live records, in steps. */
  #shareStep(page: number): number {
    const capacity = classCapacities[this.#pageClass[page]];
    return (this.#pageLive[page] * SHARE_STEPS / capacity) | 0;
  }

  /** Closes the chunks with the fewest records, as far as the free pages of others can take them. */
  #closeChunks(unitsMax: number): number {
    const chunks = this.#freePages.map((free, chunk) => ({ free, chunk }))
      .filter(({ chunk }) => this.words[chunk].length > 0)
      .sort((a, b) => a.free - b.free);
    let room = 0;
    for (const { free } of chunks) room += free;
    let leaving = 0, pagesMax = unitsMax / PAGE_UNITS;
    for (let last = chunks.pop(); last !== undefined; last = chunks.pop()) {
      const { free, chunk } = last, used = CHUNK_PAGES - free;
      if (chunk === 0) continue;
      room -= free;
      const isWorthIt = used < CHUNK_PAGES * LEAVING_SHARE_MAX;
      if (!isWorthIt || used > room || used > pagesMax) break;
      room -= used;
      pagesMax -= used;
      leaving += this.#closeChunkToRecords(chunk);
    }
    return leaving;
  }

  #closeChunkToRecords(chunk: number): number {
    this.#isChunkLeaving[chunk] = true;
    let leaving = 0;
    const first = chunk * CHUNK_PAGES;
    for (let page = first; page < first + CHUNK_PAGES; page++) {
      if (this.#pageClass[page] === CLASS_FREE) continue;
      if (this.#pageLeaving[page] !== 0) continue;
      this.#closeToRecords(page);
      leaving++;
    }
    return leaving;
  }

  #closeToRecords(page: number): void {
    if (!this.#isFull(page)) this.#unlinkPage(page, this.#pageClass[page]);
    this.#pageLeaving[page] = 1;
  }

  #isFull(page: number): boolean {
    return this.#pageLive[page] === classCapacities[this.#pageClass[page]];
  }

  /** Whether no other page of its class has room. */
  #isLastRoomy(page: number): boolean {
    return this.#roomy[this.#pageClass[page]] === page &&
      this.#pageNext[page] === NONE;
  }

  #openPage(sizeClass: number): number {
    const chunk = this.#chunkWithRoom();
    let page = chunk * CHUNK_PAGES;
    // Page 0 is never used, so that no record has ref 0.
    if (page === 0) page = 1;
    while (this.#pageClass[page] !== CLASS_FREE) page++;
    this.#freePages[chunk]--;
    this.usedPages++;
    this.#pageClass[page] = sizeClass;
    this.#pageLive[page] = 0;
    this.#pageFresh[page] = 0;
    this.#pageFreed[page] = NONE;
    this.#linkPage(page, sizeClass);
    return page;
  }

  /** The lowest chunk with a free page, a new one if there is none. */
  #chunkWithRoom(): number {
    let chunk = this.#firstFreeChunk;
    while (
      chunk < this.words.length &&
      (this.#freePages[chunk] === 0 || this.#isChunkLeaving[chunk])
    ) chunk++;
    if (chunk === this.words.length) {
      const given = this.words.findIndex((words) => words.length === 0);
      if (given !== NONE) chunk = given;
      this.#openChunk(chunk);
    }
    this.#firstFreeChunk = chunk;
    return chunk;
  }

  #closePage(page: number): void {
    const chunk = page >>> 8;
    this.#pageClass[page] = CLASS_FREE;
    this.#pageLeaving[page] = 0;
    this.usedPages--;
    this.#freePages[chunk]++;
    if (chunk < this.#firstFreeChunk) this.#firstFreeChunk = chunk;
    if (chunk !== 0 && this.#freePages[chunk] === CHUNK_PAGES) {
      this.#closeChunk(chunk);
    }
  }

  #openChunk(chunk: number): void {
    if (chunk === CHUNKS_MAX) {
      throw new RangeError("all 64 GiB of record memory are in use");
    }
    const memory = this.#spare.pop() ?? this.recycled() ??
      new ArrayBuffer(CHUNK_BYTES);
    this.#setChunk(chunk, memory);
    this.chunkBytes += CHUNK_BYTES;
    this.#freePages[chunk] = chunk === 0 ? CHUNK_PAGES - 1 : CHUNK_PAGES;
    this.#growPageTables((chunk + 1) * CHUNK_PAGES);
  }

  #closeChunk(chunk: number): void {
    this.#spare.push(this.words[chunk].buffer as ArrayBuffer);
    this.#setChunk(chunk, NO_MEMORY);
    this.#isChunkLeaving[chunk] = false;
    this.#freePages[chunk] = 0;
    this.chunkBytes -= CHUNK_BYTES;
  }

  #setChunk(chunk: number, memory: ArrayBuffer): void {
    this.words[chunk] = new Int32Array(memory);
    this.bytes[chunk] = new Uint8Array(memory);
    this.views[chunk] = new DataView(memory);
  }

  #growPageTables(pages: number): void {
    if (pages <= this.#pageClass.length) return;
    const length = Math.max(pages, this.#pageClass.length * 2);
    const grow = <T extends { set(from: T): void }>(from: T, to: T): T => {
      to.set(from);
      return to;
    };
    this.#pageClass = grow(this.#pageClass, new Uint8Array(length));
    this.#pageLive = grow(
      this.#pageLive.subarray(0, length),
      new Uint16Array(length),
    );
    this.#pageFresh = grow(
      this.#pageFresh.subarray(0, length),
      new Uint16Array(length),
    );
    this.#pageFreed = grow(
      this.#pageFreed.subarray(0, length),
      new Int16Array(length),
    );
    this.#pageNext = grow(
      this.#pageNext.subarray(0, length),
      new Int32Array(length),
    );
    this.#pagePrevious = grow(
      this.#pagePrevious.subarray(0, length),
      new Int32Array(length),
    );
    this.#pageLeaving = grow(
      this.#pageLeaving.subarray(0, length),
      new Uint8Array(length),
    );
  }

  #linkPage(page: number, sizeClass: number): void {
    const next = this.#roomy[sizeClass];
    this.#pageNext[page] = next;
    this.#pagePrevious[page] = NONE;
    if (next !== NONE) this.#pagePrevious[next] = page;
    this.#roomy[sizeClass] = page;
  }

  #unlinkPage(page: number, sizeClass: number): void {
    const next = this.#pageNext[page];
    const previous = this.#pagePrevious[page];
    if (next !== NONE) this.#pagePrevious[next] = previous;
    if (previous !== NONE) this.#pageNext[previous] = next;
    else this.#roomy[sizeClass] = next;
  }
}

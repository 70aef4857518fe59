/**
 * Where the memory is, for INFO memory and the MEMORY command.
 *
 * ```
 * resident   what the system gave the process
 * committed  JavaScript heap + array buffers (arenas, tables, large values, buffers)
 * active     without the pages of arenas that hold no record
 * used       without the free room in the other pages, and in the heap
 * ```
 *
 * The heap's part of `used` includes what the collector has not freed yet.
 */

import type { Database } from "../keyspace/database.ts";
import type { Keyspace } from "../keyspace/keyspace.ts";
import { UNIT_BYTES } from "../keyspace/arena.ts";
import type { ClientRegistry } from "../net/client_registry.ts";
import { clientMemoryBytes } from "../net/client_line.ts";

/** Memory of the process as a whole, in bytes. */
export interface ProcessMemory {
  readonly residentBytes: number;
  readonly committedBytes: number;
  readonly activeBytes: number;
  readonly usedBytes: number;
  /** Of it, what records in arenas hold. */
  readonly recordsBytes: number;
}

/** The tables of a database that has keys, in bytes. */
export interface TableMemory {
  readonly index: number;
  readonly mainBytes: number;
  readonly expiresBytes: number;
}

/** What is not data, in bytes. */
export interface MemoryOverhead {
  readonly startupBytes: number;
  readonly clientsBytes: number;
  readonly tables: readonly TableMemory[];
  readonly totalBytes: number;
}

/** What the data takes, in bytes: what is used and not overhead, at least the records. */
export function datasetBytes(
  { usedBytes, recordsBytes }: ProcessMemory,
  { totalBytes }: MemoryOverhead,
): number {
  return Math.max(recordsBytes, usedBytes - totalBytes);
}

/** Share of the data in what was added since the start, in percent. */
export function datasetPercent(
  now: ProcessMemory,
  overhead: MemoryOverhead,
): number {
  const dataset = datasetBytes(now, overhead);
  const added = Math.max(dataset, now.usedBytes - overhead.startupBytes);
  return added === 0 ? 0 : 100 * dataset / added;
}

/** Who hands memory out, as INFO names it. */
export const ALLOCATOR = `v8-${Deno.version.v8}`;

/** See the top of the file. */
export class MemoryAccounting {
  /** Highest `usedBytes` that was seen; the cron looks regularly. */
  peakBytes = 0;
  /** `usedBytes` when the server was ready, without data. */
  startupBytes = 0;

  constructor(
    private readonly keyspace: Keyspace,
    private readonly clients: ClientRegistry,
  ) {}

  /** To be called once, before clients come. */
  noteStartup(): void {
    this.startupBytes = this.measure().usedBytes;
  }

  /** Measures, and notes a new peak. */
  measure(): ProcessMemory {
    const { rss, heapTotal, heapUsed, external } = Deno.memoryUsage();
    let unusedPages = 0, unusedRoom = 0, recordsBytes = 0;
    for (const { map: { arena } } of this.keyspace.databases) {
      const held = arena.usedUnits * UNIT_BYTES;
      recordsBytes += held;
      unusedRoom += arena.usedPageBytes - held;
      unusedPages += arena.chunkBytes - arena.usedPageBytes + arena.spareBytes;
    }
    const committedBytes = heapTotal + external;
    const usedBytes = heapUsed + external - unusedPages - unusedRoom;
    this.peakBytes = Math.max(this.peakBytes, usedBytes);
    return {
      residentBytes: rss,
      committedBytes,
      activeBytes: committedBytes - unusedPages,
      usedBytes,
      recordsBytes,
    };
  }

  /** What clients and tables take. */
  overhead(): MemoryOverhead {
    const { startupBytes } = this;
    const tables = this.keyspace.databases.filter(({ size }) => size > 0)
      .map(tablesOf);
    let clientsBytes = 0;
    for (const client of this.clients.all()) {
      clientsBytes += clientMemoryBytes(client);
    }
    const totalBytes = tables.reduce(
      (sum, { mainBytes, expiresBytes }) => sum + mainBytes + expiresBytes,
      startupBytes + clientsBytes,
    );
    return { startupBytes, clientsBytes, tables, totalBytes };
  }

  /** Number of keys in all databases. */
  get keyCount(): number {
    return this.keyspace.databases.reduce((sum, { size }) => sum + size, 0);
  }
}

function tablesOf({ index, map, volatile }: Database): TableMemory {
  return {
    index,
    mainBytes: map.index.byteLength,
    expiresBytes: volatile.byteLength,
  };
}

/** Directives about snapshots and the append-only file. */

import {
  INT64_MAX,
  INT_MAX,
  INT_MIN,
  integer,
  memory,
  oneOf,
  text,
  yesNo,
} from "../scalar_directives.ts";
import { savePoints } from "../special_directives.ts";
import { checkBaseName } from "../text_checks.ts";

const MEGABYTE = 1024 * 1024;

const SNAPSHOT_DIRECTIVES = {
  "save": savePoints([
    { seconds: 3600, changes: 1 },
    { seconds: 300, changes: 100 },
    { seconds: 60, changes: 10000 },
  ], {
    summary:
      "Save a snapshot after so many seconds with at least so many changes.",
  }),
  "dbfilename": text("dump.rdb", {
    summary: "Name of the snapshot file in `dir`.",
    isProtected: true,
  }, checkBaseName("dbfilename", "filename", true)),
  "rdbcompression": yesNo(true, {
    summary: "Compress texts in snapshots.",
  }),
  "rdbchecksum": yesNo(true, {
    summary: "Write a checksum into snapshots and verify it.",
    isMutable: false,
  }),
  "sanitize-dump-payload": oneOf(["no", "yes", "clients"], "no", {
    summary:
      "Whose compact values are counted as checked (`dump_payload_sanitizations`); all are checked in any case.",
  }),
  "stop-writes-on-bgsave-error": yesNo(true, {
    summary: "Refuse writes after a snapshot could not be saved.",
  }),
  "rdb-del-sync-files": yesNo(false, {
    summary:
      "Delete snapshots that were made for replication, if nothing else is to be saved.",
  }),
  "rdb-save-incremental-fsync": yesNo(true, {
    summary: "Flush a snapshot to the disk in steps while it is written.",
  }),
  "rdb-key-save-delay": integer(0, {
    summary: "Pause after each key of a snapshot, for tests.",
    unit: "microseconds",
    minimum: INT_MIN,
    maximum: INT_MAX,
    isHidden: true,
  }),
  "key-load-delay": integer(0, {
    summary: "Pause after each key that is loaded, for tests.",
    unit: "microseconds",
    minimum: INT_MIN,
    maximum: INT_MAX,
    isHidden: true,
  }),
  "loading-process-events-interval-bytes": integer(2 * MEGABYTE, {
    summary: "Bytes that are loaded before clients get a turn.",
    unit: "bytes",
    minimum: 1024,
    maximum: INT_MAX,
    isHidden: true,
  }),
};

const APPEND_ONLY_DIRECTIVES = {
  "appendonly": yesNo(false, {
    summary: "Append every change to a file.",
    isFixedWhileLoading: true,
  }),
  "appendfilename": text("appendonly.aof", {
    summary: "What the names of the append-only files begin with.",
    isMutable: false,
  }, checkBaseName("appendfilename", "filename", false)),
  "appenddirname": text("appendonlydir", {
    summary: "Directory of the append-only files in `dir`.",
    isMutable: false,
  }, checkBaseName("appenddirname", "dirname", false)),
  "appendfsync": oneOf(["everysec", "always", "no"], "everysec", {
    summary: "When the append-only file is flushed to the disk.",
  }),
  "no-appendfsync-on-rewrite": yesNo(false, {
    summary: "Do not flush while a snapshot is written.",
  }),
  "auto-aof-rewrite-percentage": integer(100, {
    summary: "Growth after which the file is rewritten; 0 never.",
    unit: "percent",
    minimum: 0,
    maximum: INT_MAX,
  }),
  "auto-aof-rewrite-min-size": memory(64 * MEGABYTE, {
    summary: "Smallest file that is rewritten by itself.",
    minimum: 0,
    maximum: INT64_MAX,
  }),
  "aof-load-truncated": yesNo(true, {
    summary: "Load a file whose end is missing.",
  }),
  "aof-use-rdb-preamble": yesNo(true, {
    summary: "Begin a rewritten file with a snapshot.",
  }),
  "aof-timestamp-enabled": yesNo(false, {
    summary: "Write the time into the file, to restore an earlier state.",
  }),
  "aof-rewrite-incremental-fsync": yesNo(true, {
    summary: "Flush a rewritten file to the disk in steps.",
  }),
  "aof-disable-auto-gc": yesNo(false, {
    summary: "Keep old append-only files, for tests.",
    isHidden: true,
  }),
};

export const PERSISTENCE_DIRECTIVES = {
  ...SNAPSHOT_DIRECTIVES,
  ...APPEND_ONLY_DIRECTIVES,
};

/** Directives about connections: where clients come in and what they may use. */

import {
  INT64_MAX,
  INT_MAX,
  integer,
  memory,
  memoryOrPercent,
  octal,
  oneOf,
  optionalText,
  UINT_MAX,
  yesNo,
} from "../scalar_directives.ts";
import { bindAddresses, outputBufferLimits } from "../special_directives.ts";

const MEGABYTE = 1024 * 1024;

export const NETWORK_DIRECTIVES = {
  "bind": bindAddresses(["*", "-::*"], {
    summary: "Addresses to listen on; empty for none.",
  }),
  "bind-source-addr": optionalText({
    summary: "Address from which the server connects to others.",
    isEffective: false,
  }),
  "port": integer(6380, {
    summary: "TCP port; 0 for none.",
    minimum: 0,
    maximum: 65535,
  }),
  "tcp-backlog": integer(511, {
    summary: "Connections that may wait to be accepted.",
    minimum: 0,
    maximum: INT_MAX,
    isMutable: false,
  }),
  "unixsocket": optionalText({
    summary: "Path of a unix socket to listen on as well.",
    isMutable: false,
  }),
  "unixsocketperm": octal(0, {
    summary: "File permissions of the unix socket; 0 leaves them.",
    minimum: 0,
    maximum: 0o777,
    isMutable: false,
  }),
  "io-transport": oneOf(["auto", "deno", "node"], "auto", {
    summary: "Which of the runtime's sockets serve TCP. Not in Redis.",
    isMutable: false,
    // Whoever sets all that CONFIG GET * lists expects Redis's directives.
    isHidden: true,
  }),
  "protected-mode": yesNo(true, {
    summary: "Refuse clients from other machines while no password is set.",
  }),
  "maxclients": integer(10000, {
    summary: "Clients that may be connected at once.",
    unit: "clients",
    minimum: 1,
    maximum: UINT_MAX,
  }),
  "timeout": integer(0, {
    summary: "Close clients that are idle for this long; 0 never.",
    unit: "seconds",
    minimum: 0,
    maximum: INT_MAX,
  }),
  "tcp-keepalive": integer(300, {
    summary: "Idle time after which TCP probes the other end; 0 never.",
    unit: "seconds",
    minimum: 0,
    maximum: INT_MAX,
  }),
  "proto-max-bulk-len": memory(512 * MEGABYTE, {
    summary: "Longest single argument of a command.",
    minimum: MEGABYTE,
    maximum: INT64_MAX,
  }),
  "client-query-buffer-limit": memory(1024 * MEGABYTE, {
    summary: "Most unprocessed input of a client.",
    minimum: MEGABYTE,
    maximum: INT64_MAX,
  }),
  "client-output-buffer-limit": outputBufferLimits({
    normal: { hardBytes: 0, softBytes: 0, softSeconds: 0 },
    replica: {
      hardBytes: 256 * MEGABYTE,
      softBytes: 64 * MEGABYTE,
      softSeconds: 60,
    },
    pubsub: {
      hardBytes: 32 * MEGABYTE,
      softBytes: 8 * MEGABYTE,
      softSeconds: 60,
    },
  }, {
    summary: "Close clients whose unread replies pass a limit; 0 for no limit.",
  }),
  "maxmemory-clients": memoryOrPercent(0, {
    summary:
      "Memory of all clients together, or its share of maxmemory; 0 for no limit.",
    isEffective: false,
  }),
  "io-threads": integer(1, {
    summary: "Threads for reading and writing.",
    minimum: 1,
    maximum: 128,
    isMutable: false,
    isEffective: false,
  }),
  "io-threads-do-reads": yesNo(false, {
    summary: "Read with threads, too.",
    isMutable: false,
    isEffective: false,
  }),
  "socket-mark-id": integer(0, {
    summary: "Mark of the server's sockets for the kernel's packet filter.",
    minimum: 0,
    maximum: UINT_MAX,
    isMutable: false,
    isEffective: false,
  }),
};

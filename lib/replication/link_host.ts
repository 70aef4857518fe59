/** What the link to the primary asks of the server and tells it. */

import { textOfBytes } from "../resp/byte_text.ts";
import type { BufferPool } from "../resp/buffer_pool.ts";
import type { Router } from "../router/router.ts";
import type { PrimaryLinkHost } from "./primary_link.ts";
import type { PrimaryStreamHost } from "./primary_stream.ts";
import type { Replication } from "./replication.ts";

/** Parts of the server that are made after replication. */
export interface LinkParts {
  readonly router: Router;
  readonly pool: BufferPool;
  /** TCP port that we listen on. */
  readonly port: () => number;
}

/** @param isCurrent false for a link that another one, or none, has replaced. */
export function linkHost(
  replication: Replication,
  linkParts: LinkParts,
  isCurrent: () => boolean,
): PrimaryLinkHost {
  const { parts, failover } = replication;
  const { config, log } = parts;
  const ifCurrent = (act: () => void) => {
    if (isCurrent()) act();
  };
  const streamHost = streamHostOf(replication, linkParts);
  return {
    log,
    streamHost,
    self: () => ({
      user: config.get("masteruser"),
      password: textOfBytes(config.get("masterauth")),
      listeningPort: config.get("replica-announce-port") || linkParts.port(),
      address: config.get("replica-announce-ip"),
    }),
    known: () =>
      replication.isContinuable
        ? { id: replication.history.id, next: replication.history.offset + 1 }
        : undefined,
    get isFailover() {
      return failover.isInProgress;
    },
    onAnswer: (isAccepted) => ifCurrent(() => failover.answered(isAccepted)),
    onContinue: (id) => ifCurrent(() => replication.continueAs(id)),
    temporaryPath: () => replication.copyFiles.temporaryPath(),
    load: (path) => replication.load(path),
    settleCopy: (path) => replication.copyFiles.settle(path),
    onLoaded: (id, offset) => ifCurrent(() => replication.adopt(id, offset)),
    onStream: (stream) => ifCurrent(() => replication.beginStream(stream)),
    onStreamEnd: (stream) => ifCurrent(() => replication.endStream(stream)),
    onStateChange: () => ifCurrent(() => replication.guards.update()),
  };
}

function streamHostOf(
  replication: Replication,
  { router, pool }: LinkParts,
): () => PrimaryStreamHost {
  const { stats, keyspace, clients, log } = replication.parts;
  return () => ({
    router,
    pool,
    get clientId() {
      return clients.nextId();
    },
    nowMs: () => keyspace.clock.nowMs(),
    onApplied: (bytes, from, to) => replication.relay(bytes, from, to),
    onRead: (length) => stats.netReplicationInputBytes += length,
    errorCount: () => stats.totalErrorReplies,
    onRefusal: (error, commandName) => {
      stats.unexpectedErrorReplies++;
      log.warning(
        `== CRITICAL == This replica is sending an error to its master: '${error}' after processing the command '${commandName}'`,
      );
    },
  });
}

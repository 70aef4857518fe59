/** INFO replication: a primary without replicas, so far. */

import type { InfoSection } from "./info_section.ts";

export const replicationSection: InfoSection = {
  name: "replication",
  title: "Replication",
  isDefault: true,
  *fields({ config, replication }) {
    yield ["role", "master"];
    yield ["connected_slaves", 0];
    yield ["master_failover_state", "no-failover"];
    yield ["master_replid", replication.id];
    yield ["master_replid2", replication.previousId];
    yield ["master_repl_offset", 0];
    yield ["second_repl_offset", -1];
    yield ["repl_backlog_active", 0];
    yield ["repl_backlog_size", config.get("repl-backlog-size")];
    yield ["repl_backlog_first_byte_offset", 0];
    yield ["repl_backlog_histlen", 0];
  },
};

/** INFO clients: how many there are, and how much the greediest hold. */

import type { InfoSection } from "./info_section.ts";

export const clientsSection: InfoSection = {
  name: "clients",
  title: "Clients",
  isDefault: true,
  *fields({ blocked, clients, config, replication, tracking }) {
    let inputMaxBytes = 0, outputMaxBytes = 0, parked = 0;
    for (const client of clients.all()) {
      inputMaxBytes = Math.max(inputMaxBytes, client.link.queryBufferBytes);
      outputMaxBytes = Math.max(outputMaxBytes, client.outputBytes);
      if (client.isParked) parked++;
    }
    yield ["connected_clients", clients.size - replication.replicas.size];
    yield ["cluster_connections", 0];
    yield ["maxclients", config.get("maxclients")];
    yield ["client_recent_max_input_buffer", inputMaxBytes];
    yield ["client_recent_max_output_buffer", outputMaxBytes];
    yield ["blocked_clients", parked];
    yield ["tracking_clients", tracking.clientCount];
    yield ["clients_in_timeout_table", blocked.timeoutCount];
    yield ["total_blocking_keys", blocked.keyCount()];
    yield ["total_blocking_keys_on_nokey", blocked.keyCount(true)];
  },
};

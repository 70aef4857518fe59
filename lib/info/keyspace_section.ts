/** INFO keyspace: databases that hold keys. */

import type { InfoSection } from "./info_section.ts";

export const keyspaceSection: InfoSection = {
  name: "keyspace",
  title: "Keyspace",
  isDefault: true,
  *fields({ keyspace }) {
    for (const { index, size, volatile, averageTtlMs } of keyspace.databases) {
      if (size === 0) continue;
      const ttl = Math.round(averageTtlMs);
      yield [
        `db${index}`,
        `keys=${size},expires=${volatile.size},avg_ttl=${ttl}`,
      ];
    }
  },
};

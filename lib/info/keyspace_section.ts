/** INFO keyspace: databases that hold keys. */

import type { InfoSection } from "./info_section.ts";

export const keyspaceSection: InfoSection = {
  name: "keyspace",
  title: "Keyspace",
  isDefault: true,
  *fields({ keyspace }) {
    for (const db of keyspace.databases) {
      const { index, size, volatile, averageTtlMs } = db;
      if (size === 0) continue;
      const ttl = Math.round(averageTtlMs);
      const hashes = keyspace.fieldExpiry.count(db);
      yield [
        `db${index}`,
        `keys=${size},expires=${volatile.size},avg_ttl=${ttl}` +
        (hashes === 0 ? "" : `,subexpiry=${hashes}`),
      ];
    }
  },
};

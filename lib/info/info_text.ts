/** The text of INFO: which sections were asked for, and how they look. */

import { clientsSection } from "./clients_section.ts";
import {
  commandStatsSection,
  errorStatsSection,
  latencyStatsSection,
} from "./command_sections.ts";
import { cpuSection } from "./cpu_section.ts";
import type { InfoSection, InfoSource } from "./info_section.ts";
import { keyspaceSection } from "./keyspace_section.ts";
import { memorySection } from "./memory_section.ts";
import { persistenceSection } from "./persistence_section.ts";
import { replicationSection } from "./replication_section.ts";
import { serverSection } from "./server_section.ts";
import { debugSection, statsSection } from "./stats_section.ts";

/** There are no modules. */
const modulesSection: InfoSection = {
  name: "modules",
  otherName: "module_list",
  title: "Modules",
  isDefault: true,
  fields: () => [],
};

const clusterSection: InfoSection = {
  name: "cluster",
  title: "Cluster",
  isDefault: true,
  fields: () => [["cluster_enabled", 0]],
};

/** All sections, in the order in which they are shown. */
const SECTIONS: readonly InfoSection[] = [
  serverSection,
  clientsSection,
  memorySection,
  persistenceSection,
  statsSection,
  replicationSection,
  cpuSection,
  modulesSection,
  commandStatsSection,
  errorStatsSection,
  latencyStatsSection,
  clusterSection,
  keyspaceSection,
  debugSection,
];

/**
 * The text of the sections with these names, in any case; `default` (also for no
 * name), `all` and `everything` stand for several. Unknown names mean nothing.
 */
export function infoText(source: InfoSource, names: readonly string[]): string {
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const isAll = wanted.has("all") || wanted.has("everything");
  const isDefault = names.length === 0 || wanted.has("default");
  const shown = SECTIONS.filter((section) =>
    wanted.has(section.name) || wanted.has(section.otherName ?? section.name) ||
    (isDefault && section.isDefault) ||
    (isAll && !section.isHidden)
  );
  return shown.map((section) => sectionText(section, source)).join("\r\n");
}

function sectionText(section: InfoSection, source: InfoSource): string {
  let text = `# ${section.title}\r\n`;
  for (const [name, value] of section.fields(source)) {
    text += `${name}:${value}\r\n`;
  }
  return text;
}

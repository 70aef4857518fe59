/** Finds the groups of conformance cases: every `*_cases.ts` file of this directory. */
import type { ConformanceGroup } from "./conformance_case.ts";

export async function findGroups(): Promise<ConformanceGroup[]> {
  const files: string[] = [];
  for await (const entry of Deno.readDir(new URL(".", import.meta.url))) {
    if (entry.name.endsWith("_cases.ts")) files.push(entry.name);
  }
  const modules = files.sort().map((file) =>
    import(new URL(file, import.meta.url).href)
  );
  return (await Promise.all(modules)).map((module) =>
    module.group as ConformanceGroup
  );
}

import { assertEquals } from "@std/assert";
import { CommandRunner } from "./command_runner.ts";

/** A command, how many changes it counts, and the events it causes as `name key`. */
export type ChangeCase = readonly [
  command: string,
  changes: number,
  events: string[],
];

/**
 * Runs each command on a server of its own after those of `before`: it counts its
 * changes, tells of its events, and is passed on as it was sent if it changed anything.
 */
export function assertChanges(
  before: readonly string[],
  cases: readonly ChangeCase[],
): void {
  for (const [command, changes, events] of cases) {
    const runner = new CommandRunner();
    for (const preparation of before) runner.run(preparation);
    runner.takeEffects();
    runner.takeEvents();
    const { keyspace } = runner.server.parts, dirty = keyspace.dirty;
    runner.run(command);
    assertEquals(
      [command, keyspace.dirty - dirty, runner.takeEvents()],
      [command, changes, events],
    );
    assertEquals(runner.takeEffects(), changes > 0 ? [command] : []);
  }
}

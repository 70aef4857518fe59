/** A server without a network that keeps its data in the files of a directory. */
import { Config } from "../../lib/config/config.ts";
import type { DirectiveName } from "../../lib/config/directives.ts";
import { digestOfKeyspace } from "../../lib/keyspace/digest.ts";
import type { Disk } from "../../lib/persistence/disk.ts";
import { CommandRunner } from "./command_runner.ts";

export interface FileServerOptions {
  /** Directives with their arguments. */
  readonly directives?: Readonly<Partial<Record<DirectiveName, string>>>;
  readonly disk?: Disk;
}

/** See the top of the file. */
export class FileServer {
  readonly runner: CommandRunner;
  readonly config: Config;
  log = "";

  constructor(dir: string, { directives = {}, disk }: FileServerOptions = {}) {
    this.config = new Config(dir);
    for (const [name, text] of Object.entries(directives)) {
      this.config.load(
        name as DirectiveName,
        text === "" ? [""] : text.split(" "),
        false,
      );
    }
    const onLog = (line: string) => this.log += line;
    this.runner = new CommandRunner({ config: this.config, disk, onLog });
    const { parts, router, pool } = this.runner.server;
    parts.persistence.start(router.guards);
    parts.appendOnly.start(router, pool);
  }

  /** Loads what is there, and goes on writing. @throws {LoadError} */
  async load(): Promise<void> {
    const { parts } = this.runner.server;
    const isLoaded = this.config.get("appendonly") &&
      await parts.appendOnly.load();
    if (!isLoaded) await parts.persistence.loadAtStart();
    await parts.appendOnly.open();
  }

  get digest(): string {
    return digestOfKeyspace(this.runner.server.parts.keyspace);
  }

  /** What the cron does for files. */
  tick(): void {
    const { persistence, appendOnly, keyspace } = this.runner.server.parts;
    keyspace.tick();
    persistence.tick();
    appendOnly.file.tick();
  }

  /** Resolves when nothing is being saved, rewritten or synced. */
  async idle(): Promise<void> {
    const { persistence, appendOnly: { file } } = this.runner.server.parts;
    const isBusy = () =>
      file.isRewriting || persistence.saving !== undefined ||
      file.log?.isSyncing === true;
    do await new Promise((resolve) => setTimeout(resolve)); while (isBusy());
  }

  close(): Promise<void> {
    return this.runner.server.parts.appendOnly.file.close();
  }
}

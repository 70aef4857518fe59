/**
 * An executable made of a shell script, a Deno binary and a bundled program:
 *
 *     #!/bin/sh script │ program, gzip │ runtime, gzip
 *
 * The first start unpacks the two into a directory of the user's own cache,
 * named after their hash; every start then replaces the shell by the runtime
 * (`exec`), so that the process keeps its ID and gets the signals sent to it.
 *
 * - Nobody else may put a file there: the directory and the one above it must
 *   belong to the user, be no link and be closed to others, or the next place
 *   is tried.
 * - Two first starts at once do not meet: each unpacks under a name of its own
 *   and renames when the file is whole. A broken download fails gzip's checksum
 *   before that.
 * - Needs `sh`, `tail`, `head`, `gzip` and the usual file commands, so Linux
 *   and macOS only.
 */
import { createHash } from "node:crypto";
import { join } from "@std/path";

const TEMPLATE = join(import.meta.dirname!, "self_extracting.sh");

/** What goes into an executable. */
export interface Parts {
  /** The Deno binary. */
  readonly runtime: Uint8Array<ArrayBuffer>;
  /** One JavaScript module without imports. */
  readonly program: Uint8Array<ArrayBuffer>;
  readonly v8Flags: readonly string[];
  /** The file to make; it must not exist yet. */
  readonly output: string;
}

/** Writes the executable. */
export async function makeSelfExtracting(parts: Parts): Promise<void> {
  const program = await gzip(parts.program);
  const runtime = await gzip(parts.runtime);
  const script = toScript(await Deno.readTextFile(TEMPLATE), {
    PROGRAM_BYTES: `${program.length}`,
    RUNTIME_BYTES: `${runtime.length}`,
    HASH: hashOf(parts),
    V8_FLAGS: parts.v8Flags.join(","),
  });
  using file = await Deno.open(parts.output, {
    write: true,
    createNew: true,
    mode: 0o755,
  });
  for (const segment of [script, program, runtime]) {
    for (let sent = 0; sent < segment.length;) {
      sent += await file.write(segment.subarray(sent));
    }
  }
}

async function gzip(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream()
    .pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

/** What is unpacked decides the name, so that builds do not mix. */
function hashOf({ runtime, program }: Parts): string {
  const HEX_DIGITS = 32;
  return createHash("sha256").update(program).update(runtime).digest("hex")
    .slice(0, HEX_DIGITS);
}

/** Fills the script in; it has to know its own length to find what follows. */
function toScript(template: string, facts: Record<string, string>): Uint8Array {
  let script = template;
  for (const [name, value] of Object.entries(facts)) {
    script = script.replace(`@${name}@`, value);
  }
  const LENGTH_MARK = "@SCRIPT_BYTES@";
  const lengthBytes = new TextEncoder().encode(script).length;
  const length = `${lengthBytes}`.padEnd(LENGTH_MARK.length);
  return new TextEncoder().encode(script.replace(LENGTH_MARK, length));
}

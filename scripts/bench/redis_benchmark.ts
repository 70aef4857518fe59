/** Runs redis-benchmark and reads its CSV. */
import { pinLoad } from "./contestant.ts";

/** One load to put on a server. */
export interface Load {
  /** A test of redis-benchmark (`-t`), or the words of a command. */
  readonly command: string | readonly string[];
  readonly pipeline: number;
  readonly clients: number;
  readonly valueBytes: number;
  /** Keys are drawn from this many. */
  readonly keys: number;
  readonly requests: number;
}

/** What redis-benchmark saw. */
export interface LoadResult {
  readonly perSecond: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** Puts a load on the server at a port of this machine. */
export async function runLoad(port: number, load: Load): Promise<LoadResult> {
  const { command } = load;
  const words = pinLoad([
    "redis-benchmark",
    "--csv",
    ...["--precision", "3"],
    ...["-h", "127.0.0.1"],
    ...["-p", `${port}`],
    ...["-c", `${load.clients}`],
    ...["-n", `${load.requests}`],
    ...["-P", `${load.pipeline}`],
    ...["-d", `${load.valueBytes}`],
    ...["-r", `${load.keys}`],
    ...(typeof command === "string" ? ["-t", command] : command),
  ]);
  const { stdout, stderr, success } = await new Deno.Command("sh", {
    args: ["-c", 'ulimit -n "$(ulimit -Hn)"; exec "$@"', "sh", ...words],
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).output();
  const text = new TextDecoder().decode(stdout);
  if (!success) {
    const problem = new TextDecoder().decode(stderr);
    throw new Error(`${words.join(" ")} failed: ${text}${problem}`);
  }
  return parseCsv(text);
}

/** The last row: a test that must first make its data prints rows before. */
export function parseCsv(text: string): LoadResult {
  const rows = text.trim().split("\n").map((line) =>
    line.trim().replace(/^"|"$/g, "").split('","')
  );
  const head = rows.findIndex((row) => row[0] === "test");
  const last = rows.length - 1;
  if (head === -1 || last === head) {
    throw new Error(`redis-benchmark printed no result: ${text}`);
  }
  const column = (name: string): number => {
    const value = Number(rows[last][rows[head].indexOf(name)]);
    if (Number.isNaN(value)) throw new Error(`no ${name} in ${text}`);
    return value;
  };
  return {
    perSecond: column("rps"),
    p99Ms: column("p99_latency_ms"),
    maxMs: column("max_latency_ms"),
  };
}

/**
 * A server that is started on damaged files, as a user starts it: it ends with exit
 * code 1, its log says which file, where and why, and the files are left as they are.
 */
import { assertEquals, assertMatch } from "@std/assert";
import { bytesOf } from "../support/binary_text.ts";
import { runToEnd, tsredisCommand } from "../support/server_process.ts";

const SET = "*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n";
const CUT_SET = SET.slice(0, -4);
const WRONG_SET = SET + SET.replace("$3", "!3");
/** Empty, and with 8 bytes for a checksum that are 0. */
const RDB = `REDIS0010\xff${"\0".repeat(8)}`;
const BASE = "appendonlydir/appendonly.aof.1.base.";
const INCREMENT = "appendonlydir/appendonly.aof.1.incr.aof";
const MANIFEST = "appendonlydir/appendonly.aof.manifest";
const LINE = "file appendonly.aof.1.incr.aof seq 1 type i\n";
const NO_REPAIR = ["--aof-load-truncated", "no"];

function baseLine(kind: string): string {
  return `file appendonly.aof.1.base.${kind} seq 1 type b\n${LINE}`;
}

/** What is damaged, the files, what the log says, and directives. */
const CASES: [string, Record<string, string>, RegExp[], string[]?][] = [
  [
    "an RDB file that is cut",
    { "dump.rdb": RDB.slice(0, 12) },
    [/dump\.rdb: the data ends too early at byte 12/],
    ["--appendonly", "no"],
  ],
  [
    "an RDB file that goes on behind its end",
    { "dump.rdb": RDB + RDB },
    [/dump\.rdb.*more behind the end of the file at byte 18/],
    ["--appendonly", "no", "--rdbchecksum", "no"],
  ],
  [
    "an RDB base that is cut",
    {
      [`${BASE}rdb`]: RDB.slice(0, 12),
      [INCREMENT]: SET,
      [MANIFEST]: baseLine("rdb"),
    },
    [/at byte \d+/, /RDB base file appendonly\.aof\.1\.base\.rdb/],
  ],
  [
    "a base of commands that is cut",
    { [`${BASE}aof`]: CUT_SET, [INCREMENT]: SET, [MANIFEST]: baseLine("aof") },
    [/truncated file appendonly\.aof\.1\.base\.aof is not the last file/],
  ],
  [
    "an increment that is altered",
    { [INCREMENT]: WRONG_SET, [MANIFEST]: LINE },
    [/Bad file format reading .*1\.incr\.aof at offset 27/],
  ],
  [
    "an increment that is cut, which is not to be repaired",
    { [INCREMENT]: SET + CUT_SET, [MANIFEST]: LINE },
    [/Unexpected end of file reading .*1\.incr\.aof at offset 27/],
    NO_REPAIR,
  ],
  [
    "a manifest that is cut",
    { [INCREMENT]: SET, [MANIFEST]: LINE.slice(0, -4) },
    [/manifest/i, /line 1|format/i],
  ],
  [
    "an old single file that is altered",
    { "appendonly.aof": WRONG_SET },
    [/Bad file format reading .* appendonly\.aof at offset 27/],
  ],
  [
    "an old single file that is cut, which is not to be repaired",
    { "appendonly.aof": SET + CUT_SET },
    [/Unexpected end of file reading .* appendonly\.aof at offset 27/],
    NO_REPAIR,
  ],
];

for (const [what, files, reasons, directives = []] of CASES) {
  Deno.test(`a start on ${what} is refused with file, place and reason`, async () => {
    const dir = await Deno.makeTempDir();
    try {
      await Deno.mkdir(`${dir}/appendonlydir`);
      for (const [name, text] of Object.entries(files)) {
        await Deno.writeFile(`${dir}/${name}`, bytesOf(text));
      }
      const { code, stdout } = await runToEnd([
        ...tsredisCommand(),
        ...["--port", "0", "--dir", dir, "--appendonly", "yes", ...directives],
      ]);
      assertEquals(code, 1, stdout);
      for (const reason of reasons) assertMatch(stdout, reason);
      for (const [name, text] of Object.entries(files)) {
        // An old single file is moved first, as by Redis.
        const path = name === "appendonly.aof" ? `appendonlydir/${name}` : name;
        assertEquals(await Deno.readFile(`${dir}/${path}`), bytesOf(text));
      }
    } finally {
      await Deno.remove(dir, { recursive: true });
    }
  });
}

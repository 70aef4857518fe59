/** What is frozen is written as it was, whatever becomes of it meanwhile. */

import { assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import { CommandRunner } from "../../tests/support/command_runner.ts";
import {
  changeLarge,
  fillLarge,
  LARGE_VALUES,
} from "../../tests/support/large_values.ts";
import { bytesOfText } from "../resp/byte_text.ts";
import { CommandEncoder } from "./command_encoder.ts";
import { freezeValue } from "./rdb_value_writer.ts";
import { RdbWriter } from "./rdb_writer.ts";

/** What writes a value that is frozen in parts, and what it has written. */
interface Writing {
  /** Goes on; false at the end. */
  goOn(): boolean;
  written(): Promise<Uint8Array>;
}

const FORMATS: Record<string, (runner: CommandRunner) => Writing> = {
  RDB({ database: { map }, database }) {
    const writer = new RdbWriter({ isCompressing: false, hasChecksum: false });
    const ref = database.peekKey(bytesOfText("k"));
    const parts = freezeValue(map, ref)(writer);
    return {
      goOn: () => parts.next().done !== true,
      written: () => Promise.resolve(writer.bytes.slice(0, writer.length)),
    };
  },
  commands({ database: { map }, database }) {
    const encoder = new CommandEncoder(1024);
    encoder.record(0, map, database.peekKey(bytesOfText("k")));
    return {
      goOn: () => encoder.goOn(),
      async written() {
        const pieces: Uint8Array[] = [];
        await encoder.handTo((bytes) => {
          pieces.push(bytes.slice());
          return Promise.resolve();
        });
        return pieces[0];
      },
    };
  },
};

for (const [type, { fill, changes }] of Object.entries(LARGE_VALUES)) {
  for (const [format, freeze] of Object.entries(FORMATS)) {
    const name =
      `a frozen ${type} is written as it was, in the format ${format}`;
    Deno.test(`${name}, seed ${TEST_SEED}`, async () => {
      const r = new Random(TEST_SEED), runner = new CommandRunner();
      fillLarge(runner, fill);
      for (let round = 0; round < 3; round++) {
        const expected = freeze(runner);
        while (expected.goOn());
        const writing = freeze(runner);
        do changeLarge(runner, changes, r, round === 0 ? 5 : 60); while (
          writing.goOn()
        );
        if (round === 2) runner.run("DEL k");
        assertEquals(await writing.written(), await expected.written());
      }
    });
  }
}

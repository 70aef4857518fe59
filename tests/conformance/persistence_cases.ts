/** SAVE, BGSAVE, LASTSAVE and what INFO says of them. */
import { between, error, OK, textLike } from "../support/expectation.ts";
import type { ConformanceCase, ConformanceGroup } from "./conformance_case.ts";
import { SYNTAX, WRONG_ARITY } from "./expected_replies.ts";

const saving: ConformanceCase[] = [
  {
    name: "SAVE writes the data, and counts changes from 0 again",
    steps: [
      ["SET k v", OK],
      ["SAVE", OK],
      ["INFO persistence", textLike(/rdb_changes_since_last_save:0\r/)],
      ["LASTSAVE", between(1.5e9, 1e10)],
      ["SAVE now", WRONG_ARITY("save")],
      ["LASTSAVE now", WRONG_ARITY("lastsave")],
    ],
  },
  {
    name: "BGSAVE refuses wrong options, and waits for EXEC to end",
    steps: [
      ["BGSAVE now", SYNTAX],
      ["BGSAVE SCHEDULE now", SYNTAX],
      ["MULTI", OK],
      ["SAVE", error("ERR Command not allowed inside a transaction")],
      ["DISCARD", OK],
    ],
  },
];

export const group: ConformanceGroup = { name: "persistence", cases: saving };

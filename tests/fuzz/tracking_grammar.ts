/**
 * Productions for client-side caching. Tracking is never turned on: its messages
 * would come between the replies.
 */
import { type Grammar, randomCase } from "./production.ts";

export const trackingGrammar: Grammar = {
  "client|tracking": {
    weight: 0.3,
    isExact: true,
    make: (r) =>
      r.pick([
        ["OFF"],
        ["off", "BCAST", "PREFIX", "a"],
        ["ON", "PREFIX", "a"],
        ["ON", "OPTIN", "OPTOUT"],
        ["ON", "BCAST", "OPTIN"],
        ["ON", "BCAST", "PREFIX", "ab", "PREFIX", "a"],
        ["ON", "REDIRECT", r.pick(["-1", "x", "99999999"])],
        ["ON", "REDIRECT"],
        ["ON", "NOPE"],
        ["maybe"],
      ]).map((word) => randomCase(r, word)),
  },
  "client|caching": { weight: 0.3, make: (r) => [r.pick(["YES", "no", "x"])] },
  "client|getredir": { weight: 0.3, make: () => [] },
  "client|trackinginfo": { weight: 0.3, make: () => [] },
};

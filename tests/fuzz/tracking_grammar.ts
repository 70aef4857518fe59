/**
 * Productions for client-side caching. Tracking is never turned on: its messages
 * would come between the replies. Prefixes are digits, so that those that overlap
 * do so in any case of the letters.
 */
import { type Grammar, randomCase } from "./production.ts";

export const trackingGrammar: Grammar = {
  "client|tracking": {
    weight: 0.3,
    isExact: true,
    make: (r) =>
      r.pick([
        ["OFF"],
        ["off", "BCAST", "PREFIX", "1"],
        ["ON", "PREFIX", "1"],
        ["ON", "OPTIN", "OPTOUT"],
        ["ON", "BCAST", "OPTIN"],
        ["ON", "BCAST", "PREFIX", "12", "PREFIX", "1"],
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

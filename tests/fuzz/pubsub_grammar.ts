/**
 * Productions for publishing. The run's connection subscribes to nothing: it
 * waits for one reply per command. (UNSUBSCRIBE of one topic answers once.)
 */
import { type Grammar, key, pattern, value } from "./production.ts";

export const pubsubGrammar: Grammar = {
  publish: { make: (r) => [key(r), value(r)] },
  spublish: { make: (r) => [key(r), value(r)] },
  unsubscribe: { weight: 0.3, isExact: true, make: (r) => r.some([key(r)]) },
  punsubscribe: {
    weight: 0.3,
    isExact: true,
    make: (r) => r.some([pattern(r)]),
  },
  sunsubscribe: { weight: 0.3, isExact: true, make: (r) => r.some([key(r)]) },
  "pubsub|channels": { weight: 0.3, make: (r) => r.some([pattern(r)]) },
  "pubsub|shardchannels": { weight: 0.3, make: (r) => r.some([pattern(r)]) },
  "pubsub|numsub": { weight: 0.3, make: (r) => r.repeat(2, () => key(r)) },
  "pubsub|shardnumsub": { weight: 0.3, make: (r) => r.repeat(2, () => key(r)) },
  "pubsub|numpat": { weight: 0.3, make: () => [] },
};

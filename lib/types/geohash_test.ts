import { assert, assertEquals } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";
import { Random } from "../../tests/fuzz/random.ts";
import {
  decodePlace,
  encodePlace,
  LATITUDE_MAX,
  LONGITUDE_MAX,
  type Place,
  placeDistance,
  STEPS_MAX,
} from "./geohash.ts";

/** Of a degree on an axis from -1 to 1. */
const ROUNDING = 1e-14;
const SEED = crypto.getRandomValues(new Uint32Array(1))[0];

function anyPlace(r: Random, spread = 1): Place {
  // Of so many bits that hardly a place is between two cells, where rounding decides.
  const part = () => ((r.next() + r.next() / 2 ** 32) / 2 ** 31 - 1) * spread;
  return {
    longitude: part() * LONGITUDE_MAX,
    latitude: part() * LATITUDE_MAX,
  };
}

/** The score bit by bit: which half, the longitude's first. */
function scoreOf({ longitude, latitude }: Place): number {
  let score = 0n;
  const axes = [[longitude, LONGITUDE_MAX], [latitude, LATITUDE_MAX]];
  const halves = axes.map(([degree, max]) => {
    let low = -max, high = max;
    return Array.from({ length: STEPS_MAX }, () => {
      const middle = (low + high) / 2, isUpper = degree >= middle;
      if (isUpper) low = middle;
      else high = middle;
      return isUpper ? 1n : 0n;
    });
  });
  for (let step = 0; step < STEPS_MAX; step++) {
    score = score << 2n | halves[0][step] << 1n | halves[1][step];
  }
  return Number(score);
}

Deno.test(`a score is the halves of both axes in turn, and its place is in the cell (seed ${SEED})`, () => {
  const r = new Random(SEED);
  for (let i = 0; i < 5_000; i++) {
    const place = anyPlace(r), { longitude, latitude } = place;
    const score = encodePlace(longitude, latitude);
    assertEquals(score, scoreOf(place));
    const middle = decodePlace(score);
    const half = 2 ** -STEPS_MAX + ROUNDING;
    assert(Math.abs(middle.longitude - longitude) <= LONGITUDE_MAX * half);
    assert(Math.abs(middle.latitude - latitude) <= LATITUDE_MAX * half);
  }
});

Deno.test(`GEOSEARCH finds all members in its circle and no others (seed ${SEED})`, () => {
  const r = new Random(SEED), runner = new CommandRunner();
  const members = new Map<string, Place>();
  for (let i = 0; i < 600; i++) {
    const { longitude, latitude } = anyPlace(r, r.pick([1, 0.05]));
    runner.runWords("GEOADD", "k", `${longitude}`, `${latitude}`, `m${i}`);
    members.set(`m${i}`, decodePlace(encodePlace(longitude, latitude)));
  }
  for (let i = 0; i < 300; i++) {
    const center = anyPlace(r, r.pick([1, 0.05]));
    const radiusM = Math.round(10 ** (r.next() / 2 ** 32 * 3 + 3));
    const found = runner.runWords(
      ...["GEOSEARCH", "k", "FROMLONLAT"],
      ...[`${center.longitude}`, `${center.latitude}`],
      ...["BYRADIUS", `${radiusM}`, "m"],
    );
    const expected = [...members].filter(([, place]) =>
      placeDistance(center, place) <= radiusM
    ).map(([name]) => name);
    assertEquals((found.match(/m\d+/g) ?? []).sort(), expected.sort());
  }
});

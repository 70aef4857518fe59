import { assert, assertEquals } from "@std/assert";
import { CommandRunner } from "../../tests/support/command_runner.ts";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import {
  circleLongitudes,
  decodePlace,
  degreesOf,
  encodePlace,
  geohashText,
  LATITUDE_MAX,
  LONGITUDE_MAX,
  type Place,
  placeDistance,
  STEPS_MAX,
} from "./geohash.ts";

/** Of a degree on an axis from -1 to 1. */
const ROUNDING = 1e-14;

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

Deno.test(`a score is the halves of both axes in turn, and its place is in the cell (seed ${TEST_SEED})`, () => {
  const r = new Random(TEST_SEED);
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

Deno.test(`GEOSEARCH finds all members in its circle and no others (seed ${TEST_SEED})`, () => {
  const r = new Random(TEST_SEED), runner = new CommandRunner();
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

const PALERMO = { longitude: 13.361389, latitude: 38.115556 };
const CATANIA = { longitude: 15.087269, latitude: 37.502669 };

function assertNear(actual: number, expected: number, tolerance: number): void {
  const message = `${actual} is not ${expected}`;
  assert(Math.abs(actual - expected) <= tolerance, message);
}

Deno.test("encodePlace gives the scores that Redis documents", () => {
  const score = encodePlace(PALERMO.longitude, PALERMO.latitude);
  assertEquals(score, 3479099956230698);
  assertEquals(
    encodePlace(CATANIA.longitude, CATANIA.latitude),
    3479447370796909,
  );
  assertEquals(decodePlace(score), {
    longitude: 13.36138933897018433,
    latitude: 38.11555639549629859,
  });
});

Deno.test("geohashText gives standard geohashes", () => {
  const text = ({ longitude, latitude }: typeof PALERMO) =>
    geohashText(encodePlace(longitude, latitude));
  assertEquals(text(PALERMO), "sqc8b49rny0");
  assertEquals(text(CATANIA), "sqdtr74hyu0");
});

Deno.test("placeDistance is the length of a great circle", () => {
  const score = (place: typeof PALERMO) =>
    decodePlace(encodePlace(place.longitude, place.latitude));
  assertNear(
    placeDistance(score(PALERMO), score(CATANIA)),
    166274.1516,
    1e-4,
  );
  const north = { longitude: 7, latitude: 80 };
  const acrossPole = { longitude: -173, latitude: 80 };
  assertNear(degreesOf(placeDistance(north, acrossPole)), 20, 1e-9);
});

Deno.test("decodePlace takes scores that are no cells, as any number may be one", () => {
  for (
    const score of [-1, -0.5, 2 ** 53, 2 ** 64, -(2 ** 70), Infinity, -Infinity]
  ) {
    const { longitude, latitude } = decodePlace(score);
    assert(Math.abs(longitude) <= LONGITUDE_MAX, `${score}`);
    assert(Math.abs(latitude) <= LATITUDE_MAX, `${score}`);
  }
  assertEquals(decodePlace(-1), { longitude: 180, latitude: 85.05112878 });
});

Deno.test("circleLongitudes grows with the latitude, without end where a pole is in the circle", () => {
  assertNear(circleLongitudes(111_000, 0), degreesOf(111_000), 1e-9);
  assert(circleLongitudes(111_000, 60) > 2 * degreesOf(111_000));
  assertEquals(circleLongitudes(111_000, -60), circleLongitudes(111_000, 60));
  assertEquals(circleLongitudes(600_000, 85), Infinity);
  assertEquals(circleLongitudes(Infinity, 0), Infinity);
});

import { assert, assertEquals } from "@std/assert";
import { Random } from "../../tests/fuzz/random.ts";
import { TEST_SEED } from "../../tests/fuzz/test_seed.ts";
import { type Area, AreaSearch } from "./geo_area.ts";
import {
  decodePlace,
  encodePlace,
  LATITUDE_MAX,
  latitudeDistance,
  LONGITUDE_MAX,
  type Place,
  placeDistance,
} from "./geohash.ts";

const search = new AreaSearch();
const SICILY = { longitude: 15, latitude: 37 };

function circle(center: Place, radiusKm: number): Area {
  return { center, unitM: 1000, radius: radiusKm, width: 0, height: 0 };
}

function box(center: Place, width: number, height: number): Area {
  return { center, unitM: 1000, width, height };
}

function scoreOf(longitude: number, latitude: number): number {
  return encodePlace(longitude, latitude);
}

function isFound(area: Area, score: number): boolean {
  search.begin(area);
  const { mins, maxs, rangeCount } = search;
  const isInRange = mins.subarray(0, rangeCount).some((min, i) =>
    min <= score && score < maxs[i]
  );
  return isInRange && search.measure(score) >= 0;
}

Deno.test("a circle has what is within its radius", () => {
  const palermo = scoreOf(13.361389, 38.115556);
  const catania = scoreOf(15.087269, 37.502669);
  assert(isFound(circle(SICILY, 200), palermo));
  assert(isFound(circle(SICILY, 100), catania));
  assert(!isFound(circle(SICILY, 100), palermo));
  search.begin(circle(SICILY, 200));
  const distanceM = search.measure(palermo);
  assertEquals(distanceM, placeDistance(SICILY, decodePlace(palermo)));
});

Deno.test("a box has what is within half of both sides", () => {
  const edge = scoreOf(17.241510, 38.788135);
  assert(isFound(box(SICILY, 400, 400), edge));
  assert(!isFound(box(SICILY, 380, 400), edge));
  assert(!isFound(box(SICILY, 400, 380), edge));
});

Deno.test("areas reach over the date line", () => {
  const area = circle({ longitude: 179.9, latitude: 10 }, 50);
  assert(isFound(area, scoreOf(-179.9, 10)));
  assert(!isFound(area, scoreOf(-179, 10)));
});

Deno.test("nothing is as far as the radius 0 but the place itself", () => {
  const center = decodePlace(scoreOf(15, 37));
  assert(isFound(circle(center, 0), scoreOf(15, 37)));
  assert(!isFound(circle(center, 0), scoreOf(15.0001, 37)));
});

Deno.test(`measure agrees with the distance alone, wherever a circle is (seed ${TEST_SEED})`, () => {
  const random = new Random(TEST_SEED);
  const share = () => random.next() / 2 ** 32;
  let inside = 0;
  for (let i = 0; i < 300; i++) {
    const center = {
      longitude: (share() * 2 - 1) * LONGITUDE_MAX,
      latitude: (share() * 2 - 1) * LATITUDE_MAX,
    };
    const area = circle(center, 10 ** (share() * 4.4));
    const radiusM = area.radius! * 1000;
    for (let j = 0; j < 50; j++) {
      // Near the edge of the circle, in any direction, and anywhere.
      const away = j % 2 === 0 ? radiusM / 111_000 * 1.5 : 360;
      const longitude = center.longitude + (share() * 2 - 1) * away * 3;
      const latitude = center.latitude + (share() * 2 - 1) * away;
      const score = scoreOf(
        Math.min(LONGITUDE_MAX, Math.max(-LONGITUDE_MAX, longitude)),
        Math.min(LATITUDE_MAX, Math.max(-LATITUDE_MAX, latitude)),
      );
      const distanceM = placeDistance(center, decodePlace(score));
      const expected = distanceM > radiusM ? -1 : distanceM;
      search.begin(area);
      assertEquals(search.measure(score), expected);
      search.begin(area, false);
      assertEquals(search.measure(score) >= 0, expected >= 0);
      if (expected >= 0) inside++;
    }
  }
  assert(inside > 1000);
});

Deno.test(`what is in a box of some kilometres is in its ranges (seed ${TEST_SEED})`, () => {
  const random = new Random(TEST_SEED);
  const share = () => random.next() / 2 ** 32;
  for (let i = 0; i < 2000; i++) {
    const center = {
      longitude: (share() * 2 - 1) * 170,
      latitude: (share() * 2 - 1) * 60,
    };
    const area = box(center, 1 + share() * 300, 1 + share() * 300);
    const score = scoreOf(
      center.longitude + (share() * 2 - 1) * 2,
      center.latitude + (share() * 2 - 1) * 2,
    );
    const place = decodePlace(score);
    const northM = latitudeDistance(place.latitude, center.latitude);
    const eastM = placeDistance(place, { ...center, latitude: place.latitude });
    const isInside = northM <= area.height * 500 && eastM <= area.width * 500;
    assertEquals(isFound(area, score), isInside);
  }
});

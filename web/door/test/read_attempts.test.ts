import assert from "node:assert/strict";
import { test } from "node:test";

import { middleOf, readableSize } from "../src/decoding.ts";
import { ReadAttempts, type ReadAttempt } from "../src/read_attempts.ts";

const HD = { width: 1280, height: 720 };

function lookFor(count: number, find: (look: ReadAttempt) => string[] = () => []): ReadAttempt[] {
  const looks = new ReadAttempts();
  return Array.from({ length: count }, () => {
    const look = looks.next();
    looks.record(look, find(look));
    return look;
  });
}

test("the middle and the whole are read in turn", () => {
  const places = lookFor(4).map((look) => look.region);
  assert.deepEqual(places, ["middle", "whole", "middle", "whole"]);
});

test("the middle is read as it is, the whole scaled down to as many pixels as a phone reads in time", () => {
  assert.deepEqual(middleOf(HD), { width: 768, height: 432 });
  assert.deepEqual(readableSize(middleOf(HD)), middleOf(HD));
  assert.deepEqual(readableSize(HD), { width: 843, height: 474 });
});

test("of a larger frame less is read as it is, a small one is read whole", () => {
  const large = middleOf({ width: 3840, height: 2160 });
  assert.deepEqual([large, readableSize(large)], [{ width: 843, height: 474 }, large]);
  assert.deepEqual(middleOf({ width: 640, height: 480 }), { width: 640, height: 480 });
});

test("every fifth attempt without a code is thorough, on the middle and the whole in turn", () => {
  const thorough = lookFor(20).flatMap((look, place) => (look.isThorough ? [`${place} ${look.region}`] : []));
  assert.deepEqual(thorough, ["4 middle", "9 whole", "14 middle", "19 whole"]);
  assert.equal(lookFor(20, ({ region }) => (region === "whole" ? ["code"] : [])).filter((look) => look.isThorough).length, 0);
});

test("a code at the edge is not judged while another is in the middle", () => {
  const looks = new ReadAttempts();
  const judges = (texts: string[]): boolean => looks.record(looks.next(), texts);
  assert.deepEqual([judges([]), judges(["edge"])], [true, true], "nothing in the middle");
  assert.deepEqual([judges(["held"]), judges(["edge"]), judges(["held"]), judges([])], [true, false, true, false]);
  assert.deepEqual([judges([]), judges(["edge"])], [true, true], "it was taken away");
});

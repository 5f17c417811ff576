import assert from "node:assert/strict";
import { test } from "node:test";

import { middleOf, readableSize } from "../../src/device/decoding.ts";
import { CodesInView, type ReadAttempt, ReadAttempts } from "../../src/device/read_attempts.ts";

const HD = { width: 1280, height: 720 };

function attemptsOf(count: number, find: (attempt: ReadAttempt) => string[] = () => []): ReadAttempt[] {
  const attempts = new ReadAttempts();
  return Array.from({ length: count }, () => {
    const attempt = attempts.next();
    attempts.record(attempt, find(attempt));
    return attempt;
  });
}

test("the middle and the whole are read in turn", () => {
  const regions = attemptsOf(4).map((attempt) => attempt.region);
  assert.deepEqual(regions, ["middle", "whole", "middle", "whole"]);
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
  const thorough = attemptsOf(20).flatMap((attempt, index) =>
    attempt.isThorough ? [`${index} ${attempt.region}`] : [],
  );
  assert.deepEqual(thorough, ["4 middle", "9 whole", "14 middle", "19 whole"]);
  assert.equal(
    attemptsOf(20, ({ region }) => (region === "whole" ? ["code"] : [])).filter((attempt) => attempt.isThorough).length,
    0,
  );
});

test("a code at the edge is not judged while another is in the middle", () => {
  const attempts = new ReadAttempts();
  const judges = (texts: string[]): boolean => attempts.record(attempts.next(), texts);
  assert.deepEqual([judges([]), judges(["edge"])], [true, true], "nothing in the middle");
  assert.deepEqual([judges(["held"]), judges(["edge"]), judges(["held"]), judges([])], [true, false, true, false]);
  assert.deepEqual([judges([]), judges(["edge"])], [true, true], "it was taken away");
});

test("a code that stays in view is taken once, however long", () => {
  const view = new CodesInView();
  const accepted = Array.from({ length: 200 }, (_, frame) => view.take(["a"], frame * 50)).filter(
    (text) => text !== null,
  );
  assert.deepEqual(accepted, ["a"]);
});

test("a code that shakes out of view is not a second one; after three seconds away it is", () => {
  const view = new CodesInView();
  assert.equal(view.take(["a"], 0), "a");
  assert.equal(view.take([], 1000), null);
  assert.equal(view.take(["a"], 2900), null);
  assert.equal(view.take(["a"], 5000), null);
  assert.equal(view.take(["a"], 8100), "a");
});

test("of several codes only the one nearest the middle is taken", () => {
  const view = new CodesInView();
  assert.equal(view.take(["near", "far"], 0), "near");
  assert.equal(view.take(["near", "far"], 50), null);
  assert.equal(view.take(["far", "near"], 100), "far");
});

test("a code that was moved aside but stays in view is not taken again when it returns", () => {
  const view = new CodesInView();
  view.take(["a"], 0);
  for (let now = 50; now < 6000; now += 50) view.take(["b", "a"], now);
  assert.equal(view.take(["a", "b"], 6000), null);
});

test("while no new code is accepted, old codes stay old and new ones new", () => {
  const view = new CodesInView();
  assert.equal(view.take(["a"], 0), "a");
  for (let now = 250; now < 6000; now += 250)
    assert.equal(view.take(now < 3000 ? ["a"] : ["b", "a"], now, false), null);
  assert.equal(view.take(["a"], 6000), null);
  assert.equal(view.take(["b"], 6050), "b");
});

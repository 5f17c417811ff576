import assert from "node:assert/strict";
import { test } from "node:test";

import { middleOf, readableSize } from "../../src/device/decoding.ts";
import { type ReadAttempt, ReadAttempts } from "../../src/device/read_attempts.ts";

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

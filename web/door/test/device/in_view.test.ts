import assert from "node:assert/strict";
import { test } from "node:test";

import { CodesInView } from "../../src/device/in_view.ts";

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

import assert from "node:assert/strict";
import { test } from "node:test";

import { Place } from "../src/place.ts";

test("one tab scans; another may take over, and the first is told once", async () => {
  const [first, second] = [new Place(), new Place()];
  const lost = new Array<string>();
  assert.equal(await first.take(() => lost.push("first")), true);
  assert.equal(await first.take(() => lost.push("again")), true, "it has the place already");
  assert.equal(await second.take(() => lost.push("second")), false);
  assert.equal(lost.length, 0);
  assert.equal(await second.take(() => lost.push("second"), true), true);
  await new Promise((resolve) => setImmediate(resolve));
  assert.deepEqual(lost, ["first"]);
  assert.equal(await first.take(() => undefined), false);
});

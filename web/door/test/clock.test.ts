import assert from "node:assert/strict";
import { test } from "node:test";

import { hearServer, stamp, startClock } from "../src/clock.ts";

test("stamps follow the server's time and never stand still", () => {
  const started = startClock(1_000_000, 400_000);
  const first = stamp(started, 400_010);
  assert.equal(first.last, 1_000_010);
  assert.equal(stamp(first, 400_010).last, 1_000_011);
  assert.equal(stamp(first, 399_000).last, 1_000_011);
});

test("a stamp that ran ahead falls back at the next contact", () => {
  const ahead = { offset: 0, last: 5_000_000 };
  assert.equal(hearServer(ahead, 1_000_000, 999_000).state.last, 1_000_000);
});

test("only an offset that changed by over two minutes is doubtful", () => {
  const state = { offset: 420_000, last: 0 };
  assert.ok(!hearServer(state, 10_000_000, 10_000_000 - 421_000).jumped);
  assert.ok(hearServer(state, 10_000_000, 10_000_000 - 541_000).jumped);
});

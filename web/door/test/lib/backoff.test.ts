import assert from "node:assert/strict";
import { test } from "node:test";

import { ceilingOf, pauseAfter, retryAfter } from "../../src/lib/backoff.ts";

test("the ceiling doubles with every failure and stays at a minute", () => {
  assert.deepEqual(
    [0, 1, 2, 3, 4, 5, 6, 60, 2000].map(ceilingOf),
    [3_000, 6_000, 12_000, 24_000, 48_000, 60_000, 60_000, 60_000, 60_000],
  );
});

test("a pause lies anywhere below its ceiling, so that phones do not come back together", () => {
  for (let failures = 1; failures < 12; failures++) {
    const pauses = Array.from({ length: 400 }, () => pauseAfter(failures));
    const ceiling = ceilingOf(failures);
    assert.ok(pauses.every((pause) => pause >= 0 && pause <= ceiling));
    assert.ok(Math.min(...pauses) < ceiling / 10 && Math.max(...pauses) > (ceiling * 9) / 10);
  }
});

test("Retry-After is read in seconds or as a date, up to five minutes", () => {
  const now = Date.UTC(2026, 9, 10, 13, 0, 0);
  const headers = [
    "7",
    " 7 ",
    "Sat, 10 Oct 2026 13:00:30 GMT",
    "Sat, 10 Oct 2026 12:00:00 GMT",
    "86400",
    "soon",
    "",
    null,
  ];
  assert.deepEqual(
    headers.map((header) => retryAfter(header, now)),
    [7_000, 7_000, 30_000, 0, 300_000, 0, 0, 0],
  );
});

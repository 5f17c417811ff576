import assert from "node:assert/strict";
import { test } from "node:test";

import { sessionToScan, suggestSession } from "../../src/lib/sessions.ts";
import type { Session } from "../../src/lib/types.ts";

const DAYS = [makeSession(1, 1000, 2000), makeSession(2, 5000, 6000, 4500)];
const HALLS = [makeSession(1, 1000, 2000), makeSession(2, 1000, 3000)];

function makeSession(
  id: number,
  starts_at: number | null,
  ends_at: number | null,
  opens_at: number | null = null,
): Session {
  return { id, title: { en: `Part ${id}` }, starts_at, ends_at, opens_at, capacity: null };
}

function suggestionFor(sessions: Session[], chosen: number, now: number): unknown[] | null {
  const change = suggestSession(sessions, chosen, now);
  return change && [change.next.id, change.isOver];
}

test("a session that is over gives way once another is nearer by its opening", () => {
  assert.equal(suggestionFor(DAYS, 1, 1999), null);
  assert.equal(suggestionFor(DAYS, 1, 2100), null);
  assert.deepEqual(suggestionFor(DAYS, 1, 3300), [2, true]);
  assert.deepEqual(suggestionFor(DAYS, 1, 5500), [2, true]);
});

test("a session that has not begun gives way only to one that is on", () => {
  assert.deepEqual(suggestionFor(DAYS, 2, 1500), [1, false]);
  assert.equal(suggestionFor(DAYS, 2, 2100), null);
  assert.equal(suggestionFor(DAYS, 2, 4500), null);
});

test("of two sessions at once, the chosen one gives way only when it is over", () => {
  for (const chosen of [1, 2]) assert.equal(suggestionFor(HALLS, chosen, 1500), null);
  assert.deepEqual(suggestionFor(HALLS, 1, 2500), [2, true]);
});

test("a single session, one without times and the last one stay", () => {
  assert.equal(suggestionFor([makeSession(1, 1000, 2000)], 1, 9000), null);
  assert.equal(suggestionFor([makeSession(1, null, null), makeSession(2, 5000, 6000)], 1, 5500), null);
  assert.equal(suggestionFor(DAYS, 2, 9000), null);
});

test("a phone paired again keeps its session while it is on, else takes the nearest", () => {
  assert.equal(sessionToScan(HALLS, 2, 1500), 2);
  assert.equal(sessionToScan(DAYS, 1, 5500), 2);
  assert.equal(sessionToScan(DAYS, 7, 5500), 2);
  assert.equal(sessionToScan(DAYS, undefined, 0), 1);
  assert.equal(sessionToScan([], 1, 0), null);
});

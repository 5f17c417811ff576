import assert from "node:assert/strict";
import { test } from "node:test";

import { Ledger } from "../src/ledger.ts";
import type { Entry, Pass, Rules, Scan } from "../src/types.ts";
import { judgeAnyway, judgeCode, judgeEntry, nearestSession, type Scene } from "../src/verdict.ts";

const RULES: Rules = { admit_unlisted: true, initials: false, held_until: null, reentry: false, walk_ins: true, expires_at: 1e15 };
const DAYS = [
  { id: 1, title: { en: "Day one" }, starts_at: 1000, ends_at: 2000, opens_at: null, capacity: null },
  { id: 2, title: { en: "Day two" }, starts_at: 5000, ends_at: 6000, opens_at: null, capacity: null },
];
const PASS: Pass = {
  id: 9,
  token: "",
  volunteer: "Zarina",
  event: { id: 9, title: { en: "iTalk" }, starts_at: 1000, ends_at: 6000, zone: "Asia/Dushanbe" },
  door: { id: 1, name: "North", closed: false },
  doors: [],
  types: [],
  sessions: DAYS,
  keys: [],
  rules: RULES,
  cursor: null,
  merged: {},
  listed_at: null,
  session: 1,
  shifts: [],
  state: "paired",
  over_at: null,
};
const PERSON: Entry = { id: "00000000000000aa", name: "A. R.", status: "confirmed", sessions: [1], short: "" };

function scene(change: Partial<Pass> = {}, scans: Scan[] = []): Scene {
  const ledger = new Ledger();
  ledger.putEntry(PERSON);
  for (const scan of scans) ledger.putScan(scan);
  return { pass: { ...PASS, ...change }, ledger, state: "paired", direction: "in", now: 500 };
}

function shown(kind: "in" | "out", at: number): Scan {
  return { id: `${at}`, person: PERSON.id, session: 1, kind, at, device: "south", standing: true };
}

test("a confirmed person who is not inside is admitted, also after leaving", () => {
  assert.equal(judgeEntry(PERSON, scene()).kind, "admitted");
  assert.equal(judgeEntry(PERSON, scene({}, [shown("in", 1), shown("out", 2)])).kind, "admitted");
});

test("somebody inside is already in, and the verdict knows since when", () => {
  const verdict = judgeEntry(PERSON, scene({}, [shown("in", 1)]));
  assert.deepEqual([verdict.kind, verdict.before?.at], ["already_in", 1]);
});

test("every other state stops, each with its word", () => {
  const kinds = (["cancelled", "waiting", "offered", "unconfirmed"] as const).map((status) => judgeEntry({ ...PERSON, status }, scene()).kind);
  assert.deepEqual(kinds, ["cancelled", "waiting", "waiting", "waiting"]);
});

test("another session stops and names what the ticket is for", () => {
  const verdict = judgeEntry(PERSON, scene({ session: 2 }));
  assert.deepEqual([verdict.kind, verdict.instead], ["other_session", [{ en: "Day one" }]]);
});

test("before the doors open nobody is admitted, except by the volunteer's own decision", () => {
  const early = scene({ sessions: [{ ...DAYS[0]!, opens_at: 900 }] });
  assert.equal(judgeEntry(PERSON, early).kind, "not_open");
  assert.equal(judgeAnyway(PERSON, early).kind, "admitted");
});

test("what no known key has signed is not a ticket", async () => {
  assert.equal(judgeCode(null, null, scene()).kind, "not_a_ticket");
});

test("the session is the one that is on, else the nearest", () => {
  assert.deepEqual([500, 1500, 3000, 4000, 9000].map((now) => nearestSession(DAYS, now)), [1, 1, 1, 2, 2]);
});

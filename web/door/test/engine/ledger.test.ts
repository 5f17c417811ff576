import assert from "node:assert/strict";
import { test } from "node:test";

import { Ledger } from "../../src/engine/ledger.ts";
import { fold } from "../../src/lib/fold.ts";
import type { Entry, Id, Pass, Scan, Session } from "../../src/lib/types.ts";
import { seededRandom } from "../support/random.ts";
import { makeEntry, makeSetup, SESSION, START } from "../support/server.ts";

const HELD_UNTIL = START + 900_000;

function passOf(session: Partial<Session>, held_until: number | null = HELD_UNTIL): Pass {
  const setup = makeSetup({ sessions: [{ ...SESSION, ...session }] });
  const rest = {
    id: 9,
    token: "",
    volunteer: "",
    cursor: null,
    merged: {},
    listed_at: null,
    session: 1,
    shifts: [],
    state: "paired",
    over_at: null,
  } as const;
  return { ...setup, rules: { ...setup.rules, held_until }, ...rest, shifts: [] };
}

function scan(id: string, person: string, kind: Scan["kind"] = "in", more: Partial<Scan> = {}): Scan {
  return { id, person, session: 1, kind, at: Number.parseInt(id, 10), device: "north", standing: true, ...more };
}

function ledgerOf(entries: Entry[], scans: Scan[] = []): Ledger {
  const ledger = new Ledger();
  for (const entry of entries) ledger.putEntry(entry);
  for (const each of scans) ledger.putScan(each);
  return ledger;
}

test("a ledger that receives scans one by one counts the same as the fold", () => {
  const ledger = ledgerOf([], [scan("1", "p"), scan("2", "q"), scan("3", "p", "out"), scan("4", "walk-in")]);
  assert.equal(ledger.countInside(1), 2);
  ledger.merge({ "walk-in": "q" });
  assert.equal(ledger.countInside(1), 1);
  assert.equal(ledger.admission("q", 1)?.first.id, "2");
});

test("seats of people who have not come are kept until the set time, then free", () => {
  const ledger = ledgerOf([makeEntry(1), makeEntry(2), makeEntry(3)], [scan("1", makeEntry(1).id)]);
  assert.deepEqual(ledger.occupancy(passOf({ capacity: 10 }), START), { inside: 1, free: 7, seatsKept: true });
  assert.deepEqual(ledger.occupancy(passOf({ capacity: 10 }), HELD_UNTIL), { inside: 1, free: 9, seatsKept: false });
  assert.equal(ledger.occupancy(passOf({ capacity: 10 }, null), START + 1e9).seatsKept, true, "no hour was named");
});

test("only seats of this session are kept: confirmed, offered and unconfirmed", () => {
  const statuses = ["confirmed", "offered", "unconfirmed", "waiting", "cancelled"] as const;
  const people = statuses.map((status, number) => makeEntry(number + 1, { status }));
  const ledger = ledgerOf([...people, makeEntry(8, { sessions: [2] }), makeEntry(9, { sessions: [] })]);
  assert.equal(ledger.occupancy(passOf({ capacity: 10 }), START).free, 6);
});

test("free seats are never negative, and unknown without a limit", () => {
  const ledger = ledgerOf([makeEntry(1)], [scan("1", "walk-in"), scan("2", "another")]);
  assert.equal(ledger.occupancy(passOf({ capacity: 1 }), HELD_UNTIL).free, 0);
  assert.deepEqual(ledger.occupancy(passOf({ capacity: null }), START), { inside: 2, free: null, seatsKept: true });
});

test("somebody who left frees the seat", () => {
  const ledger = ledgerOf([makeEntry(1)], [scan("1", makeEntry(1).id), scan("2", makeEntry(1).id, "out")]);
  assert.deepEqual(ledger.occupancy(passOf({ capacity: 5 }), START), { inside: 0, free: 5, seatsKept: true });
});

test("an undone scan keeps the seat again; cancelling frees it, also between two counts", () => {
  const person = makeEntry(1);
  const ledger = ledgerOf([person], [scan("1", person.id)]);
  const free = (): number | null => ledger.occupancy(passOf({ capacity: 5 }), START).free;
  assert.equal(free(), 4);
  ledger.putScan(scan("2", person.id, "undo", { undoes: "1" }));
  assert.equal(free(), 4);
  assert.equal(ledger.countInside(1), 0);
  ledger.putEntry({ ...person, status: "cancelled" });
  assert.equal(free(), 5);
  ledger.putEntry(person);
  ledger.removeEntry(person.id);
  assert.equal(free(), 5);
});

test("no seat is kept for an undone walk-in", () => {
  const person = makeEntry(1, { walk_in: true });
  const ledger = ledgerOf([person], [scan("1", person.id)]);
  assert.equal(ledger.occupancy(passOf({ capacity: 5 }), START).free, 4);
  ledger.putScan(scan("2", person.id, "undo", { undoes: "1" }));
  assert.equal(ledger.occupancy(passOf({ capacity: 5 }), START).free, 5);
});

test("running counts equal a fold of all scans, in any order of changes", () => {
  const random = seededRandom(20261010);
  for (let turn = 0; turn < 60; turn++) compareCounts(random);
});

function compareCounts(random: (below: number) => number): void {
  const ledger = new Ledger();
  const scans = new Map<string, Scan>();
  const people = Array.from({ length: 6 }, (_, number) =>
    makeEntry(number + 1, { sessions: [[], [1], [2], [1, 2]][number % 4] ?? [], walk_in: number === 5 }),
  );
  let merged: Record<string, string> = {};
  for (let step = 0; step < 60; step++) {
    const person = people[random(people.length)] ?? makeEntry(1);
    const id = String(random(40));
    const kind = (["in", "in", "in", "out", "undo", "refused"] as const)[random(6)] ?? "in";
    const session = 1 + random(2);
    const scanned = {
      ...scan(id, random(5) === 0 ? "walk-in" : person.id, kind),
      session,
      device: random(3),
      standing: kind !== "refused",
    };
    const previous = scans.get(id);
    const next = previous
      ? { ...previous, standing: previous.standing && random(8) > 0 }
      : kind === "undo"
        ? { ...scanned, undoes: String(random(40)) }
        : scanned;
    scans.set(id, next);
    ledger.putScan(next);
    if (random(4) === 0) ledger.putEntry(person);
    if (random(10) === 0) ledger.removeEntry(person.id);
    if (random(20) === 0) merged = random(2) === 0 ? {} : { "walk-in": people[0]!.id };
    ledger.merge(merged);
    for (const each of [1, 2]) compare(ledger, [...scans.values()], merged, each);
  }
}

function compare(ledger: Ledger, scans: Scan[], merged: Record<string, string>, session: Id): void {
  const { admissions, conflicts } = fold(scans, merged);
  const here = [...admissions.values()].filter((each) => each.session === session);
  const holding = [...ledger.entries.values()].filter(
    (entry) => !entry.walk_in && (entry.sessions.length === 0 || entry.sessions.includes(session)),
  );
  assert.equal(ledger.countInside(session), here.filter((each) => each.inside).length);
  assert.equal(
    ledger.countExpected(session),
    holding.filter((entry) => !here.some((each) => each.person === entry.id)).length,
  );
  assert.equal(ledger.conflicts().length, conflicts.length);
}

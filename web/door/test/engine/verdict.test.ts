import assert from "node:assert/strict";
import { test } from "node:test";

import { Ledger } from "../../src/engine/ledger.ts";
import { type DoorContext, judgeAnyway, judgeCode, judgeEntry, type Verdict } from "../../src/engine/verdict.ts";
import { nearestSession } from "../../src/lib/sessions.ts";
import { signerOf } from "../../src/lib/signature.ts";
import { readTicket } from "../../src/lib/ticket.ts";
import type { Entry, Pass, Scan } from "../../src/lib/types.ts";
import { makeSetup } from "../support/server.ts";
import { makeTicket, type Ticket } from "../support/tickets.ts";

const DAYS = [
  { id: 1, title: { en: "Day one" }, starts_at: 1000, ends_at: 2000, opens_at: null, capacity: null },
  { id: 2, title: { en: "Day two" }, starts_at: 5000, ends_at: 6000, opens_at: 4500, capacity: null },
];
const PASS: Pass = {
  ...makeSetup(),
  id: 9,
  token: "",
  volunteer: "Zarina",
  sessions: DAYS,
  cursor: null,
  merged: {},
  listed_at: null,
  session: 1,
  shifts: [],
  state: "paired",
  over_at: null,
};
const PERSON: Entry = { id: "00000000000000aa", name: "A. R.", status: "confirmed", sessions: [1], short: "" };

function makeContext(change: Partial<DoorContext> = {}, scans: Scan[] = [], entries: Entry[] = [PERSON]): DoorContext {
  const ledger = new Ledger();
  for (const entry of entries) ledger.putEntry(entry);
  for (const scan of scans) ledger.putScan(scan);
  return { pass: PASS, ledger, state: "paired", direction: "in", now: 500, ...change };
}

function scanOf(kind: "in" | "out", at: number): Scan {
  return { id: `${at}`, person: PERSON.id, session: 1, kind, at, device: "south", standing: true };
}

async function judge(ticket: Ticket, key: Partial<Pass["keys"][number]> | null, at: DoorContext): Promise<Verdict> {
  const keys = key ? [{ number: 7, public: ticket.publicHalf, event: 9, title: { en: "iTalk 7" }, ...key }] : [];
  const code = readTicket(ticket.code);
  return judgeCode(code, await signerOf(code, keys), { ...at, pass: { ...at.pass, keys } });
}

test("a confirmed person who is not inside is admitted, also after leaving", () => {
  assert.equal(judgeEntry(PERSON, makeContext()).kind, "admitted");
  assert.equal(judgeEntry(PERSON, makeContext({}, [scanOf("in", 1), scanOf("out", 2)])).kind, "admitted");
});

test("somebody inside is already in, with the earlier scan", () => {
  const verdict = judgeEntry(PERSON, makeContext({}, [scanOf("in", 1)]));
  assert.deepEqual([verdict.kind, verdict.earlier?.at], ["already_in", 1]);
});

test("every other status stops with a verdict of its own", () => {
  const kinds = (["cancelled", "waiting", "offered", "unconfirmed"] as const).map(
    (status) => judgeEntry({ ...PERSON, status }, makeContext()).kind,
  );
  assert.deepEqual(kinds, ["cancelled", "waiting", "waiting", "waiting"]);
});

test("another session stops and names what the ticket is for; a ticket without sessions is for all", () => {
  const second = { pass: { ...PASS, session: 2 }, now: 5000 };
  const verdict = judgeEntry(PERSON, makeContext(second));
  assert.deepEqual([verdict.kind, verdict.validFor], ["other_session", [{ en: "Day one" }]]);
  assert.equal(judgeEntry({ ...PERSON, sessions: [] }, makeContext(second)).kind, "admitted");
});

test("before the doors of its own session open nobody is admitted, except by the volunteer's own decision", () => {
  const second = { ...PERSON, sessions: [1, 2] };
  const early = makeContext({ pass: { ...PASS, session: 2 }, now: 4499 });
  assert.deepEqual([judgeEntry(second, early).kind, judgeEntry(second, early).opensAt], ["not_open", 4500]);
  assert.equal(judgeEntry(second, { ...early, now: 4500 }).kind, "admitted");
  assert.equal(judgeEntry(PERSON, makeContext({ now: 0 })).kind, "admitted", "the other session opens at any time");
  assert.equal(judgeAnyway(second, early).kind, "admitted");
});

test("a scan out of somebody inside is left, of anyone else not inside; no rule prevents leaving", () => {
  const out = { direction: "out" } as const;
  assert.deepEqual(
    [judgeEntry(PERSON, makeContext(out, [scanOf("in", 1)])).kind, judgeEntry(PERSON, makeContext(out)).kind],
    ["left", "not_inside"],
  );
  assert.equal(
    judgeEntry({ ...PERSON, status: "cancelled", sessions: [2] }, makeContext(out, [scanOf("in", 1)])).kind,
    "left",
  );
  assert.equal(judgeEntry(PERSON, makeContext(out, [scanOf("in", 1), scanOf("out", 2)])).kind, "not_inside");
});

test("a phone whose pass is over admits nobody, whatever the volunteer decides", () => {
  const states = ["revoked", "unknown", "expired"] as const;
  assert.deepEqual(
    states.map((state) => judgeEntry(PERSON, makeContext({ state })).kind),
    ["revoked", "revoked", "expired"],
  );
  assert.deepEqual(
    states.map((state) => judgeAnyway(PERSON, makeContext({ state })).kind),
    ["revoked", "revoked", "expired"],
  );
  assert.equal(
    judgeEntry(PERSON, makeContext({ state: "expired", direction: "out" }, [scanOf("in", 1)])).kind,
    "expired",
  );
});

test("a genuine ticket of the list is admitted, by whichever of the event's keys it was made", async () => {
  const [older, newer] = await Promise.all([makeTicket(PERSON.id, 7), makeTicket(PERSON.id, 8)]);
  assert.equal((await judge(older, {}, makeContext())).kind, "admitted");
  assert.equal((await judge(newer, { number: 8 }, makeContext())).kind, "admitted");
});

test("a genuine ticket that is not in the list is admitted or stopped on on by the event's rule", async () => {
  const ticket = await makeTicket("00000000000000bb", 7);
  const strict = { ...PASS, rules: { ...PASS.rules, admit_unlisted: false } };
  assert.equal((await judge(ticket, {}, makeContext())).kind, "unlisted");
  assert.equal((await judge(ticket, {}, makeContext({ pass: strict }))).kind, "unlisted_stop");
  const closed = { ...PASS, sessions: [{ ...(DAYS[0] as (typeof DAYS)[0]), opens_at: 900 }] };
  assert.equal((await judge(ticket, {}, makeContext({ pass: closed }))).kind, "not_open");
});

test("another event's ticket shows that event, and no person", async () => {
  const verdict = await judge(await makeTicket(PERSON.id, 7), { event: 8, title: { en: "iTalk 6" } }, makeContext());
  assert.deepEqual([verdict.kind, verdict.validFor, verdict.person], ["other_event", [{ en: "iTalk 6" }], null]);
});

test("a code that no known key signed is not a ticket", async () => {
  const [ticket, other] = await Promise.all([makeTicket(PERSON.id, 7), makeTicket(PERSON.id, 7)]);
  assert.equal((await judge(ticket, null, makeContext())).kind, "not_a_ticket");
  assert.equal((await judge(ticket, { public: other.publicHalf }, makeContext())).kind, "not_a_ticket");
  assert.equal(judgeCode(null, null, makeContext()).kind, "not_a_ticket");
  assert.equal(judgeCode(null, null, makeContext({ state: "expired" })).kind, "expired");
});

test("the session is the one that is on, else the nearest", () => {
  assert.deepEqual(
    [500, 1500, 3000, 4000, 9000].map((now) => nearestSession(DAYS, now)),
    [1, 1, 1, 2, 2],
  );
});

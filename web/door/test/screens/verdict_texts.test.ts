import assert from "node:assert/strict";
import { test } from "node:test";

import type { Door } from "../../src/engine/door.ts";
import type { Verdict } from "../../src/engine/verdict.ts";
import { type Language, speak } from "../../src/lib/i18n.ts";
import type { Conflict, Entry, OwnScan, Pass, Scan, ScanResult } from "../../src/lib/types.ts";
import { alarmView } from "../../src/screens/conflicts.ts";
import { makeView, withResult } from "../../src/screens/verdict.ts";
import { bothDoors, detailOf, ticketTypeOf, whereAndWhen } from "../../src/screens/verdict_texts.ts";
import { seatsKeptUntil } from "../../src/screens/walk_in.ts";

const MINUTE = 60_000;
const AT = Date.UTC(2026, 9, 10, 13, 2);
const NORTH = { id: 1, name: "North" };
const SOUTH = { id: 2, name: "South" };
const PASS = { event: { zone: "Asia/Dushanbe" }, door: { ...NORTH, closed: false }, doors: [NORTH, SOUTH] } as Pass;

function scan(door: number, at: number, more: Partial<Scan> = {}): Scan {
  return { id: `${door} ${at}`, person: "aa", session: 1, kind: "in", at, device: door, door, standing: true, ...more };
}

/** The door at a moment by the server's clock; the phone's own is days away from it. */
function at(now: number, pass = PASS): Pick<Door, "pass" | "now"> {
  return { pass, now: () => now };
}

test("both doors of a conflict are named with their times, the earlier first", () => {
  assert.equal(bothDoors(scan(2, AT + 3 * MINUTE), scan(1, AT), at(AT)), "North 18:02, South 18:05");
});

test("no order is given under two minutes apart, nor where a clock is doubtful", () => {
  assert.equal(bothDoors(scan(1, AT), scan(2, AT + 2 * MINUTE - 1), at(AT)), "North, South");
  assert.equal(bothDoors(scan(1, AT), scan(2, AT + 9 * MINUTE, { doubtful: true }), at(AT)), "North, South");
});

test("two phones at one door are named as such", () => {
  assert.equal(bothDoors(scan(1, AT), scan(1, AT), at(AT)), "North, two phones");
});

function alarmFor(count: number): ReturnType<typeof alarmView> {
  const door = { pass: PASS, nameOf: ({ id }: Scan) => `name ${id}` } as unknown as Door;
  const fresh = Array.from(
    { length: count },
    (_, n): Conflict => ({ person: "aa", first: scan(1, AT + n), second: scan(2, AT + n) }),
  );
  return alarmView(door, fresh, () => undefined);
}

test("one conflict shows its name and doors, several show one sentence and a button to the list", () => {
  assert.equal(alarmFor(0), null);
  assert.deepEqual(
    [alarmFor(1)?.name, alarmFor(1)?.detail, alarmFor(1)?.word, alarmFor(1)?.next],
    [`name 1 ${AT}`, "North, South", undefined, undefined],
  );
  assert.deepEqual(
    [alarmFor(30)?.word, alarmFor(30)?.name, alarmFor(30)?.next?.words],
    ["30 tickets used twice", "", "What to do"],
  );
  assert.equal(alarmFor(30)?.detail.split(", ").length, 4);
});

function viewWithResult(result: ScanResult | null): ReturnType<typeof withResult> {
  return withResult(makeView("admitted", { scan: "1", name: "Anvar" }), { result } as OwnScan);
}

test("only scans that the server stored are confirmed", () => {
  for (const result of ["accepted", "replay", "conflict", "unknown"] as const)
    assert.ok(viewWithResult(result).confirmed, result);
  for (const result of ["invalid", "revoked", null] as const)
    assert.ok(!viewWithResult(result).confirmed, String(result));
  assert.equal(viewWithResult("revoked").kind, "revoked");
});

test("a scan that the server could not read is reported, and the verdict stays", () => {
  const { kind, problem } = viewWithResult("invalid");
  assert.deepEqual(
    [kind, problem],
    ["admitted", "The server could not read this scan. It is stored on this phone. Tell an organizer."],
  );
  assert.equal(viewWithResult("accepted").problem, undefined);
});

const HOUR = 60 * MINUTE;
/** 23:30 in Dushanbe. */
const LATE = Date.UTC(2026, 9, 10, 18, 30);

function opening(opensAt: number, spoken: Language = "en"): string {
  speak(spoken);
  const detail = detailOf({ kind: "not_open", opensAt } as Verdict, at(LATE));
  speak("en");
  return detail;
}

test("an opening on another day at the event shows its day", () => {
  assert.equal(opening(LATE + 28 * MINUTE), "Opens at 23:58");
  assert.equal(opening(LATE + 31 * MINUTE), "Opens on 11 October at 00:01");
  assert.equal(opening(LATE + 60 * 24 * HOUR), "Opens on 9 December at 23:30");
});

test("a day is named in the volunteer's language", () => {
  assert.match(opening(LATE + HOUR, "ru"), /11 октября/);
  assert.match(opening(LATE + HOUR, "tg"), /11 октябр /);
});

test("the end of kept seats on another day shows its day", () => {
  const text = (held_until: number | null): string =>
    seatsKeptUntil({ pass: { ...PASS, rules: { held_until } } as Pass, now: () => LATE });
  assert.equal(text(LATE + 20 * MINUTE), "Seats of registered attendees are held until 23:50.");
  assert.equal(text(LATE + HOUR), "Seats of registered attendees are held until 11 October, 00:30.");
  assert.equal(text(null), "Seats of registered attendees are held.");
});

test("an earlier scan on another day shows its day", () => {
  speak("en");
  assert.equal(whereAndWhen(scan(1, AT), at(AT)), "North 18:02");
  assert.equal(whereAndWhen(scan(1, AT), at(AT + 24 * 60 * MINUTE)), "North 10 October 18:02");
});

test("untranslated names are in the event's first language: doors, ticket types and sessions", () => {
  const pass = {
    ...PASS,
    event: { ...PASS.event, languages: ["tg", "en"] },
    door: { ...PASS.door, name: { en: "North", tg: "Шимол" } },
  };
  speak("ru");
  try {
    assert.equal(whereAndWhen(scan(1, AT), at(AT, pass)), "Шимол 18:02");
    assert.equal(ticketTypeOf({ type: { en: "Guest", tg: "Меҳмон" } } as unknown as Entry, pass), "Меҳмон");
    assert.equal(
      detailOf(
        { kind: "other_session", validFor: [{ en: "Studio", tg: "Студия" }] } as unknown as Verdict,
        at(AT, pass),
      ),
      "Студия",
    );
  } finally {
    speak("en");
  }
});

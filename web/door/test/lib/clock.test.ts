import assert from "node:assert/strict";
import { test } from "node:test";

import { type ClockState, stamp, startClock, syncClock } from "../../src/lib/clock.ts";
import { seededRandom } from "../support/random.ts";

const MINUTE = 60_000;

test("stamps follow the server's time and never stand still", () => {
  const started = startClock(1_000_000, 400_000);
  const first = stamp(started, 400_010);
  assert.equal(first.last, 1_000_010);
  assert.equal(stamp(first, 400_010).last, 1_000_011);
  assert.equal(stamp(first, 399_000).last, 1_000_011);
});

test("on any network, the stamps of a clock that is left alone keep their order, and none is later than the server's time", () => {
  const random = seededRandom(20261010);
  for (let turn = 0; turn < 300; turn++) {
    const behind = random(20 * MINUTE);
    const [first, ...contacts] = soonestFirst(Array.from({ length: 30 }, () => makeContact(random)));
    assert.ok(first);
    const scans = Array.from({ length: 100 }, () => ({ at: first.at + random(3 * MINUTE) }));
    let clock = startClock(first.answered, first.at - behind);
    for (const moment of soonestFirst([...contacts, ...scans])) clock = advance(clock, moment, behind);
  }
});

interface Contact {
  at: number;
  answered: number;
  took: number;
}

/** A request sent within three minutes, with up to eight seconds of travel each way. */
function makeContact(random: (below: number) => number): Contact {
  const there = random(8_000);
  const back = random(8_000);
  const answered = random(3 * MINUTE) + there;
  return { at: answered + back, answered, took: there + back };
}

function soonestFirst<T extends { at: number }>(moments: T[]): T[] {
  return moments.sort((a, b) => a.at - b.at);
}

/** The clock after a scan or a contact, on a phone that is behind the server. */
function advance(clock: ClockState, moment: { at: number } | Contact, behind: number): ClockState {
  if ("took" in moment) {
    const { state, jumped } = syncClock(clock, moment.answered, { receivedAt: moment.at - behind, took: moment.took });
    assert.ok(state.last === clock.last && state.offset >= clock.offset && !jumped);
    return state;
  }
  const next = stamp(clock, moment.at - behind);
  assert.ok(next.last > clock.last && next.last <= Math.max(moment.at, clock.last + 1));
  return next;
}

test("an offset that fits the exchange stays, and any other is set anew", () => {
  const exchange = { receivedAt: 1_000_000, took: 4_000 };
  const offsets = [-1, 0, 4_000, 4_001].map(
    (offset) => syncClock({ offset, last: 0 }, 1_000_000, exchange).state.offset,
  );
  assert.deepEqual(offsets, [0, 0, 4_000, 0]);
});

test("a stamp that ran ahead falls back at the next contact, to the latest possible time at the server", () => {
  const ahead = { offset: 0, last: 5_000_000 };
  assert.equal(syncClock(ahead, 1_000_000, { receivedAt: 999_000, took: 300 }).state.last, 1_000_300);
});

test("only an offset that changed by over two minutes is doubtful", () => {
  const state = { offset: 420_000, last: 0 };
  assert.ok(!syncClock(state, 10_000_000, { receivedAt: 10_000_000 - 421_000, took: 0 }).jumped);
  assert.ok(syncClock(state, 10_000_000, { receivedAt: 10_000_000 - 541_000, took: 0 }).jumped);
  assert.ok(syncClock(state, 10_000_000, { receivedAt: 10_000_000 - 299_000, took: 0 }).jumped);
});

test("an exchange that was long on its way makes nothing doubtful", () => {
  assert.ok(
    !syncClock({ offset: 420_000, last: 0 }, 10_000_000, { receivedAt: 10_000_000 - 120_000, took: 10 * MINUTE })
      .jumped,
  );
});

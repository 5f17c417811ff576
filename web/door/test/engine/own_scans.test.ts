import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { passTime, settle } from "../support/phone.ts";
import { HOUR, makeEntry } from "../support/server.ts";
import { phone, server, startPhone, tearDown } from "../support/setup.ts";

beforeEach(startPhone);
afterEach(tearDown);

function admit(number: number): string {
  return phone.door.admit(makeEntry(number)).own?.id ?? "";
}

function recent(): string[] {
  return phone.door.recent().map(({ id }) => id);
}

test("before, while and after an answer is long on its way, stamps keep the order in which scans were made", async () => {
  const ids: string[] = [];
  for (const [there, back] of [
    [0, 0],
    [0, 4_000],
    [4_000, 0],
    [2_000, 2_000],
    [0, 0],
  ] as const) {
    Object.assign(server, { there, back });
    for (let turn = 0; turn < 40; turn++) {
      ids.push(admit(ids.length + 1));
      await passTime(250);
    }
  }
  assert.equal(phone.door.waiting, 0);
  const stored = [...server.scans.values()].sort((a, b) => a.at - b.at);
  assert.deepEqual(
    stored.map(({ id }) => id),
    ids,
  );
  assert.ok(stored.every(({ doubtful }) => !doubtful));
});

test("the last scan is the first to undo, also where the clock was an hour ahead", async () => {
  const real = Date.now;
  Date.now = () => real() + HOUR;
  const ahead = admit(1);
  Date.now = real;
  await passTime(3_500);
  const right = admit(2);
  assert.ok((phone.parts.state.own.get(right)?.scan.at ?? 0) < (phone.parts.state.own.get(ahead)?.scan.at ?? 0));
  assert.deepEqual(recent(), [right, ahead]);
});

test("the last scan is the first to undo, also after a reload", async () => {
  const ids: string[] = [];
  for (let number = 1; number <= 8; number++) ids.unshift(admit(number));
  await settle();
  await phone.reload(server);
  assert.deepEqual(recent(), ids);
});

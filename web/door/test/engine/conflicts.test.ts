import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { goOnline, Phone, passTime, resumeTime, settle, stopTime } from "../support/phone.ts";
import { makeEntry, type SentRequest, Server } from "../support/server.ts";

let server: Server;
let north: Phone;
let south: Phone;
let phones = 0;

beforeEach(async () => {
  stopTime();
  server = new Server(10);
  phones += 1;
  north = await new Phone(`conflicts north ${phones}`).open(server);
  south = await new Phone(`conflicts south ${phones}`).open(server, "south");
  for (const phone of [north, south]) phone.door.start();
  await passTime(500);
});

afterEach(() => {
  server.stop();
  resumeTime();
});

/** Cut one phone off from the network. */
function cutOff(phone: Phone): void {
  const { token } = phone.door.pass;
  server.intercept = (request: SentRequest) =>
    request.token === token ? Promise.reject(new TypeError("Failed to fetch")) : null;
}

/** Admit the same people on both phones while one is offline; then bring it back. */
async function admitTwice(numbers: number[]): Promise<void> {
  cutOff(north);
  for (const number of numbers) north.door.admit(makeEntry(number));
  await passTime(60_000, 1_000);
  for (const number of numbers) south.door.admit(makeEntry(number));
  await passTime(2_000);
  server.intercept = () => null;
  goOnline();
  await passTime(5_000);
}

test("both phones report a conflict once, with both scans and the doors", async () => {
  await admitTwice([1]);
  for (const phone of [north, south]) {
    assert.equal(phone.notified.conflicts.length, 1);
    const [conflict] = phone.notified.conflicts[0]!;
    assert.deepEqual([conflict?.person, conflict?.first.door, conflict?.second.door], [makeEntry(1).id, 1, 2]);
    assert.equal(phone.door.conflicts().length, 1);
  }
});

test("conflicts that arrive together raise one alarm, the newest first", async () => {
  await admitTwice([1, 2, 3, 4]);
  assert.deepEqual(
    north.notified.conflicts.map((batch) => batch.length),
    [4],
  );
  assert.deepEqual(
    south.notified.conflicts.map((batch) => batch.length),
    [4],
  );
  assert.deepEqual(
    north.door.conflicts().map(({ person }) => person),
    [4, 3, 2, 1].map((number) => makeEntry(number).id),
  );
});

test("a reload, a repeat and a server restored from a backup raise no second alarm", async () => {
  await admitTwice([1]);
  await settle();
  for (const phone of [north, south]) {
    await phone.reload(server);
    phone.door.start();
  }
  server.restoreWithoutScans();
  north.door.admit(makeEntry(1));
  await passTime(40_000, 500);
  assert.deepEqual([north.notified.conflicts, south.notified.conflicts], [[], []]);
  assert.equal(north.door.conflicts().length, 1);
  assert.ok(server.scans.size >= 3);
});

test("a used ticket is refused at another door that knows its scan, without an alarm", async () => {
  north.door.admit(makeEntry(1));
  await passTime(5_000);
  const { verdict, own } = south.door.admit(makeEntry(1));
  assert.deepEqual(
    [verdict.kind, own?.scan.kind, own?.scan.reason, own?.scan.standing],
    ["already_in", "refused", "already_in", false],
  );
  await passTime(5_000);
  assert.equal(server.scans.get(own!.id)?.reason, "already_in");
  assert.deepEqual([north.notified.conflicts, south.notified.conflicts, south.door.conflicts()], [[], [], []]);
});

test("somebody admitted although already in raises an alarm only at the first door", async () => {
  north.door.admit(makeEntry(1));
  await passTime(5_000);
  const { verdict, own } = south.door.admit(makeEntry(1), true);
  assert.deepEqual([verdict.kind, own?.scan.kind], ["already_in", "in"]);
  await passTime(5_000);
  assert.deepEqual([north.notified.conflicts.length, south.notified.conflicts.length], [1, 0]);
  assert.equal(south.door.conflicts().length, 1);
});

test("a third phone with the same ticket raises another alarm", async () => {
  await admitTwice([1]);
  server.putScan({
    id: "zz",
    person: makeEntry(1).id,
    session: 1,
    kind: "in",
    at: Date.now(),
    device: 77,
    door: 2,
    standing: true,
  });
  await passTime(4_000);
  assert.equal(north.notified.conflicts.length, 2);
});

test("a conflict between two other phones is not reported", async () => {
  for (const [id, device] of [
    ["yy", 76],
    ["zz", 77],
  ] as const)
    server.putScan({
      id,
      person: makeEntry(5).id,
      session: 1,
      kind: "in",
      at: Date.now(),
      device,
      door: 2,
      standing: true,
    });
  await passTime(4_000);
  assert.deepEqual([north.notified.conflicts, north.door.conflicts()], [[], []]);
});

test("an undone scan leaves the conflicts at both doors", async () => {
  await admitTwice([1, 2]);
  const [latest] = south.door.recent();
  south.door.undo(latest!, "wrong_person");
  assert.equal(south.door.conflicts().length, 1);
  await passTime(5_000);
  assert.equal(north.door.conflicts().length, 1);
  assert.equal(north.notified.conflicts.length, 1, "and that is no alarm");
});

test("a result of conflict reads the list at once", async () => {
  await passTime(3_500);
  south.door.admit(makeEntry(1));
  await passTime(250);
  north.door.admit(makeEntry(1));
  await passTime(500);
  assert.equal(north.notified.conflicts.length, 1);
});

test("this phone's scan in a conflict can be undone once, however many it made since", async () => {
  server.stop();
  server = new Server(40);
  north = await new Phone(`conflicts long north ${phones}`).open(server);
  south = await new Phone(`conflicts long south ${phones}`).open(server, "south");
  for (const phone of [north, south]) phone.door.start();
  await passTime(500);
  await admitTwice([1]);
  for (let number = 2; number < 30; number++) north.door.admit(makeEntry(number));
  const [conflict] = north.door.conflicts();
  const own = north.door.scanToUndo(conflict!);
  assert.equal(own?.scan.person, makeEntry(1).id);
  assert.ok(!north.door.recent().some(({ id }) => id === own?.id));
  north.door.undo(own!, "mistake");
  assert.equal(north.door.scanToUndo(conflict!), null);
  assert.deepEqual(north.door.conflicts(), []);
});

import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { currentPass, openStore } from "../../src/device/store.ts";
import { goOnline, passTime, settle } from "../support/phone.ts";
import { HOUR, makeEntry, problem, START } from "../support/server.ts";
import { offline, phone, server, startPhone, tearDown } from "../support/setup.ts";

const DAY = 24 * HOUR;

beforeEach(startPhone);
afterEach(tearDown);

async function names(): Promise<number[]> {
  const { keys, merged } = phone.door.pass;
  const walkIns = phone.parts.state.walkIns.of(9).length + (await phone.count("walk_ins"));
  return [phone.door.listed, await phone.count("entries"), keys.length, Object.keys(merged).length, walkIns];
}

/** Move the clock forward, as on a phone that slept. */
async function skip(milliseconds: number): Promise<void> {
  mock.timers.setTime(Date.now() + milliseconds);
  await passTime(121_000, 1_000);
}

test("a revoked phone hands in, then erases the names, in storage too", async () => {
  server.intercept = offline;
  phone.door.admit(makeEntry(1));
  phone.door.walkIn({ name: "Guest" });
  await passTime(1_000);
  server.intercept = ({ path }) => (path.includes("/roster") ? problem(401, "device-revoked") : null);
  goOnline();
  await passTime(2_000);
  assert.equal(server.scans.size, 2);
  assert.deepEqual(await names(), [0, 0, 0, 0, 0]);
  assert.equal(phone.door.admit(makeEntry(2)).verdict.kind, "revoked");
  await phone.reload(server);
  assert.deepEqual([phone.door.state, await phone.count("own")], ["revoked", 2]);
});

test("a pass that ran out by the phone's own clock ends without a network", async () => {
  server.intercept = offline;
  mock.timers.setTime(Date.now() + 12 * HOUR);
  assert.equal(phone.door.state, "expired");
  await passTime(4_000);
  assert.deepEqual(await names(), [0, 0, 0, 0, 0]);
  const { verdict, own } = phone.door.admit(makeEntry(1));
  assert.deepEqual([verdict.kind, own?.scan.kind, own?.scan.reason], ["expired", "refused", "expired"]);
  assert.equal(phone.door.walkIn({ name: "Late" }).verdict.kind, "expired");
});

test("an expired pass erases names although scans wait; a walk-in's name stays until it is handed in", async () => {
  phone.door.walkIn({ name: "Handed in" });
  await passTime(1_000);
  server.intercept = offline;
  phone.door.walkIn({ name: "Not yet" });
  const scanned = phone.door.admit(makeEntry(1)).own!;
  await skip(12 * HOUR);
  assert.deepEqual(await names(), [0, 0, 0, 0, 2], "one walk-in, in memory and on the disk");
  assert.equal(phone.door.waiting, 2);
  assert.ok(!phone.door.nameOf(scanned.scan).includes("Person"), "scans are nameless");
  await phone.reload(server);
  phone.door.start();
  assert.deepEqual(
    [phone.door.waiting, await phone.count("entries"), phone.door.pass.keys.length],
    [2, 0, 0],
    "also after a reload",
  );
  server.intercept = ({ path }) => (path.includes("/roster") ? problem(401, "device-expired") : null);
  goOnline();
  await passTime(2_000);
  assert.ok([...server.names.values()].includes("Not yet"));
  assert.deepEqual(await names(), [0, 0, 0, 0, 0]);
});

test("a server that reports an expired pass makes names go at once; scans stay", async () => {
  server.intercept = ({ path }) => (path.includes("/roster") ? problem(401, "device-expired") : offline());
  phone.door.admit(makeEntry(1));
  await passTime(4_000);
  assert.deepEqual([phone.door.waiting, ...(await names())], [1, 0, 0, 0, 0, 0]);
});

test("a revoked phone that cannot hand in keeps the names for a day and not longer", async () => {
  server.intercept = ({ path }) => (path.includes("/roster") ? problem(401, "device-revoked") : offline());
  phone.door.admit(makeEntry(1));
  await passTime(4_000);
  phone.parts.state.usePass({ ...phone.door.pass, rules: { ...phone.door.pass.rules, expires_at: START + 9 * DAY } });
  await skip(DAY - HOUR);
  assert.deepEqual([phone.door.state, phone.door.listed], ["revoked", 3]);
  await skip(HOUR);
  assert.deepEqual([phone.door.waiting, ...(await names())], [1, 0, 0, 0, 0, 0]);
});

test("a pass that was given more time is a pass again, with its list", async () => {
  const { rules } = server.setup;
  server.intercept = ({ path }) => (path.includes("/roster") ? problem(401, "device-expired") : null);
  await passTime(4_000);
  assert.equal(phone.door.state, "expired");
  server.intercept = () => null;
  server.setup = { ...server.setup, rules: { ...rules, expires_at: START + DAY } };
  await passTime(65_000, 1_000);
  assert.deepEqual([phone.door.state, phone.door.listed], ["paired", 3]);
  server.intercept = ({ path }) => (path.includes("/roster") ? problem(401, "device-expired") : null);
  await skip(DAY);
  assert.deepEqual([phone.door.state, ...(await names())], ["expired", 0, 0, 0, 0, 0], "and ends again");
});

test("an expired phone asks once a minute, not every three seconds", async () => {
  server.intercept = ({ path }) => (path.includes("/roster") ? problem(401, "device-expired") : null);
  await passTime(4_000);
  const before = server.requests.length;
  await passTime(300_000, 1_000);
  assert.ok(server.requests.length - before <= 6, String(server.requests.length - before));
});

test("a clock at 1970 closes no door and erases nothing", async () => {
  server.setup = { ...server.setup, sessions: [{ ...server.setup.sessions[0]!, opens_at: START - HOUR }] };
  await passTime(3_500);
  const real = Date.now;
  Date.now = () => real() - 1_700_000_000_000;
  await phone.door.checkExpiry();
  assert.deepEqual([phone.door.state, phone.door.preview(makeEntry(1)).kind], ["paired", "admitted"]);
  Date.now = real;
});

test("a clock that jumps far ahead and back loses no names while the server is reachable", async () => {
  const real = Date.now;
  Date.now = () => real() + 400 * DAY;
  await phone.door.checkExpiry();
  assert.equal(phone.door.state, "expired");
  await passTime(3_500);
  Date.now = real;
  await passTime(3_500);
  await phone.door.checkExpiry();
  assert.deepEqual([phone.door.state, phone.door.pass.over_at, phone.door.listed], ["paired", null, 3]);
});

test("a list that comes while names are being erased goes with them", async () => {
  await phone.parts.state.endPass("expired");
  const { cursor } = phone.door.pass;
  const answer = {
    ...server.setup,
    cursor: "9",
    entries: [makeEntry(1)],
    removed: [],
    scans: [],
    merged: {},
    server_time: START + DAY,
  };
  await phone.parts.updates.takeRoster(answer, cursor, { receivedAt: Date.now(), took: 0 });
  assert.equal(phone.door.listed, 1);
  await Promise.all([
    phone.parts.state.endPass("expired"),
    phone.parts.updates.takeRoster(answer, "9", { receivedAt: Date.now(), took: 0 }),
  ]);
  await phone.door.checkExpiry();
  assert.deepEqual(await names(), [0, 0, 0, 0, 0]);
});

test("at the next opening the names of every event that is over are gone, not only of the last", async () => {
  server.stop();
  const { event, rules } = server.setup;
  server.setup = {
    ...server.setup,
    event: { ...event, id: 10, ends_at: START + 10 * DAY },
    rules: { ...rules, expires_at: START + 10 * DAY },
  };
  await phone.open(server);
  phone.door.start();
  await passTime(1_000);
  assert.equal(await phone.count("entries"), 6);
  server.stop();
  mock.timers.setTime(START + DAY);
  await phone.reload(server);
  assert.equal(await phone.count("entries"), 3);
});

test("a week after the event only scans never handed in are left", async () => {
  phone.door.admit(makeEntry(1));
  await passTime(1_000);
  server.intercept = offline;
  phone.door.walkIn({ name: "Not yet" });
  await settle();
  server.stop();
  mock.timers.setTime(START + 12 * DAY);
  await phone.reload(server);
  assert.deepEqual([await phone.count("own"), await phone.count("passes"), await phone.count("walk_ins")], [1, 1, 1]);
  assert.equal(phone.door.state, "expired");
  server.intercept = () => null;
  phone.door.start();
  await passTime(2_000);
  assert.equal(phone.door.waiting, 0);
  server.stop();
  phone.store = await openStore(phone.name);
  assert.deepEqual(
    [await phone.count("own"), await phone.count("scans"), await phone.count("passes"), await phone.count("walk_ins")],
    [0, 0, 0, 0],
  );
  assert.equal(await currentPass(phone.store), null);
});

test("scans of an earlier event are handed in under its own pass", async () => {
  server.intercept = offline;
  const { own } = phone.door.admit(makeEntry(1));
  await settle();
  server.stop();
  server.intercept = () => null;
  server.setup = { ...server.setup, event: { ...server.setup.event, id: 10 } };
  await phone.open(server, "south");
  phone.door.start();
  await passTime(2_000);
  assert.ok(server.scans.has(own!.id));
  const post = server.requests.find((request) => request.body?.scans?.some((scan) => scan.id === own!.id));
  assert.match(post?.token ?? "", / north$/);
});

test("a clock that leapt ahead closes no door once it is right again", async () => {
  server.intercept = offline;
  const real = Date.now;
  Date.now = () => real() + 400 * HOUR;
  const { own } = phone.door.admit(makeEntry(2));
  await settle();
  Date.now = real;
  assert.equal(own?.scan.reason, "expired");
  assert.ok(phone.door.now() < START + HOUR);
});

test("names of an earlier event go while the page stays open, and a revocation of its pass is saved", async () => {
  const earlier = {
    ...phone.door.pass,
    id: 10,
    token: "earlier",
    rules: { ...phone.door.pass.rules, expires_at: START + HOUR },
  };
  await phone.store.use((database) =>
    Promise.all([database.put("passes", earlier), database.put("entries", { ...makeEntry(1), event: 10 })]),
  );
  await phone.reload(server);
  phone.door.start();
  assert.equal(await phone.count("entries"), 4);
  await skip(2 * HOUR);
  assert.equal(await phone.count("entries"), 3);
  await phone.parts.state.endOther(phone.parts.state.others[0]!, "revoked");
  assert.equal((await phone.store.use((database) => database.get("passes", 10)))?.state, "revoked");
});

import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { goOnline, passTime, setHidden, settle, until } from "../support/phone.ts";
import { makeEntry, problem, type SentRequest, webPage } from "../support/server.ts";
import { offline, openPhone, phone, server, startSync, tearDown } from "../support/setup.ts";

beforeEach(openPhone);
afterEach(tearDown);

function admit(number: number): string {
  return phone.door.admit(makeEntry(number)).own?.id ?? "";
}

test("the list is read at once and then every three seconds", async () => {
  await startSync();
  assert.equal(phone.door.listed, 3);
  await passTime(30_000);
  const times = server.rosterReads().map((request) => request.at);
  assert.equal(times.length, 11);
  assert.ok(times.slice(1).every((at, index) => at - (times[index] ?? 0) <= 3_250));
});

test("what the phone decides by is sent once, and again once it has changed", async () => {
  await startSync();
  await passTime(4_000);
  const [first, second] = server.rosterReads().map(({ path }) => new URL(path, "https://turnout.example").searchParams);
  assert.equal(first?.get("setup"), null);
  assert.equal(second?.get("setup"), phone.door.pass.setup);
  assert.deepEqual(phone.door.pass.rules, server.setup.rules);
  server.setup = { ...server.setup, rules: { ...server.setup.rules, reentry: true } };
  await passTime(4_000);
  assert.equal(phone.door.pass.rules.reentry, true);
});

test("another door's scan arrives within five seconds", async () => {
  await startSync();
  server.putScan({
    id: "other",
    person: makeEntry(1).id,
    session: 1,
    kind: "in",
    at: Date.now(),
    device: 77,
    door: 2,
    standing: true,
  });
  await passTime(5_000);
  assert.equal(phone.door.occupancy().inside, 1);
});

test("a scan is handed in as soon as it is saved, with its door and the number that wait", async () => {
  await startSync();
  const id = admit(1);
  await settle();
  await passTime(250);
  const [post] = server.scanPosts().filter((each) => each.scans.length > 0);
  assert.deepEqual(
    post?.scans.map((scan) => [scan.id, scan.door]),
    [[id, 1]],
  );
  assert.equal(post?.waiting, 0);
  assert.deepEqual(
    phone.notified.answers.map((own) => own.result),
    ["accepted"],
  );
  assert.equal(phone.door.waiting, 0);
});

test("a phone without scans sends a heartbeat every half minute", async () => {
  await startSync();
  await passTime(120_000, 500);
  const times = server.requests.filter((request) => request.path.endsWith("/scans")).map((request) => request.at);
  assert.ok(times.length >= 4 && times.length <= 6, String(times.length));
  assert.ok(times.slice(1).every((at, index) => at - (times[index] ?? 0) <= 30_000));
  assert.ok(server.scanPosts().every((post) => post.version.length > 0 && post.waiting === 0));
});

test("a hidden page asks every ten seconds, and at once when it is seen again", async () => {
  setHidden(true);
  await startSync();
  const before = server.rosterReads().length;
  await passTime(20_000);
  assert.equal(server.rosterReads().length, before + 2);
  setHidden(false);
  await passTime(250);
  assert.equal(server.rosterReads().length, before + 3);
});

test("the longer the server is away, the less often it is asked, at most a minute apart", async () => {
  await startSync();
  server.intercept = offline;
  await passTime(600_000, 500);
  const times = server.rosterReads().map((request) => request.at);
  const pauses = times.slice(1).map((at, index) => at - (times[index] ?? 0));
  assert.equal(phone.door.online, false);
  assert.ok(Math.max(...pauses) <= 61_000 && Math.max(...pauses) > 55_000, pauses.join());
  assert.ok(pauses.length < 20, "ten minutes, not two hundred requests");
  server.intercept = () => null;
  goOnline();
  await passTime(250);
  assert.equal(phone.door.online, true);
});

test("a new scan ends a long pause", async () => {
  await startSync();
  server.intercept = offline;
  await passTime(300_000, 500);
  server.intercept = () => null;
  admit(1);
  await until(() => phone.door.waiting === 1);
  await settle();
  await passTime(500);
  assert.equal(phone.door.waiting, 0);
});

test("after a silence the first request carries no scans, so that a jump of the clock is known before", async () => {
  await startSync();
  server.intercept = offline;
  admit(1);
  await passTime(10_000);
  server.intercept = () => null;
  server.clockOffset = 10 * 60_000;
  server.requests.length = 0;
  goOnline();
  await passTime(500);
  const posts = server.scanPosts();
  assert.deepEqual(
    posts.map((post) => post.scans.length),
    [0, 1],
  );
  assert.equal(posts[0]?.waiting, 1);
  assert.equal(posts[1]?.scans[0]?.doubtful, true);
});

const TROUBLES: [string, (request: SentRequest) => Response | Promise<Response>, boolean][] = [
  ["no network", offline, false],
  ["a network that asks to sign in, answering 200", () => webPage(), false],
  ["a network that asks to sign in, answering JSON", () => Response.json({ please: "sign in" }), false],
  [
    "an answer without the time",
    () => Response.json({ ...server.setup, cursor: "9", entries: [], removed: [], scans: [], merged: {}, results: [] }),
    false,
  ],
  ["a network that asks to sign in, answering 403", () => webPage(403), false],
  ["a network that asks to sign in, answering 401", () => webPage(401), false],
  ["403", () => problem(403, "forbidden"), true],
  ["408", () => problem(408, "timeout"), true],
  ["413", () => problem(413, "too-large"), true],
  ["429", () => problem(429, "busy"), true],
  ["500", () => problem(500, "unexpected"), false],
  ["502 from a proxy", () => webPage(502), false],
  ["503", () => problem(503, "away"), false],
  ["no answer at all", () => new Promise<Response>(() => undefined), false],
];

for (const [name, trouble, isOnline] of TROUBLES)
  test(`nothing is lost and the phone stays paired: ${name}`, async () => {
    await startSync();
    server.intercept = trouble;
    const id = admit(1);
    await passTime(30_000);
    assert.deepEqual([phone.door.waiting, phone.door.state, phone.door.online], [1, "paired", isOnline]);
    server.intercept = () => null;
    goOnline();
    await passTime(30_000);
    assert.equal(phone.door.waiting, 0);
    assert.ok(server.scans.has(id));
  });

for (const status of [429, 503])
  test(`a Retry-After with ${status} is respected, whatever is scanned meanwhile`, async () => {
    await startSync();
    server.intercept = () => problem(status, "busy", { "Retry-After": "20" });
    admit(1);
    await passTime(1_000);
    const before = server.requests.length;
    admit(2);
    goOnline();
    await passTime(18_000);
    assert.equal(server.requests.length, before);
    server.intercept = () => null;
    await passTime(5_000);
    assert.equal(phone.door.waiting, 0);
  });

for (const [reason, state] of [
  ["device", "unknown"],
  ["device-revoked", "revoked"],
  ["device-expired", "expired"],
] as const)
  test(`a roster refused with ${reason} makes the phone ${state}`, async () => {
    await startSync();
    server.intercept = ({ path }) => (path.includes("/roster") ? problem(401, reason) : null);
    await passTime(3_500);
    assert.equal(phone.door.state, state);
    assert.equal(phone.door.online, true);
  });

test("a revoked phone still hands in what it has", async () => {
  await startSync();
  server.intercept = offline;
  const id = admit(1);
  await passTime(1_000);
  server.intercept = ({ path }) => (path.includes("/roster") ? problem(401, "device-revoked") : null);
  goOnline();
  await passTime(5_000);
  assert.ok(server.scans.has(id));
  assert.deepEqual([phone.door.state, phone.door.waiting], ["revoked", 0]);
});

test("a phone that must pair again keeps its scans and hands them in with its new pass", async () => {
  await startSync();
  server.intercept = ({ path }) => (path.endsWith("/pair") ? null : problem(401, "device"));
  const id = admit(1);
  await passTime(5_000);
  assert.deepEqual([phone.door.state, phone.door.waiting], ["unknown", 1]);
  const requests = server.requests.length;
  await passTime(60_000, 500);
  assert.ok(server.requests.length - requests < 8, "an unknown phone is not a nuisance");
  server.intercept = () => null;
  await phone.open(server, "south");
  await startSync();
  await passTime(1_000);
  assert.equal(phone.door.waiting, 0);
  assert.equal(server.scans.get(id)?.door, 1, "made at the door before");
});

test("one bad scan never holds up the others, and is not dropped", async () => {
  server.intercept = offline;
  for (let number = 1; number <= 40; number++) admit(number);
  const bad = admit(41);
  for (let number = 42; number <= 80; number++) admit(number);
  server.unreadable.add(bad);
  server.intercept = () => null;
  await startSync();
  await passTime(5_000);
  assert.equal(phone.door.waiting, 1);
  assert.equal(server.scans.size, 79);
  const posts = server.scanPosts().length;
  await passTime(55_000, 500);
  assert.ok(server.scanPosts().length - posts <= 4, "it is tried again alone");
  server.unreadable.clear();
  await passTime(70_000, 500);
  assert.equal(phone.door.waiting, 0);
});

test("a batch that is too large is halved until it passes", async () => {
  server.intercept = ({ body, path }) =>
    path.endsWith("/scans") && (body?.scans.length ?? 0) > 60 ? webPage(413) : null;
  for (let number = 1; number <= 300; number++) admit(number);
  await startSync();
  await passTime(20_000);
  assert.equal(phone.door.waiting, 0);
  assert.equal(server.scans.size, 300);
});

test("a single scan refused as too large is not set aside: it waits only as long as the server's trouble", async () => {
  await startSync();
  server.intercept = () => webPage(413);
  const ids = [admit(1), admit(2), admit(3)];
  await passTime(5_000);
  assert.deepEqual([phone.door.waiting, phone.door.online], [3, false]);
  server.intercept = () => null;
  goOnline();
  await passTime(2_000);
  assert.deepEqual(
    ids.filter((id) => server.scans.has(id)),
    ids,
  );
});

test("a refusal of everything is not a storm of requests", async () => {
  server.intercept = ({ path }) => (path.endsWith("/scans") ? problem(400, "unreadable") : null);
  for (let number = 1; number <= 200; number++) admit(number);
  await startSync();
  await passTime(5_000);
  assert.ok(server.scanPosts().length <= 42, String(server.scanPosts().length));
  assert.equal(phone.door.waiting, 200);
});

test("a server restored from a backup gets everything again, once", async () => {
  await startSync();
  admit(1);
  phone.door.walkIn({ name: "Guest" });
  await settle();
  await passTime(4_000);
  assert.equal(server.scans.size, 2);
  server.restoreWithoutScans();
  await passTime(40_000, 500);
  assert.equal(server.scans.size, 2);
  assert.equal([...server.names.values()].join(), "Guest");
  assert.equal(phone.door.waiting, 0);
});

test("a list that comes whole again after a restore replaces the one before, and loses no walk-in", async () => {
  for (const number of [4, 5, 6, 7]) server.put(makeEntry(number));
  await startSync();
  const { own } = phone.door.walkIn({ name: "Guest" });
  await settle();
  await passTime(4_000);
  assert.equal(phone.door.listed, 8);
  server.intercept = ({ path }) => (path.endsWith("/scans") ? offline() : null);
  server.restore(makeEntry(1), makeEntry(2));
  await passTime(4_000);
  assert.deepEqual(
    [...phone.parts.state.ledger.entries.keys()].sort(),
    [makeEntry(1).id, makeEntry(2).id, own!.scan.person].sort(),
  );
  server.intercept = () => null;
  goOnline();
  await passTime(40_000, 500);
  assert.equal([...server.names.values()].join(), "Guest", "it is named to the server again");
  await phone.reload(server);
  assert.equal(phone.door.listed, 3, "also on the disk");
});

test("a slow network gets smaller batches", async () => {
  const hang = (): Promise<Response> => new Promise(() => undefined);
  server.intercept = ({ body, path }) => (path.endsWith("/scans") && (body?.scans.length ?? 0) > 130 ? hang() : null);
  for (let number = 1; number <= 500; number++) admit(number);
  await until(async () => (await phone.count("own")) === 500);
  await startSync();
  await passTime(120_000, 500);
  assert.equal(phone.door.waiting, 0);
});

test("a change of the phone's clock to 1970 and back stops neither the order of stamps nor the sync", async () => {
  await startSync();
  const before = phone.door.admit(makeEntry(1)).own;
  const real = Date.now;
  Date.now = () => real() - 1_700_000_000_000;
  const during = phone.door.admit(makeEntry(2)).own;
  Date.now = real;
  const after = phone.door.admit(makeEntry(3)).own;
  const stamps = [before, during, after].map((own) => own?.scan.at ?? 0);
  assert.ok((stamps[0] ?? 0) < (stamps[1] ?? 0) && (stamps[1] ?? 0) < (stamps[2] ?? 0), stamps.join());
  await passTime(500);
  assert.equal(phone.door.waiting, 0);
});

test("trouble with an earlier event's pass does not affect this event, and is retried rarely", async () => {
  server.intercept = offline;
  const id = admit(1);
  await settle();
  phone.door.stop();
  const earlierToken = phone.door.pass.token;
  server.intercept = ({ token }) => (token === earlierToken ? problem(401, "device") : null);
  server.setup = { ...server.setup, event: { ...server.setup.event, id: 10 } };
  await phone.open(server, "south");
  await startSync();
  await passTime(50_000, 500);
  assert.deepEqual([phone.door.state, phone.door.online, phone.door.waiting], ["paired", true, 1]);
  assert.equal(
    server.requests.filter((request) => request.token === earlierToken && request.body?.scans.length).length,
    1,
  );
  server.intercept = () => null;
  await passTime(20_000, 500);
  assert.ok(server.scans.has(id));
});

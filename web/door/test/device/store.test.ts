import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { openDB } from "idb";

import { openStore, readPassOf } from "../../src/device/store.ts";
import { Door } from "../../src/engine/door.ts";
import { pairPhone } from "../../src/engine/pair.ts";
import { PendingWrites } from "../../src/engine/pending_writes.ts";
import type { OwnScan, Pass } from "../../src/lib/types.ts";
import { goOnline, passTime, settle, until } from "../support/phone.ts";
import { makeEntry, makeSetup } from "../support/server.ts";
import { offline, phone, server, startPhone, tearDown } from "../support/setup.ts";

beforeEach(startPhone);
afterEach(tearDown);

/** From now on the disk takes nothing of what the tables named hold. */
function fillDisk(...tables: string[]): () => void {
  const put = IDBObjectStore.prototype.put;
  const full = mock.method(
    IDBObjectStore.prototype,
    "put",
    function (this: IDBObjectStore, ...args: Parameters<typeof put>) {
      if (tables.includes(this.name)) throw new DOMException("The disk is full", "QuotaExceededError");
      return put.apply(this, args);
    },
  );
  return () => full.mock.restore();
}

test("an unsaved scan is admitted, counted and handed in, and the phone warns", async () => {
  fillDisk("own");
  const { verdict, own } = phone.door.admit(makeEntry(1));
  assert.deepEqual([verdict.kind, phone.door.occupancy().inside], ["admitted", 1]);
  await until(() => phone.door.unsaved);
  await passTime(1_000);
  assert.ok(server.scans.has(own!.id));
  assert.equal(phone.door.waiting, 0);
});

test("unsaved data is saved with the next scan that can be", async () => {
  server.intercept = offline;
  const empty = fillDisk("own");
  phone.door.admit(makeEntry(1));
  phone.door.walkIn({ name: "Guest" });
  await until(() => phone.door.unsaved);
  empty();
  phone.door.admit(makeEntry(2));
  await until(() => !phone.door.unsaved);
  await phone.reload(server);
  assert.deepEqual([phone.door.waiting, phone.door.find("guest").length], [3, 1]);
});

test("a phone paired again carries over unsaved data", async () => {
  server.intercept = ({ path }) => (path.endsWith("/pair") ? null : offline());
  const empty = fillDisk("own");
  phone.door.admit(makeEntry(1));
  phone.door.walkIn({ name: "Guest" });
  await until(() => phone.door.unsaved);
  const paired = await pairPhone(phone.store, "south", "Farhod");
  const next = await Door.open(phone.store, paired, phone.door.unwritten);
  assert.deepEqual([next.waiting, next.unsaved, next.find("guest").length], [2, true, 1]);
  empty();
  next.admit(makeEntry(2));
  await until(() => !next.unsaved);
  assert.equal(await phone.count("own"), 3);
});

test("a list that cannot be written is in memory, and the phone is not offline for it", async () => {
  const empty = fillDisk("entries");
  server.put(makeEntry(7));
  await passTime(3_500);
  assert.deepEqual([phone.door.listed, phone.door.online, phone.door.unsaved], [4, true, true]);
  server.put(makeEntry(8));
  empty();
  await passTime(3_500);
  assert.equal(phone.door.unsaved, false);
  server.intercept = offline;
  await phone.reload(server);
  assert.deepEqual(
    [...phone.parts.state.ledger.entries.keys()].sort(),
    [1, 2, 3, 7, 8].map((number) => makeEntry(number).id),
    "also what came while the disk was full",
  );
});

test("the cursor that is kept never passes what was kept", async () => {
  const before = (await readPassOf(phone.store, 9))?.cursor;
  fillDisk("entries");
  server.put(makeEntry(7));
  await passTime(3_500);
  await phone.door.setVolunteer("Farhod");
  const { cursor, volunteer } = (await readPassOf(phone.store, 9))!;
  assert.deepEqual([cursor, volunteer], [before, "Farhod"]);
});

test("a connection that the browser closed is opened again", async () => {
  server.intercept = offline;
  phone.store.close();
  await phone.store.use(async (database) => database.close());
  phone.door.admit(makeEntry(1));
  await settle();
  assert.equal(phone.door.unsaved, false);
  assert.equal(await phone.count("own"), 1);
});

test("a database that is gone for good leaves a phone that scans and hands in", async () => {
  phone.store.use = () => Promise.reject(new DOMException("gone", "InvalidStateError"));
  const { verdict, own } = phone.door.admit(makeEntry(1));
  await passTime(4_000);
  assert.deepEqual(
    [verdict.kind, phone.door.online, phone.door.unsaved, phone.door.waiting],
    ["admitted", true, true, 0],
  );
  assert.ok(server.scans.has(own!.id));
});

test("a tab of an older version that blocks the database is an error, not an endless wait", async () => {
  const name = "an older tab";
  const older = await openDB(name, 1);
  await assert.rejects(openStore(name), { name: "BlockedError" });
  older.close();
  await settle();
  const later = await openDB(name, 99, { blocked: () => assert.fail("what was opened too late is closed") });
  later.close();
});

test("this version makes way for a later one", async () => {
  const name = "a later version";
  await openStore(name);
  const later = await openDB(name, 99);
  assert.equal(later.version, 99);
  later.close();
});

test("data of an earlier version is read", async () => {
  const name = "an earlier version";
  const older = await openDB(name, 1, {
    upgrade(database) {
      for (const table of ["facts"]) database.createObjectStore(table);
      for (const table of ["passes", "own"]) database.createObjectStore(table, { keyPath: "id" });
      for (const table of ["entries", "scans"]) database.createObjectStore(table, { keyPath: ["event", "id"] });
    },
  });
  const { event, sessions, keys } = makeSetup();
  const rules = { admit_unlisted: true, initials: false, held_until: null };
  await older.put("passes", {
    id: 9,
    token: "t",
    event,
    door: { id: 1, name: "North" },
    sessions,
    keys,
    rules,
    cursor: "3",
    merged: {},
    session: 1,
    shifts: [],
  });
  older.close();
  const saved = await readPassOf(await openStore(name), 9);
  assert.deepEqual(
    [saved?.state, saved?.types, saved?.rules.reentry, saved?.rules.admit_unlisted],
    ["paired", [], false, true],
  );
});

test("stored records keep the names that phones in the field have", async () => {
  server.intercept = offline;
  phone.door.walkIn({ name: "Guest" });
  await new PendingWrites(phone.store, null).save({ alarms: [{ event: 9, pair: "1 2" }] });
  await settle();
  const [tables, told, own, walkIn, pass, clock] = await phone.store.use(async (database) => [
    [...database.objectStoreNames],
    await database.getAll("told"),
    (await database.getAll("own"))[0],
    (await database.getAll("walk_ins"))[0],
    await database.get("passes", 9),
    await database.get("facts", "clock"),
  ]);
  const names = (record: unknown): string =>
    Object.keys(record as object)
      .sort()
      .join(" ");
  assert.deepEqual(tables, ["entries", "facts", "own", "passes", "scans", "told", "walk_ins"]);
  assert.deepEqual(told, [{ event: 9, pair: "1 2" }]);
  assert.equal(names(own), "code event id result scan");
  assert.equal(names((own as OwnScan).scan), "at device door id kind person session standing");
  assert.equal(names(walkIn), "event id language name sent ticket_type");
  assert.equal(
    names(pass),
    "cursor door doors event id keys listed_at merged over_at rules session sessions setup shifts state token types volunteer",
  );
  assert.equal(names(clock), "last offset");
});

test("a scan, the stamp it was given and a walk-in's name are written together or not at all", async () => {
  server.intercept = offline;
  const before = await phone.store.use((database) => database.get("facts", "clock"));
  fillDisk("walk_ins");
  phone.door.walkIn({ name: "Guest" });
  await until(() => phone.door.unsaved);
  assert.deepEqual([await phone.count("own"), await phone.count("walk_ins")], [0, 0]);
  assert.deepEqual(await phone.store.use((database) => database.get("facts", "clock")), before);
});

test("a first list of 10,000 is written a thousand at a time, the cursor with the last", async (t) => {
  for (let number = 4; number <= 10_000; number++) server.put(makeEntry(number));
  const transactions = mock.method(IDBDatabase.prototype, "transaction");
  const puts = mock.method(IDBObjectStore.prototype, "put");
  const began = process.hrtime.bigint();
  goOnline();
  await passTime(250);
  await until(async () => (await phone.count("entries")) === 10_000);
  t.diagnostic(`${Number(process.hrtime.bigint() - began) / 1e6} ms in this imitation of IndexedDB`);
  const writing = transactions.mock.calls.filter(
    (call) => call.arguments[1] === "readwrite" && String(call.arguments[0]).includes("entries"),
  );
  assert.deepEqual([writing.length, puts.mock.callCount() >= 9_997], [10, true]);
  const { cursor } = phone.door.pass;
  const saved = puts.mock.calls.map((call) =>
    [(call.this as unknown as IDBObjectStore).name, (call.arguments[0] as Pass).cursor].join(" "),
  );
  assert.ok(saved.indexOf(`passes ${cursor}`) > saved.lastIndexOf("entries "));
  transactions.mock.restore();
  puts.mock.restore();
});

test("only changed data is written", async () => {
  await phone.door.setVolunteer("Farhod");
  await passTime(3_500);
  const puts = mock.method(IDBObjectStore.prototype, "put");
  server.intercept = offline;
  phone.door.admit(makeEntry(1));
  await settle();
  assert.deepEqual(puts.mock.calls.map((call) => (call.this as unknown as IDBObjectStore).name).sort(), [
    "facts",
    "own",
  ]);
});

test("data that changes during a write is written after it", async () => {
  const memory = new PendingWrites(phone.store, null);
  const { own } = phone.door.admit(makeEntry(1));
  await passTime(1_000);
  const first = memory.save({ own: [{ ...own!, result: null }] });
  await new Promise((resolve) => setImmediate(resolve));
  await Promise.all([first, memory.save({ own: [{ ...own!, result: "conflict" }] })]);
  assert.equal((await phone.store.use((database) => database.get("own", own!.id)))?.result, "conflict");
});

test("a scan opens only the tables it needs, with strict durability", async () => {
  await passTime(1_000);
  server.intercept = offline;
  const transactions = mock.method(IDBDatabase.prototype, "transaction");
  phone.door.admit(makeEntry(1));
  await settle();
  assert.deepEqual(
    transactions.mock.calls.map((call) => call.arguments),
    [[["own", "facts"], "readwrite", { durability: "strict" }]],
  );
});

test("names that are erased while a long list is being written do not come back", async () => {
  const memory = new PendingWrites(phone.store, null);
  const { pass: before } = phone.door;
  const entries = Array.from({ length: 5_000 }, (_, number) => makeEntry(number + 10));
  const change = { pass: before, entries, removed: [], scans: [] };
  const writing = memory.saveRoster(change, () => change);
  await until(async () => (await phone.count("entries")) > 1_000);
  await memory.eraseNames(before);
  await writing;
  assert.deepEqual([await phone.count("entries"), memory.unsaved], [0, false]);
});

test("a page that another page's pairing overtook writes over nothing, and goes on with the new pass", async () => {
  const older = phone.door;
  const otherStore = await openStore(phone.name);
  const paired = await pairPhone(otherStore, "south", "Farhod");
  await older.setVolunteer("Zarina's brother");
  const saved = await readPassOf(otherStore, 9);
  assert.deepEqual([saved?.token, saved?.volunteer, saved?.door.name], [paired.token, "Farhod", "South"]);
  await until(() => older.pass.token === paired.token);
  const { own } = older.admit(makeEntry(1));
  await passTime(4_000);
  assert.deepEqual(
    [
      server
        .scanPosts()
        .flatMap((post) => post.scans)
        .map((scan) => scan.id),
      older.pass.door.name,
    ],
    [[own!.id], "South"],
  );
  assert.equal(server.requests[server.requests.length - 1]?.token, paired.token);
  otherStore.close();
});

test("a list that an overtaken page had asked for, and an end it heard of, leave the new pairing alone", async () => {
  const otherStore = await openStore(phone.name);
  const paired = await pairPhone(otherStore, "south", "Farhod");
  server.put(makeEntry(7));
  await phone.parts.state.endPass("revoked");
  await passTime(8_000);
  const saved = await readPassOf(otherStore, 9);
  assert.deepEqual([saved?.token, saved?.state, phone.door.pass.token], [paired.token, "paired", paired.token]);
  assert.equal(phone.door.listed, 4);
  otherStore.close();
});

test("a database that never answers is given up after some seconds; scans reach the server, and are written once it answers", async () => {
  const { use } = phone.store;
  let silent = true;
  phone.store.use = function <T>(work: Parameters<typeof use<T>>[0]): Promise<T> {
    return use.call(this, silent ? () => new Promise<never>(() => undefined) : work) as Promise<T>;
  };
  const { own } = phone.door.admit(makeEntry(1));
  await passTime(30_000);
  assert.deepEqual([server.scans.has(own!.id), phone.door.unsaved, phone.door.waiting], [true, true, 0]);
  const reads = server.rosterReads().length;
  await passTime(30_000);
  assert.ok(server.rosterReads().length > reads, "the list is read on");
  silent = false;
  await passTime(30_000);
  phone.door.admit(makeEntry(2));
  await until(() => !phone.door.unsaved);
  assert.equal(await phone.count("own"), 2);
});

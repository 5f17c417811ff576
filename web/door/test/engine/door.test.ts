import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { passTime, settle, until } from "../support/phone.ts";
import { HOUR, makeEntry, problem, START } from "../support/server.ts";
import { offline, phone, server, startPhone, tearDown } from "../support/setup.ts";
import { makeTicket } from "../support/tickets.ts";

beforeEach(startPhone);
afterEach(tearDown);

function lastPosted(): Record<string, unknown> | undefined {
  const scans = server.scanPosts().flatMap((post) => post.scans);
  return scans[scans.length - 1] as unknown as Record<string, unknown>;
}

test("a paired phone keeps its setup and list after a reload without a network", async () => {
  server.intercept = offline;
  await phone.reload(server);
  assert.equal(phone.door.listed, 3);
  assert.deepEqual([phone.door.pass.door.name, phone.door.pass.types.length, phone.door.state], ["North", 1, "paired"]);
});

test("moved times, renamed doors and new rules reach a paired phone", async () => {
  const { setup } = server;
  const opens_at = START + HOUR;
  server.setup = {
    ...setup,
    event: { ...setup.event, title: { en: "iTalk 8" }, starts_at: opens_at },
    door: { id: 1, name: "Garden", closed: true },
    doors: [{ id: 1, name: "Garden" }],
    sessions: setup.sessions.map((session) => ({ ...session, opens_at, capacity: 40 })),
    types: [],
    rules: { ...setup.rules, walk_ins: false },
  };
  await passTime(3_500);
  const { pass: updatedPass } = phone.door;
  assert.deepEqual(
    [
      updatedPass.door.name,
      updatedPass.door.closed,
      updatedPass.doors.length,
      updatedPass.types.length,
      updatedPass.rules.walk_ins,
    ],
    ["Garden", true, 1, 0, false],
  );
  assert.equal(phone.door.preview(makeEntry(1)).kind, "not_open");
  server.intercept = offline;
  await phone.reload(server);
  assert.equal(phone.door.pass.event.starts_at, opens_at);
});

test("a removed session is replaced by the one that is on", async () => {
  server.setup = { ...server.setup, sessions: [{ ...server.setup.sessions[0]!, id: 4 }] };
  await passTime(3_500);
  assert.equal(phone.door.pass.session, 4);
});

test("a phone scans out only where the event allows re-entry", () => {
  phone.door.setDirection("out");
  assert.equal(phone.door.direction, "out");
  phone.parts.state.usePass({ ...phone.door.pass, rules: { ...phone.door.pass.rules, reentry: false } });
  assert.equal(phone.door.direction, "in");
});

test("in, out and in again are different verdicts, and count one person at a time", async () => {
  const { door } = phone;
  const kinds = [door.admit(makeEntry(1)).verdict.kind, door.admit(makeEntry(1)).verdict.kind];
  door.setDirection("out");
  kinds.push(door.admit(makeEntry(1)).verdict.kind, door.admit(makeEntry(1)).verdict.kind);
  assert.equal(door.occupancy().inside, 0);
  door.setDirection("in");
  kinds.push(door.admit(makeEntry(1)).verdict.kind);
  assert.deepEqual(kinds, ["admitted", "already_in", "left", "not_inside", "admitted"]);
  assert.equal(door.occupancy().inside, 1);
  await passTime(1_000);
  assert.deepEqual(
    [...server.scans.values()].map((scan) => [scan.kind, scan.reason]),
    [
      ["in", undefined],
      ["refused", "already_in"],
      ["out", undefined],
      ["refused", "not_inside"],
      ["in", undefined],
    ],
  );
});

test("a wrong scan is undone with its reason, and the person can be admitted", async () => {
  const { door } = phone;
  const { own } = door.admit(makeEntry(1));
  assert.deepEqual(
    door.recent().map((each) => each.id),
    [own?.id],
  );
  door.undo(own!, "wrong_person");
  assert.deepEqual([door.recent().length, door.occupancy().inside], [0, 0]);
  assert.equal(door.admit(makeEntry(1)).verdict.kind, "admitted");
  await passTime(1_000);
  const undo = [...server.scans.values()].find((scan) => scan.kind === "undo");
  assert.deepEqual([undo?.undoes, undo?.reason, undo?.person], [own?.id, "wrong_person", makeEntry(1).id]);
});

test("an undo includes the repeats of its scan, and no earlier or later scan", async () => {
  const { door } = phone;
  const admitAgain = (): string => door.admit(makeEntry(1), true).verdict.kind;
  const first = door.admit(makeEntry(1)).own!;
  assert.deepEqual([admitAgain(), admitAgain()], ["already_in", "already_in"]);
  door.undo(first, "mistake");
  assert.deepEqual([door.occupancy().inside, door.preview(makeEntry(1)).kind], [0, "admitted"]);
  const second = door.admit(makeEntry(1)).own!;
  door.setDirection("out");
  admitAgain();
  door.setDirection("in");
  assert.deepEqual([admitAgain(), admitAgain()], ["admitted", "already_in"]);
  door.undo(second, "mistake");
  assert.equal(door.occupancy().inside, 1, "the return stands");
});

test("the latest twenty standing scans can be undone, newest first, without repeats", async () => {
  const people = Array.from({ length: 25 }, (_, number) => makeEntry(number + 1));
  for (const person of people) phone.door.admit(person);
  phone.door.admit(makeEntry(25));
  phone.door.admit({ ...makeEntry(30), status: "cancelled" });
  const recent = phone.door.recent();
  assert.deepEqual(
    [recent.length, recent[0]?.scan.person, recent[19]?.scan.person],
    [20, makeEntry(25).id, makeEntry(6).id],
  );
  await settle();
  await phone.reload(server);
  assert.equal(phone.door.recent()[0]?.scan.person, makeEntry(25).id);
});

test("a person known only by a code is sent with the code: in, out and undo", async () => {
  const { code, publicHalf } = await makeTicket("00000000000000bb", 7);
  phone.parts.state.usePass({ ...phone.door.pass, keys: [{ number: 7, public: publicHalf, event: 9, title: {} }] });
  const { verdict, own } = await phone.door.judge(`HTTPS://HOST/T/${code}`);
  assert.equal(verdict.kind, "unlisted");
  assert.match(phone.door.nameOf(own!.scan), /^[0-9A-Z]{4}-[0-9A-Z]{4}$/);
  await passTime(1_000);
  assert.deepEqual([lastPosted()?.code, lastPosted()?.person], [code, undefined]);
  phone.door.undo(own!, "mistake");
  await passTime(1_000);
  assert.deepEqual([lastPosted()?.kind, lastPosted()?.code, lastPosted()?.undoes], ["undo", code, own?.id]);
});

test("two frames of one ticket are admitted once", async () => {
  const { code, publicHalf } = await makeTicket(makeEntry(1).id, 7);
  phone.parts.state.usePass({ ...phone.door.pass, keys: [{ number: 7, public: publicHalf, event: 9, title: {} }] });
  const judged = await Promise.all([phone.door.judge(code), phone.door.judge(code)]);
  assert.deepEqual(judged.map((each) => each.verdict.kind).sort(), ["admitted", "already_in"]);
});

test("paired with another door, a phone keeps its queue, and each scan the door where it was made", async () => {
  server.intercept = ({ path }) => (path.endsWith("/pair") ? null : offline());
  const before = phone.door.admit(makeEntry(1)).own!.id;
  await phone.door.setVolunteer("Farhod");
  await settle();
  await phone.open(server, "south");
  const after = phone.door.admit(makeEntry(2)).own!.id;
  assert.equal(phone.door.waiting, 2);
  server.intercept = () => null;
  phone.door.start();
  await passTime(2_000);
  assert.deepEqual([server.scans.get(before)?.door, server.scans.get(after)?.door], [1, 2]);
  assert.deepEqual(
    server
      .scanPosts()
      .flatMap((post) => post.shifts)
      .map((shift) => shift.name),
    ["Farhod"],
  );
  await passTime(3_000);
  assert.equal(phone.door.pass.shifts.length, 0);
});

test("a scan whose stamp the server revoked does not stand, also after a reload", async () => {
  const id = phone.door.admit(makeEntry(1)).own!.id;
  server.intercept = ({ path }) =>
    path.endsWith("/scans")
      ? Response.json({ server_time: Date.now(), resend: false, results: [{ id, result: "revoked" }] })
      : null;
  await until(() => phone.door.waiting === 1);
  await passTime(500);
  assert.equal(phone.door.occupancy().inside, 0);
  server.intercept = offline;
  await phone.reload(server);
  assert.deepEqual([phone.door.occupancy().inside, phone.door.waiting], [0, 0]);
});

test("only what is unsent becomes doubtful when the clock turns out to have jumped", async () => {
  const sent = phone.door.admit(makeEntry(1)).own!.id;
  await passTime(1_000);
  server.intercept = offline;
  const unsent = phone.door.admit(makeEntry(2)).own!.id;
  await settle();
  server.clockOffset = 3 * 60_000;
  server.intercept = ({ path }) => (path.endsWith("/scans") ? offline() : null);
  await passTime(20_000);
  assert.deepEqual(
    [phone.parts.state.own.get(sent)?.scan.doubtful, phone.parts.state.own.get(unsent)?.scan.doubtful],
    [undefined, true],
  );
});

test("the scan file holds all scans of the event in the format of a batch", async () => {
  phone.door.admit(makeEntry(1));
  await passTime(1_000);
  server.intercept = offline;
  phone.door.walkIn({ name: "Guest", ticketType: 5 });
  await phone.door.setVolunteer("Farhod");
  const { name, content } = phone.door.scanFile();
  const file = JSON.parse(content) as Record<string, unknown[]>;
  assert.match(name, /^turnout-scans-9-[0-9a-f]{8}-20261010-13\d\d\.json$/);
  assert.deepEqual(
    [file.format, file.version, file.event, file.phone, file.made_at],
    ["turnout-scans", 1, 9, phone.parts.state.device, phone.door.now()],
  );
  assert.deepEqual([file.scans?.length, file.walk_ins?.length, file.shifts?.length], [2, 1, 1]);
  assert.deepEqual(Object.keys(file.scans?.[0] as object), ["id", "person", "session", "kind", "at", "door"]);
});

test("an overtaken list is ignored", async () => {
  const { door } = phone;
  const stale = {
    ...server.setup,
    cursor: "1",
    entries: [],
    removed: [],
    scans: [],
    merged: {},
    server_time: Date.now(),
  };
  await phone.parts.updates.takeRoster(stale, "0", { receivedAt: Date.now(), took: 0 });
  assert.notEqual(door.pass.cursor, "1");
});

test("an unknown phone admits nobody until it is paired again", async () => {
  server.intercept = () => problem(401, "device");
  await passTime(3_500);
  assert.deepEqual([phone.door.admit(makeEntry(1)).verdict.kind, phone.door.waiting], ["revoked", 0]);
  await phone.reload(server);
  assert.equal(phone.door.state, "unknown", "also after a reload");
  server.intercept = () => null;
  await phone.open(server);
  assert.equal(phone.door.admit(makeEntry(1)).verdict.kind, "admitted");
});

test("this phone's scans return from the server as its own: another scan is a repeat, not a conflict", async () => {
  phone.door.admit(makeEntry(1));
  await passTime(4_000);
  phone.door.admit(makeEntry(1));
  await passTime(4_000);
  assert.deepEqual([server.scans.size, phone.door.conflicts(), phone.notified.conflicts], [2, [], []]);
});

test("the session that was chosen stays chosen", async () => {
  server.setup = {
    ...server.setup,
    sessions: [server.setup.sessions[0]!, { ...server.setup.sessions[0]!, id: 2, starts_at: START + 8 * HOUR }],
  };
  await passTime(3_500);
  await phone.door.setSession(2);
  await passTime(3_500);
  assert.equal(phone.door.pass.session, 2);
});

test("a scan that became doubtful while it was on its way stays so on this phone", async () => {
  let answer: (response: Response) => void = () => undefined;
  server.intercept = ({ path, body }) =>
    path.endsWith("/scans") && body?.scans.length ? new Promise((resolve) => (answer = resolve)) : null;
  const { id } = phone.door.admit(makeEntry(1)).own!;
  await passTime(500);
  server.clockOffset = 3 * 60_000;
  await passTime(4_000);
  answer(
    Response.json({
      server_time: Date.now() + server.clockOffset,
      resend: false,
      results: [{ id, result: "accepted" }],
    }),
  );
  await passTime(500);
  assert.deepEqual([phone.door.waiting, phone.parts.state.own.get(id)?.scan.doubtful], [0, true]);
});

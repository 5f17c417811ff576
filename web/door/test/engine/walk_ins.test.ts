import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { goOnline, passTime, settle, until } from "../support/phone.ts";
import { offline, phone, server, startPhone, tearDown } from "../support/setup.ts";

beforeEach(startPhone);
afterEach(tearDown);

test("a walk-in is inside and listed at once, without a network and after a reload", async () => {
  server.intercept = offline;
  const { verdict, own } = phone.door.walkIn({ name: "  Нигора   Саидова ", ticketType: 5 });
  assert.deepEqual(
    [verdict.kind, verdict.entry?.name, verdict.entry?.walk_in, verdict.entry?.sessions],
    ["admitted", "Нигора Саидова", true, [1]],
  );
  assert.equal(phone.door.occupancy().inside, 1);
  await settle();
  await phone.reload(server);
  assert.deepEqual(
    phone.door.find("nigora").map((entry) => entry.id),
    [own?.scan.person],
  );
  assert.equal(phone.door.nameOf(own!.scan), "Нигора Саидова");
  assert.equal(phone.door.preview(phone.door.find("nigora")[0]!).kind, "already_in");
});

test("a walk-in's name is sent once, with the first scan", async () => {
  const { own } = phone.door.walkIn({ name: "Guest" });
  await passTime(1_000);
  phone.door.admit(phone.door.find("guest")[0]!);
  await passTime(1_000);
  const named = server.scanPosts().filter((post) => post.walk_ins.length > 0);
  assert.deepEqual(
    named.map((post) => [post.walk_ins[0]?.name, post.scans[0]?.person]),
    [["Guest", own?.scan.person]],
  );
  assert.deepEqual(
    phone.notified.answers.map((each) => each.result),
    ["accepted", "accepted"],
  );
});

test("the server's entry replaces the phone's own", async () => {
  const { own } = phone.door.walkIn({ name: "Guest" });
  await passTime(1_000);
  server.put({ id: own!.scan.person!, name: "G.", status: "confirmed", sessions: [], short: null, walk_in: true });
  await passTime(3_500);
  assert.deepEqual(
    phone.door.find("g").map((entry) => entry.name),
    ["G."],
  );
});

test("a hundred names go at most with one batch", async () => {
  server.intercept = offline;
  for (let number = 0; number < 230; number++) phone.door.walkIn({ name: `Guest ${number}` });
  await passTime(1_000);
  server.intercept = () => null;
  goOnline();
  await passTime(5_000);
  await until(() => phone.door.waiting === 0);
  const sizes = server.scanPosts().map((post) => post.walk_ins.length);
  assert.ok(Math.max(...sizes) <= 100, sizes.join());
  assert.equal(server.names.size, 230);
  assert.ok(phone.notified.answers.every((own) => own.result === "accepted"));
});

test("a name that did not arrive is sent again", async () => {
  server.intercept = ({ path }) => (path.endsWith("/scans") ? offline() : null);
  phone.door.walkIn({ name: "Guest" });
  await passTime(10_000);
  await phone.reload(server);
  server.intercept = () => null;
  phone.door.start();
  await passTime(2_000);
  assert.deepEqual([...server.names.values()], ["Guest"]);
});

test("a walk-in merged with a ticket is one person", async () => {
  const { own } = phone.door.walkIn({ name: "Person One" });
  const ticket = phone.door.find("person 1")[0]!;
  await passTime(1_000);
  server.merged = { [own!.scan.person!]: ticket.id };
  await passTime(3_500);
  assert.equal(phone.door.preview(ticket).kind, "already_in");
  assert.equal(phone.door.occupancy().inside, 1);
  assert.deepEqual(phone.door.find("person one"), [], "the walk-in is not listed beside the ticket");
  assert.equal(phone.door.nameOf(own!.scan), ticket.name);
});

test("a list read from its beginning keeps a walk-in who was not handed in yet", async () => {
  server.intercept = ({ path }) => (path.endsWith("/scans") ? offline() : null);
  phone.door.walkIn({ name: "Guest" });
  await settle();
  await phone.open(server, "south");
  phone.door.start();
  await passTime(4_000);
  assert.equal(phone.door.find("guest").length, 1);
});

test("an undone walk-in is handed in with the undo, and is not inside", async () => {
  server.intercept = offline;
  const { own } = phone.door.walkIn({ name: "Guest" });
  phone.door.undo(own!, "mistake");
  assert.equal(phone.door.occupancy().inside, 0);
  await passTime(500);
  server.intercept = () => null;
  goOnline();
  await passTime(1_000);
  assert.deepEqual(
    [...server.scans.values()].map((scan) => scan.kind),
    ["in", "undo"],
  );
  assert.equal(server.names.size, 1);
});

test("a name is cut to the server's limit", () => {
  const { verdict } = phone.door.walkIn({ name: "ӣ".normalize("NFD").repeat(300) });
  assert.equal(Array.from(verdict.entry!.name).length, 200);
});

test("a walk-in whom the server erased is gone from the phone too", async () => {
  const { own } = phone.door.walkIn({ name: "Guest" });
  await passTime(4_000);
  server.removed = [own!.scan.person!];
  server.entries.delete(own!.scan.person!);
  await passTime(4_000);
  assert.deepEqual([phone.door.find("guest").length, await phone.count("walk_ins")], [0, 0]);
  assert.equal(phone.door.nameOf(own!.scan), "");
});

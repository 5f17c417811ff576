import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { listAge } from "../../src/screens/status_bar.ts";
import { passTime } from "../support/phone.ts";
import { HOUR } from "../support/server.ts";
import { makePhone, offline, phone, server, startSync, tearDown } from "../support/setup.ts";

const MINUTE = 60_000;

beforeEach(makePhone);
afterEach(tearDown);

/** The phone is set to another time, which its ticks do not follow. */
function setClock(by: number): void {
  const real = Date.now;
  Date.now = () => real() + by;
}

async function readRoster(): Promise<void> {
  await phone.open(server);
  await startSync();
  assert.equal(listAge(phone.door), "just now");
  server.intercept = offline;
}

test("the age of the list does not depend on the phone's clock, also after a reload", async () => {
  server.clockOffset = -50 * MINUTE;
  await readRoster();
  await passTime(2 * MINUTE, 1_000);
  assert.equal(listAge(phone.door), "2 minutes old");
  await phone.reload(server);
  assert.equal(listAge(phone.door), "2 minutes old");
});

test("a clock set back without a network makes no list younger", async () => {
  await readRoster();
  await passTime(2 * MINUTE, 1_000);
  setClock(-HOUR);
  assert.equal(listAge(phone.door), "2 minutes old");
  await passTime(3 * MINUTE, 1_000);
  assert.equal(listAge(phone.door), "5 minutes old");
});

test("after a phone was set back and reloaded, the age of its list is unknown until a server answers", async () => {
  await readRoster();
  setClock(-HOUR);
  await phone.reload(server);
  assert.equal(listAge(phone.door), "age unknown");
  phone.door.start();
  await passTime(3 * MINUTE, 1_000);
  assert.equal(listAge(phone.door), "age unknown");
  server.intercept = () => null;
  await passTime(70_000, 1_000);
  assert.equal(listAge(phone.door), "just now");
});

test("while the server is reachable the list is new, whatever the phone's clock", async () => {
  await readRoster();
  server.intercept = () => null;
  for (const by of [-HOUR, 3 * HOUR]) {
    setClock(by);
    await passTime(3_500);
    assert.equal(listAge(phone.door), "just now");
  }
});

test("a phone that slept with its ticks knows that the list grew old", async () => {
  await readRoster();
  setClock(30 * MINUTE);
  assert.equal(listAge(phone.door), "30 minutes old");
});

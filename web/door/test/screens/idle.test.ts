import assert from "node:assert/strict";
import { afterEach, beforeEach, test } from "node:test";

import { isIdle } from "../../src/screens/idle.ts";
import { passTime, settle } from "../support/phone.ts";
import { makeEntry } from "../support/server.ts";
import { openPhone, phone, tearDown } from "../support/setup.ts";

beforeEach(openPhone);
afterEach(tearDown);

test("a phone is idle once everything is handed in, before the start tap as well as after it", async () => {
  phone.door.admit(makeEntry(1));
  await settle();
  assert.deepEqual(
    [await isIdle(phone.store, phone.door, false), await isIdle(phone.store, null, false)],
    [false, false],
  );
  phone.sync.start();
  await passTime(2_000);
  assert.deepEqual(
    [await isIdle(phone.store, phone.door, false), await isIdle(phone.store, null, false)],
    [true, true],
  );
});

test("a phone whose camera looks for a ticket or for a pass is not idle", async () => {
  assert.deepEqual(
    [await isIdle(phone.store, phone.door, true), await isIdle(phone.store, null, true)],
    [false, false],
  );
});

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { keepScreenOn, letScreenSleep } from "../../src/device/wake_lock.ts";

/** A screen's lock as the browser gives it; the system may drop it. */
class Lock {
  released = false;
  release = async (): Promise<void> => {
    this.released = true;
  };
}

let locks: Lock[] = [];
const page = Object.assign(new EventTarget(), { hidden: false });
Object.assign(globalThis, { document: page });
Object.defineProperty(navigator, "wakeLock", {
  value: { request: () => Promise.resolve(locks[locks.push(new Lock()) - 1]) },
});

const nextTurn = (): Promise<void> => new Promise((done) => setImmediate(done));

beforeEach(async () => {
  letScreenSleep();
  await nextTurn();
  locks = [];
});

test("the wake lock is requested once, and again after the system dropped it", async () => {
  keepScreenOn();
  keepScreenOn();
  await nextTurn();
  keepScreenOn();
  await nextTurn();
  assert.equal(locks.length, 1);
  locks[0]!.released = true;
  page.dispatchEvent(new Event("visibilitychange"));
  await nextTurn();
  assert.equal(locks.length, 2);
});

test("after the shift the screen may sleep, also when the lock comes late", async () => {
  keepScreenOn();
  letScreenSleep();
  await nextTurn();
  assert.deepEqual(
    locks.map(({ released }) => released),
    [true],
  );
  page.dispatchEvent(new Event("visibilitychange"));
  await nextTurn();
  assert.equal(locks.length, 1);
});

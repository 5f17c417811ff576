import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { keepAwake, letSleep } from "../src/wake_lock.ts";

/** A screen's lock as the browser gives it; the system may drop it. */
class Lock {
  released = false;
  release = (): Promise<void> => Promise.resolve(void (this.released = true));
}

let given: Lock[] = [];
const page = Object.assign(new EventTarget(), { hidden: false });
Object.assign(globalThis, { document: page });
Object.defineProperty(navigator, "wakeLock", { value: { request: () => Promise.resolve(given[given.push(new Lock()) - 1]) } });

const settle = (): Promise<void> => new Promise((done) => setImmediate(done));

beforeEach(async () => {
  letSleep();
  await settle();
  given = [];
});

test("the screen is held once, and again when the system let it go", async () => {
  keepAwake();
  keepAwake();
  await settle();
  keepAwake();
  await settle();
  assert.equal(given.length, 1);
  given[0]!.released = true;
  page.dispatchEvent(new Event("visibilitychange"));
  await settle();
  assert.equal(given.length, 2);
});

test("after the shift the screen may sleep, also when the lock comes late", async () => {
  keepAwake();
  letSleep();
  await settle();
  assert.deepEqual(given.map(({ released }) => released), [true]);
  page.dispatchEvent(new Event("visibilitychange"));
  await settle();
  assert.equal(given.length, 1);
});

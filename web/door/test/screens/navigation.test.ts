import assert from "node:assert/strict";
import { afterEach, beforeEach, mock, test } from "node:test";

import { listenForTyping } from "../../src/device/keyboard_scanner.ts";
import type { SingleTab } from "../../src/device/single_tab.ts";
import { readOwn } from "../../src/device/store.ts";
import { currentTime } from "../../src/lib/clock.ts";
import { type Leave, Navigation, type Ready, type Screen } from "../../src/screens/navigation.ts";
import { passTime, until } from "../support/phone.ts";
import { HOUR, makeEntry, START } from "../support/server.ts";
import { makePhone, offline, phone, server, tearDown } from "../support/setup.ts";
import { LOCK_KINDS, openTabs } from "../support/tabs.ts";
import { makeTicket } from "../support/tickets.ts";

const GUEST = makeEntry(1);
const TICKET = await makeTicket(GUEST.id, 1);

/** A tab with a scanner that types and synchronizes, without its screen. */
class Tab {
  readonly screens: Screen[] = [];
  readonly keyboard = new EventTarget();
  readonly navigation: Navigation;
  scanners = 0;

  constructor(lock: SingleTab) {
    this.navigation = new Navigation(phone.store, (screen) => this.draw(screen), lock);
    openedTabs.push(this);
  }

  get screen(): Screen {
    return this.screens[this.screens.length - 1] as Screen;
  }

  get is(): Screen["is"] {
    return this.screen.is;
  }

  type(text: string): void {
    for (const key of [...text, "Enter"]) this.keyboard.dispatchEvent(Object.assign(new Event("keydown"), { key }));
  }

  private draw(screen: Screen): Leave {
    this.screens.push(screen);
    if (screen.is !== "scanning") return () => undefined;
    const { door } = screen;
    door.start();
    const stopTyping = listenForTyping((text) => void door.judge(text), this.keyboard);
    this.scanners += 1;
    return () => {
      this.scanners -= 1;
      door.stop();
      stopTyping();
    };
  }
}

const openedTabs: Tab[] = [];

beforeEach(async () => {
  makePhone();
  server.setup = { ...server.setup, keys: [{ number: 1, public: TICKET.publicHalf, event: 9, title: {} }] };
  await phone.open(server);
});

afterEach(() => {
  for (const tab of openedTabs.splice(0)) tab.navigation.show({ is: "other_tab" });
  tearDown();
});

/** Open a tab, ready for the tap. */
async function ready(lock: SingleTab): Promise<Tab> {
  const tab = new Tab(lock);
  await tab.navigation.open(null);
  assert.equal(tab.is, "ready");
  return tab;
}

async function waitForScreen(tab: Tab, is: Screen["is"]): Promise<void> {
  await passUntil(() => tab.is === is);
}

/** Let time pass until a fact is true. */
async function passUntil(fact: () => boolean): Promise<void> {
  for (let turn = 0; turn < 40 && !fact(); turn++) await passTime(50, 50);
  assert.ok(fact(), String(fact));
}

async function savedKinds(): Promise<string[]> {
  return (await readOwn(phone.store)).map(({ scan }) => scan.kind);
}

/** Make requests to a table fail. Returns a function that mends it. */
function breakTable(name: string, method: "get" | "getAll"): () => void {
  const real = IDBObjectStore.prototype[method] as (...args: unknown[]) => IDBRequest;
  const broken = mock.method(IDBObjectStore.prototype, method, function (this: IDBObjectStore, ...args: unknown[]) {
    if (this.name === name) throw new DOMException("Internal error", "DataError");
    return real.apply(this, args);
  });
  return () => broken.mock.restore();
}

for (const kind of LOCK_KINDS)
  for (const gap of [0, 150, 400])
    test(`${kind} two taps on Start, ${gap} ms apart, start one scanner: one poller, one scan for one code, and another tab can take over`, async () => {
      const locks = openTabs(kind, 2) as [SingleTab, SingleTab];
      const first = await ready(locks[0]);
      const tapped = first.screen as Ready;
      void first.navigation.start(tapped);
      if (gap > 0) await passTime(gap, 50);
      void first.navigation.start(tapped);
      await waitForScreen(first, "scanning");
      assert.equal(first.screens.filter(({ is }) => is === "scanning").length, 1);
      await passTime(3_500);
      const polls = server.rosterReads().length;
      await passTime(9_000);
      assert.equal(server.rosterReads().length - polls, 3);
      first.type(TICKET.code);
      await until(async () => (await savedKinds()).length > 0);
      await passTime(500);
      assert.deepEqual(await savedKinds(), ["in"]);

      const second = await ready(locks[1]);
      void second.navigation.start(second.screen as Ready);
      await waitForScreen(second, "other_tab");
      void second.navigation.takeOver(second.screen as { is: "other_tab" });
      await waitForScreen(second, "scanning");
      await waitForScreen(first, "other_tab");
      assert.deepEqual([first.scanners, second.scanners], [0, 1]);
      first.type(TICKET.code);
      second.type(TICKET.code);
      await until(async () => (await savedKinds()).length > 1);
      await passTime(500);
      assert.deepEqual((await savedKinds()).sort(), ["in", "refused"], "the tab that lost the lock scans nothing");
    });

test('two taps on "Scan here" make one scanner', async () => {
  const locks = openTabs("with locks", 2) as [SingleTab, SingleTab];
  const [first, second] = [await ready(locks[0]), await ready(locks[1])];
  await first.navigation.start(first.screen as Ready);
  await second.navigation.start(second.screen as Ready);
  const tapped = second.screen as { is: "other_tab" };
  await Promise.all([second.navigation.takeOver(tapped), second.navigation.takeOver(tapped)]);
  await second.navigation.takeOver(tapped);
  await waitForScreen(first, "other_tab");
  assert.deepEqual([second.is, first.scanners, second.scanners], ["scanning", 0, 1]);
  assert.equal(second.screens.filter(({ is }) => is === "scanning").length, 1);
});

test("a tab that loses its lock while it loads does not scan", async () => {
  const locks = openTabs("with locks", 2) as [SingleTab, SingleTab];
  const first = await ready(locks[0]);
  const goOn = pauseReading();
  const starting = first.navigation.start(first.screen as Ready);
  await until(() => goOn.isWaiting);
  assert.equal(await locks[1].take(() => undefined, true), true);
  await waitForScreen(first, "other_tab");
  goOn.now();
  await starting;
  await passTime(500);
  assert.deepEqual([first.is, first.scanners], ["other_tab", 0]);
});

/** Hold up every read of the storage until `now` is called. */
function pauseReading(): { isWaiting: boolean; now: () => void } {
  const { use } = phone.store;
  let now: () => void = () => undefined;
  const gate = new Promise<void>((open) => (now = open));
  const reading = { isWaiting: false, now };
  phone.store.use = async (work) => {
    reading.isWaiting = true;
    await gate;
    return use.call(phone.store, work) as never;
  };
  return reading;
}

test("a phone that cannot read its list says so; once it can, one more tap scans, and until then another tab may", async () => {
  const locks = openTabs("with locks", 2) as [SingleTab, SingleTab];
  const [first, second] = [await ready(locks[0]), await ready(locks[1])];
  const mend = breakTable("entries", "getAll");
  await first.navigation.start(first.screen as Ready);
  const { screen } = first;
  assert.ok(screen.is === "failed");
  assert.equal((screen.error as DOMException).name, "DataError");
  await screen.retry();
  assert.equal(first.is, "failed", "it is tried again, and fails again");
  mend();
  await second.navigation.start(second.screen as Ready);
  assert.equal(second.is, "scanning", "the lock was released");
  second.navigation.show({ is: "other_tab" });
  locks[1].release();
  await (first.screen as typeof screen).retry();
  assert.equal(first.is, "scanning");
});

for (const [opened, by] of [
  ["by its address", null],
  ["by a pass's link", "south"],
] as const)
  test(`a page opened ${opened} on a phone that cannot read its pass says so, and goes on once it can`, async () => {
    const tab = new Tab((openTabs("with locks", 1) as [SingleTab])[0]);
    const mend = breakTable("facts", "get");
    await tab.navigation.open(by);
    const { screen } = tab;
    assert.ok(screen.is === "failed");
    mend();
    await screen.retry();
    assert.deepEqual([tab.is, (tab.screen as { secret?: string }).secret], by ? ["pairing", by] : ["ready", undefined]);
  });

test("the start screen uses the server's time on a phone that is 24 days ahead", async () => {
  tearDown();
  makePhone();
  server.clockOffset = -24 * 24 * HOUR;
  await phone.open(server);
  const { clock } = (await ready((openTabs("with locks", 1) as [SingleTab])[0])).screen as Ready;
  assert.equal(currentTime(clock, Date.now()), START + server.clockOffset);
});

test("the pairing screen leads back to the door; unsaved scans go on to the next door", async () => {
  const tab = await ready((openTabs("with locks", 1) as [SingleTab])[0]);
  await tab.navigation.start(tab.screen as Ready);
  const scanning = tab.screen;
  await tab.navigation.pair(null);
  await tab.navigation.pair("south");
  const { screen } = tab;
  assert.deepEqual([screen.is, tab.scanners], ["pairing", 0]);
  assert.ok(screen.is === "pairing" && screen.back === scanning && screen.secret === "south");
  tab.navigation.show(screen.back);
  assert.deepEqual([tab.is, tab.scanners], ["scanning", 1]);
  server.intercept = offline;
  const mend = breakWriting();
  tab.navigation.door?.admit(GUEST);
  await until(() => tab.navigation.door?.unsaved === true);
  mend();
  const { door } = tab.navigation;
  await tab.navigation.onPaired(phone.door.pass);
  await tab.navigation.start(tab.screen as Ready);
  assert.notEqual(tab.navigation.door, door);
  assert.equal(tab.navigation.door?.waiting, 1);
});

/** Make writes of scans fail as on a full disk. Returns a function that mends it. */
function breakWriting(): () => void {
  const { put } = IDBObjectStore.prototype;
  const full = mock.method(
    IDBObjectStore.prototype,
    "put",
    function (this: IDBObjectStore, ...args: Parameters<typeof put>) {
      if (this.name === "own") throw new DOMException("The disk is full", "QuotaExceededError");
      return put.apply(this, args);
    },
  );
  return () => full.mock.restore();
}

test("a phone is idle once everything is handed in, before the start tap as well as after it", async () => {
  phone.door.admit(GUEST);
  await until(async () => (await savedKinds()).length > 0);
  const tab = await ready((openTabs("with locks", 1) as [SingleTab])[0]);
  assert.equal(await tab.navigation.isIdle(false), false);
  server.intercept = offline;
  await tab.navigation.start(tab.screen as Ready);
  assert.equal(await tab.navigation.isIdle(false), false);
  server.intercept = () => null;
  await passTime(9_000);
  assert.equal(await tab.navigation.isIdle(false), true);
  assert.equal(await new Tab((openTabs("with locks", 1) as [SingleTab])[0]).navigation.isIdle(false), true);
});

test("a phone whose camera looks for a ticket or for a pass is not idle", async () => {
  const tab = await ready((openTabs("with locks", 1) as [SingleTab])[0]);
  assert.equal(await tab.navigation.isIdle(true), false);
  await tab.navigation.start(tab.screen as Ready);
  assert.equal(await tab.navigation.isIdle(true), false);
});

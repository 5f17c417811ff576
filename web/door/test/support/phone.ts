/** A phone for the tests: a browser's globals, a clock that the test moves, and a door with an IndexedDB of its own. */

import "fake-indexeddb/auto";

import { mock } from "node:test";

import type { Store } from "../../src/device/database.ts";
import { openStore } from "../../src/device/store.ts";
import { Door, openParts, type Parts } from "../../src/engine/door.ts";
import { pairPhone } from "../../src/engine/pair.ts";
import type { Conflict, OwnScan, Pass } from "../../src/lib/types.ts";
import { type Server, START } from "./server.ts";

const page = Object.assign(new EventTarget(), { hidden: false });
Object.assign(globalThis, { window: new EventTarget(), document: page });

/** The events that a listener received. */
export class Notifications {
  changes = 0;
  answers: OwnScan[] = [];
  conflicts: Conflict[][] = [];
}

/** A phone that a test drives: its database and its door. */
export class Phone {
  readonly name: string;
  store!: Store;
  door!: Door;
  /** The parts of the door, for what no screen asks. */
  parts!: Parts;
  notified = new Notifications();

  constructor(name: string) {
    this.name = name;
  }

  /** Open the phone as after a reload; pairs it first. */
  async open(server: Server, secret = "north"): Promise<this> {
    const store = await openStore(this.name);
    return this.openWith(store, await pairPhone(store, secret, "Zarina"), server);
  }

  /** Reload the page: only saved data is left. */
  async reload(server: Server): Promise<this> {
    this.store.close();
    const store = await openStore(this.name);
    const pass = (await store.use((database) => database.getAll("passes")))[0] as Pass;
    return this.openWith(store, pass, server);
  }

  private async openWith(store: Store, pass: Pass, server: Server): Promise<this> {
    this.door?.stop();
    this.store = store;
    this.notified = new Notifications();
    this.parts = await openParts(store, pass);
    this.door = new Door(this.parts);
    this.door.listen({
      onChange: () => (this.notified.changes += 1),
      onResult: (own) => this.notified.answers.push(own),
      onConflicts: (fresh) => this.notified.conflicts.push(fresh),
    });
    server.phones.push(this);
    return this;
  }

  /** The number of rows in a table of the phone's database. */
  async count(table: "entries" | "own" | "walk_ins" | "passes" | "scans"): Promise<number> {
    return this.store.use((database) => database.count(table));
  }
}

/** Stop time; from now on the test moves it. */
export function stopTime(now = START): void {
  mock.timers.enable({ apis: ["setTimeout", "setInterval", "Date"], now });
  ignoreClearedTimers();
  const ticks = Date.now;
  mock.method(performance, "now", () => ticks() - now);
  mock.method(Math, "random", () => 0.999);
}

// Node's mock clock loses other timers when one of many is removed: a cleared timer stays, and does nothing.
function ignoreClearedTimers(): void {
  const begin = globalThis.setTimeout;
  const clearedTimers = new Set<unknown>();
  const run = (work: () => void, pause?: number): unknown => {
    const timer: unknown = begin(() => clearedTimers.delete(timer) || work(), pause);
    return timer;
  };
  Object.assign(globalThis, {
    setTimeout: run,
    clearTimeout: (timer: unknown) => void (timer && clearedTimers.add(timer)),
  });
}

export function resumeTime(): void {
  mock.timers.reset();
  mock.restoreAll();
  page.hidden = false;
}

export function setHidden(hidden: boolean): void {
  page.hidden = hidden;
  page.dispatchEvent(new Event("visibilitychange"));
}

export function goOnline(): void {
  window.dispatchEvent(new Event("online"));
}

/** Let milliseconds pass in small steps, so that the work of each step ends before the next. */
export async function passTime(milliseconds: number, step = 250): Promise<void> {
  for (let elapsed = 0; elapsed < milliseconds; elapsed += step) {
    mock.timers.tick(Math.min(step, milliseconds - elapsed));
    await settle();
  }
}

/** Wait until only timers are left to wait for. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 25; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** Wait for a fact. */
export async function until(fact: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; turn < 5_000; turn++) {
    if (await fact()) return;
    await new Promise((resolve) => setImmediate(resolve));
  }
  throw new Error(`never came true: ${fact}`);
}

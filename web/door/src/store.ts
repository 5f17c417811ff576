/** What the phone remembers through a reload, a dead battery or a week. */

import { unwrap, type StoreNames } from "idb";

import { timeOf, type ClockState } from "./clock.ts";
import { ofEvent, Store, type Kept } from "./database.ts";
import { tidy } from "./retention.ts";
import type { Entry, Id, OwnScan, Pass, Rules, Scan, WalkIn } from "./types.ts";

export { Store };

/** A conflict that this phone was told of, by the ids of both scans. */
export interface Telling {
  event: Id;
  pair: string;
}

/** Things to be written together, all or nothing. */
export interface Change {
  own?: OwnScan[];
  walkIns?: WalkIn[];
  forgotten?: string[];
  told?: Telling[];
  clock?: ClockState;
  pass?: Pass;
}

/** A stretch of the list and the pass with the cursor that follows it. */
export interface Stretch {
  pass: Pass;
  entries: Iterable<Entry>;
  removed: string[];
  scans: Iterable<Scan>;
}

// What a version of the scanner before this one kept lacks some of these.
const BLANK_RULES: Rules = { admit_unlisted: false, initials: false, held_until: null, reentry: false, walk_ins: false, expires_at: Number.MAX_SAFE_INTEGER };

const BLANK: Pick<Pass, "doors" | "types" | "state" | "over_at"> = { doors: [], types: [], state: "paired", over_at: null };

/** Open what this phone keeps, and let go of what its time is over for. Throws where the browser keeps nothing. */
export async function openStore(name = "turnout-door"): Promise<Store> {
  const store = await Store.open(name);
  const clock = await readClock(store);
  // What cannot be tidied now is tidied another day; scanning matters more.
  await tidy(store, clock ? timeOf(clock, Date.now()) : Date.now()).catch(() => undefined);
  return store;
}

/** The UUID this phone keeps for itself, so that pairing again is the same device. */
export async function deviceOf(store: Store): Promise<string> {
  return store.use(async (database) => {
    const known = (await database.get("facts", "device")) as string | undefined;
    if (known) return known;
    const made = makeUuid();
    await database.put("facts", made, "device");
    return made;
  });
}

/** A random UUID, version 4, lower case. Chrome 87 and plain http have no crypto.randomUUID. */
export function makeUuid(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

export async function currentPass(store: Store): Promise<Pass | null> {
  const id = (await store.use((database) => database.get("facts", "current"))) as Id | undefined;
  return id === undefined ? null : readPassOf(store, id);
}

export async function readPassOf(store: Store, event: Id): Promise<Pass | null> {
  const pass = await store.use((database) => database.get("passes", event));
  return pass ? complete(pass) : null;
}

/** The passes of all events this phone scanned at. */
export async function readPasses(store: Store): Promise<Pass[]> {
  return (await store.use((database) => database.getAll("passes"))).map(complete);
}

function complete(pass: Pass): Pass {
  return { ...BLANK, ...(pass as Partial<Pass> & Omit<Pass, keyof typeof BLANK>), rules: { ...BLANK_RULES, ...pass.rules } };
}

/** Remember a pass as the one this phone scans by. */
export async function keepPass(store: Store, pass: Pass): Promise<void> {
  await Promise.all([keep(store, { pass }), store.use((database) => database.put("facts", pass.id, "current"))]);
}

export async function readClock(store: Store): Promise<ClockState | null> {
  return ((await store.use((database) => database.get("facts", "clock"))) as ClockState | undefined) ?? null;
}

export async function keepClock(store: Store, clock: ClockState): Promise<void> {
  await keep(store, { clock });
}

/** Write a change: a scan, its walk-in's name and the stamp it was given stand or fall together. */
export function keep(store: Store, { own = [], walkIns = [], forgotten = [], told = [], clock, pass }: Change): Promise<void> {
  return together(store, ["facts", "passes", "own", "walk_ins", "told"], (table) => {
    for (const each of own) table("own").put(each);
    for (const each of walkIns) table("walk_ins").put(each);
    for (const id of forgotten) table("walk_ins").delete(id);
    for (const each of told) table("told").put(each);
    if (clock) table("facts").put(clock, "clock");
    if (pass) table("passes").put(pass);
  });
}

/** Remember a stretch of the list and its cursor. */
export function keepStretch(store: Store, { pass, entries, removed, scans }: Stretch): Promise<void> {
  return together(store, ["passes", "entries", "scans"], (table) => {
    for (const entry of entries) table("entries").put({ ...entry, event: pass.id });
    for (const id of removed) table("entries").delete([pass.id, id]);
    for (const scan of scans) table("scans").put({ ...scan, event: pass.id });
    table("passes").put(pass);
  });
}

type Table = (name: StoreNames<Kept>) => IDBObjectStore;

/** Write rows in one transaction, all or nothing; without a promise for each of 10,000 names. */
async function together(store: Store, names: StoreNames<Kept>[], write: (table: Table) => void): Promise<void> {
  await store.use(async (database) => {
    const change = database.transaction(names, "readwrite");
    try {
      write((name) => unwrap(change.objectStore(name)) as IDBObjectStore);
    } catch (error) {
      change.abort();
      await change.done.catch(() => undefined);
      throw error;
    }
    await change.done;
  });
}

export function readEntries(store: Store, event: Id): Promise<Entry[]> {
  return store.use((database) => database.getAll("entries", ofEvent(event)));
}

export function readScans(store: Store, event: Id): Promise<Scan[]> {
  return store.use((database) => database.getAll("scans", ofEvent(event)));
}

export function readOwn(store: Store): Promise<OwnScan[]> {
  return store.use((database) => database.getAll("own"));
}

export function readWalkIns(store: Store): Promise<WalkIn[]> {
  return store.use((database) => database.getAll("walk_ins"));
}

/** The conflicts of an event that this phone was told of. */
export async function readTold(store: Store, event: Id): Promise<string[]> {
  const told = await store.use((database) => database.getAll("told", ofEvent(event)));
  return told.map((each) => each.pair);
}

/** What the phone remembers through a reload, a dead battery or a week: IndexedDB. */

import { openDB, type DBSchema, type IDBPDatabase } from "idb";

import type { ClockState } from "./clock.ts";
import type { Entry, Id, OwnScan, Pass, RosterAnswer, Scan } from "./types.ts";

interface Kept extends DBSchema {
  facts: { key: string; value: unknown };
  passes: { key: Id; value: Pass };
  entries: { key: [Id, string]; value: Entry & { event: Id } };
  scans: { key: [Id, string]; value: Scan & { event: Id } };
  own: { key: string; value: OwnScan };
}

export type Store = IDBPDatabase<Kept>;

export function openStore(name = "turnout-door"): Promise<Store> {
  return openDB<Kept>(name, 1, {
    upgrade(database) {
      database.createObjectStore("facts");
      database.createObjectStore("passes", { keyPath: "id" });
      database.createObjectStore("entries", { keyPath: ["event", "id"] });
      database.createObjectStore("scans", { keyPath: ["event", "id"] });
      database.createObjectStore("own", { keyPath: "id" });
    },
  });
}

/** The UUID this phone keeps for itself, so that pairing again is the same device. */
export async function deviceOf(store: Store): Promise<string> {
  const known = (await store.get("facts", "device")) as string | undefined;
  if (known) return known;
  const made = makeUuid();
  await store.put("facts", made, "device");
  return made;
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
  const id = (await store.get("facts", "current")) as Id | undefined;
  return (id !== undefined && (await store.get("passes", id))) || null;
}

export async function readPassOf(store: Store, event: Id): Promise<Pass | null> {
  return (await store.get("passes", event)) ?? null;
}

export async function keepPass(store: Store, pass: Pass): Promise<void> {
  const change = store.transaction(["facts", "passes"], "readwrite");
  await Promise.all([
    change.objectStore("passes").put(pass),
    change.objectStore("facts").put(pass.id, "current"),
    change.done,
  ]);
}

export async function readClock(store: Store): Promise<ClockState | null> {
  return ((await store.get("facts", "clock")) as ClockState | undefined) ?? null;
}

export async function keepClock(store: Store, state: ClockState): Promise<void> {
  await store.put("facts", state, "clock");
}

/** Remember a scan and the stamp it was given together, so that no stamp is given twice. */
export async function keepScan(store: Store, own: OwnScan, state: ClockState): Promise<void> {
  const change = store.transaction(["facts", "own"], "readwrite");
  await Promise.all([
    change.objectStore("own").put(own),
    change.objectStore("facts").put(state, "clock"),
    change.done,
  ]);
}

export async function keepOwn(store: Store, scans: OwnScan[]): Promise<void> {
  const change = store.transaction("own", "readwrite");
  await Promise.all([...scans.map((own) => change.store.put(own)), change.done]);
}

/** Remember one answer of the roster and the cursor that follows it, all or nothing. */
export async function keepRoster(store: Store, pass: Pass, answer: RosterAnswer): Promise<void> {
  const change = store.transaction(["passes", "entries", "scans"], "readwrite");
  const entries = change.objectStore("entries");
  const scans = change.objectStore("scans");
  await Promise.all([
    ...answer.entries.map((entry) => entries.put({ ...entry, event: pass.id })),
    ...answer.removed.map((id) => entries.delete([pass.id, id])),
    ...answer.scans.map((scan) => scans.put({ ...scan, event: pass.id })),
    change.objectStore("passes").put(pass),
    change.done,
  ]);
}

export function readEntries(store: Store, event: Id): Promise<Entry[]> {
  return store.getAll("entries", ofEvent(event));
}

export function readScans(store: Store, event: Id): Promise<Scan[]> {
  return store.getAll("scans", ofEvent(event));
}

export function readOwn(store: Store): Promise<OwnScan[]> {
  return store.getAll("own");
}

function ofEvent(event: Id): IDBKeyRange {
  return IDBKeyRange.bound([event, ""], [event, "\uffff"]);
}

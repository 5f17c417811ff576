/** Reads and saves the phone's data, which outlives a reload, a dead battery or a week. */

import { type StoreNames, unwrap } from "idb";

import { type ClockState, currentTime, startClock } from "../lib/clock.ts";
import { makeUuid } from "../lib/encodings.ts";
import type { Entry, Id, OwnScan, Pass, Rules, Scan, WalkIn } from "../lib/types.ts";
import { isCurrentPairing, ofEvent, type Schema, Store } from "./database.ts";
import { eraseExpired } from "./retention.ts";

/** A conflict that raised an alarm on this phone, by the ids of both scans. */
export interface Alarm {
  event: Id;
  pair: string;
}

/** Data to be saved together, all or nothing. */
export interface Change {
  own?: OwnScan[];
  walkIns?: WalkIn[];
  deletions?: string[];
  alarms?: Alarm[];
  clock?: ClockState;
  pass?: Pass;
}

/** A change of the list, and the pass with the cursor after it. */
export interface RosterChange {
  pass: Pass;
  entries: Iterable<Entry>;
  removed: string[];
  scans: Iterable<Scan>;
}

// Data saved by an earlier version of the scanner may lack these.
const DEFAULT_RULES: Rules = {
  admit_unlisted: false,
  initials: false,
  held_until: null,
  reentry: false,
  walk_ins: false,
  expires_at: Number.MAX_SAFE_INTEGER,
};

const DEFAULTS: Pick<Pass, "doors" | "types" | "state" | "over_at"> = {
  doors: [],
  types: [],
  state: "paired",
  over_at: null,
};

/** Open the phone's storage and erase what has expired. Throws where the browser keeps nothing. */
export async function openStore(name = "turnout-door"): Promise<Store> {
  const store = await Store.open(name);
  // An erasure that fails now is tried another day; scanning matters more.
  await readClockOrStart(store)
    .then((clock) => eraseExpired(store, currentTime(clock, Date.now())))
    .catch(() => undefined);
  return store;
}

/** The UUID of this phone; it stays the same device when it pairs again. */
export async function deviceOf(store: Store): Promise<string> {
  return store.use(async (database) => {
    const saved = (await database.get("facts", "device")) as string | undefined;
    if (saved) return saved;
    const device = makeUuid();
    await database.put("facts", device, "device");
    return device;
  });
}

export async function currentPass(store: Store): Promise<Pass | null> {
  const id = (await store.use((database) => database.get("facts", "current"))) as Id | undefined;
  return id === undefined ? null : readPassOf(store, id);
}

export async function readPassOf(store: Store, event: Id): Promise<Pass | null> {
  const pass = await store.use((database) => database.get("passes", event));
  return pass ? complete(pass) : null;
}

/** The passes of all events at which this phone scanned. */
export async function readPasses(store: Store): Promise<Pass[]> {
  return (await store.use((database) => database.getAll("passes"))).map(complete);
}

function complete(pass: Pass): Pass {
  return {
    ...DEFAULTS,
    ...(pass as Partial<Pass> & Omit<Pass, keyof typeof DEFAULTS>),
    rules: { ...DEFAULT_RULES, ...pass.rules },
  };
}

/** Save a pass as the current one, and replace a previous pairing. */
export async function savePass(store: Store, pass: Pass): Promise<void> {
  await store.use(async (database) => {
    const change = database.transaction(["facts", "passes"], "readwrite");
    await Promise.all([
      change.objectStore("passes").put(pass),
      change.objectStore("facts").put(pass.id, "current"),
      change.done,
    ]);
  });
}

export async function readClock(store: Store): Promise<ClockState | null> {
  return ((await store.use((database) => database.get("facts", "clock"))) as ClockState | undefined) ?? null;
}

/** The saved clock; the phone's own where no server has answered yet. */
export async function readClockOrStart(store: Store): Promise<ClockState> {
  return (await readClock(store)) ?? startClock(Date.now(), Date.now());
}

export async function saveClock(store: Store, clock: ClockState): Promise<void> {
  await save(store, { clock });
}

/**
 * Save a change in one transaction: a scan, its walk-in and its stamp. Returns false where another pairing is saved;
 * then all but the pass is written.
 */
export async function save(
  store: Store,
  { own = [], walkIns = [], deletions = [], alarms = [], clock, pass }: Change,
): Promise<boolean> {
  const changes: Partial<Record<Name, unknown>> = {
    own: own.length,
    walk_ins: walkIns.length + deletions.length,
    told: alarms.length,
    facts: clock,
    passes: pass,
  };
  const names = (Object.keys(changes) as Name[]).filter((name) => changes[name]);
  // A scan must survive a battery that dies now.
  const durability = own.some((each) => each.result === null) ? "strict" : "default";
  return writeRows(store, { names, pass, durability }, (table, isOurs) => {
    for (const each of own) table("own").put(each);
    for (const each of walkIns) table("walk_ins").put(each);
    for (const id of deletions) table("walk_ins").delete(id);
    for (const each of alarms) table("told").put(each);
    if (clock) table("facts").put(clock, "clock");
    if (pass && isOurs) table("passes").put(pass);
  });
}

/**
 * Save a change of the list in chunks, so that scans need not wait for 10,000 names; the cursor comes last. Returns
 * false where another pairing is saved, or the change is not wanted any more.
 */
export async function saveRoster(store: Store, change: RosterChange, isWanted = (): boolean => true): Promise<boolean> {
  const { pass } = change;
  const rows = [...rowsOf(change)];
  for (let from = 0; from === 0 || from < rows.length; from += ROWS) {
    if (!isWanted()) return false;
    const isLast = from + ROWS >= rows.length;
    const chunk = rows.slice(from, from + ROWS);
    const isOurs = await writeRows(store, { names: ["passes", "entries", "scans"], pass }, (table, isOurs) => {
      if (!isOurs) return;
      for (const write of chunk) write(table);
      if (isLast) table("passes").put(pass);
    });
    if (!isOurs) return false;
  }
  return true;
}

const ROWS = 1_000;

type Name = StoreNames<Schema>;
type Table = (name: Name) => IDBObjectStore;
type Row = (table: Table) => void;

function* rowsOf({ pass, entries, removed, scans }: RosterChange): Generator<Row> {
  for (const entry of entries) yield (table) => table("entries").put({ ...entry, event: pass.id });
  for (const id of removed) yield (table) => table("entries").delete([pass.id, id]);
  for (const scan of scans) yield (table) => table("scans").put({ ...scan, event: pass.id });
}

interface RowsToWrite {
  names: Name[];
  /** A pass that is written only while its pairing is the saved one. */
  pass?: Pass | undefined;
  durability?: IDBTransactionDurability;
}

/**
 * Write rows in one transaction, without a promise for each of 1,000 names. Returns whether the pass's pairing is the
 * saved one.
 */
async function writeRows(
  store: Store,
  { names, pass, durability }: RowsToWrite,
  write: (table: Table, isOurs: boolean) => void,
): Promise<boolean> {
  if (names.length === 0) return true;
  return store.use(async (database) => {
    const change = database.transaction(names, "readwrite", { durability: durability ?? "default" });
    try {
      const isOurs = !pass || (await isCurrentPairing(change.objectStore("passes"), pass));
      write((name) => unwrap(change.objectStore(name)) as IDBObjectStore, isOurs);
      await change.done;
      return isOurs;
    } catch (error) {
      abort(change);
      await change.done.catch(() => undefined);
      throw error;
    }
  });
}

function abort(change: { abort(): void }): void {
  try {
    change.abort();
  } catch {
    // The transaction was aborted already.
  }
}

export function readOwn(store: Store): Promise<OwnScan[]> {
  return store.use((database) => database.getAll("own"));
}

/** What the phone has stored about an event when the page opens. */
export interface LoadedEvent {
  device: string;
  clock: ClockState;
  passes: Pass[];
  entries: Entry[];
  scans: Scan[];
  /** Pairs of scans: the conflicts that raised an alarm. */
  alarms: string[];
  /** Of all events: scans that wait under an earlier pass are handed in too. */
  own: OwnScan[];
  walkIns: WalkIn[];
}

export async function loadEvent(store: Store, event: Id): Promise<LoadedEvent> {
  const read = store.use((database) =>
    Promise.all([
      database.getAll("entries", ofEvent(event)),
      database.getAll("scans", ofEvent(event)),
      database.getAll("told", ofEvent(event)),
      database.getAll("walk_ins"),
    ]),
  );
  const [device, clock, passes, own, rest] = await Promise.all([
    deviceOf(store),
    readClockOrStart(store),
    readPasses(store),
    readOwn(store),
    read,
  ]);
  const [entries, scans, alarms, walkIns] = rest;
  return { device, clock, passes, own, entries, scans, alarms: alarms.map(({ pair }) => pair), walkIns };
}

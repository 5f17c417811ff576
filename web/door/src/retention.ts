/** How long names and scans stay on a phone. */

import { isCurrentPairing, ofEvent, type Database, type Store } from "./database.ts";
import type { Id, OwnScan, Pass, WalkIn } from "./types.ts";

const DAY = 24 * 60 * 60 * 1000;
const WEEK = 7 * DAY;

/** True from when the server took the pass away, or its time is up. */
export function isOver(pass: Pass, now: number): boolean {
  return pass.state === "revoked" || hasExpired(pass, now);
}

function hasExpired({ state, rules }: Pick<Pass, "state" | "rules">, now: number): boolean {
  return state === "expired" || now >= rules.expires_at;
}

/** True when the names must go: the pass's time is up; or it was taken away, and everything is handed in or a day was not enough for that. */
export function mustForgetNames(pass: Pass, unsent: number, now: number): boolean {
  if (hasExpired(pass, now)) return true;
  return pass.state === "revoked" && (unsent === 0 || now - (pass.over_at ?? now) >= DAY);
}

/** A pass without names and keys; its token stays, for what still has to be handed in. */
export function withoutNames(pass: Pass): Pass {
  return { ...pass, keys: [], merged: {}, cursor: null, listed_at: null };
}

/** A walk-in's name is needed until it was handed in, and not longer. */
export function isDeletable(walkIn: WalkIn, event: Id): boolean {
  return walkIn.event === event && walkIn.sent;
}

/** Erase the names of an event, keys and all, in one transaction; scans stay, nameless, and so do walk-ins not handed in. Returns false, and does nothing, where another pairing is kept. */
export function eraseNames(store: Store, bare: Pass): Promise<boolean> {
  return store.use(async (database) => {
    const change = database.transaction(["passes", "entries", "walk_ins"], "readwrite");
    const passes = change.objectStore("passes");
    if (!(await isCurrentPairing(passes, bare))) return false;
    const walkIns = (await change.objectStore("walk_ins").getAll()).filter((each) => isDeletable(each, bare.id));
    await Promise.all([
      ...walkIns.map((each) => change.objectStore("walk_ins").delete(each.id)),
      change.objectStore("entries").delete(ofEvent(bare.id)),
      passes.put(bare),
      change.done,
    ]);
    return true;
  });
}

/** Write down that a pass is over, unless another pairing is kept. */
export async function saveEndedPass(store: Store, pass: Pass): Promise<void> {
  await store.use(async (database) => {
    const change = database.transaction("passes", "readwrite");
    if (await isCurrentPairing(change.store, pass)) await change.store.put(pass);
    await change.done;
  });
}

/** Go through every pass on this phone, also those of earlier events: erase the names of what is over, and after a week all the rest. What is at a door now sees to itself. */
export async function eraseExpired(store: Store, now: number, currentEvent: Id | null = null): Promise<void> {
  const [passes, own] = await store.use((database) => Promise.all([database.getAll("passes"), database.getAll("own")]));
  for (const pass of passes.filter((each) => each.id !== currentEvent)) {
    const ownOfPass = own.filter((each) => each.event === pass.id);
    await eraseExpiredOf(store, pass, ownOfPass, now);
  }
}

async function eraseExpiredOf(store: Store, pass: Pass, own: OwnScan[], now: number): Promise<void> {
  if (!isOver(pass, now)) return;
  const unsent = own.filter((each) => each.result === null).length;
  const expired = { ...pass, over_at: pass.over_at ?? now };
  if (mustForgetNames(expired, unsent, now)) await eraseNames(store, withoutNames(expired));
  else await saveEndedPass(store, expired);
  if (now >= endOf(pass) + WEEK) await store.use((database) => deleteEvent(database, pass, own));
}

function endOf({ event, rules }: Pass): number {
  return event.ends_at ?? event.starts_at ?? rules.expires_at;
}

// What the server has not answered for stays, and so does the pass that lets it be handed in.
async function deleteEvent(database: Database, pass: Pass, own: OwnScan[]): Promise<void> {
  const change = database.transaction(["facts", "passes", "scans", "told", "own"], "readwrite");
  const facts = change.objectStore("facts");
  const done = own.filter((each) => each.result !== null);
  const isDone = done.length === own.length;
  const isCurrent = (await facts.get("current")) === pass.id;
  await Promise.all([
    ...done.map((each) => change.objectStore("own").delete(each.id)),
    change.objectStore("scans").delete(ofEvent(pass.id)),
    change.objectStore("told").delete(ofEvent(pass.id)),
    isDone && change.objectStore("passes").delete(pass.id),
    isDone && isCurrent && facts.delete("current"),
    change.done,
  ]);
}

/** Rules for how long names and scans stay on a phone. */

import type { Id, OwnScan, Pass, WalkIn } from "../lib/types.ts";
import { type Database, isCurrentPairing, ofEvent, type Store } from "./database.ts";

const DAY = 24 * 60 * 60 * 1000;
const WEEK = 7 * DAY;

/** True once the server revoked the pass or its time is up. */
export function isOver(pass: Pass, now: number): boolean {
  return pass.state === "revoked" || hasExpired(pass, now);
}

function hasExpired({ state, rules }: Pick<Pass, "state" | "rules">, now: number): boolean {
  return state === "expired" || now >= rules.expires_at;
}

/**
 * True once the names must be erased: the pass has expired, or it was revoked and every scan is handed in or a day has
 * passed.
 */
export function mustEraseNames(pass: Pass, unsent: number, now: number): boolean {
  if (hasExpired(pass, now)) return true;
  return pass.state === "revoked" && (unsent === 0 || now - (pass.over_at ?? now) >= DAY);
}

/** The pass without names and keys; its token stays for scans that are still to be handed in. */
export function withoutNames(pass: Pass): Pass {
  return { ...pass, keys: [], merged: {}, cursor: null, listed_at: null };
}

/** True for a walk-in of an event that was handed in: its name is not needed any more. */
export function isDeletable(walkIn: WalkIn, event: Id): boolean {
  return walkIn.event === event && walkIn.sent;
}

/**
 * Erase the names and keys of an event in one transaction; nameless scans stay, and so do walk-ins not handed in.
 * Returns false and does nothing where another pairing is saved.
 */
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

/** Save that a pass is over, unless another pairing is saved. */
export async function saveEndedPass(store: Store, pass: Pass): Promise<void> {
  await store.use(async (database) => {
    const change = database.transaction("passes", "readwrite");
    if (await isCurrentPairing(change.store, pass)) await change.store.put(pass);
    await change.done;
  });
}

/**
 * Erase the names of every pass that is over, and after a week the rest. The event at the door now is left to its own
 * pass expiry.
 */
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
  if (mustEraseNames(expired, unsent, now)) await eraseNames(store, withoutNames(expired));
  else await saveEndedPass(store, expired);
  if (now >= endOf(pass) + WEEK) await store.use((database) => deleteEvent(database, pass, own));
}

function endOf({ event, rules }: Pass): number {
  return event.ends_at ?? event.starts_at ?? rules.expires_at;
}

// Scans without an answer stay, and so does the pass by which they are handed in.
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

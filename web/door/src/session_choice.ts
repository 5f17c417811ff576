/** Several days, or parts of one day: which of them this phone should be scanning for. */

import type { Id, Session } from "./types.ts";
import { nearestSession } from "./verdict.ts";

/** The chosen part is over, or has not begun; `instead` is on, or the next one. */
export interface SessionChange {
  current: Session;
  isOver: boolean;
  next: Session;
}

/** The part to scan for in place of the chosen one; null while the chosen is on, or no other is nearer. */
export function suggestSession(sessions: Session[], id: Id | undefined, now: number): SessionChange | null {
  const current = sessions.find((each) => each.id === id);
  if (!current || isOn(current, now)) return null;
  const nearest = nearestSession(sessions.map(fromOpening), now);
  const next = sessions.find((each) => each.id === nearest);
  const isOver = current.ends_at !== null && now >= current.ends_at;
  if (!next || next === current || !(isOver || isOn(next, now))) return null;
  return { current, isOver, next };
}

/** The part to scan for when a phone is paired: the one it scanned for before while that is right, else the nearest. */
export function sessionToScan(sessions: Session[], before: Id | undefined, now: number): Id | null {
  const previous = sessions.find((each) => each.id === before);
  return suggestSession(sessions, before, now)?.next.id ?? previous?.id ?? nearestSession(sessions, now);
}

function fromOpening(each: Session): Session {
  return { ...each, starts_at: opening(each) };
}

// Where nobody is too early, its doors tell nothing.
function opening({ opens_at, starts_at }: Session): number | null {
  return opens_at ?? starts_at;
}

function isOn(each: Session, now: number): boolean {
  return now >= (opening(each) ?? now) && now < (each.ends_at ?? Infinity);
}

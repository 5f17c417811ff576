/** Chooses the session that this phone should scan for. */

import { nearestSession } from "../engine/verdict.ts";
import type { Id, Session } from "./types.ts";

/** A suggestion to change sessions: `current` is over or has not begun, `next` is on or the next one. */
export interface SessionChange {
  current: Session;
  isOver: boolean;
  next: Session;
}

/** Suggest another session than the chosen one; null while that is on, or where no other is nearer. */
export function suggestSession(sessions: Session[], id: Id | undefined, now: number): SessionChange | null {
  const current = sessions.find((each) => each.id === id);
  if (!current || isOn(current, now)) return null;
  const nearest = nearestSession(sessions.map(fromOpening), now);
  const next = sessions.find((each) => each.id === nearest);
  const isOver = current.ends_at !== null && now >= current.ends_at;
  if (!next || next === current || !(isOver || isOn(next, now))) return null;
  return { current, isOver, next };
}

/** The session to scan for after pairing: the previous one where that is right, else the nearest. */
export function sessionToScan(sessions: Session[], previousId: Id | undefined, now: number): Id | null {
  const previous = sessions.find((each) => each.id === previousId);
  return suggestSession(sessions, previousId, now)?.next.id ?? previous?.id ?? nearestSession(sessions, now);
}

function fromOpening(session: Session): Session {
  return { ...session, starts_at: opening(session) };
}

// Without an opening time the start counts.
function opening({ opens_at, starts_at }: Session): number | null {
  return opens_at ?? starts_at;
}

function isOn(session: Session, now: number): boolean {
  return now >= (opening(session) ?? now) && now < (session.ends_at ?? Infinity);
}

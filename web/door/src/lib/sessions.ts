/** The sessions of an event: the one to scan for, and those that a ticket admits to. */

import type { Id, Pass, Period, Session } from "./types.ts";

/** A suggestion to change sessions: `current` is over or has not begun, `next` is on or the next one. */
export interface SessionChange {
  current: Session;
  isOver: boolean;
  next: Session;
}

/** The session for which this phone scans. */
export function currentSession(pass: Pass): Session {
  return (
    pass.sessions.find((each) => each.id === pass.session) ??
    pass.sessions[0] ?? { ...pass.event, opens_at: null, capacity: null }
  );
}

/** The session that is on at a moment, else the nearest one. */
export function nearestSession(sessions: Period[], now: number): Id | null {
  const distance = ({ starts_at, ends_at }: Period): number =>
    Math.max((starts_at ?? now) - now, now - (ends_at ?? now), 0);
  const start = (each: Period): number => each.starts_at ?? 0;
  const nearest = [...sessions].sort(
    (first, second) => distance(first) - distance(second) || start(first) - start(second),
  );
  return nearest[0]?.id ?? null;
}

/** True where the sessions of a ticket include this one; a ticket without sessions is for all. */
export function admitsTo({ sessions }: { sessions: Id[] }, session: Id): boolean {
  return sessions.length === 0 || sessions.includes(session);
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

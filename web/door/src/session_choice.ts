/** Several days, or parts of one day: which of them this phone should be scanning for. */

import type { Id, Session } from "./types.ts";
import { nearestSession } from "./verdict.ts";

/** The chosen part is over, or has not begun; `instead` is on, or the next one. */
export interface Move {
  chosen: Session;
  isOver: boolean;
  instead: Session;
}

/** The part to scan for in place of the chosen one; null while the chosen is on, or no other is nearer. */
export function moveOn(sessions: Session[], id: Id | undefined, now: number): Move | null {
  const chosen = sessions.find((each) => each.id === id);
  if (!chosen || isOn(chosen, now)) return null;
  const nearest = nearestSession(sessions.map(fromItsDoors), now);
  const instead = sessions.find((each) => each.id === nearest);
  const isOver = chosen.ends_at !== null && now >= chosen.ends_at;
  if (!instead || instead === chosen || !(isOver || isOn(instead, now))) return null;
  return { chosen, isOver, instead };
}

/** The part to scan for when a phone is paired: the one it scanned for before while that is right, else the nearest. */
export function sessionOf(sessions: Session[], before: Id | undefined, now: number): Id | null {
  const known = sessions.find((each) => each.id === before);
  return moveOn(sessions, before, now)?.instead.id ?? known?.id ?? nearestSession(sessions, now);
}

function fromItsDoors(each: Session): Session {
  return { ...each, starts_at: beginOf(each) };
}

// Where nobody is too early, its doors tell nothing.
function beginOf({ opens_at, starts_at }: Session): number | null {
  return opens_at ?? starts_at;
}

function isOn(each: Session, now: number): boolean {
  return now >= (beginOf(each) ?? now) && now < (each.ends_at ?? Infinity);
}

/** What a shown ticket means at this door now: computed on the phone, always in the same way, with or without a network. */

import type { Ledger } from "./ledger.ts";
import { isSignedBy } from "./signature.ts";
import type { TicketCode } from "./ticket.ts";
import type { Entry, Id, Pass, Reason, Scan, Session, Texts } from "./types.ts";

export type VerdictKind = "admitted" | "unlisted" | "unlisted_stop" | "already_in" | "revoked" | Exclude<Reason, "already_in" | "unlisted">;

export interface Verdict {
  kind: VerdictKind;
  person: string | null;
  entry: Entry | null;
  /** Where and when the person was let in before. */
  before: Scan | null;
  /** What the ticket is for instead: another event, or other sessions of this one. */
  instead: Texts[];
  opensAt: number | null;
}

/** What the roster alone cannot say. */
export interface Scene {
  pass: Pass;
  ledger: Ledger;
  now: number;
}

const STOPPED: Partial<Record<Entry["status"], VerdictKind>> = {
  cancelled: "cancelled",
  waiting: "waiting",
  offered: "waiting",
  unconfirmed: "waiting",
};

/** The verdict on a code; null stands for a text that is no ticket's. */
export async function judgeCode(code: TicketCode | null, scene: Scene): Promise<Verdict> {
  const key = code && scene.pass.keys.find((each) => each.number === code.key);
  if (!code || !key || !(await isSignedBy(code, key.public))) return verdict("not_a_ticket");
  if (key.event !== scene.pass.event.id) return verdict("other_event", { person: code.id, instead: [key.title] });
  const entry = scene.ledger.entries.get(code.id);
  return entry ? judgeEntry(entry, scene) : judgeUnlisted(code.id, scene);
}

/** The verdict on somebody found in the list; the person at the door is vouched for by the volunteer. */
export function judgeEntry(entry: Entry, scene: Scene): Verdict {
  const about = { person: entry.id, entry };
  const stopped = STOPPED[entry.status];
  if (stopped) return verdict(stopped, about);
  if (!admitsTo(entry, scene.pass.session)) return verdict("other_session", { ...about, instead: sessionsOf(entry, scene.pass) });
  return judgePresence(about, "admitted", scene);
}

/** The verdict when the volunteer admits somebody whom the rules would stop. */
export function judgeAnyway(entry: Entry, scene: Scene): Verdict {
  return judgePresence({ person: entry.id, entry }, "admitted", { ...scene, now: Infinity });
}

function judgeUnlisted(person: string, scene: Scene): Verdict {
  return judgePresence({ person, entry: null }, scene.pass.rules.admit_unlisted ? "unlisted" : "unlisted_stop", scene);
}

function judgePresence(about: { person: string; entry: Entry | null }, otherwise: VerdictKind, scene: Scene): Verdict {
  const opensAt = scene.pass.rules.opens_at ?? null;
  if (opensAt !== null && scene.now < opensAt) return verdict("not_open", { ...about, opensAt });
  const before = scene.ledger.admission(about.person, scene.pass.session)?.inside;
  return before ? verdict("already_in", { ...about, before }) : verdict(otherwise, about);
}

/** The session this phone admits to. */
export function currentSession(pass: Pass): Session {
  return pass.sessions.find((each) => each.id === pass.session) ?? pass.sessions[0] ?? pass.event;
}

/** The session that is on at a moment, else the one nearest to it. */
export function nearestSession(sessions: Session[], now: number): Id | null {
  const distance = ({ starts_at, ends_at }: Session): number => Math.max((starts_at ?? now) - now, now - (ends_at ?? now), 0);
  const begins = (each: Session): number => each.starts_at ?? 0;
  const nearest = [...sessions].sort((one, other) => distance(one) - distance(other) || begins(one) - begins(other));
  return nearest[0]?.id ?? null;
}

function admitsTo(entry: Entry, session: Id): boolean {
  return entry.sessions.length === 0 || entry.sessions.includes(session);
}

function sessionsOf(entry: Entry, pass: Pass): Texts[] {
  return pass.sessions.filter((each) => entry.sessions.includes(each.id)).map((each) => each.title);
}

function verdict(kind: VerdictKind, rest: Partial<Verdict> = {}): Verdict {
  return { kind, person: null, entry: null, before: null, instead: [], opensAt: null, ...rest };
}

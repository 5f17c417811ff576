/** What a shown ticket means at this door now: computed on the phone, always in the same way, with or without a network. */

import type { Ledger } from "./ledger.ts";
import { isSignedBy } from "./signature.ts";
import type { TicketCode } from "./ticket.ts";
import type { Direction, Entry, Id, Part, Pass, Reason, Scan, Session, State, Texts, TicketKey } from "./types.ts";

export type VerdictKind = "admitted" | "unlisted" | "unlisted_stop" | "left" | "revoked" | Exclude<Reason, "unlisted">;

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
  state: State;
  direction: Direction;
  now: number;
}

interface About {
  person: string;
  entry: Entry | null;
}

const STOPPED: Partial<Record<Entry["status"], VerdictKind>> = {
  cancelled: "cancelled",
  waiting: "waiting",
  offered: "waiting",
  unconfirmed: "waiting",
};
const OVER: Record<State, VerdictKind | null> = { paired: null, revoked: "revoked", unknown: "revoked", expired: "expired" };

/** Which of the known keys made a ticket; null where none did. */
export async function signerOf(code: TicketCode | null, keys: TicketKey[]): Promise<TicketKey | null> {
  const key = code && keys.find((each) => each.number === code.key);
  return code && key && (await isSignedBy(code, key.public)) ? key : null;
}

/** The verdict on a code that a key made; null stands for a text that is no ticket's, or whose signature is no known key's. */
export function judgeCode(code: TicketCode | null, signer: TicketKey | null, scene: Scene): Verdict {
  const over = OVER[scene.state];
  if (!code || !signer) return verdict(over ?? "not_a_ticket");
  if (signer.event !== scene.pass.event.id) return verdict(over ?? "other_event", { instead: [signer.title] });
  const entry = scene.ledger.entries.get(code.id);
  return entry ? judgeEntry(entry, scene) : judgeUnlisted(code.id, scene);
}

/** The verdict on somebody found in the list; the person at the door is vouched for by the volunteer. */
export function judgeEntry(entry: Entry, scene: Scene): Verdict {
  const about = { person: entry.id, entry };
  return judgeWay(about, scene) ?? judgeRight(about, entry, scene) ?? judgeHour(about, scene) ?? judgeEntrance(about, "admitted", scene);
}

/** The verdict when the volunteer admits somebody whom the rules would stop; that the phone itself may not, no volunteer decides. */
export function judgeAnyway(entry: Entry, scene: Scene): Verdict {
  const about = { person: entry.id, entry };
  return judgeWay(about, scene) ?? judgeEntrance(about, "admitted", scene);
}

function judgeUnlisted(person: string, scene: Scene): Verdict {
  const about = { person, entry: null };
  const genuine = scene.pass.rules.admit_unlisted ? "unlisted" : "unlisted_stop";
  return judgeWay(about, scene) ?? judgeHour(about, scene) ?? judgeEntrance(about, genuine, scene);
}

/** What is said whoever it is: the phone may not admit, or the way is out. */
function judgeWay(about: About, scene: Scene): Verdict | null {
  const over = OVER[scene.state];
  if (over) return verdict(over, about);
  if (scene.direction === "in") return null;
  const before = scene.ledger.admission(about.person, scene.pass.session)?.inside ?? null;
  return verdict(before ? "left" : "not_inside", { ...about, before });
}

function judgeRight(about: About, entry: Entry, { pass }: Scene): Verdict | null {
  const stopped = STOPPED[entry.status];
  if (stopped) return verdict(stopped, about);
  if (admitsTo(entry, pass.session)) return null;
  return verdict("other_session", { ...about, instead: sessionsOf(entry, pass) });
}

function judgeHour(about: About, { pass, now }: Scene): Verdict | null {
  const opensAt = currentSession(pass).opens_at;
  return opensAt !== null && now < opensAt ? verdict("not_open", { ...about, opensAt }) : null;
}

function judgeEntrance(about: About, otherwise: VerdictKind, scene: Scene): Verdict {
  const before = scene.ledger.admission(about.person, scene.pass.session)?.inside;
  return before ? verdict("already_in", { ...about, before }) : verdict(otherwise, about);
}

/** A verdict that no rule gave: somebody the volunteer wrote down was let in. */
export function welcome(entry: Entry): Verdict {
  return verdict("admitted", { person: entry.id, entry });
}

/** The session this phone admits to. */
export function currentSession(pass: Pass): Session {
  return pass.sessions.find((each) => each.id === pass.session) ?? pass.sessions[0] ?? { ...pass.event, opens_at: null, capacity: null };
}

/** The session that is on at a moment, else the one nearest to it. */
export function nearestSession(sessions: Part[], now: number): Id | null {
  const distance = ({ starts_at, ends_at }: Part): number => Math.max((starts_at ?? now) - now, now - (ends_at ?? now), 0);
  const begins = (each: Part): number => each.starts_at ?? 0;
  const nearest = [...sessions].sort((one, other) => distance(one) - distance(other) || begins(one) - begins(other));
  return nearest[0]?.id ?? null;
}

/** True where the ticket is for a session; one without sessions is for all. */
export function admitsTo(entry: Entry, session: Id): boolean {
  return entry.sessions.length === 0 || entry.sessions.includes(session);
}

function sessionsOf(entry: Entry, pass: Pass): Texts[] {
  return pass.sessions.filter((each) => entry.sessions.includes(each.id)).map((each) => each.title);
}

function verdict(kind: VerdictKind, rest: Partial<Verdict> = {}): Verdict {
  return { kind, person: null, entry: null, before: null, instead: [], opensAt: null, ...rest };
}

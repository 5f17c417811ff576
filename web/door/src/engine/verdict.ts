/** Judges a ticket at this door now: on the phone, in the same way with and without a network. */

import { admitsTo, currentSession } from "../lib/sessions.ts";
import type { TicketCode } from "../lib/ticket.ts";
import type { Direction, Entry, EntryStatus, Pass, PassState, Reason, Scan, Texts, TicketKey } from "../lib/types.ts";
import type { Ledger } from "./ledger.ts";

export type VerdictKind = "admitted" | "unlisted" | "unlisted_stop" | "left" | "revoked" | Exclude<Reason, "unlisted">;

export interface Verdict {
  kind: VerdictKind;
  person: string | null;
  entry: Entry | null;
  /** The scan that admitted the person before. */
  earlier: Scan | null;
  /** The titles for which the ticket is valid: another event, or other sessions of this one. */
  validFor: Texts[];
  opensAt: number | null;
}

/** The context of a verdict beside the ticket. */
export interface DoorContext {
  pass: Pass;
  ledger: Ledger;
  state: PassState;
  direction: Direction;
  now: number;
}

interface Subject {
  person: string;
  entry: Entry | null;
}

const STATUS_VERDICTS: Record<EntryStatus, VerdictKind | null> = {
  confirmed: null,
  cancelled: "cancelled",
  waiting: "waiting",
  offered: "waiting",
  unconfirmed: "waiting",
};
const STATE_VERDICTS: Record<PassState, VerdictKind | null> = {
  paired: null,
  revoked: "revoked",
  unknown: "revoked",
  expired: "expired",
};

/** Judge a signed code; null stands for a text that is no ticket, or that no known key signed. */
export function judgeCode(code: TicketCode | null, signer: TicketKey | null, context: DoorContext): Verdict {
  const over = STATE_VERDICTS[context.state];
  if (!code || !signer) return verdict(over ?? "not_a_ticket");
  if (signer.event !== context.pass.event.id) return verdict(over ?? "other_event", { validFor: [signer.title] });
  const entry = context.ledger.entries.get(code.id);
  return entry ? judgeEntry(entry, context) : judgeUnlisted(code.id, context);
}

/** Judge someone chosen from the list, whose identity the volunteer confirms. */
export function judgeEntry(entry: Entry, context: DoorContext): Verdict {
  const subject = { person: entry.id, entry };
  return (
    judgePassAndDirection(subject, context) ??
    judgeRegistration(subject, entry, context) ??
    judgeOpening(subject, context) ??
    judgeRepeat(subject, "admitted", context)
  );
}

/** Judge someone whom the volunteer admits against the rules; an ended pass or the way out cannot be overruled. */
export function judgeAnyway(entry: Entry, context: DoorContext): Verdict {
  const subject = { person: entry.id, entry };
  return judgePassAndDirection(subject, context) ?? judgeRepeat(subject, "admitted", context);
}

function judgeUnlisted(person: string, context: DoorContext): Verdict {
  const subject = { person, entry: null };
  const genuine = context.pass.rules.admit_unlisted ? "unlisted" : "unlisted_stop";
  return (
    judgePassAndDirection(subject, context) ?? judgeOpening(subject, context) ?? judgeRepeat(subject, genuine, context)
  );
}

/** The verdict that applies to everyone: an ended pass, or the way out. */
function judgePassAndDirection(subject: Subject, context: DoorContext): Verdict | null {
  const over = STATE_VERDICTS[context.state];
  if (over) return verdict(over, subject);
  if (context.direction === "in") return null;
  const earlier = context.ledger.admission(subject.person, context.pass.session)?.inside ?? null;
  return verdict(earlier ? "left" : "not_inside", { ...subject, earlier });
}

function judgeRegistration(subject: Subject, entry: Entry, { pass }: DoorContext): Verdict | null {
  const kind = STATUS_VERDICTS[entry.status];
  if (kind) return verdict(kind, subject);
  if (admitsTo(entry, pass.session)) return null;
  return verdict("other_session", { ...subject, validFor: sessionsOf(entry, pass) });
}

function judgeOpening(subject: Subject, { pass, now }: DoorContext): Verdict | null {
  const opensAt = currentSession(pass).opens_at;
  return opensAt !== null && now < opensAt ? verdict("not_open", { ...subject, opensAt }) : null;
}

function judgeRepeat(subject: Subject, otherwise: VerdictKind, context: DoorContext): Verdict {
  const earlier = context.ledger.admission(subject.person, context.pass.session)?.inside;
  return earlier ? verdict("already_in", { ...subject, earlier }) : verdict(otherwise, subject);
}

/** The verdict on a walk-in, whom no rule stops. */
export function admitWalkIn(entry: Entry): Verdict {
  return verdict("admitted", { person: entry.id, entry });
}

function sessionsOf(entry: Entry, pass: Pass): Texts[] {
  return pass.sessions.filter((each) => entry.sessions.includes(each.id)).map((each) => each.title);
}

function verdict(kind: VerdictKind, rest: Partial<Verdict> = {}): Verdict {
  return { kind, person: null, entry: null, earlier: null, validFor: [], opensAt: null, ...rest };
}

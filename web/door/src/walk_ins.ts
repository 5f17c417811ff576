/** People without a registration, written down at the door. */

import { limitMarks } from "./search.ts";
import { makeUuid } from "./store.ts";
import type { Entry, Id, OwnScan, Pass, WalkIn } from "./types.ts";

export interface WalkInDetails {
  name: string;
  ticketType?: Id;
}

const LONGEST_NAME = 200;
/** Python's blanks, as on the server; JavaScript's \s has no separators of files, nor the next line. */
const BLANKS = /[\s\u001c-\u001f\u0085]+/g;
const INVISIBLE = /(?![\u200c\u200d\p{VS}])\p{DI}|(?![\s\u001c-\u001f\u0085])[\p{Cc}\p{Cs}]/gu;

/** A name as it is kept: the twin of shared/i18n.py's normalize, held to it by tests/shared/name_vectors.json. */
export function normalizeName(name: string): string {
  return limitMarks(limitMarks(name.replace(INVISIBLE, "")).normalize("NFC").replace(BLANKS, " ").trim());
}

/** Somebody new; the id is made here, so that it is the same person however often it is sent. */
export function makeWalkIn({ name, ticketType }: WalkInDetails, event: Id, language: string): WalkIn {
  const shortened = Array.from(normalizeName(name)).slice(0, LONGEST_NAME).join("");
  return { id: makeUuid(), event, name: shortened, language, ticket_type: ticketType ?? null, sent: false };
}

/** The line that stands in the list until the server's own comes. */
export function entryOf(walkIn: WalkIn, pass: Pass): Entry {
  const type = pass.types.find((each) => each.id === walkIn.ticket_type);
  const { id, name } = walkIn;
  return { id, name, type: type?.title ?? null, status: "confirmed", sessions: type?.sessions ?? [], short: null, walk_in: true };
}

/** The walk-ins of this phone, of all its events. */
export class WalkIns {
  private readonly all = new Map<string, WalkIn>();

  put(...walkIns: WalkIn[]): void {
    for (const each of walkIns) this.all.set(each.id, each);
  }

  get(id: string): WalkIn | undefined {
    return this.all.get(id);
  }

  of(event: Id): WalkIn[] {
    return [...this.all.values()].filter((each) => each.event === event);
  }

  /** Those whom some scans are about and whom the server has not got yet, in the order of the scans. */
  unsent(scans: OwnScan[]): WalkIn[] {
    const people = new Set(scans.map((own) => own.scan.person ?? ""));
    return [...people].flatMap((person) => this.all.get(person) ?? []).filter((each) => !each.sent);
  }

  /** Those of a batch that came with a scan that was answered: the server has them. */
  markSent(batch: WalkIn[], scans: OwnScan[]): WalkIn[] {
    const people = new Set(scans.map((own) => own.scan.person));
    const sent = batch.filter((each) => people.has(each.id)).map((each) => ({ ...each, sent: true }));
    this.put(...sent);
    return sent;
  }

  /** All of an event are to be handed in again. */
  markUnsent(event: Id): WalkIn[] {
    const unsent = this.of(event).map((each) => ({ ...each, sent: false }));
    this.put(...unsent);
    return unsent;
  }

  /** Let go of those the server has: all of an event, or those it named as gone. Returns their ids. */
  deleteSent(ids: Iterable<string>): string[] {
    const deleted = [...ids].filter((id) => this.all.get(id)?.sent);
    for (const id of deleted) this.all.delete(id);
    return deleted;
  }
}

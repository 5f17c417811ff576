/** Walk-ins: people without a registration, named at the door. */

import { makeUuid } from "../lib/encodings.ts";
import { normalizeName } from "../lib/names.ts";
import type { Entry, Id, OwnScan, Pass, WalkIn } from "../lib/types.ts";

export interface WalkInDetails {
  name: string;
  ticketType?: Id;
}

const LONGEST_NAME = 200;

/** Make a walk-in; its id comes from this phone, so that it is one person however often it is sent. */
export function makeWalkIn({ name, ticketType }: WalkInDetails, event: Id, language: string): WalkIn {
  const shortened = Array.from(normalizeName(name)).slice(0, LONGEST_NAME).join("");
  return { id: makeUuid(), event, name: shortened, language, ticket_type: ticketType ?? null, sent: false };
}

/** The walk-in's entry in the list until the server's own arrives. */
export function entryOf(walkIn: WalkIn, pass: Pass): Entry {
  const type = pass.types.find((each) => each.id === walkIn.ticket_type);
  const { id, name } = walkIn;
  return {
    id,
    name,
    type: type?.title ?? null,
    status: "confirmed",
    sessions: type?.sessions ?? [],
    short: null,
    walk_in: true,
  };
}

/** The walk-ins of this phone, of all its events. */
export class WalkIns {
  readonly #all = new Map<string, WalkIn>();

  put(...walkIns: WalkIn[]): void {
    for (const each of walkIns) this.#all.set(each.id, each);
  }

  get(id: string): WalkIn | undefined {
    return this.#all.get(id);
  }

  of(event: Id): WalkIn[] {
    return [...this.#all.values()].filter((each) => each.event === event);
  }

  /** The walk-ins of some scans that the server does not have yet, in the order of the scans. */
  unsent(scans: OwnScan[]): WalkIn[] {
    const people = new Set(scans.map((own) => own.scan.person ?? ""));
    return [...people].flatMap((person) => this.#all.get(person) ?? []).filter((each) => !each.sent);
  }

  /** Mark those walk-ins of a batch as sent whose scans have a result. */
  markSent(batch: WalkIn[], scans: OwnScan[]): WalkIn[] {
    const people = new Set(scans.map((own) => own.scan.person));
    const sent = batch.filter((each) => people.has(each.id)).map((each) => ({ ...each, sent: true }));
    this.put(...sent);
    return sent;
  }

  /** Queue all walk-ins of an event again. */
  markUnsent(event: Id): WalkIn[] {
    const unsent = this.of(event).map((each) => ({ ...each, sent: false }));
    this.put(...unsent);
    return unsent;
  }

  /** Delete the given walk-ins that were sent. Returns their ids. */
  deleteSent(ids: Iterable<string>): string[] {
    const deleted = [...ids].filter((id) => this.#all.get(id)?.sent);
    for (const id of deleted) this.#all.delete(id);
    return deleted;
  }
}

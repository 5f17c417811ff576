/** People without a registration, written down at the door. */

import type { Entry, Id, Pass, WalkIn } from "./types.ts";

export interface Newcomer {
  name: string;
  ticketType?: Id;
}

/** The line that stands in the list until the server's own comes. */
export function entryOf(walkIn: WalkIn, pass: Pass): Entry {
  const type = pass.types.find((each) => each.id === walkIn.ticket_type);
  const { id, name } = walkIn;
  return { id, name, type: type?.title ?? null, status: "confirmed", sessions: type?.sessions ?? [], short: null, walk_in: true };
}

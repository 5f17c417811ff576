/** How full a session is, as far as this phone knows. */

import type { Ledger } from "./ledger.ts";
import type { Pass } from "./types.ts";
import { currentSession } from "./verdict.ts";

export interface Room {
  inside: number;
  /** Places that are nobody's; null where no limit is known. */
  free: number | null;
  /** The places of people who have not come yet are still kept for them. */
  held: boolean;
}

/** The room of the chosen session; where no hour was named until which places are kept, they stay kept. */
export function roomOf(pass: Pass, ledger: Ledger, now: number): Room {
  const { id, capacity } = currentSession(pass);
  const inside = ledger.countInside(id);
  const held = now < (pass.rules.held_until ?? Infinity);
  const kept = held ? ledger.countAwaited(id) : 0;
  return { inside, free: capacity === null ? null : Math.max(0, capacity - inside - kept), held };
}

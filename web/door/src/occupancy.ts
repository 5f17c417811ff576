/** How full a session is, as far as this phone knows. */

import type { Ledger } from "./ledger.ts";
import type { Pass } from "./types.ts";
import { currentSession } from "./verdict.ts";

export interface Occupancy {
  inside: number;
  /** Places that are nobody's; null where no limit is known. */
  free: number | null;
  /** The places of people who have not come yet are still kept for them. */
  seatsKept: boolean;
}

/** The room of the chosen session; where no hour was named until which places are kept, they stay kept. */
export function occupancyOf(pass: Pass, ledger: Ledger, now: number): Occupancy {
  const { id, capacity } = currentSession(pass);
  const inside = ledger.countInside(id);
  const seatsKept = now < (pass.rules.held_until ?? Infinity);
  const reserved = seatsKept ? ledger.countExpected(id) : 0;
  return { inside, free: capacity === null ? null : Math.max(0, capacity - inside - reserved), seatsKept };
}

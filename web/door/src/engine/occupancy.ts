/** The occupancy of a session, as far as this phone knows. */

import type { Pass } from "../lib/types.ts";
import type { Ledger } from "./ledger.ts";
import { currentSession } from "./verdict.ts";

export interface Occupancy {
  inside: number;
  /** Free seats; null where no limit is known. */
  free: number | null;
  /** True while the seats of people who have not come are still kept. */
  seatsKept: boolean;
}

/** The occupancy of the chosen session; seats stay kept where the event sets no time. */
export function occupancyOf(pass: Pass, ledger: Ledger, now: number): Occupancy {
  const { id, capacity } = currentSession(pass);
  const inside = ledger.countInside(id);
  const seatsKept = now < (pass.rules.held_until ?? Infinity);
  const reserved = seatsKept ? ledger.countExpected(id) : 0;
  return { inside, free: capacity === null ? null : Math.max(0, capacity - inside - reserved), seatsKept };
}

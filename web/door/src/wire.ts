/** How scans and walk-ins are written for the server, in a batch as in a file. */

import type { OwnScan, Pass, Shift, WalkIn } from "./types.ts";

/** What is handed in at once. */
export interface Batch {
  pass: Pass;
  scans: OwnScan[];
  walkIns: WalkIn[];
  /** How many scans the server acknowledged before, and how many still wait after this batch. */
  handedIn: number;
  waiting: number;
}

export interface ScansWritten {
  shifts: Shift[];
  walk_ins: Record<string, unknown>[];
  scans: Record<string, unknown>[];
}

export function written(shifts: Shift[], walkIns: WalkIn[], scans: OwnScan[]): ScansWritten {
  return { shifts, walk_ins: walkIns.map(walkInWritten), scans: scans.map(scanWritten) };
}

function walkInWritten({ id, name, language, ticket_type }: WalkIn): Record<string, unknown> {
  return { id, name, language, ...(ticket_type !== null && { ticket_type }) };
}

function scanWritten({ scan, code }: OwnScan): Record<string, unknown> {
  const { id, person, session, kind, at, door, undoes, reason, doubtful } = scan;
  const who = code ? { code } : person ? { person } : {};
  return { id, ...who, session, kind, at, door, ...(undoes && { undoes }), ...(reason && { reason }), ...(doubtful && { doubtful }) };
}

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

export interface ScansPayload {
  shifts: Shift[];
  walk_ins: Record<string, unknown>[];
  scans: Record<string, unknown>[];
}

export function toPayload(shifts: Shift[], walkIns: WalkIn[], scans: OwnScan[]): ScansPayload {
  return { shifts, walk_ins: walkIns.map(walkInPayload), scans: scans.map(scanPayload) };
}

function walkInPayload({ id, name, language, ticket_type }: WalkIn): Record<string, unknown> {
  return { id, name, language, ...(ticket_type !== null && { ticket_type }) };
}

function scanPayload({ scan, code }: OwnScan): Record<string, unknown> {
  const { id, person, session, kind, at, door, undoes, reason, doubtful } = scan;
  const identity = code ? { code } : person ? { person } : {};
  return { id, ...identity, session, kind, at, door, ...(undoes && { undoes }), ...(reason && { reason }), ...(doubtful && { doubtful }) };
}

/** The format of scans and walk-ins for the server, in a batch and in a file. */

import type { OwnScan, Pass, Shift, WalkIn } from "../lib/types.ts";

/** The data of one request. */
export interface Batch {
  pass: Pass;
  scans: OwnScan[];
  walkIns: WalkIn[];
  /** The scans that the server acknowledged before, and those that still wait after this batch. */
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
  return {
    id,
    ...identity,
    session,
    kind,
    at,
    door,
    ...(undoes && { undoes }),
    ...(reason && { reason }),
    ...(doubtful && { doubtful }),
  };
}

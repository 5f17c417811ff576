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

export interface ScanFile {
  name: string;
  content: string;
}

/** Make the file of an event's scans, with those already handed in: the server recognizes them by id. */
export function makeScanFile(pass: Pass, phone: string, walkIns: WalkIn[], scans: OwnScan[], now: number): ScanFile {
  const inOrder = [...scans].sort((a, b) => a.scan.at - b.scan.at);
  const facts = { format: "turnout-scans", version: 1, event: pass.event.id, phone, made_at: now };
  const content = JSON.stringify({ ...facts, ...toPayload(pass.shifts, walkIns, inOrder) });
  return { name: `turnout-scans-${pass.event.id}-${phone.slice(0, 8)}-${stampOf(now)}.json`, content };
}

function stampOf(now: number): string {
  return new Date(now).toISOString().slice(0, 16).replace(/[-:]/g, "").replace("T", "-");
}

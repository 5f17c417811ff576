/** Attendance is a fold over scans: the twin of the server's, held to it by tests/shared/fold_vectors.json. */

import type { Id, Scan } from "./types.ts";

export interface Admission {
  person: string;
  session: Id;
  first: Scan;
  inside: Scan | null;
  left: Scan | null;
  entries: number;
}

export interface Folded {
  admissions: Map<string, Admission>;
  conflicts: [Scan, Scan][];
  repeats: Scan[];
  /** The ids of the scans that were taken back. */
  undone: Set<string>;
}

interface Presence {
  admission: Admission;
  known: Map<string, Scan>;
  seen: Set<string>;
}

/** Which admission a scan belongs to: the person, a merged walk-in counting as its ticket, and the session. */
export function keyOf(person: string | null, session: Id, merged: Record<string, string>): string {
  return JSON.stringify([person === null ? null : (merged[person] ?? person), session]);
}

/** Admissions, conflicts and repeats of a set of scans; neither order nor repetition of the input matters. */
export function fold(scans: Iterable<Scan>, merged: Record<string, string>): Folded {
  const ledger = new Map<string, Scan>();
  for (const scan of scans) if (scan.standing && scan.person !== null) ledger.set(scan.id, scan);
  const undone = findUndone(ledger, merged);
  const folded: Folded = { admissions: new Map(), conflicts: [], repeats: [], undone };
  const presences = new Map<string, Presence>();
  for (const scan of [...ledger.values()].sort(earlier)) {
    if (undone.has(scan.id)) continue;
    if (scan.kind === "in") enter(scan, presences, folded, merged);
    if (scan.kind === "out") leave(scan, presences.get(keyOf(scan.person, scan.session, merged)));
  }
  return folded;
}

function earlier(one: Scan, other: Scan): number {
  if (one.at !== other.at) return one.at - other.at;
  return one.id < other.id ? -1 : 1;
}

function findUndone(ledger: Map<string, Scan>, merged: Record<string, string>): Set<string> {
  const undone = new Set<string>();
  for (const undo of ledger.values()) {
    const target = undo.kind === "undo" && undo.undoes ? ledger.get(undo.undoes) : undefined;
    if (!target || target.kind === "undo") continue;
    if (keyOf(undo.person, undo.session, merged) === keyOf(target.person, target.session, merged)) undone.add(target.id);
  }
  return undone;
}

function enter(scan: Scan, presences: Map<string, Presence>, folded: Folded, merged: Record<string, string>): void {
  const key = keyOf(scan.person, scan.session, merged);
  const person = scan.person ?? "";
  const showing = JSON.stringify([person, scan.device]);
  const presence = presences.get(key);
  if (!presence?.admission.inside) {
    const admission = letIn(scan, presence?.admission, merged);
    folded.admissions.set(key, admission);
    presences.set(key, { admission, known: new Map([[person, scan]]), seen: new Set([showing]) });
    return;
  }
  const before = presence.known.get(person);
  if (before && !presence.seen.has(showing)) folded.conflicts.push([before, scan]);
  else folded.repeats.push(scan);
  if (!before) presence.known.set(person, scan);
  presence.seen.add(showing);
}

function letIn(scan: Scan, admission: Admission | undefined, merged: Record<string, string>): Admission {
  if (!admission) {
    const person = scan.person ?? "";
    return { person: merged[person] ?? person, session: scan.session, first: scan, inside: scan, left: null, entries: 1 };
  }
  admission.inside = scan;
  admission.entries += 1;
  return admission;
}

function leave(scan: Scan, presence: Presence | undefined): void {
  if (!presence?.admission.inside) return;
  presence.admission.left = scan;
  presence.admission.inside = null;
}

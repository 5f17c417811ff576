/** Folds scans into admissions; the twin of shared/door/fold.py, checked by tests/shared/fold_vectors.json. */

import type { Id, Scan } from "./types.ts";

export interface Admission {
  person: string;
  session: Id;
  first: Scan;
  inside: Scan | null;
  left: Scan | null;
  entries: number;
}

export interface Attendance {
  admissions: Map<string, Admission>;
  conflicts: [Scan, Scan][];
  repeats: Scan[];
  /** The ids of undone scans. */
  undone: Set<string>;
}

interface Presence {
  admission: Admission;
  firstScans: Map<string, Scan>;
  scanners: Set<string>;
}

/** The key of a scan's admission: the person, with a merged walk-in counted as its ticket, and the session. */
export function admissionKey(person: string | null, session: Id, merged: Record<string, string>): string {
  return JSON.stringify([person === null ? null : (merged[person] ?? person), session]);
}

/** Admissions, conflicts and repeats of a set of scans; the order and repetition of the input do not matter. */
export function fold(scans: Iterable<Scan>, merged: Record<string, string>): Attendance {
  const ledger = new Map<string, Scan>();
  for (const scan of scans) if (scan.standing && scan.person !== null) ledger.set(scan.id, scan);
  const undone = findUndone(ledger, merged);
  const folded: Attendance = { admissions: new Map(), conflicts: [], repeats: [], undone };
  const presences = new Map<string, Presence>();
  for (const scan of [...ledger.values()].sort(byTime)) {
    if (undone.has(scan.id)) continue;
    if (scan.kind === "in") enter(scan, presences, folded, merged);
    if (scan.kind === "out") leave(scan, presences.get(admissionKey(scan.person, scan.session, merged)));
  }
  return folded;
}

function byTime(first: Scan, second: Scan): number {
  if (first.at !== second.at) return first.at - second.at;
  return first.id < second.id ? -1 : 1;
}

function findUndone(ledger: Map<string, Scan>, merged: Record<string, string>): Set<string> {
  const undone = new Set<string>();
  for (const undo of ledger.values()) {
    const target = undo.kind === "undo" && undo.undoes ? ledger.get(undo.undoes) : undefined;
    if (!target || target.kind === "undo") continue;
    if (admissionKey(undo.person, undo.session, merged) === admissionKey(target.person, target.session, merged))
      undone.add(target.id);
  }
  return undone;
}

function enter(scan: Scan, presences: Map<string, Presence>, folded: Attendance, merged: Record<string, string>): void {
  const key = admissionKey(scan.person, scan.session, merged);
  const person = scan.person ?? "";
  const scanner = JSON.stringify([person, scan.device]);
  const presence = presences.get(key);
  if (!presence?.admission.inside) {
    const admission = admit(scan, presence?.admission, merged);
    folded.admissions.set(key, admission);
    presences.set(key, { admission, firstScans: new Map([[person, scan]]), scanners: new Set([scanner]) });
    return;
  }
  const earlier = presence.firstScans.get(person);
  if (earlier && !presence.scanners.has(scanner)) folded.conflicts.push([earlier, scan]);
  else folded.repeats.push(scan);
  if (!earlier) presence.firstScans.set(person, scan);
  presence.scanners.add(scanner);
}

function admit(scan: Scan, admission: Admission | undefined, merged: Record<string, string>): Admission {
  if (!admission) {
    const person = scan.person ?? "";
    return {
      person: merged[person] ?? person,
      session: scan.session,
      first: scan,
      inside: scan,
      left: null,
      entries: 1,
    };
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

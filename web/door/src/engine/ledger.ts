/**
 * The list and the scans in memory, from which verdicts and counts are computed. Only changed people are folded again.
 */

import { type Admission, type Attendance, admissionKey, fold } from "../lib/fold.ts";
import { admitsTo, currentSession } from "../lib/sessions.ts";
import type { Conflict, Entry, EntryStatus, Id, Pass, Scan } from "../lib/types.ts";
import { Roster } from "./roster.ts";

/** The occupancy of a session, as far as this phone knows. */
export interface Occupancy {
  inside: number;
  /** Free seats; null where no limit is known. */
  free: number | null;
  /** True while the seats of people who have not come are still kept. */
  seatsKept: boolean;
}

/** The folded scans of one person in one session. */
interface PersonAttendance {
  admission: Admission | undefined;
  conflicts: Attendance["conflicts"];
  undone: Attendance["undone"];
}

/** People with a seat in one session who have not come; without walk-ins, for whom no seat is kept. */
interface Expected {
  session: Id;
  people: Set<string>;
}

const SEAT_HOLDING = new Set<EntryStatus>(["confirmed", "offered", "unconfirmed"]);

export class Ledger {
  readonly #roster = new Roster();
  readonly #scans = new Map<string, Scan>();
  readonly #byKey = new Map<string, Map<string, Scan>>();
  readonly #folded = new Map<string, PersonAttendance>();
  readonly #stale = new Set<string>();
  readonly #conflictKeys = new Set<string>();
  readonly #inside = new Map<Id, number>();
  #expected: Expected | null = null;
  #merged: Record<string, string> = {};

  get entries(): ReadonlyMap<string, Entry> {
    return this.#roster.entries;
  }

  putEntry(entry: Entry): void {
    this.#roster.put(entry);
    this.#expect(entry.id);
  }

  removeEntry(id: string): void {
    this.#roster.remove(id);
    this.#expect(id);
  }

  /** Erase the list; scans stay. */
  eraseNames(): void {
    this.#roster.clear();
    this.#expected = null;
    this.merge({});
  }

  /** Entries found by name or short code, by name; a merged walk-in is found as its ticket. */
  find(typed: string, most = Infinity): Entry[] {
    return this.#roster.find(typed, most, (id) => id in this.#merged);
  }

  /** Add a scan or replace the one with its id, and mark its person to be folded again. */
  putScan(scan: Scan): void {
    this.#scans.set(scan.id, scan);
    if (scan.person === null) return;
    const key = admissionKey(scan.person, scan.session, this.#merged);
    const scans = this.#byKey.get(key) ?? new Map<string, Scan>();
    scans.set(scan.id, scan);
    this.#byKey.set(key, scans);
    this.#stale.add(key);
  }

  /** Set which walk-ins are which tickets; a change folds everything again. */
  merge(merged: Record<string, string>): void {
    if (JSON.stringify(merged) === JSON.stringify(this.#merged)) return;
    this.#merged = merged;
    for (const collection of [this.#byKey, this.#folded, this.#stale, this.#conflictKeys, this.#inside])
      collection.clear();
    this.#expected = null;
    for (const scan of this.#scans.values()) this.putScan(scan);
  }

  allScans(): Scan[] {
    return [...this.#scans.values()];
  }

  admission(person: string, session: Id): Admission | undefined {
    return this.#attendance(admissionKey(person, session, this.#merged))?.admission;
  }

  isUndone(scan: Scan): boolean {
    return this.#attendance(admissionKey(scan.person, scan.session, this.#merged))?.undone.has(scan.id) ?? false;
  }

  /** Tickets that two phones admitted, newest first. */
  conflicts(): Conflict[] {
    this.#foldStale();
    const pairs = [...this.#conflictKeys].flatMap((key) => this.#folded.get(key)?.conflicts ?? []);
    const conflicts = pairs.map(([first, second]) => ({ person: this.#mergedPerson(first), first, second }));
    return conflicts.sort((a, b) => b.second.at - a.second.at);
  }

  /** The occupancy of the chosen session; seats stay kept where the event sets no time. */
  occupancy(pass: Pass, now: number): Occupancy {
    const { id, capacity } = currentSession(pass);
    const inside = this.countInside(id);
    const seatsKept = now < (pass.rules.held_until ?? Infinity);
    const reserved = seatsKept ? this.countExpected(id) : 0;
    return { inside, free: capacity === null ? null : Math.max(0, capacity - inside - reserved), seatsKept };
  }

  /** The number of people inside a session. */
  countInside(session: Id): number {
    this.#foldStale();
    return this.#inside.get(session) ?? 0;
  }

  /** The number of people with a seat in a session who have not come. */
  countExpected(session: Id): number {
    this.#foldStale();
    if (this.#expected?.session !== session) this.#expectAll(session);
    return this.#expected?.people.size ?? 0;
  }

  #expectAll(session: Id): void {
    this.#expected = { session, people: new Set() };
    for (const id of this.entries.keys()) this.#expect(id);
  }

  #expect(id: string): void {
    if (!this.#expected) return;
    const { session, people } = this.#expected;
    const entry = this.entries.get(id);
    const hasSeat = entry && !entry.walk_in && SEAT_HOLDING.has(entry.status) && admitsTo(entry, session);
    if (hasSeat && !(id in this.#merged) && !this.#folded.get(admissionKey(id, session, this.#merged))?.admission)
      people.add(id);
    else people.delete(id);
  }

  #attendance(key: string): PersonAttendance | undefined {
    this.#foldStale();
    return this.#folded.get(key);
  }

  #foldStale(): void {
    for (const key of this.#stale) this.#refold(key, this.#byKey.get(key) ?? new Map<string, Scan>());
    this.#stale.clear();
  }

  #refold(key: string, scans: Map<string, Scan>): void {
    const { admissions, conflicts, undone } = fold(scans.values(), this.#merged);
    const attendance = { admission: admissions.get(key), conflicts, undone };
    this.#count(this.#folded.get(key), -1);
    this.#count(attendance, 1);
    this.#folded.set(key, attendance);
    if (conflicts.length > 0) this.#conflictKeys.add(key);
    else this.#conflictKeys.delete(key);
    const [scan] = scans.values();
    if (scan) this.#expect(this.#mergedPerson(scan));
  }

  #count(attendance: PersonAttendance | undefined, change: 1 | -1): void {
    if (!attendance?.admission?.inside) return;
    const { session } = attendance.admission;
    this.#inside.set(session, (this.#inside.get(session) ?? 0) + change);
  }

  #mergedPerson({ person }: Scan): string {
    return this.#merged[person ?? ""] ?? person ?? "";
  }
}

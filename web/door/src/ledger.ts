/** Roster and scans in memory: what every verdict and every counter is computed from. */

import { fold, keyOf, type Admission, type Folded } from "./fold.ts";
import { matches, searchKey } from "./search.ts";
import { readShortCode } from "./ticket.ts";
import type { Entry, Id, Scan } from "./types.ts";

export class Ledger {
  readonly entries = new Map<string, Entry>();
  readonly names = new Map<string, string>();
  private readonly scans = new Map<string, Scan>();
  private readonly byKey = new Map<string, Map<string, Scan>>();
  private readonly folded = new Map<string, Folded>();
  private merged: Record<string, string> = {};

  putEntry(entry: Entry): void {
    this.entries.set(entry.id, entry);
    this.names.set(entry.id, searchKey(entry.name));
  }

  removeEntry(id: string): void {
    this.entries.delete(id);
    this.names.delete(id);
  }

  /** People whose name begins as typed, or whose short code it is, by name. */
  find(typed: string, most = Infinity): Entry[] {
    const code = readShortCode(typed);
    const entries = [...this.entries.values()];
    const coded = code ? entries.filter((entry) => entry.short?.replace("-", "") === code) : [];
    if (coded.length > 0) return coded;
    const key = searchKey(typed);
    if (!key) return [];
    const named = entries.filter((entry) => matches(this.names.get(entry.id) ?? "", key));
    return named.sort((one, other) => one.name.localeCompare(other.name)).slice(0, most);
  }

  /** Add a scan, or replace the one with its id; only its own key is folded again. */
  putScan(scan: Scan): void {
    this.scans.set(scan.id, scan);
    if (scan.person === null) return;
    const key = keyOf(scan.person, scan.session, this.merged);
    const together = this.byKey.get(key) ?? new Map<string, Scan>();
    together.set(scan.id, scan);
    this.byKey.set(key, together);
    this.folded.delete(key);
  }

  /** Take over which walk-ins are which tickets; everything is folded again where that changed. */
  merge(merged: Record<string, string>): void {
    if (JSON.stringify(merged) === JSON.stringify(this.merged)) return;
    this.merged = merged;
    this.byKey.clear();
    this.folded.clear();
    for (const scan of this.scans.values()) this.putScan(scan);
  }

  scan(id: string): Scan | undefined {
    return this.scans.get(id);
  }

  admission(person: string, session: Id): Admission | undefined {
    const key = keyOf(person, session, this.merged);
    return this.fold(key).admissions.get(key);
  }

  /** The scan that a conflict with this one was found against. */
  rivalOf(scan: Scan): Scan | undefined {
    const { conflicts } = this.fold(keyOf(scan.person, scan.session, this.merged));
    const pair = conflicts.find(([one, other]) => one.id === scan.id || other.id === scan.id);
    return pair?.find((each) => each.id !== scan.id);
  }

  /** How many people are inside a session now. */
  countInside(session: Id): number {
    let inside = 0;
    for (const key of this.byKey.keys()) {
      const admission = this.fold(key).admissions.get(key);
      if (admission?.inside && admission.session === session) inside += 1;
    }
    return inside;
  }

  /** How many of those with a place in a session have not come yet. */
  countAwaited(session: Id): number {
    return [...this.entries.values()].filter((entry) => awaits(entry, session) && !this.admission(entry.id, session)).length;
  }

  private fold(key: string): Folded {
    const known = this.folded.get(key);
    if (known) return known;
    const folded = fold(this.byKey.get(key)?.values() ?? [], this.merged);
    this.folded.set(key, folded);
    return folded;
  }
}

const AWAITED = new Set(["confirmed", "offered", "unconfirmed"]);

function awaits({ status, sessions }: Entry, session: Id): boolean {
  return AWAITED.has(status) && (sessions.length === 0 || sessions.includes(session));
}

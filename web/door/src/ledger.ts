/** Roster and scans in memory: what every verdict and every counter is computed from. Only what changed is folded again. */

import { fold, keyOf, type Admission, type Folded } from "./fold.ts";
import { List } from "./roster.ts";
import type { Conflict, Entry, Id, Scan, Status } from "./types.ts";

/** What one person's scans in one session add up to. */
interface Stay {
  admission: Admission | undefined;
  conflicts: Folded["conflicts"];
  undone: Folded["undone"];
}

/** Those with a place in one session who have not come; no walk-in, for whom none was kept. */
interface Awaited {
  session: Id;
  people: Set<string>;
}

const HOLDING = new Set<Status>(["confirmed", "offered", "unconfirmed"]);

export class Ledger {
  private readonly list = new List();
  private readonly scans = new Map<string, Scan>();
  private readonly byKey = new Map<string, Map<string, Scan>>();
  private readonly stays = new Map<string, Stay>();
  private readonly stale = new Set<string>();
  private readonly contested = new Set<string>();
  private readonly inside = new Map<Id, number>();
  private awaited: Awaited | null = null;
  private merged: Record<string, string> = {};

  get entries(): ReadonlyMap<string, Entry> {
    return this.list.entries;
  }

  putEntry(entry: Entry): void {
    this.list.put(entry);
    this.await(entry.id);
  }

  removeEntry(id: string): void {
    this.list.remove(id);
    this.await(id);
  }

  /** Forget who is who; what was scanned stays. */
  forgetNames(): void {
    this.list.clear();
    this.awaited = null;
    this.merge({});
  }

  /** People whose name begins as typed, or whose short code it is, by name; a merged walk-in is found as its ticket. */
  find(typed: string, most = Infinity): Entry[] {
    return this.list.find(typed, most, (id) => id in this.merged);
  }

  /** Add a scan, or replace the one with its id; only its own key is folded again. */
  putScan(scan: Scan): void {
    this.scans.set(scan.id, scan);
    if (scan.person === null) return;
    const key = keyOf(scan.person, scan.session, this.merged);
    const together = this.byKey.get(key) ?? new Map<string, Scan>();
    together.set(scan.id, scan);
    this.byKey.set(key, together);
    this.stale.add(key);
  }

  /** Take over which walk-ins are which tickets; everything is folded again where that changed. */
  merge(merged: Record<string, string>): void {
    if (JSON.stringify(merged) === JSON.stringify(this.merged)) return;
    this.merged = merged;
    for (const kept of [this.byKey, this.stays, this.stale, this.contested, this.inside]) kept.clear();
    this.awaited = null;
    for (const scan of this.scans.values()) this.putScan(scan);
  }

  scan(id: string): Scan | undefined {
    return this.scans.get(id);
  }

  allScans(): Scan[] {
    return [...this.scans.values()];
  }

  admission(person: string, session: Id): Admission | undefined {
    return this.stayOf(keyOf(person, session, this.merged))?.admission;
  }

  isUndone(scan: Scan): boolean {
    return this.stayOf(keyOf(scan.person, scan.session, this.merged))?.undone.has(scan.id) ?? false;
  }

  /** Every ticket that two phones let in, the newest first. */
  conflicts(): Conflict[] {
    this.settle();
    const pairs = [...this.contested].flatMap((key) => this.stays.get(key)?.conflicts ?? []);
    const conflicts = pairs.map(([one, other]) => ({ person: this.rootOf(one), one, other }));
    return conflicts.sort((one, other) => other.other.at - one.other.at);
  }

  /** How many people are inside a session now. */
  countInside(session: Id): number {
    this.settle();
    return this.inside.get(session) ?? 0;
  }

  /** How many of those with a place in a session have not come yet. */
  countAwaited(session: Id): number {
    this.settle();
    if (this.awaited?.session !== session) this.awaitAll(session);
    return this.awaited?.people.size ?? 0;
  }

  private awaitAll(session: Id): void {
    this.awaited = { session, people: new Set() };
    for (const id of this.entries.keys()) this.await(id);
  }

  private await(id: string): void {
    if (!this.awaited) return;
    const { session, people } = this.awaited;
    const entry = this.entries.get(id);
    const holds = entry && !entry.walk_in && HOLDING.has(entry.status) && (entry.sessions.length === 0 || entry.sessions.includes(session));
    if (holds && !(id in this.merged) && !this.stays.get(keyOf(id, session, this.merged))?.admission) people.add(id);
    else people.delete(id);
  }

  private stayOf(key: string): Stay | undefined {
    this.settle();
    return this.stays.get(key);
  }

  private settle(): void {
    for (const key of this.stale) this.refold(key, this.byKey.get(key) ?? new Map<string, Scan>());
    this.stale.clear();
  }

  private refold(key: string, together: Map<string, Scan>): void {
    const { admissions, conflicts, undone } = fold(together.values(), this.merged);
    const stay = { admission: admissions.get(key), conflicts, undone };
    this.count(this.stays.get(key), -1);
    this.count(stay, 1);
    this.stays.set(key, stay);
    if (conflicts.length > 0) this.contested.add(key);
    else this.contested.delete(key);
    for (const scan of together.values()) return this.await(this.rootOf(scan));
  }

  private count(stay: Stay | undefined, change: 1 | -1): void {
    if (!stay?.admission?.inside) return;
    const { session } = stay.admission;
    this.inside.set(session, (this.inside.get(session) ?? 0) + change);
  }

  private rootOf({ person }: Scan): string {
    return this.merged[person ?? ""] ?? person ?? "";
  }
}

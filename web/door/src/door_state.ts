/** What one phone knows at one door: its pass, the list, the scans of all doors and its own, and what time it is. */

import { currentTime, syncClock, type ClockState, type Exchange } from "./clock.ts";
import { involving } from "./conflicts.ts";
import { Ledger } from "./ledger.ts";
import type { LoadedEvent } from "./load.ts";
import { occupancyOf, type Occupancy } from "./occupancy.ts";
import { OwnScans } from "./own_scans.ts";
import { PendingWrites, type Unwritten } from "./pending_writes.ts";
import { makeScanFile, type ScanFile } from "./scan_file.ts";
import { readPassOf, type Store } from "./store.ts";
import { isTicket, shortCode, spellShortCode } from "./ticket.ts";
import type { Conflict, Entry, OwnScan, Pass, PassState, Scan } from "./types.ts";
import { entryOf, WalkIns } from "./walk_ins.ts";

/** Who is told when something happened. */
export interface Listener {
  onChange(): void;
  /** A scan is written down, or could not be: it can be sent. */
  onSaved(): void;
  onResult(own: OwnScan): void;
  /** Conflicts with a scan of this phone that it was not told of before; never none. */
  onConflicts(fresh: Conflict[]): void;
}

/** Nobody. */
export const NO_LISTENER: Listener = { onChange() {}, onSaved() {}, onResult() {}, onConflicts() {} };
const RECENT = 20;
/** As far apart two contacts may put the same moment. */
const TOLERANCE = 60_000;

export class DoorState {
  listener: Listener = NO_LISTENER;
  online = true;
  /** The names of the pass were erased, and none has come since. */
  erased = false;
  pass: Pass;
  clock: ClockState;
  readonly device: string;
  readonly ledger = new Ledger();
  readonly own = new OwnScans();
  readonly walkIns = new WalkIns();
  /** Passes of other events on this phone, under which something may still wait. */
  readonly others: Pass[];
  readonly writes: PendingWrites;
  /** The server's time when this page heard it last, and the page's own ticks then. */
  private contact = { at: -Infinity, ticks: 0 };

  constructor(store: Store, pass: Pass, loaded: LoadedEvent) {
    this.pass = pass;
    this.writes = new PendingWrites(store, pass.cursor, () => void this.usePairing(store));
    this.device = loaded.device;
    this.clock = loaded.clock;
    this.others = loaded.passes.filter((other) => other.id !== pass.id);
    this.fill(loaded);
  }

  private fill({ own, walkIns, entries, scans }: LoadedEvent): void {
    this.ledger.merge(this.pass.merged);
    for (const entry of entries) this.ledger.putEntry(entry);
    // They are kept by id: of the order in which they were made, their stamps are what is left.
    for (const each of [...own].sort((one, other) => one.scan.at - other.scan.at)) this.own.put(each);
    this.walkIns.put(...walkIns);
    this.listWalkIns();
    for (const each of this.own.of(this.pass.id)) this.ledger.putScan(each.scan);
    // The server's word about a scan is the later one.
    for (const scan of scans) this.putScan(scan);
  }

  /** Walk-ins of this phone stand in the list until the server's own line does. */
  listWalkIns(): void {
    const unlisted = this.walkIns.of(this.pass.id).filter((each) => !this.ledger.entries.has(each.id));
    for (const each of unlisted) this.ledger.putEntry(entryOf(each, this.pass));
  }

  // One phone must be one device in the fold, also where the server calls it by another id than it calls itself.
  /** Take in a scan as the server tells it. */
  putScan(scan: Scan): void {
    this.ledger.putScan(this.own.get(scan.id) ? { ...scan, device: this.device } : scan);
  }

  /** What only this page knows: a door opened after this one must be given it. */
  get unwritten(): Unwritten {
    return this.writes.unwritten;
  }

  /** The phone could not write something down; it lives only in this page. */
  get unsaved(): boolean {
    return this.writes.unsaved;
  }

  get waiting(): number {
    return this.own.waiting;
  }

  /** Whether this phone may admit, by the server's last word and by its own clock. */
  get state(): PassState {
    const { state, rules } = this.pass;
    return state === "paired" && this.now() >= rules.expires_at ? "expired" : state;
  }

  // Not by the page's own ticks alone: they stand still while the phone sleeps.
  /** The time by the phone's clock, corrected by what the server said; at least what this page has counted on from there, where that clock was set back. */
  now(): number {
    const { at, ticks } = this.contact;
    return Math.max(currentTime(this.clock, Date.now()), Math.round(at + performance.now() - ticks));
  }

  /** The phone's clock stands before its list, and this page has heard no server yet: what time it is is not known. */
  get isClockBehind(): boolean {
    const hasContact = this.contact.at > -Infinity;
    return !hasContact && Date.now() + this.clock.offset < (this.pass.listed_at ?? 0) - TOLERANCE;
  }

  /** Take over the server's time. */
  takeTime(serverTime: number, exchange: Exchange): void {
    const { state, jumped } = syncClock(this.clock, serverTime, exchange);
    this.clock = state;
    this.contact = { at: serverTime, ticks: performance.now() };
    this.online = true;
    if (jumped) void this.writes.save({ own: this.own.markDoubtful() });
  }

  /** How full the chosen session is. */
  occupancy(): Occupancy {
    return occupancyOf(this.pass, this.ledger, this.now());
  }

  /** Tickets that this phone and another both let in, newest first. */
  conflicts(): Conflict[] {
    return involving(this.ledger.conflicts(), this.own);
  }

  /** People of the list whose short code it is, or of whose names every typed word begins a word; by name, at most `most`. */
  find(typed: string, most = Infinity): Entry[] {
    return this.ledger.find(typed, most);
  }

  /** Whom a scan is about: the list's name, a walk-in's, else the short code; nothing for a walk-in of whom only the id is known. */
  nameOf({ person }: Scan): string {
    if (person === null) return "";
    const entry = this.ledger.entries.get(this.pass.merged[person] ?? person) ?? this.ledger.entries.get(person);
    return entry?.name ?? this.walkIns.get(person)?.name ?? (isTicket(person) ? spellShortCode(shortCode(person)) : "");
  }

  /** This phone's latest scans that let somebody in or out and still stand, newest first. */
  recent(): OwnScan[] {
    return this.own.recent(this.pass.id, RECENT, ({ scan }) => scan.standing && !this.ledger.isUndone(scan));
  }

  /** Everything of this event for an organizer to upload, where the phone cannot hand it in. */
  scanFile(): ScanFile {
    return makeScanFile(this.pass, this.device, this.walkIns.of(this.pass.id), this.own.of(this.pass.id), this.now());
  }

  /** Change the pass, and write it down. */
  async savePass(change: Partial<Pass>): Promise<void> {
    this.pass = { ...this.pass, ...change };
    this.listener.onChange();
    await this.writes.save({ pass: this.pass });
  }

  // Another page was paired anew for this event: go on with its pass, and read its list afresh.
  private async usePairing(store: Store): Promise<void> {
    const current = await readPassOf(store, this.pass.id).catch(() => null);
    if (!current || current.token === this.pass.token) return;
    this.writes.usePass(current);
    this.pass = { ...current, cursor: null };
    this.erased = false;
    this.listener.onChange();
  }
}

/** The state of one phone at one door: its pass, the list, the scans of all doors and its own, and the clock. */

import type { Store } from "../device/database.ts";
import { type LoadedEvent, readPassOf } from "../device/store.ts";
import { type ClockState, currentTime, type Exchange, syncClock } from "../lib/clock.ts";
import { isTicket, shortCode, spellShortCode } from "../lib/ticket.ts";
import type { Conflict, Entry, OwnScan, Pass, PassState, Scan } from "../lib/types.ts";
import { involving } from "./conflicts.ts";
import { Ledger, type Occupancy } from "./ledger.ts";
import { OwnScans } from "./own_scans.ts";
import { PendingWrites, type Unwritten } from "./pending_writes.ts";
import { entryOf, WalkIns } from "./walk_ins.ts";
import { makeScanFile, type ScanFile } from "./wire.ts";

/** Receives the events of a door. */
export interface Listener {
  onChange(): void;
  /** A scan is saved, or could not be: it can be sent. */
  onSaved(): void;
  onResult(own: OwnScan): void;
  /** New conflicts with a scan of this phone; never an empty list. */
  onConflicts(fresh: Conflict[]): void;
}

/** A listener that does nothing. */
export const NO_LISTENER: Listener = { onChange() {}, onSaved() {}, onResult() {}, onConflicts() {} };
const RECENT = 20;
/** The most by which two answers may disagree on one moment. Milliseconds. */
const TOLERANCE = 60_000;

export class DoorState {
  listener: Listener = NO_LISTENER;
  online = true;
  /** True once the names of the pass are erased, until a list arrives. */
  erased = false;
  pass: Pass;
  clock: ClockState;
  readonly device: string;
  readonly ledger = new Ledger();
  readonly own = new OwnScans();
  readonly walkIns = new WalkIns();
  /** Passes of other events on this phone, under which scans may still wait. */
  readonly others: Pass[];
  readonly writes: PendingWrites;
  /** The server's time in the latest answer of this page, and performance.now() at its arrival. */
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
    // They are stored by id; their stamps give the order in which they were made.
    for (const each of [...own].sort((one, other) => one.scan.at - other.scan.at)) this.own.put(each);
    this.walkIns.put(...walkIns);
    this.listWalkIns();
    for (const each of this.own.of(this.pass.id)) this.ledger.putScan(each.scan);
    // The server's version of a scan is the later one.
    for (const scan of scans) this.putScan(scan);
  }

  /** List the walk-ins of this phone until the server lists them. */
  listWalkIns(): void {
    const unlisted = this.walkIns.of(this.pass.id).filter((each) => !this.ledger.entries.has(each.id));
    for (const each of unlisted) this.ledger.putEntry(entryOf(each, this.pass));
  }

  // One phone must be one device in the fold, although the server knows it by another id than the phone itself.
  /** Add a scan from the server. */
  putScan(scan: Scan): void {
    this.ledger.putScan(this.own.get(scan.id) ? { ...scan, device: this.device } : scan);
  }

  /** Scans and walk-ins that only this page has: the next door must receive them. */
  get unwritten(): Unwritten {
    return this.writes.unwritten;
  }

  /** True while a scan or a walk-in could not be saved and exists only in this page. */
  get unsaved(): boolean {
    return this.writes.unsaved;
  }

  get waiting(): number {
    return this.own.waiting;
  }

  /** The state of the pass, by the server's latest answer and by the phone's clock. */
  get state(): PassState {
    const { state, rules } = this.pass;
    return state === "paired" && this.now() >= rules.expires_at ? "expired" : state;
  }

  // performance.now() alone does not do: it stands still while the phone sleeps.
  /**
   * The time by the phone's clock, corrected by the server's; at least the server's latest time plus the time since,
   * where the clock was set back.
   */
  now(): number {
    const { at, ticks } = this.contact;
    return Math.max(currentTime(this.clock, Date.now()), Math.round(at + performance.now() - ticks));
  }

  /** True where the phone's clock is before its list and no server has answered yet: the time is unknown. */
  get isClockBehind(): boolean {
    const hasContact = this.contact.at > -Infinity;
    return !hasContact && Date.now() + this.clock.offset < (this.pass.listed_at ?? 0) - TOLERANCE;
  }

  /** Correct the clock by the server's time. */
  takeTime(serverTime: number, exchange: Exchange): void {
    const { state, jumped } = syncClock(this.clock, serverTime, exchange);
    this.clock = state;
    this.contact = { at: serverTime, ticks: performance.now() };
    this.online = true;
    if (jumped) void this.writes.save({ own: this.own.markDoubtful() });
  }

  /** The occupancy of the chosen session. */
  occupancy(): Occupancy {
    return this.ledger.occupancy(this.pass, this.now());
  }

  /** Tickets that this phone and another both admitted, newest first. */
  conflicts(): Conflict[] {
    return involving(this.ledger.conflicts(), this.own);
  }

  /**
   * Entries with the typed short code, or whose names have words that begin with each typed word; by name, at most
   * `most`.
   */
  find(typed: string, most = Infinity): Entry[] {
    return this.ledger.find(typed, most);
  }

  /** The name of a scan's person: from the list, from a walk-in, else the short code; empty for an unknown walk-in. */
  nameOf({ person }: Scan): string {
    if (person === null) return "";
    const entry = this.ledger.entries.get(this.pass.merged[person] ?? person) ?? this.ledger.entries.get(person);
    return entry?.name ?? this.walkIns.get(person)?.name ?? (isTicket(person) ? spellShortCode(shortCode(person)) : "");
  }

  /** This phone's latest scans in or out that still stand, newest first. */
  recent(): OwnScan[] {
    return this.own.recent(this.pass.id, RECENT, ({ scan }) => scan.standing && !this.ledger.isUndone(scan));
  }

  /** The scan file of this event, for an organizer to upload where the phone cannot hand in. */
  scanFile(): ScanFile {
    return makeScanFile(this.pass, this.device, this.walkIns.of(this.pass.id), this.own.of(this.pass.id), this.now());
  }

  /** Change the pass and save it. */
  async savePass(change: Partial<Pass>): Promise<void> {
    this.pass = { ...this.pass, ...change };
    this.listener.onChange();
    await this.writes.save({ pass: this.pass });
  }

  // Another page was paired again for this event: use its pass and read its list from the beginning.
  private async usePairing(store: Store): Promise<void> {
    const current = await readPassOf(store, this.pass.id).catch(() => null);
    if (!current || current.token === this.pass.token) return;
    this.writes.usePass(current);
    this.pass = { ...current, cursor: null };
    this.erased = false;
    this.listener.onChange();
  }
}

/**
 * What one phone at one door knows: its pass, the list, the scans of all doors and its own, and the clock. The parts of
 * a door share it, and change it by its methods; it ends the pass, and erases names.
 */

import type { Store } from "../device/database.ts";
import { eraseExpired, isOver, mustEraseNames, saveEndedPass, withoutNames } from "../device/retention.ts";
import { type LoadedEvent, readPassOf } from "../device/store.ts";
import { type ClockState, currentTime, type Exchange, stamp, syncClock } from "../lib/clock.ts";
import type { Conflict, OwnScan, Pass, PassState, Scan, WalkIn } from "../lib/types.ts";
import { Ledger } from "./ledger.ts";
import { OwnScans } from "./own_scans.ts";
import { PendingWrites } from "./pending_writes.ts";
import { entryOf, WalkIns } from "./walk_ins.ts";

/** Receives the events of a door. */
export interface Listener {
  onChange(): void;
  onResult(own: OwnScan): void;
  /** New conflicts with a scan of this phone; never an empty list. */
  onConflicts(fresh: Conflict[]): void;
}

/** A listener that does nothing. */
export const NO_LISTENER: Listener = { onChange() {}, onResult() {}, onConflicts() {} };
/** The most by which two answers may disagree on one moment. Milliseconds. */
const TOLERANCE = 60_000;

export class DoorState {
  readonly device: string;
  readonly ledger = new Ledger();
  readonly own = new OwnScans();
  readonly walkIns = new WalkIns();
  readonly writes: PendingWrites;
  readonly #store: Store;
  #listener = NO_LISTENER;
  #online = true;
  /** True once the names of the pass are erased, until a list arrives. */
  #erased = false;
  #pass: Pass;
  #clock: ClockState;
  #others: readonly Pass[];
  /** The server's time in the latest answer of this page, and performance.now() at its arrival. */
  #contact = { at: -Infinity, ticks: 0 };

  constructor(store: Store, pass: Pass, loaded: LoadedEvent) {
    this.#store = store;
    this.#pass = pass;
    this.writes = new PendingWrites(store, pass.cursor, () => void this.#usePairing());
    this.device = loaded.device;
    this.#clock = loaded.clock;
    this.#others = loaded.passes.filter((other) => other.id !== pass.id);
    this.#fill(loaded);
  }

  #fill({ own, walkIns, entries, scans }: LoadedEvent): void {
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

  get pass(): Pass {
    return this.#pass;
  }

  /** Passes of other events on this phone, under which scans may still wait. */
  get others(): readonly Pass[] {
    return this.#others;
  }

  get clock(): ClockState {
    return this.#clock;
  }

  get online(): boolean {
    return this.#online;
  }

  get listener(): Listener {
    return this.#listener;
  }

  /** The state of the pass, by the server's latest answer and by the phone's clock. */
  get passState(): PassState {
    const { state, rules } = this.pass;
    return state === "paired" && this.now() >= rules.expires_at ? "expired" : state;
  }

  /** True where the phone's clock is before its list and no server has answered yet: the time is unknown. */
  get isClockBehind(): boolean {
    const hasContact = this.#contact.at > -Infinity;
    return !hasContact && Date.now() + this.clock.offset < (this.pass.listed_at ?? 0) - TOLERANCE;
  }

  // performance.now() alone does not do: it stands still while the phone sleeps.
  /**
   * The time by the phone's clock, corrected by the server's; at least the server's latest time plus the time since,
   * where the clock was set back.
   */
  now(): number {
    const { at, ticks } = this.#contact;
    return Math.max(currentTime(this.clock, Date.now()), Math.round(at + performance.now() - ticks));
  }

  /** Notify this listener in place of the previous one. */
  listen(listener: Listener): void {
    this.#listener = listener;
  }

  setOnline(online: boolean): void {
    this.#online = online;
  }

  /** Correct the clock by the server's time. */
  takeTime(serverTime: number, exchange: Exchange): void {
    const { state, jumped } = syncClock(this.clock, serverTime, exchange);
    this.#clock = state;
    this.#contact = { at: serverTime, ticks: performance.now() };
    this.#online = true;
    if (jumped) void this.writes.save({ own: this.own.markDoubtful() });
  }

  /** The stamp of a new scan; later ones come after it where it is kept. */
  stamp(isKept: boolean): number {
    const clock = stamp(this.clock, Date.now());
    if (isKept) this.#clock = clock;
    return clock.last;
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

  /** Mark the walk-ins as sent whose scans have a result; from then on their names can be erased. */
  markSent(walkIns: WalkIn[], scans: OwnScan[]): WalkIn[] {
    const sent = this.walkIns.markSent(walkIns, scans);
    if (sent.length > 0) this.#erased = false;
    return sent;
  }

  /** Change the pass and save it. */
  async savePass(change: Partial<Pass>): Promise<void> {
    this.#pass = { ...this.pass, ...change };
    this.listener.onChange();
    await this.writes.save({ pass: this.pass });
  }

  /** Use the pass of a new list or pairing: its names may be here again. */
  usePass(pass: Pass): void {
    this.#pass = pass;
    this.#erased = false;
  }

  /** Remove the shifts that were sent under a pass. Returns the changed pass, which is not saved yet. */
  removeShifts({ id, shifts }: Pass): { pass?: Pass } {
    if (shifts.length === 0 || id !== this.pass.id) return {};
    this.#pass = { ...this.pass, shifts: this.pass.shifts.filter((shift) => !shifts.includes(shift)) };
    return { pass: this.pass };
  }

  /** End the pass: the server refused this phone. */
  async endPass(state: Exclude<PassState, "paired">): Promise<void> {
    if (state === this.pass.state) return;
    await this.savePass({ state });
    await this.checkExpiry();
  }

  /** Erase the names where the pass is over; called at the start, every minute and after each answer. */
  async checkExpiry(): Promise<void> {
    const now = this.now();
    if (!isOver(this.pass, now)) return;
    const isNews = this.pass.over_at === null;
    if (isNews) await this.savePass({ over_at: now });
    // The phone's clock may be wrong: until the next check the server can object, where it is reachable.
    if (isNews && this.pass.state === "paired" && this.online) return;
    if (this.#erased || !mustEraseNames(this.pass, this.own.queueOf(this.pass.id).length, now)) return;
    await this.#eraseNames();
  }

  // Here and in storage; walk-ins who were not handed in stay.
  async #eraseNames(): Promise<void> {
    this.ledger.eraseNames();
    this.walkIns.deleteSent(this.walkIns.of(this.pass.id).map((each) => each.id));
    this.#pass = withoutNames(this.pass);
    this.#erased = true;
    if (!(await this.writes.eraseNames(this.pass))) this.#erased = false;
    this.listener.onChange();
  }

  /** End the pass of another event: the server refused this phone under it. */
  async endOther(pass: Pass, state: Exclude<PassState, "paired">): Promise<void> {
    if (pass.state === state) return;
    const ended = { ...pass, state, over_at: this.now() };
    this.#others = this.#others.map((each) => (each === pass ? ended : each));
    await saveEndedPass(this.#store, ended).catch(() => undefined);
  }

  /** Erase the names of other events that are over, as openStore() does. */
  async eraseOthers(): Promise<void> {
    await eraseExpired(this.#store, this.now(), this.pass.id).catch(() => undefined);
  }

  // Another page was paired again for this event: use its pass and read its list from the beginning.
  async #usePairing(): Promise<void> {
    const current = await readPassOf(this.#store, this.pass.id).catch(() => null);
    if (!current || current.token === this.pass.token) return;
    this.writes.usePass(current);
    this.usePass({ ...current, cursor: null });
    this.listener.onChange();
  }
}

/** One phone at one door: judges what is shown, records it, and takes in what the server says. */

import { hearServer, stamp, timeOf, type ClockState } from "./clock.ts";
import { pairOf, Told, wasSaid, withOwn } from "./conflicts.ts";
import { handInFile, type HandInFile } from "./hand_in.ts";
import { language } from "./i18n.ts";
import { Ledger } from "./ledger.ts";
import { Memory, type Unwritten } from "./memory.ts";
import { OwnScans } from "./own.ts";
import { recall, type Remembered } from "./recall.ts";
import { isOver, mustForgetNames, noteEnd, tidy, withoutNames } from "./retention.ts";
import { roomOf, type Room } from "./room.ts";
import { makeUuid, readPassOf, type Store, type Stretch } from "./store.ts";
import { isTicket, readTicket, shortCode, spellShortCode } from "./ticket.ts";
import type {
  Conflict,
  Direction,
  Entry,
  Id,
  Kind,
  OwnScan,
  Pass,
  Reason,
  Result,
  RosterAnswer,
  Scan,
  ScansAnswer,
  State,
  UndoReason,
  WalkIn,
} from "./types.ts";
import { judgeAnyway, judgeCode, judgeEntry, nearestSession, signerOf, welcome, type Scene, type Verdict } from "./verdict.ts";
import { entryOf, makeWalkIn, WalkIns, type Newcomer } from "./walk_ins.ts";
import type { Batch } from "./wire.ts";

export type { Conflict, Newcomer };

export interface Judged {
  verdict: Verdict;
  own: OwnScan | null;
}

/** Who is told when something happened. */
export interface Listener {
  changed(): void;
  /** A scan is written down, or could not be: it can be sent. */
  recorded(): void;
  answered(own: OwnScan): void;
  /** Conflicts with a scan of this phone that it was not told of before; never none. */
  conflicted(fresh: Conflict[]): void;
}

const KINDS: Partial<Record<Verdict["kind"], Kind>> = { admitted: "in", unlisted: "in", left: "out" };
const SILENT: Listener = { changed() {}, recorded() {}, answered() {}, conflicted() {} };
const RECENT = 20;

export class Door {
  listener: Listener = SILENT;
  online = true;
  pass: Pass;
  readonly device: string;
  readonly ledger = new Ledger();
  readonly own = new OwnScans();
  readonly walkIns = new WalkIns();
  /** Passes of other events on this phone, under which something may still wait. */
  readonly others: Pass[];
  private readonly kept: Store;
  private readonly memory: Memory;
  private readonly told: Told;
  private clock: ClockState;
  private way: Direction = "in";
  private erased = false;

  private constructor(kept: Store, pass: Pass, remembered: Remembered) {
    this.pass = pass;
    this.kept = kept;
    this.memory = new Memory(kept, pass.cursor, () => void this.followPairing());
    this.device = remembered.device;
    this.clock = remembered.clock;
    this.told = new Told(remembered.told);
    this.others = remembered.passes.filter((other) => other.id !== pass.id);
    this.remember(remembered);
  }

  /** The door as this phone remembers it, with what a door before it could not write down. */
  static async open(kept: Store, pass: Pass, unwritten: Unwritten = { own: [], walkIns: [] }): Promise<Door> {
    const { own, walkIns, ...remembered } = await recall(kept, pass.id);
    const door = new Door(kept, pass, { ...remembered, own: [...own, ...unwritten.own], walkIns: [...walkIns, ...unwritten.walkIns] });
    if (unwritten.own.length + unwritten.walkIns.length > 0) await door.memory.keep(unwritten);
    await door.checkEnd();
    return door;
  }

  /** What only this page knows: a door opened after this one must be given it. */
  get unwritten(): Unwritten {
    return this.memory.unwritten;
  }

  private remember({ own, walkIns, entries, scans }: Remembered): void {
    this.ledger.merge(this.pass.merged);
    for (const entry of entries) this.ledger.putEntry(entry);
    for (const each of own) this.own.put(each);
    this.walkIns.put(...walkIns);
    this.listWalkIns();
    for (const each of this.own.of(this.pass.id)) this.ledger.putScan(each.scan);
    // The server's word about a scan is the later one.
    for (const scan of scans) this.putHeard(scan);
  }

  /** The phone could not write something down; it lives only in this page. */
  get forgetful(): boolean {
    return this.memory.forgetful;
  }

  get waiting(): number {
    return this.own.waiting;
  }

  /** Whether this phone may admit, by the server's last word and by its own clock. */
  get state(): State {
    const { state, rules } = this.pass;
    return state === "paired" && this.now() >= rules.expires_at ? "expired" : state;
  }

  /** Which way people are scanned; out only where the event wants it. */
  get direction(): Direction {
    return this.pass.rules.reentry ? this.way : "in";
  }

  turn(direction: Direction): void {
    this.way = direction;
    this.listener.changed();
  }

  // Not counted on by the page's own ticks: they stand still while the phone sleeps.
  /** The time by the phone's clock, corrected by what the server said. */
  now(): number {
    return timeOf(this.clock, Date.now());
  }

  /** The verdict on a text that a camera, a picture or a keyboard read, recorded. */
  async show(text: string): Promise<Judged> {
    const code = readTicket(text);
    const signer = await signerOf(code, this.pass.keys);
    // Nothing is awaited between the verdict and its record, or two frames of one ticket would both be let in.
    return this.settle(judgeCode(code, signer, this.scene()), code?.text ?? null);
  }

  /** The verdict on somebody found in the list, recorded. */
  admit(entry: Entry, anyway = false): Judged {
    if (!anyway) return this.settle(judgeEntry(entry, this.scene()), null);
    const verdict = judgeAnyway(entry, this.scene());
    return this.settle(verdict, null, verdict.kind === "already_in" ? "in" : kindOf(verdict));
  }

  /** What admit would say, unrecorded. */
  preview(entry: Entry): Verdict {
    return judgeEntry(entry, this.scene());
  }

  /** Let in somebody without a registration: the name stays on this phone until the server has it. */
  walkIn(newcomer: Newcomer): Judged {
    const walkIn = makeWalkIn(newcomer, this.pass.id, language());
    const entry = entryOf(walkIn, this.pass);
    if (this.state !== "paired") return { verdict: judgeAnyway(entry, this.scene()), own: null };
    this.walkIns.put(walkIn);
    this.ledger.putEntry(entry);
    return this.settle(welcome(entry), null, "in", [walkIn]);
  }

  /** This phone's latest scans that let somebody in or out and still stand, newest first. */
  recent(): OwnScan[] {
    return this.own.recent(this.pass.id, RECENT, ({ scan }) => scan.standing && !this.ledger.isUndone(scan));
  }

  /** Take back a scan of this phone, and with it those that let the person in once more all the same. */
  takeBack(undone: OwnScan, reason: UndoReason): void {
    for (const each of [...this.own.repeatsOf(undone), undone]) this.undo(each, reason);
  }

  private undo({ id, code, scan: { person, session } }: OwnScan, reason: UndoReason): void {
    const undo = this.record("undo", person, { undoes: id, session, reason });
    this.keep({ ...undo, code });
  }

  /** Whom a scan is about: the list's name, a walk-in's, else the short code; nothing for a walk-in of whom only the id is known. */
  nameOf({ person }: Scan): string {
    if (person === null) return "";
    const listed = this.ledger.entries.get(this.pass.merged[person] ?? person) ?? this.ledger.entries.get(person);
    return listed?.name ?? this.walkIns.get(person)?.name ?? (isTicket(person) ? spellShortCode(shortCode(person)) : "");
  }

  /** How full the chosen session is. */
  room(): Room {
    return roomOf(this.pass, this.ledger, this.now());
  }

  /** Tickets that this phone and another both let in, newest first. */
  conflicts(): Conflict[] {
    return withOwn(this.ledger.conflicts(), this.own);
  }

  /** People of the list whose short code it is, or of whose names every typed word begins a word; by name, at most `most`. */
  find(typed: string, most = Infinity): Entry[] {
    return this.ledger.find(typed, most);
  }

  /** Everything of this event for an organizer to upload, where the phone cannot hand it in. */
  handInFile(): HandInFile {
    return handInFile(this.pass, this.device, this.walkIns.of(this.pass.id), this.own.of(this.pass.id), this.now());
  }

  private scene(): Scene {
    const { pass, ledger, state, direction } = this;
    return { pass, ledger, state, direction, now: this.now() };
  }

  // Who is known to be in and is sent away makes no conflict: nobody came in twice, and the first door need not hear of it.
  private settle(verdict: Verdict, code: string | null, kind = kindOf(verdict), walkIns: WalkIn[] = []): Judged {
    if (verdict.kind === "revoked") return { verdict, own: null };
    const own = this.record(kind, verdict.person, kind === "refused" ? { reason: reasonOf(verdict) } : {});
    const isAgain = verdict.kind === "already_in" && kind === "in";
    const provenBy = verdict.entry || verdict.person === null ? null : code;
    return { verdict, own: this.keep({ ...own, code: provenBy, ...(isAgain && { again: true }) }, walkIns) };
  }

  private record(kind: Kind, person: string | null, more: Partial<Scan>): OwnScan {
    const clock = stamp(this.clock, Date.now());
    // A clock that leapt ahead must not hold the door shut once it is right again.
    if (more.reason !== "expired") this.clock = clock;
    const { device, pass } = this;
    const scan = { id: makeUuid(), person, session: pass.session, kind, at: clock.last, device, door: pass.door.id };
    return { id: scan.id, event: pass.id, scan: { ...scan, standing: kind !== "refused", ...more }, code: null, result: null };
  }

  // The verdict does not wait for the write, sending does: what was sent is what was written down.
  private keep(own: OwnScan, walkIns: WalkIn[] = []): OwnScan {
    this.own.put(own);
    this.ledger.putScan(own.scan);
    void this.memory.keep({ own: [own], walkIns, clock: this.clock }).then(() => this.listener.recorded());
    this.listener.changed();
    return own;
  }

  /** Take in an answer of the roster that was asked for since a cursor; one that was overtaken is left alone. */
  async hearRoster(heard: RosterAnswer, since: string | null, deviceTime: number): Promise<void> {
    if (since !== this.pass.cursor) return;
    const answer = since === null || heard.whole ? this.asWhole(heard) : heard;
    this.pass = onGround(this.pass, answer, deviceTime);
    this.erased = false;
    this.ledger.merge(answer.merged);
    for (const entry of answer.entries) this.ledger.putEntry(entry);
    for (const id of answer.removed) this.ledger.removeEntry(id);
    for (const scan of answer.scans) this.putHeard(scan);
    const forgotten = this.walkIns.forgetSent(heard.removed);
    this.listWalkIns();
    this.hear(answer.server_time, deviceTime);
    this.tell();
    this.listener.changed();
    const { entries, removed, scans } = answer;
    await this.memory.keepStretch({ pass: this.pass, entries, removed, scans }, () => this.whole());
    await this.memory.keep({ forgotten, clock: this.clock });
    await this.checkEnd();
    this.listener.changed();
  }

  private whole(): Stretch {
    return { pass: this.pass, entries: this.ledger.entries.values(), removed: [], scans: this.ledger.allScans() };
  }

  // A whole list replaces the one before; it cannot name whom it no longer holds. Walk-ins whom it lacks may have to be handed in again.
  private asWhole(answer: RosterAnswer): RosterAnswer {
    const listed = new Set(answer.entries.map((entry) => entry.id));
    const gone = [...this.ledger.entries.keys()].filter((id) => !listed.has(id));
    return { ...answer, removed: [...answer.removed, ...gone] };
  }

  /** Walk-ins of this phone stand in the list until the server's own line does. */
  private listWalkIns(): void {
    const unlisted = this.walkIns.of(this.pass.id).filter((each) => !this.ledger.entries.has(each.id));
    for (const each of unlisted) this.ledger.putEntry(entryOf(each, this.pass));
  }

  // One phone must be one device in the fold, also where the server calls it by another id than it calls itself.
  private putHeard(scan: Scan): void {
    this.ledger.putScan(this.own.has(scan.id) ? { ...scan, device: this.device } : scan);
  }

  /** Take in the server's answers to a batch, one for each scan. */
  async hearResults(batch: Batch, answer: ScansAnswer, deviceTime: number): Promise<void> {
    // By place: the answer to something that the server could not read at all may lack its id.
    const answered = batch.scans.flatMap((own, place) => this.withResult(own, answer.results[place]?.result ?? null));
    for (const own of answered) this.own.put(own);
    const walkIns = this.walkIns.markSent(batch.walkIns, answered);
    this.erased &&= walkIns.length === 0;
    this.hear(answer.server_time, deviceTime);
    const shifts = this.forgetShifts(batch.pass);
    for (const own of answered) this.listener.answered(own);
    const again = answer.resend ? this.handInAgain(batch.pass.id) : { own: answered, walkIns };
    this.tell();
    this.listener.changed();
    await this.memory.keep({ ...again, clock: this.clock, ...shifts });
    await this.checkEnd();
    this.listener.changed();
  }

  private withResult(own: OwnScan, result: Result | null): OwnScan[] {
    if (result === null) return [];
    // Meanwhile the clock may have turned out to be doubtful.
    const scan = { ...(this.own.get(own.id) ?? own).scan, ...(result === "revoked" && { standing: false }) };
    if (own.event === this.pass.id && result === "revoked") this.ledger.putScan(scan);
    return [{ ...own, scan, result }];
  }

  // The server counts fewer than were acknowledged: it was restored from a backup. Names of walk-ins went with the scans.
  private handInAgain(event: Id): { own: OwnScan[]; walkIns: WalkIn[] } {
    return { own: this.own.sendAgain(event), walkIns: this.walkIns.sendAgain(event) };
  }

  private forgetShifts(sent: Pass): { pass?: Pass } {
    if (sent.shifts.length === 0 || sent.id !== this.pass.id) return {};
    this.pass = { ...this.pass, shifts: this.pass.shifts.filter((shift) => !sent.shifts.includes(shift)) };
    return { pass: this.pass };
  }

  private hear(serverTime: number, deviceTime: number): void {
    const { state, jumped } = hearServer(this.clock, serverTime, deviceTime);
    this.clock = state;
    this.online = true;
    if (jumped) void this.memory.keep({ own: this.own.doubt() });
  }

  private tell(): void {
    const untold = this.told.take(this.conflicts());
    if (untold.length === 0) return;
    void this.memory.keep({ told: untold.map((conflict) => ({ event: this.pass.id, pair: pairOf(conflict) })) });
    const fresh = untold.filter((conflict) => !wasSaid(conflict, this.own));
    if (fresh.length > 0) this.listener.conflicted(fresh);
  }

  /** The server refused this phone. */
  async hearEnd(state: Exclude<State, "paired">): Promise<void> {
    if (state === this.pass.state) return;
    await this.keepPass({ state });
    await this.checkEnd();
  }

  /** Forget the names where the pass is over; asked at the start, every minute and after each answer. */
  async checkEnd(): Promise<void> {
    const now = this.now();
    if (!isOver(this.pass, now)) return;
    const isNews = this.pass.over_at === null;
    if (isNews) await this.keepPass({ over_at: now });
    // What only the phone's clock says may be the clock's fault: until the next look a server within reach can object.
    if (isNews && this.pass.state === "paired" && this.online) return;
    if (this.erased || !mustForgetNames(this.pass, this.own.waitingOf(this.pass.id), now)) return;
    this.ledger.forgetNames();
    this.walkIns.forgetSent(this.walkIns.of(this.pass.id).map((each) => each.id));
    this.pass = withoutNames(this.pass);
    this.erased = true;
    if (!(await this.memory.eraseNames(this.pass))) this.erased = false;
    this.listener.changed();
  }

  /** Forget the names of earlier events whose time is over, as when the page is opened. */
  async tidyOthers(): Promise<void> {
    await tidy(this.kept, this.now(), this.pass.id).catch(() => undefined);
  }

  /** The server refused this phone under the pass of an earlier event. */
  async hearOtherEnd(pass: Pass, state: Exclude<State, "paired">): Promise<void> {
    if (pass.state === state) return;
    const over = { ...pass, state, over_at: this.now() };
    this.others.splice(this.others.indexOf(pass), 1, over);
    await noteEnd(this.kept, over).catch(() => undefined);
  }

  async choose(session: Id): Promise<void> {
    await this.keepPass({ session });
  }

  /** Another volunteer takes over this phone. */
  async changeVolunteer(name: string): Promise<void> {
    if (!name) return;
    const shifts = [...this.pass.shifts, { name, since: this.now() }];
    await this.keepPass({ volunteer: name, shifts });
  }

  // Another page was paired anew for this event: go on with its pass, and read its list afresh.
  private async followPairing(): Promise<void> {
    const kept = await readPassOf(this.kept, this.pass.id).catch(() => null);
    if (!kept || kept.token === this.pass.token) return;
    this.memory.follow(kept);
    this.pass = { ...kept, cursor: null };
    this.erased = false;
    this.listener.changed();
  }

  private async keepPass(change: Partial<Pass>): Promise<void> {
    this.pass = { ...this.pass, ...change };
    this.listener.changed();
    await this.memory.keep({ pass: this.pass });
  }
}

function onGround(pass: Pass, answer: RosterAnswer, deviceTime: number): Pass {
  const { cursor, merged, event, door, doors, sessions, types, keys, rules, server_time } = answer;
  const isChosen = sessions.some((each) => each.id === pass.session);
  const session = isChosen ? pass.session : (nearestSession(sessions, server_time) ?? pass.session);
  const ground = { event, door, doors, sessions, types, keys, rules, session };
  return { ...pass, ...ground, cursor, merged, listed_at: deviceTime, state: "paired", over_at: null };
}

function kindOf({ kind }: Verdict): Kind {
  return KINDS[kind] ?? "refused";
}

function reasonOf(verdict: Verdict): Reason {
  return verdict.kind === "unlisted_stop" ? "unlisted" : (verdict.kind as Reason);
}

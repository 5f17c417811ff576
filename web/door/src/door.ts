/** One phone at one door: judges what is shown, records it, and takes in what the server says. */

import { hearServer, stamp, startClock, type ClockState } from "./clock.ts";
import { Ledger } from "./ledger.ts";
import { roomOf, type Room } from "./room.ts";
import * as store from "./store.ts";
import { readTicket, shortCode, spellShortCode } from "./ticket.ts";
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
import { judgeAnyway, judgeCode, judgeEntry, welcome, type Scene, type Verdict } from "./verdict.ts";
import { entryOf, type Newcomer } from "./walk_ins.ts";

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

const KINDS: Partial<Record<Verdict["kind"], Kind>> = { admitted: "in", unlisted: "in", already_in: "in", left: "out" };
const SILENT: Listener = { changed() {}, recorded() {}, answered() {}, conflicted() {} };
const RECENT = 20;

export class Door {
  listener: Listener = SILENT;
  /** The phone could not write something down; it lives only in this page. */
  forgetful = false;
  online = true;
  readonly own = new Map<string, OwnScan>();
  private readonly walkIns = new Map<string, WalkIn>();
  private way: Direction = "in";

  private constructor(
    readonly store: store.Store,
    readonly device: string,
    public pass: Pass,
    readonly ledger: Ledger,
    private clock: ClockState,
  ) {}

  /** The door as this phone remembers it. */
  static async open(kept: store.Store, pass: Pass): Promise<Door> {
    const [device, clock] = await Promise.all([store.deviceOf(kept), store.readClock(kept)]);
    const door = new Door(kept, device, pass, new Ledger(), clock ?? startClock(Date.now(), Date.now()));
    await door.remember();
    return door;
  }

  private async remember(): Promise<void> {
    const [entries, scans, own] = await Promise.all([
      store.readEntries(this.store, this.pass.id),
      store.readScans(this.store, this.pass.id),
      store.readOwn(this.store),
    ]);
    this.ledger.merge(this.pass.merged);
    for (const entry of entries) this.ledger.putEntry(entry);
    for (const each of own) this.own.set(each.id, each);
    for (const scan of scans) this.putHeard(scan);
    for (const each of own) if (each.event === this.pass.id) this.ledger.putScan(each.scan);
  }

  get waiting(): number {
    return [...this.own.values()].filter((own) => own.result === null).length;
  }

  /** The verdict on a text that a camera, a picture or a keyboard read, recorded. */
  async show(text: string): Promise<Judged> {
    const code = readTicket(text);
    return this.settle(await judgeCode(code, this.scene()), code?.text ?? null);
  }

  /** The verdict on somebody found in the list, recorded. */
  admit(entry: Entry, anyway = false): Judged {
    return this.settle(anyway ? judgeAnyway(entry, this.scene()) : judgeEntry(entry, this.scene()), null);
  }

  /** What admit would say, unrecorded. */
  preview(entry: Entry): Verdict {
    return judgeEntry(entry, this.scene());
  }

  /** Let in somebody without a registration: the name stays on this phone until the server has it. */
  walkIn(newcomer: Newcomer): Judged {
    const walkIn: WalkIn = {
      id: store.makeUuid(),
      event: this.pass.id,
      name: newcomer.name,
      language: "en",
      ticket_type: newcomer.ticketType ?? null,
      sent: false,
    };
    const entry = entryOf(walkIn, this.pass);
    this.walkIns.set(walkIn.id, walkIn);
    this.ledger.putEntry(entry);
    return this.settle(welcome(entry), null);
  }

  /** Which way people are scanned; out only where the event wants it. */
  get direction(): Direction {
    return this.pass.rules.reentry ? this.way : "in";
  }

  turn(direction: Direction): void {
    this.way = direction;
    this.listener.changed();
  }

  get state(): State {
    const { state, rules } = this.pass;
    return state === "paired" && this.now() >= rules.expires_at ? "expired" : state;
  }

  /** The time by the phone's clock, corrected by what the server said. */
  now(): number {
    return Math.max(Date.now() + this.clock.offset, this.clock.last);
  }

  /** This phone's latest scans that let somebody in or out and still stand, newest first. */
  recent(): OwnScan[] {
    const undone = new Set([...this.own.values()].map((own) => own.scan.undoes));
    const standing = [...this.own.values()].filter(
      ({ scan, event, again }) => event === this.pass.id && scan.standing && scan.kind !== "undo" && !again && !undone.has(scan.id),
    );
    return standing.sort((one, other) => other.scan.at - one.scan.at).slice(0, RECENT);
  }

  /** Take back a scan of this phone. */
  takeBack(undone: OwnScan, reason: UndoReason): void {
    const { person, session } = undone.scan;
    const undo = this.record("undo", person, { undoes: undone.id, session, reason });
    this.keep({ ...undo, code: undone.code });
  }

  /** Whom a scan is about: the list's name, a walk-in's, else the short code. */
  nameOf({ person }: Scan): string {
    if (person === null) return "";
    return this.ledger.entries.get(person)?.name ?? this.walkIns.get(person)?.name ?? spellShortCode(shortCode(person));
  }

  /** How full the chosen session is. */
  room(): Room {
    return roomOf(this.pass, this.ledger, this.now());
  }

  /** Tickets that this phone and another both let in, newest first. */
  conflicts(): Conflict[] {
    return [];
  }

  /** People of the list whose name or short code begins as typed, by name; at most `most`. */
  find(typed: string, most = Infinity): Entry[] {
    return this.ledger.find(typed, most);
  }

  /** Everything of this event for an organizer to upload, where the phone cannot hand it in. */
  handInFile(): { name: string; content: string } {
    return { name: `turnout-scans-${this.pass.id}.json`, content: "{}" };
  }

  private scene(): Scene {
    const { pass, ledger, state, direction } = this;
    return { pass, ledger, state, direction, now: this.now() };
  }

  private settle(verdict: Verdict, code: string | null): Judged {
    if (verdict.kind === "revoked") return { verdict, own: null };
    const kind = KINDS[verdict.kind] ?? "refused";
    const own = this.record(kind, verdict.person, kind === "refused" ? { reason: reasonOf(verdict) } : {});
    const again = verdict.kind === "already_in";
    return { verdict, own: this.keep({ ...own, code: verdict.entry || !verdict.person ? null : code, ...(again && { again }) }) };
  }

  private record(kind: Kind, person: string | null, more: Partial<Scan>): OwnScan {
    this.clock = stamp(this.clock, Date.now());
    const { device, pass, clock } = this;
    const scan = { id: store.makeUuid(), person, session: pass.session, kind, at: clock.last, device, door: pass.door.id };
    return { id: scan.id, event: pass.id, scan: { ...scan, standing: kind !== "refused", ...more }, code: null, result: null };
  }

  private keep(own: OwnScan): OwnScan {
    this.own.set(own.id, own);
    this.ledger.putScan(own.scan);
    // The verdict does not wait for the write, sending does: what was sent is what was written down.
    void store
      .keepScan(this.store, own, this.clock)
      .catch(() => {
        this.forgetful = true;
      })
      .then(() => this.listener.recorded());
    this.listener.changed();
    return own;
  }

  /** Take in an answer of the roster. */
  async hearRoster(heard: RosterAnswer, deviceTime: number): Promise<void> {
    const answer = this.pass.cursor === null ? this.asWhole(heard) : heard;
    const { cursor, merged, event, door, doors, sessions, types, keys, rules } = answer;
    this.pass = { ...this.pass, cursor, merged, event, door, doors, sessions, types, keys, rules, listed_at: deviceTime };
    this.ledger.merge(merged);
    for (const entry of answer.entries) this.ledger.putEntry(entry);
    for (const id of answer.removed) this.ledger.removeEntry(id);
    for (const scan of answer.scans) this.putHeard(scan);
    await this.hear(answer.server_time, deviceTime);
    await store.keepRoster(this.store, this.pass, answer);
    this.listener.changed();
  }

  // A list read from its beginning replaces the one before; it cannot name whom it no longer holds.
  private asWhole(answer: RosterAnswer): RosterAnswer {
    const listed = new Set(answer.entries.map((entry) => entry.id));
    const gone = [...this.ledger.entries.keys()].filter((id) => !listed.has(id));
    return { ...answer, removed: [...answer.removed, ...gone] };
  }

  // One phone must be one device in the fold, also where the server calls it by another id than it calls itself.
  private putHeard(scan: Scan): void {
    this.ledger.putScan(this.own.has(scan.id) ? { ...scan, device: this.device } : scan);
  }

  /** Take in the server's answers to a batch, one for each scan. */
  async hearResults(sent: OwnScan[], answer: ScansAnswer, deviceTime: number): Promise<void> {
    // By place: the answer to something that the server could not read at all may lack its id.
    const answered = sent.flatMap((own, place) => this.withResult(own, answer.results[place]?.result ?? null));
    for (const own of answered) this.own.set(own.id, own);
    await this.hear(answer.server_time, deviceTime);
    await store.keepOwn(this.store, answered);
    for (const own of answered) this.listener.answered(own);
    const [first] = sent;
    if (answer.resend && first) await this.handInAgain(first.event);
    this.listener.changed();
  }

  private withResult(own: OwnScan, result: Result | null): OwnScan[] {
    if (result === null) return [];
    if (result === "revoked") this.ledger.putScan({ ...own.scan, standing: false });
    return [{ ...own, result }];
  }

  // The server counts fewer than were acknowledged: it was restored from a backup.
  private async handInAgain(event: Id): Promise<void> {
    const all = [...this.own.values()].filter((own) => own.event === event);
    const again = all.map((own) => ({ ...own, result: null }));
    for (const own of again) this.own.set(own.id, own);
    await store.keepOwn(this.store, again);
  }

  private async hear(serverTime: number, deviceTime: number): Promise<void> {
    const contact = hearServer(this.clock, serverTime, deviceTime);
    this.clock = contact.state;
    this.online = true;
    if (!contact.jumped) return;
    const unsent = [...this.own.values()].filter((own) => own.result === null);
    const doubtful = unsent.map((own) => ({ ...own, scan: { ...own.scan, doubtful: true } }));
    for (const own of doubtful) this.own.set(own.id, own);
    await store.keepOwn(this.store, doubtful);
  }

  async choose(session: Id): Promise<void> {
    await this.keepPass({ session });
  }

  /** Another volunteer takes over this phone. */
  async changeVolunteer(name: string): Promise<void> {
    if (!name) return;
    const shifts = [...this.pass.shifts, { name, since: Math.round(Date.now() + this.clock.offset) }];
    await this.keepPass({ volunteer: name, shifts });
  }

  async keepPass(change: Partial<Pass>): Promise<void> {
    this.pass = { ...this.pass, ...change };
    this.listener.changed();
    await store.keepPass(this.store, this.pass);
  }

  /** Scans of an event that the server has not answered for, oldest first. */
  queueOf(event: Id): OwnScan[] {
    const queue = [...this.own.values()].filter((own) => own.result === null && own.event === event);
    return queue.sort((one, other) => one.scan.at - other.scan.at);
  }

  handedIn(event: Id): number {
    return [...this.own.values()].filter((own) => own.result !== null && own.result !== "invalid" && own.event === event).length;
  }
}

function reasonOf(verdict: Verdict): Reason {
  return verdict.kind === "unlisted_stop" ? "unlisted" : (verdict.kind as Reason);
}

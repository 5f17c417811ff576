/** One phone at one door: judges what is shown, records it, and takes in what the server says. */

import { hearServer, stamp, startClock, type ClockState } from "./clock.ts";
import { Ledger } from "./ledger.ts";
import * as store from "./store.ts";
import { readTicket } from "./ticket.ts";
import type { Entry, Id, Kind, OwnScan, Pass, Reason, Result, RosterAnswer, Scan, ScansAnswer } from "./types.ts";
import { judgeAnyway, judgeCode, judgeEntry, type Scene, type Verdict } from "./verdict.ts";

export interface Judged {
  verdict: Verdict;
  own: OwnScan | null;
}

/** Who is told when something happened. */
export interface Listener {
  changed(): void;
  recorded(): void;
  answered(own: OwnScan): void;
}

const ADMITTING = new Set<Verdict["kind"]>(["admitted", "unlisted", "already_in"]);
const SILENT: Listener = { changed() {}, recorded() {}, answered() {} };

export class Door {
  listener: Listener = SILENT;
  /** The server no longer knows this phone: what it has is kept, but it may not admit. */
  revoked = false;
  /** The phone could not write a scan down; it lives only in this page. */
  forgetful = false;
  online = true;
  /** The last scan, where it let somebody in and can still be taken back. */
  returnable: OwnScan | null = null;
  readonly own = new Map<string, OwnScan>();

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

  /** Take back the last scan, where it let somebody in. Returns whom. */
  takeBack(): OwnScan | null {
    const undone = this.returnable;
    if (!undone) return null;
    const undo = this.record("undo", undone.scan.person, { undoes: undone.id, session: undone.scan.session });
    this.keep({ ...undo, code: undone.code });
    this.returnable = null;
    return undone;
  }

  private scene(): Scene {
    return { pass: this.pass, ledger: this.ledger, now: Date.now() + this.clock.offset };
  }

  private settle(verdict: Verdict, code: string | null): Judged {
    if (this.revoked) return { verdict: { ...verdict, kind: "revoked" }, own: null };
    const admitting = ADMITTING.has(verdict.kind);
    const listed = verdict.entry !== null;
    const foreign = verdict.kind === "other_event" || verdict.kind === "not_a_ticket";
    const own = this.record(
      admitting ? "in" : "refused",
      foreign ? null : verdict.person,
      admitting ? {} : { reason: reasonOf(verdict) },
    );
    const kept = this.keep({ ...own, code: listed || foreign ? null : code });
    this.returnable = admitting && verdict.kind !== "already_in" ? kept : null;
    return { verdict, own: kept };
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
    const { cursor, merged, keys, rules } = answer;
    const doors = answer.doors ?? this.pass.doors ?? [];
    this.pass = { ...this.pass, cursor, merged, keys, rules, doors, listed_at: deviceTime };
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

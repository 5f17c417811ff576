/** One phone at one door: judges what is shown, and records it. */

import { stamp } from "./clock.ts";
import { Ending } from "./pass_expiry.ts";
import { Hearing } from "./server_updates.ts";
import { language } from "./i18n.ts";
import { Knowledge } from "./door_state.ts";
import type { Unwritten } from "./pending_writes.ts";
import { recall, type Remembered } from "./load.ts";
import { makeUuid, type Store } from "./store.ts";
import { readTicket } from "./ticket.ts";
import type { Direction, Entry, Id, Kind, OwnScan, Pass, Reason, Scan, UndoReason, WalkIn } from "./types.ts";
import { judgeAnyway, judgeCode, judgeEntry, signerOf, welcome, type Scene, type Verdict } from "./verdict.ts";
import { entryOf, makeWalkIn, type Newcomer } from "./walk_ins.ts";

export interface Judged {
  verdict: Verdict;
  own: OwnScan | null;
}

const KINDS: Partial<Record<Verdict["kind"], Kind>> = { admitted: "in", unlisted: "in", left: "out" };

export class Door extends Knowledge {
  readonly ending: Ending;
  readonly hearing: Hearing;
  private way: Direction = "in";

  private constructor(kept: Store, pass: Pass, remembered: Remembered) {
    super(kept, pass, remembered);
    this.ending = new Ending(this, kept);
    this.hearing = new Hearing(this, this.ending, remembered.told);
  }

  /** The door as this phone remembers it, with what a door before it could not write down. */
  static async open(kept: Store, pass: Pass, unwritten: Unwritten = { own: [], walkIns: [] }): Promise<Door> {
    const { own, walkIns, ...remembered } = await recall(kept, pass.id);
    const door = new Door(kept, pass, { ...remembered, own: [...own, ...unwritten.own], walkIns: [...walkIns, ...unwritten.walkIns] });
    if (unwritten.own.length + unwritten.walkIns.length > 0) await door.memory.keep(unwritten);
    await door.ending.check();
    return door;
  }

  /** Which way people are scanned; out only where the event wants it. */
  get direction(): Direction {
    return this.pass.rules.reentry ? this.way : "in";
  }

  turn(direction: Direction): void {
    this.way = direction;
    this.listener.changed();
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

  /** Take back a scan of this phone, and with it those that let the person in once more all the same. */
  takeBack(undone: OwnScan, reason: UndoReason): void {
    for (const each of [...this.own.repeatsOf(undone), undone]) this.undo(each, reason);
  }

  private undo({ id, code, scan: { person, session } }: OwnScan, reason: UndoReason): void {
    const undo = this.record("undo", person, { undoes: id, session, reason });
    this.keep({ ...undo, code });
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
}

function kindOf({ kind }: Verdict): Kind {
  return KINDS[kind] ?? "refused";
}

function reasonOf(verdict: Verdict): Reason {
  return verdict.kind === "unlisted_stop" ? "unlisted" : (verdict.kind as Reason);
}

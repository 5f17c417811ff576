/** One phone at one door: judges tickets and records scans. */

import type { Store } from "../device/database.ts";
import { type LoadedEvent, loadEvent } from "../device/store.ts";
import { stamp } from "../lib/clock.ts";
import { makeUuid } from "../lib/encodings.ts";
import { language } from "../lib/i18n.ts";
import { signerOf } from "../lib/signature.ts";
import { readTicket } from "../lib/ticket.ts";
import type { Direction, Entry, Id, OwnScan, Pass, Reason, Scan, ScanKind, UndoReason, WalkIn } from "../lib/types.ts";
import { DoorState } from "./door_state.ts";
import { PassExpiry } from "./pass_expiry.ts";
import type { Unwritten } from "./pending_writes.ts";
import { ServerUpdates } from "./server_updates.ts";
import { admitWalkIn, type DoorContext, judgeAnyway, judgeCode, judgeEntry, type Verdict } from "./verdict.ts";
import { entryOf, makeWalkIn, type WalkInDetails } from "./walk_ins.ts";

export interface Judgement {
  verdict: Verdict;
  own: OwnScan | null;
}

const SCAN_KINDS: Partial<Record<Verdict["kind"], ScanKind>> = { admitted: "in", unlisted: "in", left: "out" };

export class Door extends DoorState {
  readonly expiry: PassExpiry;
  readonly updates: ServerUpdates;
  private chosenDirection: Direction = "in";

  private constructor(store: Store, pass: Pass, loaded: LoadedEvent) {
    super(store, pass, loaded);
    this.expiry = new PassExpiry(this, store);
    this.updates = new ServerUpdates(this, this.expiry, loaded.alarms);
  }

  /** Open the door from the phone's storage, with the unsaved scans of a previous door. */
  static async open(store: Store, pass: Pass, unwritten: Unwritten = { own: [], walkIns: [] }): Promise<Door> {
    const { own, walkIns, ...loaded } = await loadEvent(store, pass.id);
    const door = new Door(store, pass, {
      ...loaded,
      own: [...own, ...unwritten.own],
      walkIns: [...walkIns, ...unwritten.walkIns],
    });
    if (unwritten.own.length + unwritten.walkIns.length > 0) await door.writes.save(unwritten);
    await door.expiry.check();
    return door;
  }

  /** The direction of scans; out only where the event allows re-entry. */
  get direction(): Direction {
    return this.pass.rules.reentry ? this.chosenDirection : "in";
  }

  setDirection(direction: Direction): void {
    this.chosenDirection = direction;
    this.listener.onChange();
  }

  async setSession(session: Id): Promise<void> {
    await this.savePass({ session });
  }

  /** Hand the phone over to another volunteer. */
  async setVolunteer(name: string): Promise<void> {
    if (!name) return;
    const shifts = [...this.pass.shifts, { name, since: this.now() }];
    await this.savePass({ volunteer: name, shifts });
  }

  /** Judge a text read by a camera, a picture or a keyboard scanner, and record the scan. */
  async judge(text: string): Promise<Judgement> {
    const code = readTicket(text);
    const signer = await signerOf(code, this.pass.keys);
    // Nothing is awaited between the verdict and its record, or two frames of one ticket would both be admitted.
    return this.recordVerdict(judgeCode(code, signer, this.context()), code?.text ?? null);
  }

  /** Judge someone chosen from the list, and record the scan. */
  admit(entry: Entry, anyway = false): Judgement {
    if (!anyway) return this.recordVerdict(judgeEntry(entry, this.context()), null);
    const verdict = judgeAnyway(entry, this.context());
    return this.recordVerdict(verdict, null, verdict.kind === "already_in" ? "in" : scanKindOf(verdict));
  }

  /** The verdict that admit() would give, without a record. */
  preview(entry: Entry): Verdict {
    return judgeEntry(entry, this.context());
  }

  /** Admit someone without a registration; the name stays on this phone until the server has it. */
  walkIn(details: WalkInDetails): Judgement {
    const walkIn = makeWalkIn(details, this.pass.id, language());
    const entry = entryOf(walkIn, this.pass);
    if (this.state !== "paired") return { verdict: judgeAnyway(entry, this.context()), own: null };
    this.walkIns.put(walkIn);
    this.ledger.putEntry(entry);
    return this.recordVerdict(admitWalkIn(entry), null, "in", [walkIn]);
  }

  /** Undo a scan of this phone, with the repeats that admitted the person again anyway. */
  undo(undone: OwnScan, reason: UndoReason): void {
    for (const each of [...this.own.repeatsOf(undone), undone]) this.recordUndo(each, reason);
  }

  private recordUndo({ id, code, scan: { person, session } }: OwnScan, reason: UndoReason): void {
    const undo = this.record("undo", person, { undoes: id, session, reason });
    this.save({ ...undo, code });
  }

  private context(): DoorContext {
    const { pass, ledger, state, direction } = this;
    return { pass, ledger, state, direction, now: this.now() };
  }

  // Refusing someone who is already in makes no conflict: no one came in twice.
  private recordVerdict(
    verdict: Verdict,
    code: string | null,
    kind = scanKindOf(verdict),
    walkIns: WalkIn[] = [],
  ): Judgement {
    if (verdict.kind === "revoked") return { verdict, own: null };
    const own = this.record(kind, verdict.person, kind === "refused" ? { reason: reasonOf(verdict) } : {});
    const isRepeat = verdict.kind === "already_in" && kind === "in";
    const proof = verdict.entry || verdict.person === null ? null : code;
    return { verdict, own: this.save({ ...own, code: proof, ...(isRepeat && { again: true }) }, walkIns) };
  }

  private record(kind: ScanKind, person: string | null, more: Partial<Scan>): OwnScan {
    const clock = stamp(this.clock, Date.now());
    // A clock that jumped ahead must not keep the door closed once it is right again.
    if (more.reason !== "expired") this.clock = clock;
    const { device, pass } = this;
    const scan = { id: makeUuid(), person, session: pass.session, kind, at: clock.last, device, door: pass.door.id };
    return {
      id: scan.id,
      event: pass.id,
      scan: { ...scan, standing: kind !== "refused", ...more },
      code: null,
      result: null,
    };
  }

  // The verdict does not wait for the write. Sending does: only saved scans are sent.
  private save(own: OwnScan, walkIns: WalkIn[] = []): OwnScan {
    this.own.put(own);
    this.ledger.putScan(own.scan);
    void this.writes.save({ own: [own], walkIns, clock: this.clock }).then(() => this.listener.onSaved());
    this.listener.onChange();
    return own;
  }
}

function scanKindOf({ kind }: Verdict): ScanKind {
  return SCAN_KINDS[kind] ?? "refused";
}

function reasonOf(verdict: Verdict): Reason {
  return verdict.kind === "unlisted_stop" ? "unlisted" : (verdict.kind as Reason);
}

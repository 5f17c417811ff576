/** One phone at one door: judges tickets, records scans and answers the screens. */

import type { Store } from "../device/database.ts";
import { loadEvent } from "../device/store.ts";
import { makeUuid } from "../lib/encodings.ts";
import { language } from "../lib/i18n.ts";
import { signerOf } from "../lib/signature.ts";
import { isTicket, readTicket, shortCode, spellShortCode } from "../lib/ticket.ts";
import type {
  Conflict,
  Direction,
  Entry,
  Id,
  OwnScan,
  Pass,
  PassState,
  Reason,
  Scan,
  ScanKind,
  UndoReason,
  WalkIn,
} from "../lib/types.ts";
import { involving, ownScanToUndo } from "./conflicts.ts";
import { DoorState, type Listener, NO_LISTENER } from "./door_state.ts";
import type { Occupancy } from "./ledger.ts";
import type { Unwritten } from "./pending_writes.ts";
import { ServerUpdates } from "./server_updates.ts";
import { Sync } from "./sync.ts";
import { admitWalkIn, type DoorContext, judgeAnyway, judgeCode, judgeEntry, type Verdict } from "./verdict.ts";
import { entryOf, makeWalkIn, type WalkInDetails } from "./walk_ins.ts";
import { makeScanFile, type ScanFile } from "./wire.ts";

/** The parts of one door. */
export interface Parts {
  state: DoorState;
  updates: ServerUpdates;
}

export interface Judgement {
  verdict: Verdict;
  own: OwnScan | null;
}

const NOTHING: Unwritten = { own: [], walkIns: [] };
const RECENT = 20;
const SCAN_KINDS: Partial<Record<Verdict["kind"], ScanKind>> = { admitted: "in", unlisted: "in", left: "out" };

export class Door {
  readonly #state: DoorState;
  readonly #updates: ServerUpdates;
  #sync: Sync | null = null;
  #chosenDirection: Direction = "in";

  constructor({ state, updates }: Parts) {
    this.#state = state;
    this.#updates = updates;
  }

  /** Open the door from the phone's storage, with the unsaved scans of a previous door. */
  static async open(store: Store, pass: Pass, unwritten?: Unwritten): Promise<Door> {
    return new Door(await openParts(store, pass, unwritten));
  }

  get pass(): Pass {
    return this.#state.pass;
  }

  /** The state of the pass, by the server's latest answer and by the phone's clock. */
  get state(): PassState {
    return this.#state.passState;
  }

  get online(): boolean {
    return this.#state.online;
  }

  /** True where the phone's clock is before its list and no server has answered yet: the time is unknown. */
  get isClockBehind(): boolean {
    return this.#state.isClockBehind;
  }

  /** The number of names on the list. */
  get listed(): number {
    return this.#state.ledger.entries.size;
  }

  /** The number of scans without an answer of the server, of all events. */
  get waiting(): number {
    return this.#state.own.waiting;
  }

  /** Scans and walk-ins that only this page has: the next door must receive them. */
  get unwritten(): Unwritten {
    return this.#state.writes.unwritten;
  }

  /** True while a scan or a walk-in could not be saved and exists only in this page. */
  get unsaved(): boolean {
    return this.#state.writes.unsaved;
  }

  now(): number {
    return this.#state.now();
  }

  /** Notify this listener in place of the previous one. */
  listen(listener: Listener): void {
    this.#state.listen(listener);
  }

  /** Synchronize with the server from now on; a second call only wakes. */
  start(): void {
    this.#sync ??= new Sync(this.#state, this.#updates);
    this.#sync.start();
  }

  /** Send and read nothing more until start(), and notify no one. */
  stop(): void {
    this.#sync?.stop();
    this.#sync = null;
    this.#state.listen(NO_LISTENER);
  }

  /** Erase the names where the pass is over. */
  checkExpiry(): Promise<void> {
    return this.#state.checkExpiry();
  }

  /** The direction of scans; out only where the event allows re-entry. */
  get direction(): Direction {
    return this.pass.rules.reentry ? this.#chosenDirection : "in";
  }

  setDirection(direction: Direction): void {
    this.#chosenDirection = direction;
    this.#state.listener.onChange();
  }

  async setSession(session: Id): Promise<void> {
    await this.#state.savePass({ session });
  }

  /** Hand the phone over to another volunteer. */
  async setVolunteer(name: string): Promise<void> {
    if (!name) return;
    const shifts = [...this.pass.shifts, { name, since: this.now() }];
    await this.#state.savePass({ volunteer: name, shifts });
  }

  /** Judge a text read by a camera, a picture or a keyboard scanner, and record the scan. */
  async judge(text: string): Promise<Judgement> {
    const code = readTicket(text);
    const signer = await signerOf(code, this.pass.keys);
    // Nothing is awaited between the verdict and its record, or two frames of one ticket would both be admitted.
    return this.#recordVerdict(judgeCode(code, signer, this.#context()), code?.text ?? null);
  }

  /** Judge someone chosen from the list, and record the scan. */
  admit(entry: Entry, anyway = false): Judgement {
    if (!anyway) return this.#recordVerdict(judgeEntry(entry, this.#context()), null);
    const verdict = judgeAnyway(entry, this.#context());
    return this.#recordVerdict(verdict, null, verdict.kind === "already_in" ? "in" : scanKindOf(verdict));
  }

  /** The verdict that admit() would give, without a record. */
  preview(entry: Entry): Verdict {
    return judgeEntry(entry, this.#context());
  }

  /** Admit someone without a registration; the name stays on this phone until the server has it. */
  walkIn(details: WalkInDetails): Judgement {
    const walkIn = makeWalkIn(details, this.pass.id, language());
    const entry = entryOf(walkIn, this.pass);
    if (this.state !== "paired") return { verdict: judgeAnyway(entry, this.#context()), own: null };
    this.#state.walkIns.put(walkIn);
    this.#state.ledger.putEntry(entry);
    return this.#recordVerdict(admitWalkIn(entry), null, "in", [walkIn]);
  }

  /** Undo a scan of this phone, with the repeats that admitted the person again anyway. */
  undo(undone: OwnScan, reason: UndoReason): void {
    for (const each of [...this.#state.own.repeatsOf(undone), undone]) this.#recordUndo(each, reason);
  }

  /** The occupancy of the chosen session. */
  occupancy(): Occupancy {
    return this.#state.ledger.occupancy(this.pass, this.now());
  }

  /** Tickets that this phone and another both admitted, newest first. */
  conflicts(): Conflict[] {
    return involving(this.#state.ledger.conflicts(), this.#state.own);
  }

  /** This phone's scan in a conflict, where it admitted someone and can still be undone. */
  scanToUndo(conflict: Conflict): OwnScan | null {
    return ownScanToUndo(conflict, this.#state.own, this.#state.ledger);
  }

  /**
   * Entries with the typed short code, or whose names have words that begin with each typed word; by name, at most
   * `most`.
   */
  find(typed: string, most = Infinity): Entry[] {
    return this.#state.ledger.find(typed, most);
  }

  /** The name of a scan's person: from the list, from a walk-in, else the short code; empty for an unknown walk-in. */
  nameOf({ person }: Scan): string {
    if (person === null) return "";
    const { pass, ledger, walkIns } = this.#state;
    const entry = ledger.entries.get(pass.merged[person] ?? person) ?? ledger.entries.get(person);
    return entry?.name ?? walkIns.get(person)?.name ?? (isTicket(person) ? spellShortCode(shortCode(person)) : "");
  }

  /** This phone's latest scans in or out that still stand, newest first. */
  recent(): OwnScan[] {
    const { own, ledger } = this.#state;
    return own.recent(this.pass.id, RECENT, ({ scan }) => scan.standing && !ledger.isUndone(scan));
  }

  /** The scan file of this event, for an organizer to upload where the phone cannot hand in. */
  scanFile(): ScanFile {
    const { pass, device, walkIns, own } = this.#state;
    return makeScanFile(pass, device, walkIns.of(pass.id), own.of(pass.id), this.now());
  }

  #recordUndo({ id, code, scan: { person, session } }: OwnScan, reason: UndoReason): void {
    const undo = this.#record("undo", person, { undoes: id, session, reason });
    this.#save({ ...undo, code });
  }

  #context(): DoorContext {
    const { pass, state, direction } = this;
    return { pass, ledger: this.#state.ledger, state, direction, now: this.now() };
  }

  // Refusing someone who is already in makes no conflict: no one came in twice.
  #recordVerdict(verdict: Verdict, code: string | null, kind = scanKindOf(verdict), walkIns: WalkIn[] = []): Judgement {
    if (verdict.kind === "revoked") return { verdict, own: null };
    const own = this.#record(kind, verdict.person, kind === "refused" ? { reason: reasonOf(verdict) } : {});
    const isRepeat = verdict.kind === "already_in" && kind === "in";
    const proof = verdict.entry || verdict.person === null ? null : code;
    return { verdict, own: this.#save({ ...own, code: proof, ...(isRepeat && { again: true }) }, walkIns) };
  }

  #record(kind: ScanKind, person: string | null, more: Partial<Scan>): OwnScan {
    const { device, pass } = this.#state;
    // A clock that jumped ahead must not keep the door closed once it is right again.
    const at = this.#state.stamp(more.reason !== "expired");
    const scan = { id: makeUuid(), person, session: pass.session, kind, at, device, door: pass.door.id };
    return {
      id: scan.id,
      event: pass.id,
      scan: { ...scan, standing: kind !== "refused", ...more },
      code: null,
      result: null,
    };
  }

  // The verdict does not wait for the write. Sending does: only saved scans are sent.
  #save(own: OwnScan, walkIns: WalkIn[] = []): OwnScan {
    const state = this.#state;
    state.own.put(own);
    state.ledger.putScan(own.scan);
    void state.writes.save({ own: [own], walkIns, clock: state.clock }).then(() => this.#sync?.sendSoon());
    state.listener.onChange();
    return own;
  }
}

function scanKindOf({ kind }: Verdict): ScanKind {
  return SCAN_KINDS[kind] ?? "refused";
}

/** The reason that a refused scan is recorded with; null for a verdict that refuses no one. */
function reasonOf({ kind }: Verdict): Reason | null {
  switch (kind) {
    case "admitted":
    case "unlisted":
    case "left":
    case "revoked":
      return null;
    case "unlisted_stop":
      return "unlisted";
    default:
      return kind;
  }
}

/** Load the parts of a door from the phone's storage, with the unsaved scans of a previous door. */
export async function openParts(store: Store, pass: Pass, unwritten: Unwritten = NOTHING): Promise<Parts> {
  const { own, walkIns, ...loaded } = await loadEvent(store, pass.id);
  const state = new DoorState(store, pass, {
    ...loaded,
    own: [...own, ...unwritten.own],
    walkIns: [...walkIns, ...unwritten.walkIns],
  });
  if (unwritten.own.length + unwritten.walkIns.length > 0) await state.writes.save(unwritten);
  await state.checkExpiry();
  return { state, updates: new ServerUpdates(state, loaded.alarms) };
}

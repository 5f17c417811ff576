/** Applies the server's answers: the list, and the results of handed-in scans. */

import type { RosterChange } from "../device/store.ts";
import type { Exchange } from "../lib/clock.ts";
import { nearestSession } from "../lib/sessions.ts";
import type { Id, OwnScan, Pass, RosterAnswer, ScanResult, ScansAnswer, WalkIn } from "../lib/types.ts";
import { Alarms, conflictKey, involving, wasInVerdict } from "./conflicts.ts";
import type { DoorState } from "./door_state.ts";
import type { Batch } from "./wire.ts";

export class ServerUpdates {
  readonly #door: DoorState;
  readonly #alarms: Alarms;

  /** `alarms`: the conflicts that already raised an alarm, by their pairs of scans. */
  constructor(door: DoorState, alarms: string[]) {
    this.#door = door;
    this.#alarms = new Alarms(alarms);
  }

  /** Apply a list that was requested since a cursor; an overtaken one is ignored. */
  async takeRoster(received: RosterAnswer, since: string | null, exchange: Exchange): Promise<void> {
    const door = this.#door;
    if (since !== door.pass.cursor) return;
    const answer = since === null || received.whole ? this.#replaceRoster(received) : received;
    door.usePass(withSetup(door.pass, answer));
    this.#merge(answer);
    const deletions = door.walkIns.deleteSent(received.removed);
    door.listWalkIns();
    door.takeTime(answer.server_time, exchange);
    this.#alarm();
    door.listener.onChange();
    const { entries, removed, scans } = answer;
    await door.writes.saveRoster({ pass: door.pass, entries, removed, scans }, () => this.#wholeRoster());
    await door.writes.save({ deletions, clock: door.clock });
    await door.checkExpiry();
    door.listener.onChange();
  }

  // A whole list replaces the previous one, and cannot name the entries it no longer has. Walk-ins that it lacks may
  // have to be handed in again.
  #replaceRoster(answer: RosterAnswer): RosterAnswer {
    const ids = new Set(answer.entries.map((entry) => entry.id));
    const removed = [...this.#door.ledger.entries.keys()].filter((id) => !ids.has(id));
    return { ...answer, removed: [...answer.removed, ...removed] };
  }

  #merge({ merged, entries, removed, scans }: RosterAnswer): void {
    const door = this.#door;
    door.ledger.merge(merged);
    for (const entry of entries) door.ledger.putEntry(entry);
    for (const id of removed) door.ledger.removeEntry(id);
    for (const scan of scans) door.putScan(scan);
  }

  #wholeRoster(): RosterChange {
    const { pass, ledger } = this.#door;
    return { pass, entries: ledger.entries.values(), removed: [], scans: ledger.allScans() };
  }

  /** Apply the results of a batch, one for each scan. */
  async takeResults(batch: Batch, answer: ScansAnswer, exchange: Exchange): Promise<void> {
    const door = this.#door;
    // By position: the result of something unreadable may lack its id.
    const updated = batch.scans.flatMap((own, index) => this.#withResult(own, answer.results[index]?.result ?? null));
    for (const own of updated) door.own.put(own);
    const walkIns = door.markSent(batch.walkIns, updated);
    door.takeTime(answer.server_time, exchange);
    const shifts = door.removeShifts(batch.pass);
    for (const own of updated) door.listener.onResult(own);
    const change = answer.resend ? this.#handInAll(batch.pass.id) : { own: updated, walkIns };
    this.#alarm();
    door.listener.onChange();
    await door.writes.save({ ...change, clock: door.clock, ...shifts });
    await door.checkExpiry();
    door.listener.onChange();
  }

  #withResult(own: OwnScan, result: ScanResult | null): OwnScan[] {
    if (result === null) return [];
    const door = this.#door;
    // The clock may have become doubtful meanwhile.
    const scan = { ...(door.own.get(own.id) ?? own).scan, ...(result === "revoked" && { standing: false }) };
    if (own.event === door.pass.id && result === "revoked") door.ledger.putScan(scan);
    return [{ ...own, scan, result }];
  }

  // The server has fewer scans than it acknowledged, so it was restored from a backup. The names of walk-ins were lost
  // with the scans.
  #handInAll(event: Id): { own: OwnScan[]; walkIns: WalkIn[] } {
    return { own: this.#door.own.markUnsent(event), walkIns: this.#door.walkIns.markUnsent(event) };
  }

  #alarm(): void {
    const door = this.#door;
    const added = this.#alarms.addNew(involving(door.ledger.conflicts(), door.own));
    if (added.length === 0) return;
    void door.writes.save({ alarms: added.map((conflict) => ({ event: door.pass.id, pair: conflictKey(conflict) })) });
    const fresh = added.filter((conflict) => !wasInVerdict(conflict, door.own));
    if (fresh.length > 0) door.listener.onConflicts(fresh);
  }
}

function withSetup(pass: Pass, answer: RosterAnswer): Pass {
  const { cursor, merged, server_time, setup: hash = null } = answer;
  const { event, door, doors, sessions, types, keys, rules } = { ...pass, ...answer };
  const isChosen = sessions.some((each) => each.id === pass.session);
  const session = isChosen ? pass.session : (nearestSession(sessions, server_time) ?? pass.session);
  const setup = { event, door, doors, sessions, types, keys, rules, session };
  return { ...pass, ...setup, setup: hash, cursor, merged, listed_at: server_time, state: "paired", over_at: null };
}

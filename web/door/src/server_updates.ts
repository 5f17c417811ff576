/** Takes in what the server says: the list, and its answers to what was handed in. */

import type { Exchange } from "./clock.ts";
import { pairOf, Told, wasSaid } from "./conflicts.ts";
import type { Ending } from "./pass_expiry.ts";
import type { Knowledge } from "./door_state.ts";
import type { Stretch } from "./store.ts";
import type { Id, OwnScan, Pass, Result, RosterAnswer, ScansAnswer, WalkIn } from "./types.ts";
import { nearestSession } from "./verdict.ts";
import type { Batch } from "./wire.ts";

export class Hearing {
  private readonly known: Knowledge;
  private readonly ending: Ending;
  private readonly told: Told;

  /** `told`: the conflicts that this phone was told of before. */
  constructor(known: Knowledge, ending: Ending, told: string[]) {
    this.known = known;
    this.ending = ending;
    this.told = new Told(told);
  }

  /** Take in an answer of the roster that was asked for since a cursor; one that was overtaken is left alone. */
  async roster(heard: RosterAnswer, since: string | null, exchange: Exchange): Promise<void> {
    const { known } = this;
    if (since !== known.pass.cursor) return;
    const answer = since === null || heard.whole ? this.asWhole(heard) : heard;
    known.pass = onGround(known.pass, answer);
    known.erased = false;
    this.takeIn(answer);
    const forgotten = known.walkIns.forgetSent(heard.removed);
    known.listWalkIns();
    known.hearTime(answer.server_time, exchange);
    this.tell();
    known.listener.changed();
    const { entries, removed, scans } = answer;
    await known.memory.keepStretch({ pass: known.pass, entries, removed, scans }, () => this.whole());
    await known.memory.keep({ forgotten, clock: known.clock });
    await this.ending.check();
    known.listener.changed();
  }

  // A whole list replaces the one before; it cannot name whom it no longer holds. Walk-ins whom it lacks may have to be handed in again.
  private asWhole(answer: RosterAnswer): RosterAnswer {
    const listed = new Set(answer.entries.map((entry) => entry.id));
    const gone = [...this.known.ledger.entries.keys()].filter((id) => !listed.has(id));
    return { ...answer, removed: [...answer.removed, ...gone] };
  }

  private takeIn({ merged, entries, removed, scans }: RosterAnswer): void {
    const { known } = this;
    known.ledger.merge(merged);
    for (const entry of entries) known.ledger.putEntry(entry);
    for (const id of removed) known.ledger.removeEntry(id);
    for (const scan of scans) known.putHeard(scan);
  }

  private whole(): Stretch {
    const { pass, ledger } = this.known;
    return { pass, entries: ledger.entries.values(), removed: [], scans: ledger.allScans() };
  }

  /** Take in the server's answers to a batch, one for each scan. */
  async results(batch: Batch, answer: ScansAnswer, exchange: Exchange): Promise<void> {
    const { known } = this;
    // By place: the answer to something that the server could not read at all may lack its id.
    const answered = batch.scans.flatMap((own, place) => this.withResult(own, answer.results[place]?.result ?? null));
    for (const own of answered) known.own.put(own);
    const walkIns = known.walkIns.markSent(batch.walkIns, answered);
    known.erased &&= walkIns.length === 0;
    known.hearTime(answer.server_time, exchange);
    const shifts = this.forgetShifts(batch.pass);
    for (const own of answered) known.listener.answered(own);
    const again = answer.resend ? this.handInAgain(batch.pass.id) : { own: answered, walkIns };
    this.tell();
    known.listener.changed();
    await known.memory.keep({ ...again, clock: known.clock, ...shifts });
    await this.ending.check();
    known.listener.changed();
  }

  private withResult(own: OwnScan, result: Result | null): OwnScan[] {
    if (result === null) return [];
    const { known } = this;
    // Meanwhile the clock may have turned out to be doubtful.
    const scan = { ...(known.own.get(own.id) ?? own).scan, ...(result === "revoked" && { standing: false }) };
    if (own.event === known.pass.id && result === "revoked") known.ledger.putScan(scan);
    return [{ ...own, scan, result }];
  }

  // The server counts fewer than were acknowledged: it was restored from a backup. Names of walk-ins went with the scans.
  private handInAgain(event: Id): { own: OwnScan[]; walkIns: WalkIn[] } {
    return { own: this.known.own.sendAgain(event), walkIns: this.known.walkIns.sendAgain(event) };
  }

  private forgetShifts(sent: Pass): { pass?: Pass } {
    const { known } = this;
    if (sent.shifts.length === 0 || sent.id !== known.pass.id) return {};
    known.pass = { ...known.pass, shifts: known.pass.shifts.filter((shift) => !sent.shifts.includes(shift)) };
    return { pass: known.pass };
  }

  private tell(): void {
    const { known } = this;
    const untold = this.told.take(known.conflicts());
    if (untold.length === 0) return;
    void known.memory.keep({ told: untold.map((conflict) => ({ event: known.pass.id, pair: pairOf(conflict) })) });
    const fresh = untold.filter((conflict) => !wasSaid(conflict, known.own));
    if (fresh.length > 0) known.listener.conflicted(fresh);
  }
}

function onGround(pass: Pass, answer: RosterAnswer): Pass {
  const { cursor, merged, event, door, doors, sessions, types, keys, rules, server_time } = answer;
  const isChosen = sessions.some((each) => each.id === pass.session);
  const session = isChosen ? pass.session : (nearestSession(sessions, server_time) ?? pass.session);
  const ground = { event, door, doors, sessions, types, keys, rules, session };
  return { ...pass, ...ground, cursor, merged, listed_at: server_time, state: "paired", over_at: null };
}

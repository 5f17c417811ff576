/** What a phone does when a pass is over: it forgets the names, those of earlier events too. */

import type { Knowledge } from "./door_state.ts";
import { isOver, mustForgetNames, noteEnd, tidy, withoutNames } from "./retention.ts";
import type { Store } from "./store.ts";
import type { Pass, State } from "./types.ts";

export class Ending {
  private readonly known: Knowledge;
  private readonly kept: Store;

  constructor(known: Knowledge, kept: Store) {
    this.known = known;
    this.kept = kept;
  }

  /** The server refused this phone. */
  async hear(state: Exclude<State, "paired">): Promise<void> {
    if (state === this.known.pass.state) return;
    await this.known.keepPass({ state });
    await this.check();
  }

  /** Forget the names where the pass is over; asked at the start, every minute and after each answer. */
  async check(): Promise<void> {
    const { known } = this;
    const now = known.now();
    if (!isOver(known.pass, now)) return;
    const isNews = known.pass.over_at === null;
    if (isNews) await known.keepPass({ over_at: now });
    // What only the phone's clock says may be the clock's fault: until the next look a server within reach can object.
    if (isNews && known.pass.state === "paired" && known.online) return;
    if (known.erased || !mustForgetNames(known.pass, known.own.waitingOf(known.pass.id), now)) return;
    await this.forgetNames();
  }

  private async forgetNames(): Promise<void> {
    const { known } = this;
    known.ledger.forgetNames();
    known.walkIns.forgetSent(known.walkIns.of(known.pass.id).map((each) => each.id));
    known.pass = withoutNames(known.pass);
    known.erased = true;
    if (!(await known.memory.eraseNames(known.pass))) known.erased = false;
    known.listener.changed();
  }

  /** The server refused this phone under the pass of an earlier event. */
  async hearOther(pass: Pass, state: Exclude<State, "paired">): Promise<void> {
    const { known } = this;
    if (pass.state === state) return;
    const over = { ...pass, state, over_at: known.now() };
    known.others.splice(known.others.indexOf(pass), 1, over);
    await noteEnd(this.kept, over).catch(() => undefined);
  }

  /** Forget the names of earlier events whose time is over, as when the page is opened. */
  async tidyOthers(): Promise<void> {
    await tidy(this.kept, this.known.now(), this.known.pass.id).catch(() => undefined);
  }
}

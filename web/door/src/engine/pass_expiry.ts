/** Ends a pass: erases its names, and those of earlier events. */

import type { Store } from "../device/database.ts";
import { eraseExpired, isOver, mustEraseNames, saveEndedPass } from "../device/retention.ts";
import type { Pass, PassState } from "../lib/types.ts";
import type { DoorState } from "./door_state.ts";

export class PassExpiry {
  readonly #door: DoorState;
  readonly #store: Store;

  constructor(door: DoorState, store: Store) {
    this.#door = door;
    this.#store = store;
  }

  /** Record that the server refused this phone. */
  async endPass(state: Exclude<PassState, "paired">): Promise<void> {
    if (state === this.#door.pass.state) return;
    await this.#door.savePass({ state });
    await this.check();
  }

  /** Erase the names where the pass is over; called at the start, every minute and after each answer. */
  async check(): Promise<void> {
    const door = this.#door;
    const now = door.now();
    if (!isOver(door.pass, now)) return;
    const isNews = door.pass.over_at === null;
    if (isNews) await door.savePass({ over_at: now });
    // The phone's clock may be wrong: until the next check the server can object, where it is reachable.
    if (isNews && door.pass.state === "paired" && door.online) return;
    if (door.erased || !mustEraseNames(door.pass, door.own.queueOf(door.pass.id).length, now)) return;
    await door.eraseNames();
  }

  /** Record that the server refused this phone under the pass of an earlier event. */
  async endOther(pass: Pass, state: Exclude<PassState, "paired">): Promise<void> {
    if (pass.state === state) return;
    const ended = { ...pass, state, over_at: this.#door.now() };
    this.#door.replaceOther(pass, ended);
    await saveEndedPass(this.#store, ended).catch(() => undefined);
  }

  /** Erase the names of earlier events that are over, as openStore() does. */
  async eraseOthers(): Promise<void> {
    await eraseExpired(this.#store, this.#door.now(), this.#door.pass.id).catch(() => undefined);
  }
}

/** The screens of the page, one at a time: pairing, ready for the tap, scanning, or another tab scans. */

import type { Store } from "../device/database.ts";
import { SingleTab } from "../device/single_tab.ts";
import { currentPass, readClockOrStart, readOwn, savePass } from "../device/store.ts";
import { Door } from "../engine/door.ts";
import type { ClockState } from "../lib/clock.ts";
import type { Id, Pass } from "../lib/types.ts";

export interface Pairing {
  is: "pairing";
  secret: string | null;
  /** The screen to return to; null where this phone is not paired. */
  back: Ready | Scanning | null;
}

export interface Ready {
  is: "ready";
  pass: Pass;
  clock: ClockState;
}

export interface Scanning {
  is: "scanning";
  door: Door;
}

/** Another tab of this phone is scanning. */
export interface OtherTab {
  is: "other_tab";
}

/** The phone's storage could not be read. */
export interface LoadFailed {
  is: "failed";
  error: unknown;
  retry: () => Promise<void>;
}

export type Screen = Pairing | Ready | { is: "loading" } | Scanning | OtherTab | LoadFailed;

/** Ends everything that a screen started. */
export type Leave = () => void;

export class Navigation {
  readonly store: Store;
  /** The last door, also after it was left: it may hold unsaved scans. */
  door: Door | null = null;
  readonly #draw: (screen: Screen) => Leave;
  readonly #tab: SingleTab;
  #screen: Screen = { is: "loading" };
  #leave: Leave = () => undefined;

  constructor(store: Store, draw: (screen: Screen) => Leave, tab = new SingleTab()) {
    this.store = store;
    this.#draw = draw;
    this.#tab = tab;
  }

  /** Leave the current screen and show another; two screens never listen, poll or scan at once. */
  show(screen: Screen): void {
    this.#leave();
    this.#screen = screen;
    if (screen.is === "scanning") this.door = screen.door;
    this.#leave = this.#draw(screen);
  }

  /** Open the first screen, with the secret of a door pass's link where there is one. */
  open(secret: string | null): Promise<void> {
    return secret ? this.pair(secret) : this.#load(() => this.#home());
  }

  /** Open the pairing screen, with a pass's secret where it is known. */
  async pair(secret: string | null): Promise<void> {
    const screen = this.#screen;
    if (screen.is === "pairing") return this.show({ ...screen, secret });
    if (screen.is === "scanning") return this.show({ is: "pairing", secret, back: screen });
    await this.#load(async () => {
      const home = await this.#home();
      return { is: "pairing", secret, back: home.is === "ready" ? home : null };
    });
  }

  /** Ask the browser not to clear the storage, and get ready. */
  onPaired(pass: Pass): Promise<void> {
    void navigator.storage?.persist?.();
    return this.#load(() => this.#ready(pass));
  }

  /** Choose another session; a choice that cannot be saved holds for this page. */
  setSession(ready: Ready, session: Id): Promise<void> {
    const pass = { ...ready.pass, session };
    const screen = async (): Promise<Screen> => ({ ...ready, pass });
    return this.#load(() => savePass(this.store, pass).then(screen, screen));
  }

  /** Start scanning; a second tap on a screen that is gone does nothing. */
  async start(ready: Ready): Promise<void> {
    if (this.#screen === ready) await this.#load(() => this.#scan(ready.pass));
  }

  /** Take over scanning from another tab. */
  async takeOver(screen: OtherTab): Promise<void> {
    if (this.#screen !== screen) return;
    await this.#load(async () => {
      const home = await this.#home();
      return home.is === "ready" ? this.#scan(home.pass, true) : home;
    });
  }

  /**
   * True where a new version of the page may take over: no camera is on and no scan waits for the server; before the
   * first door the saved scans are asked.
   */
  async isIdle(isCameraOn: boolean): Promise<boolean> {
    if (isCameraOn) return false;
    if (this.door) return this.door.waiting === 0;
    return (await readOwn(this.store)).every((own) => own.result !== null);
  }

  async #home(): Promise<Ready | Pairing> {
    const pass = await currentPass(this.store);
    return pass ? this.#ready(pass) : { is: "pairing", secret: null, back: null };
  }

  async #ready(pass: Pass): Promise<Ready> {
    return { is: "ready", pass, clock: await readClockOrStart(this.store) };
  }

  async #scan(pass: Pass, steal = false): Promise<Screen> {
    const isOurs = await this.#tab.take(() => this.show({ is: "other_tab" }), steal);
    if (!isOurs) return { is: "other_tab" };
    return { is: "scanning", door: await Door.open(this.store, pass, this.door?.unwritten) };
  }

  // Another tab or a door pass that comes in between wins: the result is dropped.
  async #load(open: () => Promise<Screen>): Promise<void> {
    const loading: Screen = { is: "loading" };
    this.show(loading);
    const loaded = await open().catch(
      (error: unknown): LoadFailed => ({ is: "failed", error, retry: () => this.#load(open) }),
    );
    if (this.#screen !== loading) return;
    if (loaded.is === "failed") this.#tab.release();
    this.show(loaded);
  }
}

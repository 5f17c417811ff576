/** What this page of a phone is at, one screen at a time: pairing, ready for the tap, scanning, or aside for another tab. */

import type { ClockState } from "./clock.ts";
import { Door } from "./door.ts";
import { SingleTab } from "./single_tab.ts";
import { currentPass, readClockOrStart, savePass, type Store } from "./store.ts";
import type { Id, Pass } from "./types.ts";

export interface Pairing {
  is: "pairing";
  secret: string | null;
  /** Where it was asked for; null where this phone is not paired. */
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

/** Another tab of this phone scans. */
export interface OtherTab {
  is: "other_tab";
}

/** What the phone keeps could not be read. */
export interface LoadFailed {
  is: "failed";
  error: unknown;
  retry: () => Promise<void>;
}

export type Screen = Pairing | Ready | { is: "loading" } | Scanning | OtherTab | LoadFailed;

/** Ends what a screen began. */
export type Leave = () => void;

export class Navigation {
  readonly store: Store;
  /** The last door, also after it was left: it may know what could not be written down. */
  door: Door | null = null;
  private readonly draw: (screen: Screen) => Leave;
  private readonly tab: SingleTab;
  private screen: Screen = { is: "loading" };
  private leave: Leave = () => undefined;

  constructor(store: Store, draw: (screen: Screen) => Leave, tab = new SingleTab()) {
    this.store = store;
    this.draw = draw;
    this.tab = tab;
  }

  /** Leave the screen that is there, and show another: no two ever listen, poll or scan. */
  show(screen: Screen): void {
    this.leave();
    this.screen = screen;
    if (screen.is === "scanning") this.door = screen.door;
    this.leave = this.draw(screen);
  }

  /** The page is there, perhaps by the link of a door pass. */
  open(secret: string | null): Promise<void> {
    return secret ? this.pair(secret) : this.load(() => this.home());
  }

  /** Pair this phone, anew where it is paired; with a pass's secret where it is known. */
  async pair(secret: string | null): Promise<void> {
    const { screen } = this;
    if (screen.is === "pairing") return this.show({ ...screen, secret });
    if (screen.is === "scanning") return this.show({ is: "pairing", secret, back: screen });
    await this.load(async () => {
      const home = await this.home();
      return { is: "pairing", secret, back: home.is === "ready" ? home : null };
    });
  }

  /** Newly paired: ask the browser not to clear what is kept here, and get ready. */
  onPaired(pass: Pass): Promise<void> {
    void navigator.storage?.persist?.();
    return this.load(() => this.ready(pass));
  }

  /** Scan for another part of the programme; one that cannot be written down is scanned for all the same. */
  setSession(ready: Ready, session: Id): Promise<void> {
    const pass = { ...ready.pass, session };
    const screen = async (): Promise<Screen> => ({ ...ready, pass });
    return this.load(() => savePass(this.store, pass).then(screen, screen));
  }

  /** The tap on Start; one that comes after it finds its screen gone, and counts for nothing. */
  async start(ready: Ready): Promise<void> {
    if (this.screen === ready) await this.load(() => this.scan(ready.pass));
  }

  /** The tap on "Scan here": take the place from the tab that has it. */
  async takeOver(screen: OtherTab): Promise<void> {
    if (this.screen !== screen) return;
    await this.load(async () => {
      const home = await this.home();
      return home.is === "ready" ? this.scan(home.pass, true) : home;
    });
  }

  private async home(): Promise<Ready | Pairing> {
    const pass = await currentPass(this.store);
    return pass ? this.ready(pass) : { is: "pairing", secret: null, back: null };
  }

  private async ready(pass: Pass): Promise<Ready> {
    return { is: "ready", pass, clock: await readClockOrStart(this.store) };
  }

  private async scan(pass: Pass, steal = false): Promise<Screen> {
    const isOurs = await this.tab.take(() => this.show({ is: "other_tab" }), steal);
    if (!isOurs) return { is: "other_tab" };
    return { is: "scanning", door: await Door.open(this.store, pass, this.door?.unwritten) };
  }

  // Whatever comes in between, another tab or a door pass, has the last word: what was looked for is dropped.
  private async load(next: () => Promise<Screen>): Promise<void> {
    const loading: Screen = { is: "loading" };
    this.show(loading);
    const loaded = await next().catch((error: unknown): LoadFailed => ({ is: "failed", error, retry: () => this.load(next) }));
    if (this.screen !== loading) return;
    if (loaded.is === "failed") this.tab.release();
    this.show(loaded);
  }
}

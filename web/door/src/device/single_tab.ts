/** One scanner for each phone: two tabs would be one device that admits a ticket twice, without a conflict. */

import { makeUuid } from "../lib/encodings.ts";

/** The time that a tab waits for another one to object. Milliseconds. */
const ANSWER_WITHIN = 300;

/** Called when another tab takes over scanning. */
type OnLost = () => void;

/** A lock that one of a phone's tabs holds. */
interface TabLock {
  take(lost: OnLost, steal: boolean): Promise<boolean>;
  release(): void;
}

export class SingleTab {
  #isOwner = false;
  #pending = Promise.resolve(false);
  readonly #lock: TabLock;

  constructor(name = "turnout-scanner") {
    this.#lock = hasLocks() ? new BrowserLock(name) : new MessagingTabs(name);
  }

  /**
   * Ask to scan in this tab. Returns whether it may; `steal` takes over from another tab, and `lost` is called when
   * another takes over.
   */
  take(lost: OnLost, steal = false): Promise<boolean> {
    // One after the other: a second request must see that the first was granted, not be refused because of it.
    this.#pending = this.#pending.then(() => this.#isOwner || this.#acquire(lost, steal));
    return this.#pending;
  }

  /** Release scanning to any tab. */
  release(): void {
    this.#isOwner = false;
    this.#lock.release();
  }

  async #acquire(lost: OnLost, steal: boolean): Promise<boolean> {
    const onLoss = (): void => {
      if (this.#isOwner) lost();
      this.#isOwner = false;
    };
    this.#isOwner = await this.#lock.take(onLoss, steal);
    return this.#isOwner;
  }
}

/** Plain http has no locks. */
function hasLocks(): boolean {
  return !!(navigator as Partial<Navigator>).locks;
}

/** The browser's locks, which it releases when a tab is closed. */
class BrowserLock implements TabLock {
  readonly #name: string;
  #unlock: () => void = () => undefined;

  constructor(name: string) {
    this.#name = name;
  }

  take(lost: OnLost, steal: boolean): Promise<boolean> {
    return new Promise((resolve) => {
      const hold = (lock: Lock | null): Promise<void> | null => {
        resolve(lock !== null);
        return lock && new Promise((done) => (this.#unlock = done));
      };
      const onStolen = (): void => {
        resolve(true);
        lost();
      };
      navigator.locks.request(this.#name, steal ? { steal } : { ifAvailable: true }, hold).catch(onStolen);
    });
  }

  release(): void {
    this.#unlock();
  }
}

/**
 * The messages between tabs: ask to scan, refuse, and claim. A claim is the time at which its tab began to scan. Tabs
 * of other versions may be open: these words stay.
 */
type TabMessage =
  | { from: string; says: "may I" }
  | { from: string; says: "mine"; claim: number }
  | { from: string; says: "no"; to: string; claim: number };

/**
 * A lock that tabs agree on by messages. A sleeping tab does not answer, and learns on waking that another took over.
 */
class MessagingTabs implements TabLock {
  readonly #id = makeUuid();
  readonly #channel: BroadcastChannel;
  #lost: OnLost = () => undefined;
  #isOwner = false;
  /** The latest claim that this tab made or received. */
  #claim = 0;
  #answer: ((may: boolean) => void) | null = null;

  constructor(name: string) {
    this.#channel = new BroadcastChannel(name);
    this.#channel.onmessage = ({ data }: MessageEvent<TabMessage>) => this.#receive(data);
  }

  async take(lost: OnLost, steal: boolean): Promise<boolean> {
    if (!steal && !(await this.#ask())) return false;
    this.#lost = lost;
    this.#isOwner = true;
    // Later than every known claim, also where the phone's clock was set back.
    this.#claim = Math.max(Date.now(), this.#claim + 1);
    this.#announce();
    return true;
  }

  // Silence means yes to a tab that asks.
  release(): void {
    this.#isOwner = false;
  }

  #announce(): void {
    this.#channel.postMessage({ from: this.#id, says: "mine", claim: this.#claim } satisfies TabMessage);
  }

  #ask(): Promise<boolean> {
    this.#channel.postMessage({ from: this.#id, says: "may I" } satisfies TabMessage);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.#answer?.(true), ANSWER_WITHIN);
      this.#answer = (may) => {
        clearTimeout(timer);
        this.#answer = null;
        resolve(may);
      };
    });
  }

  #receive(message: TabMessage): void {
    if (message.says === "may I") this.#refuse(message.from);
    else if (message.says === "mine") this.#yield(message.from, message.claim);
    else if (message.to === this.#id && !this.#isOwner) {
      this.#claim = Math.max(this.#claim, message.claim);
      this.#answer?.(false);
    }
  }

  // Of two tabs that ask at once, one refuses the other.
  #refuse(tab: string): void {
    const isFirst = this.#answer !== null && this.#id < tab;
    if (!this.#isOwner && !isFirst) return;
    this.#channel.postMessage({ from: this.#id, says: "no", to: tab, claim: this.#claim } satisfies TabMessage);
  }

  // Of two tabs that take over at once, both keep the same one: the later claim, or the smaller id in the same
  // millisecond.
  #yield(tab: string, claim: number): void {
    const staysOwner = this.#isOwner && (this.#claim > claim || (this.#claim === claim && this.#id < tab));
    if (staysOwner) return this.#announce();
    this.#claim = Math.max(this.#claim, claim);
    this.#answer?.(false);
    if (!this.#isOwner) return;
    this.#isOwner = false;
    this.#lost();
  }
}

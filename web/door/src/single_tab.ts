/** One scanner for each phone: two tabs would be one device that lets a ticket in twice, and no conflict would be seen. */

import { makeUuid } from "./store.ts";

/** How long a tab waits for another to say that it scans. Milliseconds. */
const ANSWER_WITHIN = 300;

/** Calls `lost` when another tab takes the place from this one. */
type OnLost = () => void;

/** A browser's way to keep the tabs of one phone apart. */
interface TabLock {
  take(lost: OnLost, steal: boolean): Promise<boolean>;
  release(): void;
}

export class SingleTab {
  private isOwner = false;
  private pending = Promise.resolve(false);
  private readonly lock: TabLock;

  constructor(name = "turnout-scanner") {
    this.lock = hasLocks() ? new BrowserLock(name) : new MessagingTabs(name);
  }

  /** Whether this tab may scan. `steal` takes the place from the tab that has it; `lost` is called when another takes it from this one. */
  take(lost: OnLost, steal = false): Promise<boolean> {
    // One after the other: what comes second must find what the first was given, not be refused because of it.
    this.pending = this.pending.then(() => this.isOwner || this.acquire(lost, steal));
    return this.pending;
  }

  /** Give the place back: any tab may have it now. */
  release(): void {
    this.isOwner = false;
    this.lock.release();
  }

  private async acquire(lost: OnLost, steal: boolean): Promise<boolean> {
    const onLoss = (): void => {
      if (this.isOwner) lost();
      this.isOwner = false;
    };
    this.isOwner = await this.lock.take(onLoss, steal);
    return this.isOwner;
  }
}

/** Plain http has no locks. */
function hasLocks(): boolean {
  return !!(navigator as Partial<Navigator>).locks;
}

/** The browser's own locks: it lets go of one when its tab is closed. */
class BrowserLock implements TabLock {
  private readonly name: string;
  private unlock: () => void = () => undefined;

  constructor(name: string) {
    this.name = name;
  }

  take(lost: OnLost, steal: boolean): Promise<boolean> {
    return new Promise((resolve) => {
      const hold = (lock: Lock | null): Promise<void> | null => {
        resolve(lock !== null);
        return lock && new Promise((done) => (this.unlock = done));
      };
      const onStolen = (): void => {
        resolve(true);
        lost();
      };
      navigator.locks.request(this.name, steal ? { steal } : { ifAvailable: true }, hold).catch(onStolen);
    });
  }

  release(): void {
    this.unlock();
  }
}

/** What tabs say to each other: may I scan; no, I do; from now on I do. A claim is when its tab took the place. */
type TabMessage =
  | { from: string; says: "may I" }
  | { from: string; says: "mine"; claim: number }
  | { from: string; says: "no"; to: string; claim: number };

/** Tabs that settle among themselves which of them scans. One that is asleep does not answer, and hears when it wakes that its place was taken. */
class MessagingTabs implements TabLock {
  private readonly id = makeUuid();
  private readonly channel: BroadcastChannel;
  private lost: OnLost = () => undefined;
  private isOwner = false;
  /** The latest claim that this tab made or heard of. */
  private claim = 0;
  private answer: ((may: boolean) => void) | null = null;

  constructor(name: string) {
    this.channel = new BroadcastChannel(name);
    this.channel.onmessage = ({ data }: MessageEvent<TabMessage>) => this.receive(data);
  }

  async take(lost: OnLost, steal: boolean): Promise<boolean> {
    if (!steal && !(await this.ask())) return false;
    this.lost = lost;
    this.isOwner = true;
    // Later than every claim that is known, also where the phone's clock was set back.
    this.claim = Math.max(Date.now(), this.claim + 1);
    this.announce();
    return true;
  }

  // Silence is a yes to whoever asks.
  release(): void {
    this.isOwner = false;
  }

  private announce(): void {
    this.channel.postMessage({ from: this.id, says: "mine", claim: this.claim } satisfies TabMessage);
  }

  private ask(): Promise<boolean> {
    this.channel.postMessage({ from: this.id, says: "may I" } satisfies TabMessage);
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.answer?.(true), ANSWER_WITHIN);
      this.answer = (may) => {
        clearTimeout(timer);
        this.answer = null;
        resolve(may);
      };
    });
  }

  private receive(message: TabMessage): void {
    if (message.says === "may I") this.refuse(message.from);
    else if (message.says === "mine") this.yield(message.from, message.claim);
    else if (message.to === this.id && !this.isOwner) {
      this.claim = Math.max(this.claim, message.claim);
      this.answer?.(false);
    }
  }

  // Of two that ask at once, one refuses the other.
  private refuse(tab: string): void {
    const isFirst = this.answer !== null && this.id < tab;
    if (!this.isOwner && !isFirst) return;
    this.channel.postMessage({ from: this.id, says: "no", to: tab, claim: this.claim } satisfies TabMessage);
  }

  // Of two that take over at once, both see the same one stay: the later, or the smaller name in the same millisecond.
  private yield(tab: string, claim: number): void {
    const staysOwner = this.isOwner && (this.claim > claim || (this.claim === claim && this.id < tab));
    if (staysOwner) return this.announce();
    this.claim = Math.max(this.claim, claim);
    this.answer?.(false);
    if (!this.isOwner) return;
    this.isOwner = false;
    this.lost();
  }
}

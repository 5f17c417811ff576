/** One scanner for each phone: two tabs would be one device that lets a ticket in twice, and no conflict would be seen. */

import { makeUuid } from "./store.ts";

/** How long a tab waits for another to say that it scans. Milliseconds. */
const PATIENCE = 300;

/** Calls `lost` when another tab takes the place from this one. */
type Lost = () => void;

/** A browser's way to keep the tabs of one phone apart. */
interface Way {
  take(lost: Lost, steal: boolean): Promise<boolean>;
  leave(): void;
}

export class Place {
  private isHere = false;
  private taking = Promise.resolve(false);
  private readonly way: Way;

  constructor(name = "turnout-scanner") {
    this.way = hasLocks() ? new Locks(name) : new Tabs(name);
  }

  /** Whether this tab may scan. `steal` takes the place from the tab that has it; `lost` is called when another takes it from this one. */
  take(lost: Lost, steal = false): Promise<boolean> {
    // One after the other: what comes second must find what the first was given, not be refused because of it.
    this.taking = this.taking.then(() => this.isHere || this.ask(lost, steal));
    return this.taking;
  }

  /** Give the place back: any tab may have it now. */
  leave(): void {
    this.isHere = false;
    this.way.leave();
  }

  private async ask(lost: Lost, steal: boolean): Promise<boolean> {
    const gone = (): void => {
      if (this.isHere) lost();
      this.isHere = false;
    };
    this.isHere = await this.way.take(gone, steal);
    return this.isHere;
  }
}

/** Plain http has no locks. */
function hasLocks(): boolean {
  return !!(navigator as Partial<Navigator>).locks;
}

/** The browser's own locks: it lets go of one when its tab is closed. */
class Locks implements Way {
  private readonly name: string;
  private letGo: () => void = () => undefined;

  constructor(name: string) {
    this.name = name;
  }

  take(lost: Lost, steal: boolean): Promise<boolean> {
    return new Promise((resolve) => {
      const hold = (lock: Lock | null): Promise<void> | null => {
        resolve(lock !== null);
        return lock && new Promise((done) => (this.letGo = done));
      };
      const gone = (): void => {
        resolve(true);
        lost();
      };
      navigator.locks.request(this.name, steal ? { steal } : { ifAvailable: true }, hold).catch(gone);
    });
  }

  leave(): void {
    this.letGo();
  }
}

/** What tabs say to each other: may I scan; no, I do; from now on I do. A claim is when its tab took the place. */
type Word =
  | { from: string; says: "may I" }
  | { from: string; says: "mine"; claim: number }
  | { from: string; says: "no"; to: string; claim: number };

/** Tabs that settle among themselves which of them scans. One that is asleep does not answer, and hears when it wakes that its place was taken. */
class Tabs implements Way {
  private readonly me = makeUuid();
  private readonly channel: BroadcastChannel;
  private lost: Lost = () => undefined;
  private isHere = false;
  /** The latest claim that this tab made or heard of. */
  private claim = 0;
  private answer: ((may: boolean) => void) | null = null;

  constructor(name: string) {
    this.channel = new BroadcastChannel(name);
    this.channel.onmessage = ({ data }: MessageEvent<Word>) => this.hear(data);
  }

  async take(lost: Lost, steal: boolean): Promise<boolean> {
    if (!steal && !(await this.ask())) return false;
    this.lost = lost;
    this.isHere = true;
    // Later than every claim that is known, also where the phone's clock was set back.
    this.claim = Math.max(Date.now(), this.claim + 1);
    this.say();
    return true;
  }

  // Silence is a yes to whoever asks.
  leave(): void {
    this.isHere = false;
  }

  private say(): void {
    this.channel.postMessage({ from: this.me, says: "mine", claim: this.claim } satisfies Word);
  }

  private ask(): Promise<boolean> {
    this.channel.postMessage({ from: this.me, says: "may I" } satisfies Word);
    return new Promise((resolve) => {
      const silence = setTimeout(() => this.answer?.(true), PATIENCE);
      this.answer = (may) => {
        clearTimeout(silence);
        this.answer = null;
        resolve(may);
      };
    });
  }

  private hear(word: Word): void {
    if (word.says === "may I") this.refuse(word.from);
    else if (word.says === "mine") this.yield(word.from, word.claim);
    else if (word.to === this.me && !this.isHere) {
      this.claim = Math.max(this.claim, word.claim);
      this.answer?.(false);
    }
  }

  // Of two that ask at once, one refuses the other.
  private refuse(other: string): void {
    const isFirst = this.answer !== null && this.me < other;
    if (!this.isHere && !isFirst) return;
    this.channel.postMessage({ from: this.me, says: "no", to: other, claim: this.claim } satisfies Word);
  }

  // Of two that take over at once, both see the same one stay: the later, or the smaller name in the same millisecond.
  private yield(other: string, claim: number): void {
    const isMine = this.isHere && (this.claim > claim || (this.claim === claim && this.me < other));
    if (isMine) return this.say();
    this.claim = Math.max(this.claim, claim);
    this.answer?.(false);
    if (!this.isHere) return;
    this.isHere = false;
    this.lost();
  }
}

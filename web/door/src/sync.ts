/** Keeps phone and server level: reads the list on a timer, hands scans in as soon as they are written down. */

import { fetchRoster, Refused, sendScans } from "./api.ts";
import type { Door } from "./door.ts";
import type { Id, OwnScan, Pass } from "./types.ts";

const POLL = 3_000;
const POLL_HIDDEN = 10_000;
const TOGETHER = 50;
const BATCH = 500;
/** How long a scan that the server could not even read is kept back, so that it does not hold up the others. */
const ASIDE = 60_000;

export class Sync {
  private timer = 0;
  private gathering = 0;
  private sending: Promise<void> | null = null;
  private size = BATCH;
  private readonly aside = new Map<string, number>();
  private stopped = false;

  constructor(private readonly door: Door) {}

  start(): void {
    // With the server away navigator.onLine stays true: the timer finds it again, the event only sooner.
    window.addEventListener("online", this.wake);
    document.addEventListener("visibilitychange", this.wake);
    this.wake();
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
    clearTimeout(this.gathering);
    window.removeEventListener("online", this.wake);
    document.removeEventListener("visibilitychange", this.wake);
  }

  /** A scan was written down: send it, together with those of the next moment. */
  sendSoon(): void {
    if (this.gathering) return;
    this.gathering = window.setTimeout(() => {
      this.gathering = 0;
      void this.send();
    }, TOGETHER);
  }

  /** Speak with the server now rather than at the next tick. */
  readonly wake = (): void => {
    if (this.stopped) return;
    clearTimeout(this.timer);
    void this.round();
  };

  private async round(): Promise<void> {
    await this.read();
    await this.send();
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = window.setTimeout(this.wake, document.hidden ? POLL_HIDDEN : POLL);
  }

  private async read(): Promise<void> {
    if (this.door.state !== "paired") return;
    try {
      const { body, deviceTime } = await fetchRoster(this.door.pass);
      if (!this.stopped) await this.door.hearRoster(body, deviceTime);
    } catch (error) {
      this.hearFailure(error, this.door.pass.id);
    }
  }

  private send(): Promise<void> {
    this.sending ??= this.sendAll().finally(() => {
      this.sending = null;
    });
    return this.sending;
  }

  private async sendAll(): Promise<void> {
    for (const pass of await this.owing()) await this.sendFor(pass);
  }

  /** The passes under which something waits: this event's, and those of earlier events on this phone. */
  private async owing(): Promise<Pass[]> {
    const events = new Set<Id>([...this.door.own.values()].filter((own) => own.result === null).map((own) => own.event));
    const others = (await this.door.store.getAll("passes")).filter((pass) => pass.id !== this.door.pass.id);
    return [this.door.pass, ...others].filter((pass) => events.has(pass.id) || (pass === this.door.pass && pass.shifts.length > 0));
  }

  private async sendFor(pass: Pass): Promise<void> {
    let batch = this.nextBatch(pass);
    let owes = batch.length > 0 || pass.shifts.length > 0;
    while (owes && !this.stopped) {
      if (!(await this.hand(pass, batch))) return;
      batch = this.nextBatch(pass);
      owes = batch.length > 0;
    }
  }

  private nextBatch(pass: Pass): OwnScan[] {
    const now = Date.now();
    const ready = this.door.queueOf(pass.id).filter((own) => now - (this.aside.get(own.id) ?? 0) > ASIDE);
    return ready.slice(0, this.size);
  }

  private async hand(pass: Pass, batch: OwnScan[]): Promise<boolean> {
    try {
      const { body, deviceTime } = await sendScans(pass, batch, this.door.handedIn(pass.id));
      await this.door.hearResults(batch, body, deviceTime);
      await this.forgetShifts(pass);
      this.size = BATCH;
      // An answer that settles nothing must not be asked for again at once.
      return body.results.length > 0 && body.results.length === batch.length && !body.resend;
    } catch (error) {
      this.hearFailure(error, pass.id);
      return error instanceof Refused && isAboutContent(error.status) && this.narrow(batch);
    }
  }

  // One bad scan must not hold up the rest: look for it in ever smaller batches, and go on without it. It is never dropped.
  private narrow(batch: OwnScan[]): boolean {
    const [only] = batch;
    this.size = Math.max(1, Math.floor(batch.length / 2));
    if (batch.length === 1 && only) this.aside.set(only.id, Date.now());
    return batch.length > 0;
  }

  private async forgetShifts(sent: Pass): Promise<void> {
    if (sent.shifts.length === 0 || sent.id !== this.door.pass.id) return;
    const shifts = this.door.pass.shifts.filter((shift) => !sent.shifts.includes(shift));
    await this.door.keepPass({ shifts });
  }

  private hearFailure(error: unknown, event: Id): void {
    if (this.stopped) return;
    if (!(error instanceof Refused)) this.door.online = false;
    else if (error.status === 401 && event === this.door.pass.id) void this.door.keepPass({ state: "unknown" });
    else if (error.status >= 500) this.door.online = false;
    this.door.listener.changed();
  }
}

function isAboutContent(status: number): boolean {
  return status >= 400 && status < 500 && ![401, 403, 408, 429].includes(status);
}

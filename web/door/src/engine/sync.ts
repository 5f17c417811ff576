/** Synchronizes phone and server: reads the list on a timer, and hands scans in as soon as they are saved. */

import { POLL, POLL_HIDDEN, pauseAfter } from "../lib/backoff.ts";
import type { Id, OwnScan, Pass, PassState, ScansAnswer } from "../lib/types.ts";
import { ApiError, fetchRoster, sendScans } from "./api.ts";
import { Batches } from "./batches.ts";
import type { DoorState } from "./door_state.ts";
import type { ServerUpdates } from "./server_updates.ts";

const GATHER_FOR = 50;
/** The longest time without a batch. Milliseconds. */
const HEARTBEAT = 30_000;
/**
 * The interval at which a phone with an ended pass asks again, and checks whether names must be erased. Milliseconds.
 */
const CHECK_EVERY = 60_000;
const STATES_BY_PROBLEM: Record<string, Exclude<PassState, "paired">> = {
  device: "unknown",
  "device-revoked": "revoked",
  "device-expired": "expired",
};
/** Statuses that depend on the moment or the phone, not on the batch. */
const TEMPORARY = new Set([401, 403, 408, 425, 429]);
/** More refusals than a search for one bad scan among 500 needs: the cause is another. */
const MAX_REFUSALS = 40;

type Timer = ReturnType<typeof setTimeout>;

export class Sync {
  readonly #door: DoorState;
  readonly #updates: ServerUpdates;
  readonly #batches = new Batches();
  #timer: Timer | undefined;
  #gathering: Timer | undefined;
  #checking: Timer | undefined;
  #round: Promise<void> | null = null;
  #sending: Promise<void> | null = null;
  #reading: Promise<void> | null = null;
  #isRoundWanted = false;
  #stopped = false;
  #failures = 0;
  #hasFailed = false;
  /** True once the server has answered since the network was last lost: the clock is known. */
  #reachable = false;
  /** Times by performance.now(), which setting the phone's clock does not move. */
  #notBefore = 0;
  #lastHandedIn = -HEARTBEAT;
  #lastRead = -CHECK_EVERY;
  readonly #restUntil = new Map<Id, number>();

  constructor(door: DoorState, updates: ServerUpdates) {
    this.#door = door;
    this.#updates = updates;
  }

  /** Start; a second call only wakes. */
  start(): void {
    if (this.#checking !== undefined) return this.#wake();
    // navigator.onLine stays true while the server is away: the timer notices its return, the event only sooner.
    window.addEventListener("online", this.#wake);
    document.addEventListener("visibilitychange", this.#wakeIfVisible);
    this.#checking = setInterval(() => void this.#door.checkExpiry().then(() => this.#door.eraseOthers()), CHECK_EVERY);
    this.#wake();
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    clearTimeout(this.#gathering);
    clearInterval(this.#checking);
    window.removeEventListener("online", this.#wake);
    document.removeEventListener("visibilitychange", this.#wakeIfVisible);
  }

  /** Send a saved scan, together with those of the next moment. */
  sendSoon(): void {
    if (this.#stopped || this.#gathering !== undefined) return;
    this.#gathering = setTimeout(() => {
      this.#gathering = undefined;
      if (this.#failures > 0 || this.#mustWait()) this.#wake();
      else void this.#send();
    }, GATHER_FOR);
  }

  /** Contact the server now, unless it asked for a pause. */
  readonly #wake = (): void => {
    this.#failures = 0;
    this.#schedule(0);
  };

  readonly #wakeIfVisible = (): void => {
    if (!document.hidden) this.#wake();
  };

  #schedule(pause: number): void {
    if (this.#stopped) return;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#startRound(), Math.max(pause, this.#notBefore - ticks()));
  }

  #startRound(): void {
    if (this.#round) this.#isRoundWanted = true;
    this.#round ??= this.#runRound().finally(() => {
      this.#round = null;
      const pause = this.#isRoundWanted ? 0 : this.#nextPause();
      this.#isRoundWanted = false;
      this.#schedule(pause);
    });
  }

  async #runRound(): Promise<void> {
    this.#hasFailed = false;
    await Promise.all([this.#send(), this.#read()]);
    this.#failures = this.#hasFailed ? this.#failures + 1 : 0;
  }

  #nextPause(): number {
    if (this.#failures > 0) return pauseAfter(this.#failures);
    return document.hidden ? POLL_HIDDEN : POLL;
  }

  #mustWait(): boolean {
    return ticks() < this.#notBefore;
  }

  #read(): Promise<void> {
    this.#reading ??= this.#readRoster().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #readRoster(): Promise<void> {
    const { pass } = this.#door;
    // Where only the phone's clock says that the pass is over, the server has to confirm it.
    const isDue = pass.state === "paired" || (pass.state === "expired" && ticks() - this.#lastRead >= CHECK_EVERY);
    if (!isDue || this.#stopped) return;
    this.#lastRead = ticks();
    try {
      const { body, exchange } = await fetchRoster(pass);
      if (this.#stopped) return;
      this.#reachable = true;
      await this.#updates.takeRoster(body, pass.cursor, exchange);
    } catch (error) {
      await this.#onFailure(error, pass);
    }
  }

  #send(): Promise<void> {
    this.#sending ??= this.#sendAll().finally(() => {
      this.#sending = null;
    });
    return this.#sending;
  }

  async #sendAll(): Promise<void> {
    // After a silence the first request carries no scans: the clock that stamped them may turn out to have jumped.
    if (
      !this.#reachable &&
      this.#door.own.queueOf(this.#door.pass.id).length > 0 &&
      !(await this.#sendBatch(this.#door.pass, []))
    )
      return this.#sendOthers();
    await this.#sendFor(this.#door.pass);
    if (this.#isHeartbeatDue()) await this.#sendBatch(this.#door.pass, []);
    await this.#sendOthers();
  }

  /** Send the scans that wait under passes of earlier events. */
  async #sendOthers(): Promise<void> {
    const events = this.#door.own.eventsWaiting();
    const passes = this.#door.others.filter(
      (pass) => events.has(pass.id) && ticks() >= (this.#restUntil.get(pass.id) ?? 0),
    );
    for (const pass of passes) await this.#sendFor(pass);
  }

  async #sendFor(pass: Pass): Promise<void> {
    let batch = this.#nextBatch(pass);
    let hasMore = batch.length > 0 || this.#hasShifts(pass);
    for (let refusals = 0; hasMore && !this.#stopped && refusals < MAX_REFUSALS; refusals++) {
      if (!(await this.#sendBatch(pass, batch))) return;
      batch = this.#nextBatch(pass);
      hasMore = batch.length > 0;
    }
  }

  #nextBatch(pass: Pass): OwnScan[] {
    return this.#batches.next(this.#door.own.queueOf(pass.id), this.#door.walkIns, ticks());
  }

  #hasShifts({ id }: Pass): boolean {
    return id === this.#door.pass.id && this.#door.pass.shifts.length > 0;
  }

  #isHeartbeatDue(): boolean {
    const next = document.hidden ? POLL_HIDDEN : POLL;
    return this.#reachable && this.#door.passState === "paired" && ticks() - this.#lastHandedIn + next >= HEARTBEAT;
  }

  /** Hand in one batch. Returns whether the next may follow at once. */
  async #sendBatch(requested: Pass, scans: OwnScan[]): Promise<boolean> {
    const { own, walkIns } = this.#door;
    // The pass may have changed since: another volunteer, another list.
    const pass = requested.id === this.#door.pass.id ? this.#door.pass : requested;
    const waiting = own.queueOf(pass.id).length - scans.length;
    const batch = { pass, scans, walkIns: walkIns.unsent(scans), handedIn: own.handedIn(pass.id), waiting };
    try {
      const { body, exchange } = await sendScans(batch);
      if (this.#stopped) return false;
      this.#noteAnswer(pass);
      await this.#updates.takeResults(batch, body, exchange);
      this.#batches.onAccepted(scans);
      this.#readIfContested(body);
      return isComplete(body, scans) && !body.resend;
    } catch (error) {
      await this.#onFailure(error, pass, scans);
      return this.#shrinkBatch(error, scans);
    }
  }

  #noteAnswer(pass: Pass): void {
    this.#reachable = true;
    if (pass.id === this.#door.pass.id) this.#lastHandedIn = ticks();
  }

  // The answer says that there is a conflict; only the list says with which scan.
  #readIfContested({ results }: ScansAnswer): void {
    if (results.some(({ result }) => result === "conflict")) void this.#read();
  }

  // One bad scan must not hold up the others: it is found in ever smaller batches and set aside, never dropped.
  #shrinkBatch(error: unknown, scans: OwnScan[]): boolean {
    if (!(error instanceof ApiError) || error.status === 408) this.#batches.onTimeout();
    if (!(error instanceof ApiError) || !isAboutContent(error, scans)) return false;
    this.#batches.onRefused(scans, ticks());
    return true;
  }

  async #onFailure(error: unknown, pass: Pass, scans: OwnScan[] = []): Promise<void> {
    if (this.#stopped) return;
    const refused = error instanceof ApiError ? error : null;
    if (pass.id !== this.#door.pass.id) return this.#onOtherFailure(pass, refused);
    this.#hasFailed = true;
    if (refused && isAboutContent(refused, scans)) return;
    // A refusal of a token that another page has replaced does not concern the new one.
    const ending =
      refused?.status === 401 && pass.token === this.#door.pass.token
        ? STATES_BY_PROBLEM[refused.reason ?? ""]
        : undefined;
    this.#reachable = refused !== null && refused.reason !== null && refused.status < 500;
    this.#door.setOnline(this.#reachable);
    if (refused) this.#notBefore = Math.max(this.#notBefore, ticks() + refused.pause);
    if (ending) await this.#door.endPass(ending);
    if (!this.#door.online) await this.#door.checkExpiry();
    this.#door.listener.onChange();
  }

  async #onOtherFailure(pass: Pass, refused: ApiError | null): Promise<void> {
    const ending = refused?.status === 401 ? STATES_BY_PROBLEM[refused.reason ?? ""] : undefined;
    this.#rest(pass, refused?.pause ?? 0);
    if (ending) await this.#door.endOther(pass, ending);
  }

  // Trouble with an earlier event's pass does not concern this event.
  #rest(pass: Pass, pause: number): void {
    this.#restUntil.set(pass.id, ticks() + Math.max(CHECK_EVERY, pause));
  }
}

function ticks(): number {
  return performance.now();
}

/** True where every scan of a batch has a result; an incomplete answer must not be requested again at once. */
function isComplete({ results }: ScansAnswer, scans: OwnScan[]): boolean {
  return results.length === scans.length && results.every(({ result }) => result !== null);
}

/** True where the scans are the cause of a refusal. One scan is never too large: then 413 is the server's trouble. */
function isAboutContent({ status, reason }: ApiError, scans: OwnScan[]): boolean {
  if (scans.length === 0) return false;
  if (status === 413) return scans.length > 1;
  return reason !== null && status >= 400 && status < 500 && !TEMPORARY.has(status);
}

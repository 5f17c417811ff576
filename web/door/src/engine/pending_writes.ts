/** Saves changes to the phone's storage; a failed write stays pending and is tried again with the next one. */

import type { Store } from "../device/database.ts";
import { eraseNames, withoutNames } from "../device/retention.ts";
import { type Alarm, type Change, type RosterChange, save, saveRoster } from "../device/store.ts";
import type { OwnScan, Pass, WalkIn } from "../lib/types.ts";

type Pending = Change & Required<Pick<Change, "own" | "walkIns" | "alarms" | "deletions">>;

/** Scans and walk-ins that the next door of the page must receive. */
export type Unwritten = Required<Pick<Change, "own" | "walkIns">>;

export class PendingWrites {
  #unsaved = false;
  readonly #own = new Map<string, OwnScan>();
  readonly #walkIns = new Map<string, WalkIn>();
  readonly #alarms = new Map<string, Alarm>();
  readonly #deletions = new Set<string>();
  #writing: Promise<void> = Promise.resolve();
  #next: Promise<void> | null = null;
  #latest: Pick<Change, "clock" | "pass"> = {};
  /** True after a change of the list failed: until the whole list is saved, the saved cursor must not pass it. */
  #isBehind = false;
  #erasures = 0;

  readonly #store: Store;
  #cursor: string | null;
  readonly #onReplaced: () => void;

  /**
   * `onReplaced` is called once another page has paired the phone again; the pass of this page is not saved any more.
   */
  constructor(store: Store, cursor: string | null, onReplaced: () => void = () => undefined) {
    this.#store = store;
    this.#cursor = cursor;
    this.#onReplaced = onReplaced;
  }

  /** True while a scan, a walk-in or the list exists only in this page. */
  get unsaved(): boolean {
    return this.#unsaved;
  }

  /** Continue with the saved pass. */
  usePass({ cursor }: Pass): void {
    this.#cursor = cursor;
    delete this.#latest.pass;
  }

  /** Resolves once the change is saved or has failed. Never throws: a phone that cannot save goes on, and says so. */
  save(change: Change): Promise<void> {
    for (const each of change.own ?? []) this.#own.set(each.id, each);
    for (const each of change.walkIns ?? []) this.#walkIns.set(each.id, each);
    for (const each of change.alarms ?? []) this.#alarms.set(each.pair, each);
    for (const id of change.deletions ?? []) this.#delete(id);
    this.#latest = {
      ...this.#latest,
      ...(change.clock && { clock: change.clock }),
      ...(change.pass && { pass: change.pass }),
    };
    // One write at a time: changes that arrive meanwhile are saved together after it.
    this.#next ??= this.#writing.then(() => this.#writePending());
    return this.#next;
  }

  /** Scans and walk-ins that exist only in this page. */
  get unwritten(): Unwritten {
    return { own: [...this.#own.values()], walkIns: [...this.#walkIns.values()] };
  }

  #writePending(): Promise<void> {
    this.#next = null;
    const pending = this.#pending();
    const { pass } = this.#latest;
    const done = this.#attempt(async () => {
      const isOurs = await save(this.#store, pending);
      this.#clear(pending);
      this.#clearPass(pass);
      if (!isOurs) this.#onReplaced();
    });
    this.#writing = done.then(() => undefined);
    return this.#writing;
  }

  /** Save a change of the list; the whole list where a previous change failed. */
  async saveRoster(change: RosterChange, wholeRoster: () => RosterChange): Promise<void> {
    const written = this.#isBehind ? wholeRoster() : change;
    this.#isBehind = true;
    this.#latest = { ...this.#latest, pass: written.pass };
    const erasures = this.#erasures;
    const isWanted = (): boolean => erasures === this.#erasures;
    await this.#attempt(async () => {
      const isOurs = await saveRoster(this.#store, written, isWanted);
      if (!isWanted()) return;
      this.#isBehind = false;
      this.#clearPass(written.pass);
      if (isOurs) this.#cursor = written.pass.cursor;
      else this.#onReplaced();
    });
  }

  /** Erase names and keys. Returns whether they are gone from storage too. */
  async eraseNames(pass: Pass): Promise<boolean> {
    const bare = withoutNames(pass);
    if (this.#latest.pass) this.#latest = { ...this.#latest, pass: bare };
    // A list that is being saved must not bring the names back.
    this.#erasures += 1;
    return this.#attempt(async () => {
      const isOurs = await eraseNames(this.#store, bare);
      this.#isBehind = false;
      if (isOurs) this.#cursor = null;
      else this.#onReplaced();
    });
  }

  #pending(): Pending {
    const { pass, clock } = this.#latest;
    return {
      own: [...this.#own.values()],
      walkIns: [...this.#walkIns.values()],
      alarms: [...this.#alarms.values()],
      deletions: [...this.#deletions],
      ...(clock && { clock }),
      ...(pass && { pass: { ...pass, cursor: this.#cursor } }),
    };
  }

  // Scans that changed again during the write stay pending.
  #clear(written: Pending): void {
    for (const each of written.own) if (this.#own.get(each.id) === each) this.#own.delete(each.id);
    for (const each of written.walkIns) if (this.#walkIns.get(each.id) === each) this.#walkIns.delete(each.id);
    for (const each of written.alarms) this.#alarms.delete(each.pair);
    for (const id of written.deletions) this.#deletions.delete(id);
  }

  #clearPass(written: Pass | undefined): void {
    if (written && this.#latest.pass === written) delete this.#latest.pass;
  }

  #delete(id: string): void {
    this.#walkIns.delete(id);
    this.#deletions.add(id);
  }

  async #attempt(write: () => Promise<void>): Promise<boolean> {
    try {
      await write();
      this.#unsaved = this.#own.size > 0 || this.#walkIns.size > 0 || this.#isBehind;
      return true;
    } catch {
      this.#unsaved = true;
      return false;
    }
  }
}

/** Writes down what the phone must not forget; what cannot be written now stays owed and is tried again with the next. */

import { eraseNames, withoutNames } from "./retention.ts";
import { keep, keepStretch, type Change, type Store, type Stretch, type Telling } from "./store.ts";
import type { OwnScan, Pass, WalkIn } from "./types.ts";

type Owed = Change & Required<Pick<Change, "own" | "walkIns" | "told" | "forgotten">>;

/** Scans and walk-ins that a page must carry over where it begins anew. */
export type Unwritten = Required<Pick<Change, "own" | "walkIns">>;

export class Memory {
  /** Something lives only in this page. */
  forgetful = false;
  private readonly own = new Map<string, OwnScan>();
  private readonly walkIns = new Map<string, WalkIn>();
  private readonly told = new Map<string, Telling>();
  private readonly forgotten = new Set<string>();
  private writing: Promise<void> = Promise.resolve();
  private next: Promise<void> | null = null;
  private latest: Pick<Change, "clock" | "pass"> = {};
  /** A stretch of the list was not written: until the whole list is, the cursor written must not pass it. */
  private behind = false;

  private erasures = 0;

  private readonly store: Store;
  private cursor: string | null;
  private readonly overtaken: () => void;

  /** Tells when the phone turns out to have been paired anew by another page: the pass of this one is not written any more. */
  constructor(store: Store, cursor: string | null, overtaken: () => void = () => undefined) {
    this.store = store;
    this.cursor = cursor;
    this.overtaken = overtaken;
  }

  /** Go on with the pass that is kept. */
  follow({ cursor }: Pass): void {
    this.cursor = cursor;
    delete this.latest.pass;
  }

  /** Resolves when it is written, or could not be. Never throws: a phone that cannot write goes on, and says so. */
  keep(change: Change): Promise<void> {
    for (const each of change.own ?? []) this.own.set(each.id, each);
    for (const each of change.walkIns ?? []) this.walkIns.set(each.id, each);
    for (const each of change.told ?? []) this.told.set(each.pair, each);
    for (const id of change.forgotten ?? []) this.forget(id);
    this.latest = { ...this.latest, ...(change.clock && { clock: change.clock }), ...(change.pass && { pass: change.pass }) };
    // One write at a time: what comes while it runs is written together after it.
    this.next ??= this.writing.then(() => this.writeOwed());
    return this.next;
  }

  /** What lives only in this page. */
  get unwritten(): Unwritten {
    return { own: [...this.own.values()], walkIns: [...this.walkIns.values()] };
  }

  private writeOwed(): Promise<void> {
    this.next = null;
    const owed = this.owed();
    const { pass } = this.latest;
    const done = this.attempt(async () => {
      const isOurs = await keep(this.store, owed);
      this.settle(owed);
      this.settlePass(pass);
      if (!isOurs) this.overtaken();
    });
    this.writing = done.then(() => undefined);
    return this.writing;
  }

  /** Write a stretch of the list; where one before it failed, the whole list. */
  async keepStretch(stretch: Stretch, whole: () => Stretch): Promise<void> {
    const written = this.behind ? whole() : stretch;
    this.behind = true;
    this.latest = { ...this.latest, pass: written.pass };
    const { erasures } = this;
    const isWanted = (): boolean => erasures === this.erasures;
    await this.attempt(async () => {
      const isOurs = await keepStretch(this.store, written, isWanted);
      if (!isWanted()) return;
      this.behind = false;
      this.settlePass(written.pass);
      if (isOurs) this.cursor = written.pass.cursor;
      else this.overtaken();
    });
  }

  /** Erase names and keys. Returns whether they are gone from the disk too. */
  async eraseNames(pass: Pass): Promise<boolean> {
    const bare = withoutNames(pass);
    if (this.latest.pass) this.latest = { ...this.latest, pass: bare };
    // A stretch that is being written must not bring them back.
    this.erasures += 1;
    return this.attempt(async () => {
      const isOurs = await eraseNames(this.store, bare);
      this.behind = false;
      if (isOurs) this.cursor = null;
      else this.overtaken();
    });
  }

  private owed(): Owed {
    const { pass, clock } = this.latest;
    return {
      own: [...this.own.values()],
      walkIns: [...this.walkIns.values()],
      told: [...this.told.values()],
      forgotten: [...this.forgotten],
      ...(clock && { clock }),
      ...(pass && { pass: { ...pass, cursor: this.cursor } }),
    };
  }

  // What changed again while it was written stays owed.
  private settle(written: Owed): void {
    for (const each of written.own) if (this.own.get(each.id) === each) this.own.delete(each.id);
    for (const each of written.walkIns) if (this.walkIns.get(each.id) === each) this.walkIns.delete(each.id);
    for (const each of written.told) this.told.delete(each.pair);
    for (const id of written.forgotten) this.forgotten.delete(id);
  }

  private settlePass(written: Pass | undefined): void {
    if (written && this.latest.pass === written) delete this.latest.pass;
  }

  private forget(id: string): void {
    this.walkIns.delete(id);
    this.forgotten.add(id);
  }

  private async attempt(write: () => Promise<void>): Promise<boolean> {
    try {
      await write();
      this.forgetful = this.own.size > 0 || this.walkIns.size > 0 || this.behind;
      return true;
    } catch {
      this.forgetful = true;
      return false;
    }
  }
}

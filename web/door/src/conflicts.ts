/** One ticket let in by two phones: which of them this phone has to hear of, once. */

import type { Ledger } from "./ledger.ts";
import type { OwnScans } from "./own_scans.ts";
import type { Conflict, OwnScan } from "./types.ts";

/** Those in which a scan of this phone takes part. */
export function involving(conflicts: Conflict[], own: OwnScans): Conflict[] {
  return conflicts.filter(({ first, second }) => own.get(first.id) ?? own.get(second.id));
}

/** This phone's part in a conflict, where it let somebody in and can still be taken back. */
export function ownScanToUndo({ first, second }: Conflict, own: OwnScans, ledger: Ledger): OwnScan | null {
  const scans = [first, second].map(({ id }) => own.get(id));
  return scans.find((own) => own && own.scan.kind === "in" && own.scan.standing && !ledger.isUndone(own.scan)) ?? null;
}

/** The conflicts that were told on this phone, by their two scans. */
export class Alarms {
  private readonly pairs: Set<string>;

  constructor(pairs: string[]) {
    this.pairs = new Set(pairs);
  }

  /** Those not told before; from now on they are. */
  addNew(conflicts: Conflict[]): Conflict[] {
    const added = conflicts.filter((conflict) => !this.pairs.has(conflictKey(conflict)));
    for (const conflict of added) this.pairs.add(conflictKey(conflict));
    return added;
  }
}

/** A conflict by its two scans, whichever came first. */
export function conflictKey({ first, second }: Conflict): string {
  return [first.id, second.id].sort().join(" ");
}

/** True where the verdict itself said so when this phone's scan was made: "already in", with the other door. */
export function wasInVerdict({ first, second }: Conflict, own: OwnScans): boolean {
  return [first, second].some((scan) => own.get(scan.id)?.again);
}

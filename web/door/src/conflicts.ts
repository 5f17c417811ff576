/** One ticket let in by two phones: which of them this phone has to hear of, once. */

import type { Ledger } from "./ledger.ts";
import type { OwnScans } from "./own_scans.ts";
import type { Conflict, OwnScan } from "./types.ts";

/** Those in which a scan of this phone takes part. */
export function withOwn(conflicts: Conflict[], own: OwnScans): Conflict[] {
  return conflicts.filter(({ one, other }) => own.has(one.id) || own.has(other.id));
}

/** This phone's part in a conflict, where it let somebody in and can still be taken back. */
export function ownPart({ one, other }: Conflict, own: OwnScans, ledger: Ledger): OwnScan | null {
  const parts = [one, other].map(({ id }) => own.get(id));
  return parts.find((part) => part && part.scan.kind === "in" && part.scan.standing && !ledger.isUndone(part.scan)) ?? null;
}

/** The conflicts that were told on this phone, by their two scans. */
export class Told {
  private readonly pairs: Set<string>;

  constructor(pairs: string[]) {
    this.pairs = new Set(pairs);
  }

  /** Those not told before; from now on they are. */
  take(conflicts: Conflict[]): Conflict[] {
    const untold = conflicts.filter((conflict) => !this.pairs.has(pairOf(conflict)));
    for (const conflict of untold) this.pairs.add(pairOf(conflict));
    return untold;
  }
}

/** A conflict by its two scans, whichever came first. */
export function pairOf({ one, other }: Conflict): string {
  return [one.id, other.id].sort().join(" ");
}

/** True where the verdict itself said so when this phone's scan was made: "already in", with the other door. */
export function wasSaid({ one, other }: Conflict, own: OwnScans): boolean {
  return [one, other].some((scan) => own.get(scan.id)?.again);
}

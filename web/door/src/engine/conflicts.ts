/** Tickets used twice: conflicts with a scan of this phone, each of which raises one alarm. */

import type { Conflict, OwnScan } from "../lib/types.ts";
import type { Ledger } from "./ledger.ts";
import type { OwnScans } from "./own_scans.ts";

/** Conflicts that involve a scan of this phone. */
export function involving(conflicts: Conflict[], own: OwnScans): Conflict[] {
  return conflicts.filter(({ first, second }) => own.get(first.id) ?? own.get(second.id));
}

/** This phone's scan in a conflict, where it admitted someone and can still be undone. */
export function ownScanToUndo({ first, second }: Conflict, own: OwnScans, ledger: Ledger): OwnScan | null {
  const scans = [first, second].map(({ id }) => own.get(id));
  return scans.find((own) => own && own.scan.kind === "in" && own.scan.standing && !ledger.isUndone(own.scan)) ?? null;
}

/** The conflicts that have raised an alarm on this phone. */
export class Alarms {
  readonly #pairs: Set<string>;

  constructor(pairs: string[]) {
    this.#pairs = new Set(pairs);
  }

  /** Add the conflicts. Returns those that are new. */
  addNew(conflicts: Conflict[]): Conflict[] {
    const added = conflicts.filter((conflict) => !this.#pairs.has(conflictKey(conflict)));
    for (const conflict of added) this.#pairs.add(conflictKey(conflict));
    return added;
  }
}

/** The ids of a conflict's two scans, in one order. */
export function conflictKey({ first, second }: Conflict): string {
  return [first.id, second.id].sort().join(" ");
}

/** True where the verdict on this phone's scan already named the other door: "already in". */
export function wasInVerdict({ first, second }: Conflict, own: OwnScans): boolean {
  return [first, second].some((scan) => own.get(scan.id)?.again);
}

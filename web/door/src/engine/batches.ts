/** Sizes of batches: smaller where the server or the network cannot take them, and no bad scan holds up the others. */

import type { OwnScan } from "../lib/types.ts";
import type { WalkIns } from "./walk_ins.ts";

const MAX_SCANS = 500;
const MAX_WALK_INS = 100;
const MIN_WHEN_SLOW = 25;
/** Batches shrink by half and grow slowly, or a slow network would time out again and again. */
const GROW_BY = 10;
/** The pause before a scan that the server could not read is sent again. Milliseconds. */
const RETRY_AFTER = 60_000;

export class Batches {
  #size = MAX_SCANS;
  /**
   * Scans that the server could not read on their own, with the time of the refusal. They are sent again alone and
   * never dropped.
   */
  readonly #setAside = new Map<string, number>();

  /** The next scans to hand in, oldest first; none where only scans set aside a moment ago wait. */
  next(queue: OwnScan[], walkIns: WalkIns, now: number): OwnScan[] {
    const ready = queue.filter((own) => !this.#setAside.has(own.id));
    if (ready.length > 0) return withinWalkIns(ready.slice(0, this.#size), walkIns);
    const retry = queue.find((own) => now - (this.#setAside.get(own.id) ?? now) >= RETRY_AFTER);
    return retry ? [retry] : [];
  }

  onAccepted(scans: OwnScan[]): void {
    for (const own of scans) this.#setAside.delete(own.id);
    if (scans.length > 0) this.#size = Math.min(MAX_SCANS, this.#size + GROW_BY);
  }

  /** Halve the batch that the server cannot read or finds too large; set a single scan aside. */
  onRefused(scans: OwnScan[], now: number): void {
    const [scan] = scans;
    if (scans.length === 1 && scan) this.#setAside.set(scan.id, now);
    else this.#size = Math.max(1, Math.floor(scans.length / 2));
  }

  /** Halve the batch that did not arrive in time. */
  onTimeout(): void {
    this.#size = Math.min(this.#size, Math.max(MIN_WHEN_SLOW, Math.floor(this.#size / 2)));
  }
}

/** The first scans, as many as bring at most a hundred walk-ins. */
function withinWalkIns(scans: OwnScan[], walkIns: WalkIns): OwnScan[] {
  const [first] = walkIns.unsent(scans).slice(MAX_WALK_INS);
  return first
    ? scans.slice(
        0,
        scans.findIndex((own) => own.scan.person === first.id),
      )
    : scans;
}

/** How much of the queue is handed in at once: less where the server or the network cannot take it, and one bad scan never holds up the rest. */

import type { OwnScan } from "./types.ts";
import type { WalkIns } from "./walk_ins.ts";

const MOST = 500;
const MOST_WALK_INS = 100;
const LEAST_WHEN_SLOW = 25;
/** Batches shrink by half and grow by little, or a slow network would be tried with too much again and again. */
const MORE = 10;
/** How long a scan that the server could not even read is kept back. */
const ASIDE = 60_000;

export class Batches {
  private size = MOST;
  /** Scans that the server refused to read by themselves, and since when. They are tried again alone, and never dropped. */
  private readonly aside = new Map<string, number>();

  /** The next scans to hand in, oldest first; none where nothing waits but what was put aside a moment ago. */
  next(queue: OwnScan[], walkIns: WalkIns, now: number): OwnScan[] {
    const clear = queue.filter((own) => !this.aside.has(own.id));
    if (clear.length > 0) return withinWalkIns(clear.slice(0, this.size), walkIns);
    const due = queue.find((own) => now - (this.aside.get(own.id) ?? now) >= ASIDE);
    return due ? [due] : [];
  }

  taken(scans: OwnScan[]): void {
    for (const own of scans) this.aside.delete(own.id);
    if (scans.length > 0) this.size = Math.min(MOST, this.size + MORE);
  }

  /** The server cannot read a batch, or finds it too large: look for the one in ever smaller batches. */
  refused(scans: OwnScan[], now: number): void {
    const [only] = scans;
    if (scans.length === 1 && only) this.aside.set(only.id, now);
    else this.size = Math.max(1, Math.floor(scans.length / 2));
  }

  /** The network did not carry it in time: a smaller batch may pass. */
  tooSlow(): void {
    this.size = Math.min(this.size, Math.max(LEAST_WHEN_SLOW, Math.floor(this.size / 2)));
  }
}

/** As many from the beginning as bring at most a hundred walk-ins with them. */
function withinWalkIns(scans: OwnScan[], walkIns: WalkIns): OwnScan[] {
  const [first] = walkIns.unsentAmong(scans).slice(MOST_WALK_INS);
  return first ? scans.slice(0, scans.findIndex((own) => own.scan.person === first.id)) : scans;
}

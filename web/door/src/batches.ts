/** How much of the queue is handed in at once: less where the server or the network cannot take it, and one bad scan never holds up the rest. */

import type { OwnScan } from "./types.ts";
import type { WalkIns } from "./walk_ins.ts";

const MAX_SCANS = 500;
const MAX_WALK_INS = 100;
const MIN_WHEN_SLOW = 25;
/** Batches shrink by half and grow by little, or a slow network would be tried with too much again and again. */
const GROW_BY = 10;
/** How long a scan that the server could not even read is kept back. */
const RETRY_AFTER = 60_000;

export class Batches {
  private size = MAX_SCANS;
  /** Scans that the server refused to read by themselves, and since when. They are tried again alone, and never dropped. */
  private readonly setAside = new Map<string, number>();

  /** The next scans to hand in, oldest first; none where nothing waits but what was put aside a moment ago. */
  next(queue: OwnScan[], walkIns: WalkIns, now: number): OwnScan[] {
    const ready = queue.filter((own) => !this.setAside.has(own.id));
    if (ready.length > 0) return withinWalkIns(ready.slice(0, this.size), walkIns);
    const retry = queue.find((own) => now - (this.setAside.get(own.id) ?? now) >= RETRY_AFTER);
    return retry ? [retry] : [];
  }

  onAccepted(scans: OwnScan[]): void {
    for (const own of scans) this.setAside.delete(own.id);
    if (scans.length > 0) this.size = Math.min(MAX_SCANS, this.size + GROW_BY);
  }

  /** The server cannot read a batch, or finds it too large: look for the one in ever smaller batches. */
  onRefused(scans: OwnScan[], now: number): void {
    const [scan] = scans;
    if (scans.length === 1 && scan) this.setAside.set(scan.id, now);
    else this.size = Math.max(1, Math.floor(scans.length / 2));
  }

  /** The network did not carry it in time: a smaller batch may pass. */
  onTimeout(): void {
    this.size = Math.min(this.size, Math.max(MIN_WHEN_SLOW, Math.floor(this.size / 2)));
  }
}

/** As many from the beginning as bring at most a hundred walk-ins with them. */
function withinWalkIns(scans: OwnScan[], walkIns: WalkIns): OwnScan[] {
  const [first] = walkIns.unsent(scans).slice(MAX_WALK_INS);
  return first ? scans.slice(0, scans.findIndex((own) => own.scan.person === first.id)) : scans;
}

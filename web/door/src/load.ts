/** What the phone remembers of an event when the page is opened. */

import type { ClockState } from "./clock.ts";
import * as store from "./store.ts";
import type { Entry, Id, OwnScan, Pass, Scan, WalkIn } from "./types.ts";

export interface Remembered {
  device: string;
  clock: ClockState;
  passes: Pass[];
  entries: Entry[];
  scans: Scan[];
  told: string[];
  /** Of all events: what waits under an earlier pass is handed in too. */
  own: OwnScan[];
  walkIns: WalkIn[];
}

export async function recall(kept: store.Store, event: Id): Promise<Remembered> {
  const [device, clock, passes, entries, scans, told, own, walkIns] = await Promise.all([
    store.deviceOf(kept),
    store.clockOf(kept),
    store.readPasses(kept),
    store.readEntries(kept, event),
    store.readScans(kept, event),
    store.readTold(kept, event),
    store.readOwn(kept),
    store.readWalkIns(kept),
  ]);
  return { device, clock, passes, entries, scans, told, own, walkIns };
}

/** Loads what the phone has stored about an event when the page opens. */

import type { ClockState } from "../lib/clock.ts";
import type { Entry, Id, OwnScan, Pass, Scan, WalkIn } from "../lib/types.ts";
import * as store from "./store.ts";

export interface LoadedEvent {
  device: string;
  clock: ClockState;
  passes: Pass[];
  entries: Entry[];
  scans: Scan[];
  alarms: string[];
  /** Of all events: scans that wait under an earlier pass are handed in too. */
  own: OwnScan[];
  walkIns: WalkIn[];
}

export async function loadEvent(from: store.Store, event: Id): Promise<LoadedEvent> {
  const [device, clock, passes, entries, scans, alarms, own, walkIns] = await Promise.all([
    store.deviceOf(from),
    store.readClockOrStart(from),
    store.readPasses(from),
    store.readEntries(from, event),
    store.readScans(from, event),
    store.readAlarms(from, event),
    store.readOwn(from),
    store.readWalkIns(from),
  ]);
  return { device, clock, passes, entries, scans, alarms, own, walkIns };
}

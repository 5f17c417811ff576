/** Decides when a new version of the page may take over. */

import { readOwn, type Store } from "../device/store.ts";
import type { Door } from "../engine/door.ts";

/**
 * True where no camera is on and no scan waits for the server; before the start tap (no door yet) the saved scans are
 * asked.
 */
export async function isIdle(store: Store, door: Door | null, cameraOn: boolean): Promise<boolean> {
  if (cameraOn) return false;
  if (door) return door.waiting === 0;
  return (await readOwn(store)).every((own) => own.result !== null);
}

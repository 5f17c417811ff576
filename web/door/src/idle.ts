/** Whether a new version of the page may take over: only where it interrupts nobody. */

import type { Door } from "./door.ts";
import { readOwn, type Store } from "./store.ts";

/** No camera looks for anything and nothing waits for the server; before the start tap (no door yet) that is what the phone wrote down. */
export async function isIdle(store: Store, door: Door | null, cameraOn: boolean): Promise<boolean> {
  if (cameraOn) return false;
  if (door) return door.waiting === 0;
  return (await readOwn(store)).every((own) => own.result !== null);
}

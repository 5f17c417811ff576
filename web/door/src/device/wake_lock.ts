/** Keeps the screen on during a shift. */

interface WakeLock {
  released: boolean;
  release(): Promise<void>;
}

let lock: WakeLock | null = null;
let isWanted = false;
let isRequesting = false;

/**
 * Keep the screen on until letScreenSleep(). Phones drop the lock, so it is requested again. Without browser support
 * the phone's own settings apply.
 */
export function keepScreenOn(): void {
  isWanted = true;
  document.addEventListener("visibilitychange", requestLock);
  void requestLock();
}

/** Let the screen turn off after the shift. */
export function letScreenSleep(): void {
  isWanted = false;
  document.removeEventListener("visibilitychange", requestLock);
  releaseLock();
}

async function requestLock(): Promise<void> {
  const wake = (navigator as { wakeLock?: { request(kind: "screen"): Promise<WakeLock> } }).wakeLock;
  if (!wake || isRequesting || document.hidden || lock?.released === false) return;
  isRequesting = true;
  lock = await wake.request("screen").catch(() => null);
  isRequesting = false;
  if (!isWanted) releaseLock();
}

function releaseLock(): void {
  void lock?.release().catch(() => undefined);
  lock = null;
}

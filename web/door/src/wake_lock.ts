/** Keeps the screen on during a shift. */

interface Lock {
  released: boolean;
  release(): Promise<void>;
}

let lock: Lock | null = null;
let isWanted = false;
let isAsking = false;

/** Keep the screen on until letSleep; asked again and again, since the phone drops it. Where the browser cannot, the phone's own settings must. */
export function keepAwake(): void {
  isWanted = true;
  document.addEventListener("visibilitychange", ask);
  void ask();
}

/** The shift is over: the screen may go dark. */
export function letSleep(): void {
  isWanted = false;
  document.removeEventListener("visibilitychange", ask);
  letGo();
}

async function ask(): Promise<void> {
  const wake = (navigator as { wakeLock?: { request(kind: "screen"): Promise<Lock> } }).wakeLock;
  if (!wake || isAsking || document.hidden || lock?.released === false) return;
  isAsking = true;
  lock = await wake.request("screen").catch(() => null);
  isAsking = false;
  if (!isWanted) letGo();
}

function letGo(): void {
  void lock?.release().catch(() => undefined);
  lock = null;
}

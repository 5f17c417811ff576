/** The page's own files on the phone: a service worker keeps them, and changes them only between shifts. */

const WORKER = "/door/sw.js";
const LOOK_AGAIN = 60_000;

/** Register the service worker; a new version takes over once the page is idle. Without one (plain http) the page still works while it is open. */
export async function followUpdates(isIdle: () => Promise<boolean>): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const registration = await navigator.serviceWorker.register(WORKER, { scope: "/door/" }).catch(() => null);
  if (!registration) return;
  const offer = async (): Promise<void> => {
    if (registration.waiting && (await isIdle().catch(() => false))) registration.waiting?.postMessage("take over");
  };
  void offer();
  setInterval(() => void offer(), LOOK_AGAIN);
}

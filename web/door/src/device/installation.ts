/** Installs the service worker, which keeps the page's files on the phone and changes them only between shifts. */

const SERVICE_WORKER = "/door/sw.js";
const CHECK_EVERY = 60_000;

/**
 * Register the service worker; a new version takes over once the page is idle. Without one (plain http) the page works
 * while it is open.
 */
export async function followUpdates(isIdle: () => Promise<boolean>): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  const registration = await navigator.serviceWorker.register(SERVICE_WORKER, { scope: "/door/" }).catch(() => null);
  if (!registration) return;
  const activateIfIdle = async (): Promise<void> => {
    if (registration.waiting && (await isIdle().catch(() => false))) registration.waiting?.postMessage("take over");
  };
  void activateIfIdle();
  setInterval(() => void activateIfIdle(), CHECK_EVERY);
}

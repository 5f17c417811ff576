/** The door's page: draws the current screen and starts the navigation. */

import catalogues from "catalogues";

import { missingFeatures, openProblem, readProblem } from "./device/browser_support.ts";
import { isCameraOn } from "./device/camera.ts";
import { followUpdates } from "./device/installation.ts";
import { setTheme, startLanguage, theme } from "./device/preferences.ts";
import { prepareReader } from "./device/reader.ts";
import { unlockSound } from "./device/signals.ts";
import { openStore } from "./device/store.ts";
import type { Door } from "./engine/door.ts";
import { currentTime } from "./lib/clock.ts";
import { loadCatalogues, t } from "./lib/i18n.ts";
import { page } from "./screens/components.ts";
import { h, replace } from "./screens/dom.ts";
import { type Leave, Navigation, type Pairing, type Ready, type Scanning, type Screen } from "./screens/navigation.ts";
import { loadFailedScreen, loadingScreen, otherTabScreen } from "./screens/notices.ts";
import { pairingScreen } from "./screens/pairing.ts";
import { Scanner } from "./screens/scanner.ts";
import { startScreen } from "./screens/start.ts";

const FOCUS_FIRST = "input[name=volunteer], [data-action=start], [data-action=try-again]";

const root = document.getElementById("door") ?? document.body.appendChild(h("div", { id: "door" }));

/** Take the secret of a door pass out of the address, so that neither the history nor a screenshot keeps it. */
function takeSecret(): string | null {
  const secret = location.hash.slice(1);
  if (secret) history.replaceState(null, "", location.pathname + location.search);
  return secret || null;
}

function draw(navigation: Navigation, screen: Screen): Leave {
  if (screen.is === "scanning") return scan(navigation, screen.door);
  replace(root, elementOf(navigation, screen));
  root.querySelector<HTMLElement>(FOCUS_FIRST)?.focus();
  return () => undefined;
}

function scan(navigation: Navigation, door: Door): Leave {
  const scanner = new Scanner(door, (secret) => void navigation.pair(secret));
  replace(root, scanner.element);
  void scanner.start();
  return () => scanner.stop();
}

function elementOf(navigation: Navigation, screen: Exclude<Screen, Scanning>): HTMLElement {
  switch (screen.is) {
    case "pairing":
      return pairing(navigation, screen);
    case "ready":
      return ready(navigation, screen);
    case "loading":
      return loadingScreen();
    case "other_tab":
      return otherTabScreen(() => {
        unlockSound();
        void navigation.takeOver(screen);
      });
    case "failed":
      return loadFailedScreen(readProblem(screen.error), () => void screen.retry());
  }
}

function pairing(navigation: Navigation, screen: Pairing): HTMLElement {
  const { secret, back } = screen;
  return pairingScreen({
    store: navigation.store,
    secret,
    previous: back && (back.is === "scanning" ? back.door.pass : back.pass),
    back: back && (() => navigation.show(back)),
    onPaired: (pass) => void navigation.onPaired(pass),
    redraw: (newSecret) => navigation.show({ ...screen, secret: newSecret }),
  });
}

function ready(navigation: Navigation, screen: Ready): HTMLElement {
  return startScreen(screen.pass, currentTime(screen.clock, Date.now()), {
    start: () => {
      unlockSound();
      void navigation.start(screen);
    },
    redraw: () => navigation.show(screen),
    setSession: (session) => void navigation.setSession(screen, session),
  });
}

async function begin(secret: string | null): Promise<void> {
  const retry = (): void => void begin(takeSecret() ?? secret);
  const store = await openStore().catch((error: unknown) => replace(root, loadFailedScreen(openProblem(error), retry)));
  if (!store) return;
  const navigation: Navigation = new Navigation(store, (screen) => draw(navigation, screen));
  void prepareReader().catch(() => undefined);
  void followUpdates(() => navigation.isIdle(isCameraOn()));
  window.addEventListener("hashchange", () => {
    const linkSecret = takeSecret();
    if (linkSecret) void navigation.pair(linkSecret);
  });
  await navigation.open(secret);
}

loadCatalogues(catalogues);
startLanguage();
setTheme(theme());
const missing = missingFeatures();
if (missing) replace(root, page(t("door.title"), h("p", {}, missing)));
else void begin(takeSecret());

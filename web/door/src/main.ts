/** The door's page: draws what the shift is at, and begins it. */

import catalogues from "catalogues";

import { isCameraOn } from "./camera.ts";
import { timeOf } from "./clock.ts";
import type { Door } from "./door.ts";
import { h, replace } from "./dom.ts";
import { whatIsMissing, whyNothingIsKept, whyNothingIsRead } from "./browser_support.ts";
import { loadCatalogues, t } from "./i18n.ts";
import { isIdle } from "./idle.ts";
import { look, setLook, startLanguage } from "./preferences.ts";
import { prepareReader } from "./reader.ts";
import { elsewhereScreen } from "./screens/other_tab.ts";
import { pairingScreen } from "./screens/pairing.ts";
import { page } from "./screens/components.ts";
import { Scanner } from "./screens/scanner.ts";
import { startScreen } from "./screens/start.ts";
import { startingScreen, stuckScreen } from "./screens/loading.ts";
import { followUpdates } from "./installation.ts";
import { Shift, type Leave, type Pairing, type Ready, type Scanning, type Screen } from "./navigation.ts";
import { unlockSound } from "./signals.ts";
import { openStore } from "./store.ts";
import { Sync } from "./sync.ts";

const FOCUSED = "input[name=volunteer], [data-action=start], [data-action=try-again]";

const root = document.getElementById("door") ?? document.body.appendChild(h("div", { id: "door" }));

/** The secret of a door pass leaves the address at once: neither history nor a screenshot keeps it. */
function takeSecret(): string | null {
  const secret = location.hash.slice(1);
  if (secret) history.replaceState(null, "", location.pathname + location.search);
  return secret || null;
}

function draw(shift: Shift, screen: Screen): Leave {
  if (screen.is === "scanning") return scan(shift, screen.door);
  replace(root, elementOf(shift, screen));
  root.querySelector<HTMLElement>(FOCUSED)?.focus();
  return () => undefined;
}

function scan(shift: Shift, door: Door): Leave {
  const sync = new Sync(door);
  const scanner = new Scanner(door, sync, (secret) => void shift.pair(secret));
  replace(root, scanner.element);
  void scanner.start();
  return () => {
    sync.stop();
    scanner.stop();
  };
}

function elementOf(shift: Shift, screen: Exclude<Screen, Scanning>): HTMLElement {
  switch (screen.is) {
    case "pairing":
      return pairing(shift, screen);
    case "ready":
      return ready(shift, screen);
    case "starting":
      return startingScreen();
    case "elsewhere":
      return elsewhereScreen(() => {
        unlockSound();
        void shift.takeOver(screen);
      });
    case "stuck":
      return stuckScreen(whyNothingIsRead(screen.why), () => void screen.again());
  }
}

function pairing(shift: Shift, screen: Pairing): HTMLElement {
  const { secret, back } = screen;
  return pairingScreen({
    store: shift.store,
    secret,
    before: back && (back.is === "scanning" ? back.door.pass : back.pass),
    back: back && (() => shift.go(back)),
    paired: (pass) => void shift.paired(pass),
    redraw: (known) => shift.go({ ...screen, secret: known }),
  });
}

function ready(shift: Shift, screen: Ready): HTMLElement {
  return startScreen(screen.pass, timeOf(screen.clock, Date.now()), {
    start: () => {
      unlockSound();
      void shift.start(screen);
    },
    redraw: () => shift.go(screen),
    choose: (session) => void shift.choose(screen, session),
  });
}

async function begin(secret: string | null): Promise<void> {
  const again = (): void => void begin(takeSecret() ?? secret);
  const store = await openStore().catch((error: unknown) => replace(root, stuckScreen(whyNothingIsKept(error), again)));
  if (!store) return;
  const shift: Shift = new Shift(store, (screen) => draw(shift, screen));
  void prepareReader().catch(() => undefined);
  void followUpdates(() => isIdle(store, shift.door, isCameraOn()));
  window.addEventListener("hashchange", () => {
    const other = takeSecret();
    if (other) void shift.pair(other);
  });
  await shift.open(secret);
}

loadCatalogues(catalogues);
startLanguage();
setLook(look());
const missing = whatIsMissing();
if (missing) replace(root, page(t("Door"), h("p", {}, missing)));
else void begin(takeSecret());

/** The door's page: pairing, then the start tap, then the scanner until the evening is over. */

import catalogues from "catalogues";

import { isCameraOn } from "./camera.ts";
import { Door } from "./door.ts";
import { h, replace } from "./dom.ts";
import { whatIsMissing, whyNothingIsKept } from "./floor.ts";
import { loadCatalogues, t } from "./i18n.ts";
import { isIdle } from "./idle.ts";
import { look, setLook, startLanguage } from "./preferences.ts";
import { prepareReader } from "./reader.ts";
import { Place } from "./place.ts";
import { elsewhereScreen } from "./screens/elsewhere.ts";
import { pairingScreen } from "./screens/pairing.ts";
import { page } from "./screens/parts.ts";
import { Scanner } from "./screens/scanner.ts";
import { startScreen } from "./screens/start.ts";
import { followUpdates } from "./shell.ts";
import { unlockSound } from "./signals.ts";
import { currentPass, keepPass, openStore, type Store } from "./store.ts";
import { Sync } from "./sync.ts";
import type { Id, Pass } from "./types.ts";

const root = document.getElementById("door") ?? document.body.appendChild(h("div", { id: "door" }));
let leave: () => void = () => undefined;
const place = new Place();
/** The door of this page; it outlives the pairing page, for it may know what could not be written down. */
let scanning: Door | null = null;
/** The door before a new pairing, until the next one has taken over what it could not write down. */
let former: Door | null = null;

/** The secret of a door pass leaves the address at once: neither history nor a screenshot keeps it. */
function takeSecret(): string | null {
  const secret = location.hash.slice(1);
  if (secret) history.replaceState(null, "", location.pathname + location.search);
  return secret || null;
}

function askForPass(store: Store, before: Pass | null, secret: string | null): void {
  const door = scanning;
  const back = door ? () => void resume(store, door) : before && (() => getReady(store, before));
  leave();
  const draw = (known: string | null): void => {
    const screen = pairingScreen({ store, secret: known, before, back, paired: (pass) => hold(store, pass), redraw: draw });
    replace(root, screen);
    screen.querySelector<HTMLElement>("input[name=volunteer]")?.focus();
  };
  draw(secret);
}

/** Newly paired: ask the browser not to clear what is kept here, and get ready. */
function hold(store: Store, pass: Pass): void {
  void navigator.storage?.persist?.();
  leaveDoor();
  getReady(store, pass);
}

function getReady(store: Store, pass: Pass): void {
  const start = (): void => {
    unlockSound();
    void scan(store, pass);
  };
  const redraw = (): void => getReady(store, pass);
  const choose = (session: Id): void => void keepPass(store, { ...pass, session }).then(() => getReady(store, { ...pass, session }), redraw);
  replace(root, startScreen(pass, { start, redraw, choose }));
  root.querySelector<HTMLElement>("[data-action=start]")?.focus();
}

function leaveDoor(): void {
  leave();
  former = scanning ?? former;
  scanning = null;
}

async function scan(store: Store, pass: Pass, takeOver = false): Promise<void> {
  if (!(await place.take(() => yieldTo(store), takeOver))) return yieldTo(store);
  scanning = await Door.open(store, pass, former?.unwritten);
  former = null;
  await resume(store, scanning);
}

/** Another tab of this phone scans. */
function yieldTo(store: Store): void {
  leaveDoor();
  const takeOver = async (): Promise<void> => {
    unlockSound();
    const pass = await currentPass(store);
    if (pass) await scan(store, pass, true);
  };
  replace(root, elsewhereScreen(() => void takeOver()));
}

async function resume(store: Store, door: Door): Promise<void> {
  const sync = new Sync(door);
  const scanner = new Scanner(door, sync, (secret) => askForPass(store, door.pass, secret));
  leave = () => {
    sync.stop();
    scanner.stop();
    leave = () => undefined;
  };
  replace(root, scanner.element);
  await scanner.start();
}

function refuse(error: unknown): void {
  replace(root, page(t("Door"), h("p", {}, whyNothingIsKept(error))));
}

async function begin(secret: string | null): Promise<void> {
  loadCatalogues(catalogues);
  startLanguage();
  setLook(look());
  const missing = whatIsMissing();
  if (missing) return replace(root, page(t("Door"), h("p", {}, missing)));
  const store = await openStore().catch(refuse);
  if (!store) return;
  void prepareReader().catch(() => undefined);
  void followUpdates(() => isIdle(store, scanning ?? former, isCameraOn()));
  const pass = await currentPass(store);
  if (secret || !pass) askForPass(store, pass, secret);
  else getReady(store, pass);
  window.addEventListener("hashchange", () => {
    const again = takeSecret();
    if (again) void currentPass(store).then((known) => askForPass(store, known, again));
  });
}

void begin(takeSecret());

/** Pairing: a door pass and a volunteer's name make this phone scan at a door. */

import { askAbout, Refused } from "../api.ts";
import { Camera } from "../camera.ts";
import { h, replace } from "../dom.ts";
import { hasCamera } from "../browser_support.ts";
import { t, textIn } from "../i18n.ts";
import { pairPhone } from "../pair.ts";
import { readPicture } from "../reader.ts";
import type { Store } from "../store.ts";
import { readPass } from "../ticket.ts";
import type { Pass } from "../types.ts";
import { browserHint } from "./browser_hint.ts";
import { iconButton, languageSwitch, page, pictureInput, primaryButton } from "./components.ts";
import { problemOf } from "./pairing_problems.ts";
import { cameraProblem } from "./stage.ts";

export interface Pairing {
  store: Store;
  secret: string | null;
  before: Pass | null;
  /** Back to scanning; null where this phone is not paired. */
  back: (() => void) | null;
  paired: (pass: Pass) => void;
  redraw: (secret: string | null) => void;
}

interface PassReader {
  use: (text: string | null) => void;
  said: HTMLElement;
}

export function pairingScreen(pairing: Pairing): HTMLElement {
  const { secret, redraw, back } = pairing;
  const [title, form] = secret ? [t("Who is at the door?"), nameForm(pairing, secret)] : [t("Door"), passForm(pairing)];
  const languages = languageSwitch(() => redraw(secret));
  return page(title, back && iconButton("back", "back", t("Back to scanning"), back), browserHint(secret), form, languages);
}

function nameForm(pairing: Pairing, secret: string): HTMLElement {
  const said = h("p", { class: "problem", role: "alert" });
  const place = h("p", { class: "where" });
  void tellPlace(secret, place, said);
  const name = h("input", { name: "volunteer", autocomplete: "name", required: true, maxlength: 80, value: pairing.before?.volunteer });
  const button = h("button", { class: "primary", "data-action": "pair" }, t("Pair this phone"));
  const pair = async (): Promise<void> => {
    name.value = name.value.trim();
    if (!name.reportValidity()) return;
    button.disabled = true;
    replace(said);
    await pairPhone(pairing.store, secret, name.value).then(pairing.paired, (error: unknown) => replace(said, problemOf(error)));
    button.disabled = false;
  };
  return h(
    "form",
    { onsubmit: (event) => (event.preventDefault(), void pair()) },
    place,
    h("label", {}, h("span", {}, t("Your name")), name),
    h("p", { class: "hint" }, t("It is shown to the organizers beside what you scan.")),
    said,
    button,
    h("button", { type: "button", "data-action": "other-pass", onclick: () => pairing.redraw(null) }, t("Use another door pass")),
  );
}

/** Say what the pass is for before a name is typed: with two cards on the table the wrong one would count a phone. Without a network pairing says so. */
async function tellPlace(secret: string, place: HTMLElement, said: HTMLElement): Promise<void> {
  try {
    const { event, door } = (await askAbout(secret)).body;
    replace(place, [event.title, door.name].map((texts) => textIn(texts, event)).join(" · "));
  } catch (error) {
    if (error instanceof Refused && error.status === 401) replace(said, problemOf(error));
  }
}

function passForm({ redraw, back }: Pairing): HTMLElement {
  const said = h("p", { class: "problem", role: "alert" });
  const use = (text: string | null): void => {
    const secret = readPass(text ?? "");
    if (secret) redraw(secret);
    else replace(said, t("This is not a door pass."));
  };
  const address = h("input", { type: "url", name: "pass", autocomplete: "off", inputmode: "url" });
  const onsubmit = (event: Event): void => {
    event.preventDefault();
    use(address.value);
  };
  const unpaired = t("This phone is not paired with a door yet. Ask an organizer for a door pass, then scan its code or open its link here.");
  return h(
    "form",
    { onsubmit },
    h("p", {}, back ? t("Ask an organizer for the door pass of the other door, then scan its code or open its link here.") : unpaired),
    hasCamera() && cameraOffer({ use, said }),
    pictureInput((picture) => void readPicture(picture).then(use, () => use(null))),
    h("label", {}, h("span", {}, t("Link of the door pass")), address),
    said,
    h("button", { "data-action": "pass" }, t("Use this link")),
  );
}

/** A button that becomes the camera's picture; the camera ends as soon as the picture has left the page. */
function cameraOffer(reader: PassReader): HTMLElement {
  const place = h("div", { class: "offer" });
  const open = (): void => void openCamera(place, reader);
  replace(place, primaryButton("scan-pass", "camera", t("Scan the code of the door pass"), open));
  return place;
}

async function openCamera(place: HTMLElement, { use, said }: PassReader): Promise<void> {
  const camera = new Camera(({ text }) => (place.isConnected ? use(text) : camera.stop()));
  replace(said);
  try {
    await camera.start();
    replace(place, h("div", { class: "lens" }, camera.video));
    endWith(place, camera);
  } catch (error) {
    camera.stop();
    replace(said, cameraProblem(error));
  }
}

function endWith(place: HTMLElement, camera: Camera): void {
  const watcher = new MutationObserver(() => {
    if (place.isConnected) return;
    camera.stop();
    watcher.disconnect();
  });
  watcher.observe(document.body, { childList: true, subtree: true });
}

/** The pairing screen: a door pass and a volunteer's name pair this phone with a door. */

import { hasCamera } from "../device/browser_support.ts";
import { Camera } from "../device/camera.ts";
import type { Store } from "../device/database.ts";
import { readPicture } from "../device/reader.ts";
import { ApiError, fetchPass } from "../engine/api.ts";
import { pairPhone } from "../engine/pair.ts";
import { t, textIn } from "../lib/i18n.ts";
import { readPass } from "../lib/ticket.ts";
import type { Pass } from "../lib/types.ts";
import { browserHint, iconButton, languageSwitch, page, pictureInput, primaryButton } from "./components.ts";
import { h, replace } from "./dom.ts";
import { cameraProblem } from "./stage.ts";

export interface PairingOptions {
  store: Store;
  secret: string | null;
  previous: Pass | null;
  /** Returns to scanning; null where this phone is not paired. */
  back: (() => void) | null;
  onPaired: (pass: Pass) => void;
  redraw: (secret: string | null) => void;
}

interface PassForm {
  usePass: (text: string | null) => void;
  message: HTMLElement;
}

export function pairingScreen(pairing: PairingOptions): HTMLElement {
  const { secret, redraw, back } = pairing;
  const [title, form] = secret
    ? [t("door.volunteer_title"), nameForm(pairing, secret)]
    : [t("door.title"), passForm(pairing)];
  const languages = languageSwitch(() => redraw(secret));
  return page(
    title,
    back && iconButton("back", "back", t("door.back_to_scanning"), back),
    browserHint(secret),
    form,
    languages,
  );
}

function nameForm(pairing: PairingOptions, secret: string): HTMLElement {
  const message = h("p", { class: "problem", role: "alert" });
  const destination = h("p", { class: "where" });
  void showDestination(secret, destination, message);
  const name = h("input", {
    name: "volunteer",
    autocomplete: "name",
    required: true,
    maxlength: 80,
    value: pairing.previous?.volunteer,
  });
  const button = h("button", { class: "primary", "data-action": "pair" }, t("door.pair_phone"));
  const pair = async (): Promise<void> => {
    name.value = name.value.trim();
    if (!name.reportValidity()) return;
    button.disabled = true;
    replace(message);
    await pairPhone(pairing.store, secret, name.value).then(pairing.onPaired, (error: unknown) =>
      replace(message, problemOf(error)),
    );
    button.disabled = false;
  };
  const onsubmit = (event: Event): void => {
    event.preventDefault();
    void pair();
  };
  return h(
    "form",
    { onsubmit },
    destination,
    h("label", {}, h("span", {}, t("common.your_name")), name),
    h("p", { class: "hint" }, t("door.volunteer_name_hint")),
    message,
    button,
    h(
      "button",
      { type: "button", "data-action": "other-pass", onclick: () => pairing.redraw(null) },
      t("door.use_other_pass"),
    ),
  );
}

/**
 * Show the pass's event and door before a name is typed: pairing with the wrong card would use up a phone. Without a
 * network, pairing reports the error.
 */
async function showDestination(secret: string, destination: HTMLElement, message: HTMLElement): Promise<void> {
  try {
    const { event, door } = (await fetchPass(secret)).body;
    replace(destination, [event.title, door.name].map((texts) => textIn(texts, event)).join(" · "));
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) replace(message, problemOf(error));
  }
}

function passForm({ redraw, back }: PairingOptions): HTMLElement {
  const message = h("p", { class: "problem", role: "alert" });
  const usePass = (text: string | null): void => {
    const secret = readPass(text ?? "");
    if (secret) redraw(secret);
    else replace(message, t("door.not_a_pass_error"));
  };
  const address = h("input", { type: "url", name: "pass", autocomplete: "off", inputmode: "url" });
  const onsubmit = (event: Event): void => {
    event.preventDefault();
    usePass(address.value);
  };
  const unpaired = t("door.unpaired_text");
  return h(
    "form",
    { onsubmit },
    h("p", {}, back ? t("door.other_door_text") : unpaired),
    hasCamera() && cameraOffer({ usePass, message }),
    pictureInput((picture) => void readPicture(picture).then(usePass, () => usePass(null))),
    h("label", {}, h("span", {}, t("door.pass_link_label")), address),
    message,
    h("button", { "data-action": "pass" }, t("door.use_link")),
  );
}

/** A button that turns into the camera's picture; the camera stops once the picture has left the page. */
function cameraOffer(reader: PassForm): HTMLElement {
  const container = h("div", { class: "offer" });
  const open = (): void => void openCamera(container, reader);
  replace(container, primaryButton("scan-pass", "camera", t("door.scan_pass"), open));
  return container;
}

async function openCamera(container: HTMLElement, { usePass, message }: PassForm): Promise<void> {
  const camera = new Camera(({ text }) => (container.isConnected ? usePass(text) : camera.stop()));
  replace(message);
  try {
    await camera.start();
    replace(container, h("div", { class: "camera" }, camera.video));
    stopWhenRemoved(container, camera);
  } catch (error) {
    camera.stop();
    replace(message, cameraProblem(error));
  }
}

function stopWhenRemoved(element: HTMLElement, camera: Camera): void {
  const watcher = new MutationObserver(() => {
    if (element.isConnected) return;
    camera.stop();
    watcher.disconnect();
  });
  watcher.observe(document.body, { childList: true, subtree: true });
}

const REFUSALS: Record<string, () => string> = {
  pass: () => t("door.pass_invalid_error"),
  "pass-used-up": () => t("door.pass_used_up_error"),
  "pass-expired": () => t("door.pass_expired_error"),
  "device-revoked": () => t("door.phone_revoked_error"),
};

/** Explain why the phone could not be paired. */
export function problemOf(error: unknown): string {
  if (isOfStorage(error)) return t("door.no_space_error");
  if (!(error instanceof ApiError)) return t("door.pairing_offline_error");
  const refusal = REFUSALS[error.reason ?? ""];
  return refusal ? refusal() : t("door.server_error");
}

// fetch throws TypeError, and AbortError after a timeout; every other DOMException is from IndexedDB.
function isOfStorage(error: unknown): boolean {
  return error instanceof DOMException && error.name !== "AbortError";
}

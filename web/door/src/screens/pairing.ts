/** Pairing: a door pass and a volunteer's name make this phone scan at a door. */

import { Refused } from "../api.ts";
import { h, replace } from "../dom.ts";
import { t } from "../i18n.ts";
import { pairPhone } from "../pair.ts";
import { readPicture } from "../reader.ts";
import type { Store } from "../store.ts";
import { readPass } from "../ticket.ts";
import type { Pass } from "../types.ts";
import { languageSwitch, page, pictureInput } from "./parts.ts";

export interface Pairing {
  store: Store;
  secret: string | null;
  before: Pass | null;
  paired: (pass: Pass) => void;
  redraw: (secret: string | null) => void;
}

export function pairingScreen(pairing: Pairing): HTMLElement {
  const { secret, redraw } = pairing;
  const languages = languageSwitch(() => redraw(secret));
  return secret ? page(t("Who is at the door?"), nameForm(pairing, secret), languages) : page(t("Door"), passForm(redraw), languages);
}

function nameForm(pairing: Pairing, secret: string): HTMLElement {
  const said = h("p", { class: "problem", role: "alert" });
  const name = h("input", { name: "volunteer", autocomplete: "name", required: true, maxlength: 80, value: pairing.before?.volunteer });
  const button = h("button", { class: "primary", "data-action": "pair" }, t("Pair this phone"));
  const onsubmit = async (event: Event): Promise<void> => {
    event.preventDefault();
    button.disabled = true;
    replace(said);
    await begin(pairing, secret, name.value.trim()).catch((error: unknown) => replace(said, problemOf(error)));
    button.disabled = false;
  };
  return h(
    "form",
    { onsubmit: (event) => void onsubmit(event) },
    h("label", {}, h("span", {}, t("Your name")), name),
    h("p", { class: "hint" }, t("It is shown to the organizers beside what you scan.")),
    said,
    button,
  );
}

function passForm(redraw: (secret: string) => void): HTMLElement {
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
  return h(
    "form",
    { onsubmit },
    h("p", {}, t("This phone is not paired with a door yet. Ask an organizer for a door pass and open its link here, or scan its code.")),
    pictureInput((picture) => void readPicture(picture).then(use, () => use(null))),
    h("label", {}, h("span", {}, t("Link of the door pass")), address),
    said,
    h("button", { "data-action": "pass" }, t("Use this link")),
  );
}

async function begin({ store, paired }: Pairing, secret: string, volunteer: string): Promise<void> {
  const pass = await pairPhone(store, secret, volunteer);
  void navigator.storage?.persist?.();
  paired(pass);
}

function problemOf(error: unknown): string {
  if (error instanceof Refused && error.status === 401) return t("This door pass no longer works. Ask an organizer for a new one.");
  if (error instanceof Refused) return t("The server could not answer. Try again in a moment.");
  return t("No connection. Pairing needs the network; scanning does not.");
}

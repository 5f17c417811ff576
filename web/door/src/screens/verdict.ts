/** The verdict: the whole screen in its colour, with a word, an icon, the name and one line. */

import { h, icon, replace } from "../dom.ts";
import { t } from "../i18n.ts";
import { LOOKS, type ShownKind } from "../words.ts";

export interface Shown {
  kind: ShownKind;
  scan: string | null;
  person: string | null;
  name: string;
  hint: string;
  detail: string;
  confirmed: boolean;
}

/** Draw a verdict into its element; the element stays, so that a reader announces what changed. */
export function drawVerdict(element: HTMLElement, shown: Shown | null): void {
  setFact(element, "verdict", shown?.kind);
  setFact(element, "person", shown?.person);
  setFact(element, "scan", shown?.scan);
  setFact(element, "confirmed", shown && (shown.confirmed ? "true" : "false"));
  if (!shown) return replace(element);
  const look = LOOKS[shown.kind];
  replace(
    element,
    h("div", { class: "sign" }, icon(look.icon)),
    h("p", { class: "word" }, look.word()),
    h("p", { class: "name" }, shown.name, shown.hint ? h("small", {}, shown.hint) : null),
    h("p", { class: "detail" }, shown.detail),
    shown.scan !== null && confirmation(shown.confirmed),
  );
}

export function confirmation(confirmed: boolean): HTMLElement {
  return h("p", { class: "tick" }, confirmed ? icon("check") : icon("again"), confirmed ? t("Confirmed by the server") : t("Waiting to sync"));
}

function setFact(element: HTMLElement, name: string, value: string | null | undefined): void {
  if (value) element.dataset[name] = value;
  else delete element.dataset[name];
}

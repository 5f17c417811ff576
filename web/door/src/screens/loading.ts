/** Between two screens, while the phone reads what it keeps; and where it cannot. */

import { h } from "../dom.ts";
import { t } from "../i18n.ts";
import { page } from "./components.ts";

export function startingScreen(): HTMLElement {
  return page(t("Door"), h("p", { role: "status" }, t("One moment…")));
}

export function stuckScreen(why: string, again: () => void): HTMLElement {
  return page(
    t("Door"),
    h("p", { role: "alert" }, why),
    h("button", { class: "primary", type: "button", "data-action": "try-again", onclick: again }, t("Try again")),
  );
}

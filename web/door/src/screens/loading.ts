/** The screens while the phone reads its storage, and where that fails. */

import { t } from "../lib/i18n.ts";
import { page } from "./components.ts";
import { h } from "./dom.ts";

export function loadingScreen(): HTMLElement {
  return page(t("door.title"), h("p", { role: "status" }, t("door.one_moment")));
}

export function loadFailedScreen(problem: string, retry: () => void): HTMLElement {
  return page(
    t("door.title"),
    h("p", { role: "alert" }, problem),
    h("button", { class: "primary", type: "button", "data-action": "try-again", onclick: retry }, t("door.try_again")),
  );
}

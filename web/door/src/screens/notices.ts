/** Notices: loading, a failed load, another tab that scans, a door pass that was scanned. */

import { t } from "../lib/i18n.ts";
import { iconButton, page, primaryButton, sheet } from "./components.ts";
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

export function otherTabScreen(takeOver: () => void): HTMLElement {
  return page(
    t("door.title"),
    h("p", {}, t("door.open_in_other_tab")),
    h(
      "button",
      { class: "primary", type: "button", "data-action": "scan-here", onclick: takeOver },
      t("door.scan_here"),
    ),
  );
}

export function passSheet(pair: () => void): HTMLDialogElement {
  const close = (): void => dialog.close();
  const dialog: HTMLDialogElement = sheet(
    "pass",
    t("door.is_a_pass_title"),
    h("p", {}, t("door.pair_question")),
    primaryButton("pair-this", "enter", t("door.pair_phone"), pair),
    iconButton("go-on", "camera", t("door.continue_scanning"), close),
  );
  return dialog;
}

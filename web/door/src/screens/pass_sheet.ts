/** The question when a paired phone scans a door pass: scanning alone never pairs. */

import { t } from "../lib/i18n.ts";
import { iconButton, primaryButton, sheet } from "./components.ts";
import { h } from "./dom.ts";

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

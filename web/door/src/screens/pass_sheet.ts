/** The question when a paired phone scans a door pass: scanning alone never pairs. */

import { h } from "../dom.ts";
import { t } from "../i18n.ts";
import { iconButton, primaryButton, sheet } from "./components.ts";

export function passSheet(pair: () => void): HTMLDialogElement {
  const close = (): void => dialog.close();
  const dialog: HTMLDialogElement = sheet(
    "pass",
    t("This is a door pass"),
    h("p", {}, t("Pair this phone with it? What was scanned so far stays and is handed in.")),
    primaryButton("pair-this", "enter", t("Pair this phone"), pair),
    iconButton("go-on", "camera", t("Go on scanning"), close),
  );
  return dialog;
}

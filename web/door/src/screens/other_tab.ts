/** The screen of a tab while another tab of the same phone scans. */

import { h } from "../dom.ts";
import { t } from "../i18n.ts";
import { page } from "./components.ts";

export function otherTabScreen(takeOver: () => void): HTMLElement {
  return page(
    t("Door"),
    h("p", {}, t("The scanner is open in another tab of this phone.")),
    h("button", { class: "primary", type: "button", "data-action": "scan-here", onclick: takeOver }, t("Scan here")),
  );
}

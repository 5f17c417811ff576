/** The screen of a tab while another tab of the same phone scans. */

import { t } from "../lib/i18n.ts";
import { page } from "./components.ts";
import { h } from "./dom.ts";

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

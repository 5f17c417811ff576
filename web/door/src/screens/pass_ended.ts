/** The panel of a phone that may not scan: the reason, its scans, and the next step. */

import { h } from "../dom.ts";
import type { Door } from "../door.ts";
import { t, tn } from "../i18n.ts";
import type { PassState } from "../types.ts";
import { primaryButton } from "./components.ts";
import { saveScansButton } from "./save_scans.ts";

type EndedState = Exclude<PassState, "paired">;

const TEXTS: Record<EndedState, { title: () => string; text: () => string; unsent: (n: number) => string }> = {
  revoked: {
    title: () => t("This phone was taken off the list"),
    text: () => t("It may not check anyone in. What it hands in now counts once an organizer accepts it. It pairs again when they allow it."),
    unsent: (n) => unsentText(n),
  },
  expired: {
    title: () => t("This door pass has ended"),
    text: () => t("Names leave this phone now; scans stay until they are handed in. Another shift needs a new door pass."),
    unsent: (n) => unsentText(n),
  },
  unknown: {
    title: () => t("Pair this phone again"),
    text: () => t("The server does not know this phone any more. Ask an organizer for a door pass; nothing is lost."),
    unsent: (n) =>
      tn(
        "%(n)s scan waits for it, or can be saved as a file.",
        "%(n)s scans wait for it, or can be saved as a file.",
        n,
      ),
  },
};

/** The panel in place of the camera; null while the phone may scan. */
export function endedPanel(door: Door, pairAgain: () => void): HTMLElement | null {
  if (door.state === "paired") return null;
  const texts = TEXTS[door.state];
  return h(
    "div",
    { class: "view blind ended", "data-state": door.state },
    h("h2", {}, texts.title()),
    h("p", {}, texts.text()),
    h("p", { class: door.waiting > 0 ? "unsent" : "", role: "status" }, door.waiting > 0 ? texts.unsent(door.waiting) : t("Everything is handed in.")),
    primaryButton("pair-again", "enter", t("Pair with a door pass"), pairAgain),
    saveScansButton(door),
  );
}

function unsentText(n: number): string {
  return tn(
    "%(n)s scan is not handed in yet. Keep this page open, or save it as a file.",
    "%(n)s scans are not handed in yet. Keep this page open, or save them as a file.",
    n,
  );
}

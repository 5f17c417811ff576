/** The panel of a phone that may not scan: the reason, its scans, and the next step. */

import type { Door } from "../engine/door.ts";
import { t, tn } from "../lib/i18n.ts";
import type { PassState } from "../lib/types.ts";
import { primaryButton, saveScansButton } from "./components.ts";
import { h } from "./dom.ts";

type EndedState = Exclude<PassState, "paired">;

const TEXTS: Record<EndedState, { title: () => string; text: () => string; unsent: (n: number) => string }> = {
  revoked: {
    title: () => t("door.revoked_title"),
    text: () => t("door.revoked_text"),
    unsent: (n) => unsentText(n),
  },
  expired: {
    title: () => t("verdict.pass_expired"),
    text: () => t("door.expired_text"),
    unsent: (n) => unsentText(n),
  },
  unknown: {
    title: () => t("door.pair_again_title"),
    text: () => t("door.pair_again_text"),
    unsent: (n) => tn("door.scans_wait_for_pairing", n),
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
    h(
      "p",
      { class: door.waiting > 0 ? "unsent" : "", role: "status" },
      door.waiting > 0 ? texts.unsent(door.waiting) : t("door.all_synced"),
    ),
    primaryButton("pair-again", "enter", t("door.pair_with_pass"), pairAgain),
    saveScansButton(door),
  );
}

function unsentText(n: number): string {
  return tn("door.not_synced", n);
}

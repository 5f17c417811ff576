/** What this phone may no longer do, what becomes of its scans, and what to do now. */

import type { Door } from "../door.ts";
import { h } from "../dom.ts";
import { t, tn } from "../i18n.ts";
import type { State } from "../types.ts";
import { primaryButton } from "./parts.ts";
import { saveButton } from "./save.ts";

type Ended = Exclude<State, "paired">;

const SAYINGS: Record<Ended, { title: () => string; text: () => string; owed: (n: number) => string }> = {
  revoked: {
    title: () => t("door.revoked_title"),
    text: () => t("door.revoked_text"),
    owed: (n) => owedByItself(n),
  },
  expired: {
    title: () => t("verdict.pass_expired"),
    text: () => t("door.expired_text"),
    owed: (n) => owedByItself(n),
  },
  unknown: {
    title: () => t("door.pair_again_title"),
    text: () => t("door.pair_again_text"),
    owed: (n) =>
      tn(
        "door.scans_wait_for_pairing",
        n,
      ),
  },
};

/** The panel in place of the camera; null while the phone may scan. */
export function endedPanel(door: Door, pairAgain: () => void): HTMLElement | null {
  if (door.state === "paired") return null;
  const saying = SAYINGS[door.state];
  return h(
    "div",
    { class: "view blind ended", "data-state": door.state },
    h("h2", {}, saying.title()),
    h("p", {}, saying.text()),
    h("p", { class: door.waiting > 0 ? "owed" : "", role: "status" }, door.waiting > 0 ? saying.owed(door.waiting) : t("door.all_synced")),
    primaryButton("pair-again", "enter", t("door.pair_with_pass"), pairAgain),
    saveButton(door),
  );
}

function owedByItself(n: number): string {
  return tn(
    "door.not_synced",
    n,
  );
}

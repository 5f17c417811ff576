/** The undo sheet: the latest scan large with the reasons as buttons, so two taps in all; earlier scans below. */

import type { Door } from "../engine/door.ts";
import { clockTime, t } from "../lib/i18n.ts";
import type { OwnScan, UndoReason } from "../lib/types.ts";
import { sheet } from "./components.ts";
import { h, replace } from "./dom.ts";

export type Undo = (own: OwnScan, reason: UndoReason) => void;

/** The reasons for an undo, in the order of the buttons. */
export const REASONS: Record<UndoReason, () => string> = {
  wrong_person: () => t("door.undo_wrong_person"),
  mistake: () => t("door.undo_mistake"),
  left: () => t("door.undo_leaving"),
};

/** A sheet with the selected scan large; by default the latest. */
export function undoSheet(door: Door, undo: Undo, selected: OwnScan | undefined = door.recent()[0]): HTMLDialogElement {
  if (!selected) return sheet("undo", t("door.undo_title"), h("p", {}, t("door.nothing_to_undo")));
  const earlier = door.recent().filter(({ id }) => id !== selected.id);
  const rows = earlier.map((own) => earlierRow(door, own, undo));
  const list =
    rows.length > 0 &&
    h(
      "section",
      { class: "earlier" },
      h("h3", {}, t("door.other_scans_title")),
      h("ul", { class: "results" }, ...rows),
    );
  return sheet("undo", t("door.undo_title"), undoCard(door, selected, undo), list);
}

function undoCard(door: Door, own: OwnScan, undo: Undo): HTMLElement {
  return h(
    "article",
    { class: "card", "data-scan": own.id },
    h("h3", {}, door.nameOf(own.scan)),
    h("p", {}, scanSummary(door, own)),
    h(
      "div",
      { class: "reasons", role: "group", "aria-label": t("door.undo_reason") },
      ...reasonsFor(own).map((reason) => reasonButton(own, reason, undo)),
    ),
  );
}

// A scan out cannot be undone because the person left.
function reasonsFor(own: OwnScan): UndoReason[] {
  const all = Object.keys(REASONS) as UndoReason[];
  return own.scan.kind === "in" ? all : all.filter((reason) => reason !== "left");
}

function reasonButton(own: OwnScan, reason: UndoReason, undo: Undo): HTMLElement {
  return h("button", { type: "button", "data-reason": reason, onclick: () => undo(own, reason) }, REASONS[reason]());
}

function earlierRow(door: Door, own: OwnScan, undo: Undo): HTMLElement {
  const item = h("li", {});
  const open = (): void => {
    replace(item, undoCard(door, own, undo));
    item.querySelector("button")?.focus();
  };
  const facts = h("span", {}, h("strong", {}, door.nameOf(own.scan)), h("small", {}, scanSummary(door, own)));
  replace(item, h("button", { type: "button", class: "person", "data-scan": own.id, onclick: open }, facts));
  return item;
}

function scanSummary(door: Door, { scan }: OwnScan): string {
  const time = clockTime(scan.at, door.pass.event.zone);
  return scan.kind === "in" ? t("door.checked_in_at", { time }) : t("door.checked_out_at", { time });
}

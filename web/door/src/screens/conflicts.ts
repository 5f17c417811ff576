/** Tickets that were shown at two doors: the warning when it happens, and the list that stays. */

import { ownPart } from "../conflicts.ts";
import type { Door } from "../door.ts";
import { h } from "../dom.ts";
import { t, tn } from "../i18n.ts";
import type { Conflict, OwnScan } from "../types.ts";
import { bothDoors } from "../verdict_texts.ts";
import { iconButton, sheet } from "./components.ts";
import { shownAs, type Shown } from "./verdict.ts";

const NAMED = 3;

/** The loud screen for conflicts that nobody here was told of before: one in full, several in one sentence. */
export function alarmOf(door: Door, fresh: Conflict[], openList: () => void): Shown | null {
  const [first, ...more] = fresh;
  if (!first) return null;
  if (more.length === 0) return shownAs("conflict", { person: first.person, name: door.nameOf(first.one), detail: doorsOf(door, first) });
  const next = { action: "conflict-list", words: t("What to do"), run: openList };
  const word = tn("%(n)s ticket was shown at two doors", "%(n)s tickets were shown at two doors", fresh.length);
  return shownAs("conflict", { word, detail: someNames(door, fresh), next });
}

function someNames(door: Door, fresh: Conflict[]): string {
  const names = fresh.slice(0, NAMED).map(({ one }) => door.nameOf(one));
  return [...names, ...(fresh.length > NAMED ? ["…"] : [])].join(", ");
}

function doorsOf(door: Door, { one, other }: Conflict): string {
  return bothDoors(one, other, door);
}

export function conflictsSheet(door: Door, takeBack: (own: OwnScan) => void): HTMLDialogElement {
  const items = door.conflicts().map((conflict) => {
    const own = ownPart(conflict, door.own, door.ledger);
    const undo = own && iconButton("undo-this", "back", t("Take back"), () => takeBack(own));
    return h("li", { class: "card", "data-person": conflict.person }, h("h3", {}, door.nameOf(conflict.one)), h("p", {}, doorsOf(door, conflict)), undo);
  });
  return sheet(
    "conflicts",
    t("Shown at two doors"),
    h("p", {}, t("One ticket lets in one person. Find both, ask for their names and bring an organizer. If your scan was the wrong one, take it back.")),
    h("ul", { class: "found" }, ...items),
  );
}

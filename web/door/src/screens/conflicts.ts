/** Tickets used twice: the alarm, and the list of conflicts. */

import type { Door } from "../engine/door.ts";
import { t, tn } from "../lib/i18n.ts";
import type { Conflict, OwnScan } from "../lib/types.ts";
import { iconButton, sheet } from "./components.ts";
import { h } from "./dom.ts";
import { makeView, type VerdictView } from "./verdict.ts";
import { bothDoors } from "./verdict_texts.ts";

const MAX_NAMES = 3;

/** The alarm for new conflicts: one in full, several in one sentence. */
export function alarmView(door: Door, fresh: Conflict[], openList: () => void): VerdictView | null {
  const [first, ...more] = fresh;
  if (!first) return null;
  if (more.length === 0)
    return makeView("conflict", {
      person: first.person,
      name: door.nameOf(first.first),
      detail: doorsText(door, first),
    });
  const listButton = { action: "conflict-list", words: t("door.what_to_do"), run: openList };
  const word = tn("verdict.tickets_used_twice", fresh.length);
  return makeView("conflict", { word, detail: someNames(door, fresh), next: listButton });
}

function someNames(door: Door, fresh: Conflict[]): string {
  const names = fresh.slice(0, MAX_NAMES).map(({ first }) => door.nameOf(first));
  return [...names, ...(fresh.length > MAX_NAMES ? ["…"] : [])].join(", ");
}

function doorsText(door: Door, { first, second }: Conflict): string {
  return bothDoors(first, second, door);
}

export function conflictsSheet(door: Door, undo: (own: OwnScan) => void): HTMLDialogElement {
  const items = door.conflicts().map((conflict) => {
    const own = door.scanToUndo(conflict);
    const button = own && iconButton("undo-this", "back", t("door.undo_check_in_button"), () => undo(own));
    return h(
      "li",
      { class: "card", "data-person": conflict.person },
      h("h3", {}, door.nameOf(conflict.first)),
      h("p", {}, doorsText(door, conflict)),
      button,
    );
  });
  return sheet(
    "conflicts",
    t("door.used_twice_title"),
    h("p", {}, t("door.used_twice_advice")),
    h("ul", { class: "results" }, ...items),
  );
}

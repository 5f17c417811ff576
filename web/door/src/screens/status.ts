/** Always in sight: people in, waiting to sync, and how old the list is. */

import type { Door } from "../door.ts";
import { h, replace } from "../dom.ts";
import { t, textIn, tn } from "../i18n.ts";
import { currentSession } from "../verdict.ts";
import { doorName } from "../words.ts";

export interface Status {
  element: HTMLElement;
  update: () => void;
}

export function statusBar(door: Door): Status {
  const where = h("div", { class: "where" });
  const inside = h("dd", { "data-count": "in" });
  const waiting = h("dd", { "data-count": "waiting" });
  const names = h("dd", { class: "names" });
  const age = h("dt");
  const trouble = h("p", { class: "trouble", role: "status" });
  const counts = h(
    "dl",
    {},
    h("div", {}, inside, h("dt", {}, t("in"))),
    h("div", {}, waiting, h("dt", {}, t("waiting to sync"))),
    h("div", { "data-count": "list" }, names, age),
  );
  const update = (): void => {
    replace(where, ...placeOf(door));
    setText(inside, String(door.ledger.countInside(door.pass.session)));
    setText(waiting, String(door.waiting));
    waiting.parentElement?.classList.toggle("some", door.waiting > 0);
    setText(names, tn("%(n)s name", "%(n)s names", door.ledger.entries.size));
    setText(age, ageOf(door));
    setText(trouble, troubleOf(door));
  };
  update();
  return { element: h("header", { class: "status" }, where, counts, trouble), update };
}

function placeOf(door: Door): HTMLElement[] {
  const session = door.pass.sessions.length > 1 ? [textIn(currentSession(door.pass).title)] : [];
  return [h("strong", {}, textIn(door.pass.event.title)), h("span", {}, [doorName(null, door.pass), ...session].join(" · "))];
}

function ageOf(door: Door): string {
  const { listed_at } = door.pass;
  if (listed_at === null) return t("No list yet");
  const minutes = Math.max(0, Math.floor((Date.now() - listed_at) / 60_000));
  return minutes === 0 ? t("just now") : tn("%(n)s minute old", "%(n)s minutes old", minutes);
}

function troubleOf(door: Door): string {
  if (door.revoked) return t("This phone is no longer paired. Scan a door pass; nothing is lost.");
  if (door.forgetful) return t("This phone cannot store scans. Keep this page open.");
  return door.online ? "" : t("No network. Scanning goes on.");
}

// Only what changed, or a reader would speak every second.
function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

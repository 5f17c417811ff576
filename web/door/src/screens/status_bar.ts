/** The bar at the top: people inside, free seats, waiting scans, the age of the list, and problems. */

import { isMuted } from "../device/signals.ts";
import type { Door } from "../engine/door.ts";
import { t, textIn, tn } from "../lib/i18n.ts";
import { currentSession, type SessionChange, suggestSession } from "../lib/sessions.ts";
import { suggestionButton, suggestionReason } from "./components.ts";
import { h, replace } from "./dom.ts";
import { doorName } from "./verdict_texts.ts";

export interface StatusBar {
  element: HTMLElement;
  update: () => void;
}

export function statusBar(door: Door, openConflicts: () => void): StatusBar {
  const where = h("div", { class: "where" });
  const conflicts = h("button", {
    type: "button",
    class: "conflicts",
    "data-action": "conflicts",
    onclick: openConflicts,
  });
  const problem = h("p", { class: "trouble", role: "status" });
  const suggestion = h("div", { class: "move" });
  const counts = countsOf(door);
  const update = (): void => {
    setTitle(where, titleAndDoor(door));
    setConflicts(conflicts, door.conflicts().length);
    counts.update();
    const change = door.state === "paired" ? suggestSession(door.pass.sessions, door.pass.session, door.now()) : null;
    setText(problem, problemText(door, change));
    setSuggestion(suggestion, door, change);
  };
  update();
  const header = h("div", { class: "place" }, where, conflicts);
  return { element: h("header", { class: "status" }, header, counts.element, problem, suggestion), update };
}

function countsOf(door: Door): StatusBar {
  const inside = h("dd", { "data-count": "in" });
  const waiting = h("dd", { "data-count": "waiting" });
  const free = h("dd", { "data-count": "free" });
  const names = h("dd", { class: "names" });
  const age = h("dt");
  const unsent = h("div", {}, waiting, h("dt", {}, t("door.waiting_to_sync_label")));
  const freeSeats = h("div", { class: "free" }, free, h("dt", {}, t("door.free_now_label")));
  const list = h("div", { class: "list", "data-count": "list" }, names, age);
  const update = (): void => {
    const occupancy = door.occupancy();
    setText(inside, String(occupancy.inside));
    setText(waiting, String(door.waiting));
    unsent.classList.toggle("some", door.waiting > 0);
    freeSeats.hidden = occupancy.free === null || door.pass.listed_at === null;
    setText(free, String(occupancy.free ?? ""));
    setText(names, tn("door.names_on_list", door.listed));
    setText(age, listAge(door));
  };
  return {
    element: h("dl", {}, h("div", {}, inside, h("dt", {}, t("door.inside_label"))), unsent, freeSeats, list),
    update,
  };
}

function titleAndDoor(door: Door): string[] {
  const session = door.pass.sessions.length > 1 ? [textIn(currentSession(door.pass).title, door.pass.event)] : [];
  return [textIn(door.pass.event.title, door.pass.event), [doorName(null, door.pass), ...session].join(" · ")];
}

/** The age of the list in words. */
export function listAge(door: Pick<Door, "pass" | "now" | "isClockBehind">): string {
  const { listed_at } = door.pass;
  if (listed_at === null) return t("door.list_age_none");
  if (door.isClockBehind) return t("door.list_age_unknown");
  const minutes = Math.max(0, Math.floor((door.now() - listed_at) / 60_000));
  return minutes === 0 ? t("door.list_age_now") : tn("door.list_age_minutes", minutes);
}

function problemText(door: Door, change: SessionChange | null): string {
  if (door.state !== "paired") return "";
  if (door.unsaved) return t("door.cannot_store");
  if (door.pass.door.closed) return t("door.door_closed");
  if (isMuted()) return t("door.no_sound");
  if (change) return suggestionReason(change, door.pass);
  return door.online ? "" : t("door.no_network");
}

// Only for another suggestion, or the button would be redrawn under the thumb.
function setSuggestion(container: HTMLElement, door: Door, change: SessionChange | null): void {
  const id = change ? `${change.next.id}` : "";
  if (container.dataset.offer === id) return;
  container.dataset.offer = id;
  replace(container, change && suggestionButton(change, door.pass, (session) => void door.setSession(session)));
}

function setConflicts(button: HTMLElement, count: number): void {
  button.hidden = count === 0;
  setText(button, count === 0 ? "" : tn("door.used_twice_button", count));
}

function setTitle(where: HTMLElement, [title, door]: string[]): void {
  if (where.textContent === `${title}${door}`) return;
  replace(where, h("h1", {}, title ?? ""), h("span", {}, door ?? ""));
}

// Only for another text, or a screen reader would speak every second.
function setText(element: HTMLElement, text: string): void {
  if (element.textContent !== text) element.textContent = text;
}

/** What lies under the thumb: coming in or going out, and four buttons. */

import type { Door } from "../door.ts";
import { h, icon } from "../dom.ts";
import { t } from "../i18n.ts";
import { look } from "../preferences.ts";
import type { Direction } from "../types.ts";
import { iconButton } from "./components.ts";

export interface Actions {
  search: () => void;
  undo: () => void;
  light: () => void;
  menu: () => void;
  turn: (direction: Direction) => void;
}

export interface Bar {
  element: HTMLElement;
  update: () => void;
}

export function actionBar(door: Door, actions: Actions): Bar {
  const dark = look() === "dark";
  const works = door.state === "paired";
  const undo = iconButton("undo", "back", t("Take back"), actions.undo);
  const buttons = [
    ...(works ? [iconButton("search", "search", t("Search"), actions.search), undo] : []),
    iconButton("light", dark ? "sun" : "moon", dark ? t("Daylight") : t("Dark hall"), actions.light),
    iconButton("menu", "menu", t("More"), actions.menu),
  ];
  const turning = works && door.pass.rules.reentry && directionSwitch(door, actions.turn);
  const element = h("footer", { class: "actions" }, turning, h("nav", { "aria-label": t("Door") }, ...buttons));
  return { element, update: () => (undo.disabled = door.recent().length === 0) };
}

function directionSwitch(door: Door, turn: Actions["turn"]): HTMLElement {
  const side = (direction: Direction, words: string): HTMLElement => {
    const pressed = door.direction === direction;
    const drawing = direction === "in" ? "enter" : "leave";
    return h("button", { type: "button", "data-direction": direction, "aria-pressed": `${pressed}`, onclick: () => turn(direction) }, icon(drawing), h("span", {}, words));
  };
  return h("div", { class: "directions", role: "group", "aria-label": t("Direction") }, side("in", t("Coming in")), side("out", t("Going out")));
}

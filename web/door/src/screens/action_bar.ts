/** The bar at the bottom: the directions and four buttons. */

import { theme } from "../device/preferences.ts";
import type { Door } from "../engine/door.ts";
import { t } from "../lib/i18n.ts";
import type { Direction } from "../lib/types.ts";
import { iconButton } from "./components.ts";
import { h, icon } from "./dom.ts";

export interface ActionCallbacks {
  search: () => void;
  undo: () => void;
  light: () => void;
  menu: () => void;
  setDirection: (direction: Direction) => void;
}

export interface ActionBar {
  element: HTMLElement;
  update: () => void;
}

export function actionBar(door: Door, actions: ActionCallbacks): ActionBar {
  const dark = theme() === "dark";
  const isPaired = door.state === "paired";
  const undo = iconButton("undo", "back", t("door.undo_button"), actions.undo);
  const buttons = [
    ...(isPaired ? [iconButton("search", "search", t("common.search_button"), actions.search), undo] : []),
    iconButton(
      "light",
      dark ? "sun" : "moon",
      dark ? t("door.daylight_button") : t("door.dark_hall_button"),
      actions.light,
    ),
    iconButton("menu", "menu", t("door.menu"), actions.menu),
  ];
  const directions = isPaired && door.pass.rules.reentry && directionSwitch(door, actions.setDirection);
  const element = h(
    "footer",
    { class: "actions" },
    directions,
    h("nav", { "aria-label": t("door.title") }, ...buttons),
  );
  return { element, update: () => (undo.disabled = door.recent().length === 0) };
}

function directionSwitch(door: Door, setDirection: ActionCallbacks["setDirection"]): HTMLElement {
  const option = (direction: Direction, words: string): HTMLElement => {
    const pressed = door.direction === direction;
    const drawing = direction === "in" ? "enter" : "leave";
    return h(
      "button",
      {
        type: "button",
        "data-direction": direction,
        "aria-pressed": `${pressed}`,
        onclick: () => setDirection(direction),
      },
      icon(drawing),
      h("span", {}, words),
    );
  };
  return h(
    "div",
    { class: "directions", role: "group", "aria-label": t("door.direction") },
    option("in", t("door.direction_in")),
    option("out", t("door.direction_out")),
  );
}

/** The menu of rarely used choices. */

import { unlockSound } from "../device/signals.ts";
import type { Door } from "../engine/door.ts";
import { t, textIn } from "../lib/i18n.ts";
import type { Id } from "../lib/types.ts";
import { choice, iconButton, languageSwitch, pictureInput, saveScansButton, sheet } from "./components.ts";
import { h } from "./dom.ts";

export interface MenuCallbacks {
  door: Door;
  close: () => void;
  picture: (picture: File) => void;
  redraw: () => void;
  pairAgain: () => void;
}

export function menuSheet({ door, close, picture, redraw, pairAgain }: MenuCallbacks): HTMLDialogElement {
  const isPaired = door.state === "paired";
  return sheet(
    "menu",
    t("door.menu"),
    isPaired && door.pass.sessions.length > 1 && sessionChoice(door, close),
    isPaired && pictureInput(picture),
    isPaired && volunteerForm(door, close),
    h("button", { type: "button", "data-action": "sound", onclick: unlockSound }, t("door.play_tones")),
    saveScansButton(door),
    iconButton("pair-again", "enter", t("door.pair_with_other_door"), pairAgain),
    languageSwitch(redraw),
  );
}

function sessionChoice(door: Door, close: () => void): HTMLElement {
  const choose = (session: Id): void => {
    void door.setSession(session);
    close();
  };
  const options = door.pass.sessions.map(({ id, title }): [Id, string] => [id, textIn(title, door.pass.event)]);
  return choice(t("common.session_label"), options, door.pass.session, choose);
}

function volunteerForm(door: Door, close: () => void): HTMLElement {
  const name = h("input", {
    name: "volunteer",
    autocomplete: "off",
    required: true,
    maxlength: 80,
    value: door.pass.volunteer,
  });
  const onsubmit = (event: Event): void => {
    event.preventDefault();
    name.value = name.value.trim();
    if (!name.reportValidity()) return;
    void door.setVolunteer(name.value);
    close();
  };
  return h(
    "form",
    { class: "volunteer", onsubmit },
    h("label", {}, h("span", {}, t("door.volunteer_label")), name),
    h("button", { "data-action": "volunteer" }, t("door.change_volunteer")),
  );
}

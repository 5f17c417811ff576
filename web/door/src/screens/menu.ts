/** What a volunteer changes once or twice a shift. */

import type { Door } from "../door.ts";
import { h } from "../dom.ts";
import { t, textIn } from "../i18n.ts";
import { unlockSound } from "../signals.ts";
import type { Session } from "../types.ts";
import { languageSwitch, pictureInput, sheet } from "./parts.ts";

export interface MenuChoice {
  door: Door;
  close: () => void;
  picture: (picture: File) => void;
  redraw: () => void;
  pairAgain: () => void;
}

export function menuSheet(choice: MenuChoice): HTMLElement {
  const { door, close, redraw } = choice;
  return sheet(
    t("More"),
    close,
    door.pass.sessions.length > 1 && sessionChoice(door, close),
    pictureInput(choice.picture),
    h("button", { type: "button", "data-action": "sound", onclick: unlockSound }, t("Play both tones")),
    volunteerForm(door, close),
    languageSwitch(redraw),
    h("button", { type: "button", "data-action": "pair-again", onclick: choice.pairAgain }, t("Pair with another door")),
  );
}

function sessionChoice(door: Door, close: () => void): HTMLElement {
  const choose = (session: Session): void => {
    void door.choose(session.id);
    close();
  };
  const options = door.pass.sessions.map((session) => {
    const chosen = session.id === door.pass.session;
    return h("button", { type: "button", "data-session": session.id, "aria-pressed": `${chosen}`, onclick: () => choose(session) }, textIn(session.title));
  });
  return h("div", { class: "sessions", role: "group", "aria-label": t("Part of the programme") }, h("h3", {}, t("Part of the programme")), ...options);
}

function volunteerForm(door: Door, close: () => void): HTMLElement {
  const name = h("input", { name: "volunteer", autocomplete: "off", required: true, maxlength: 80, value: door.pass.volunteer });
  const onsubmit = (event: Event): void => {
    event.preventDefault();
    void door.changeVolunteer(name.value.trim());
    close();
  };
  return h(
    "form",
    { class: "volunteer", onsubmit },
    h("label", {}, h("span", {}, t("At the door")), name),
    h("button", { "data-action": "volunteer" }, t("Change volunteer")),
  );
}

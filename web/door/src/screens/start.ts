/** The start screen: its one tap allows sound and opens the camera. */

import { t, textIn } from "../lib/i18n.ts";
import { currentSession, suggestSession } from "../lib/sessions.ts";
import type { Id, Pass } from "../lib/types.ts";
import { browserHint, languageSwitch, page, suggestionButton, suggestionReason } from "./components.ts";
import { h } from "./dom.ts";
import { doorName } from "./verdict_texts.ts";

export interface StartCallbacks {
  start: () => void;
  redraw: () => void;
  setSession: (session: Id) => void;
}

export function startScreen(pass: Pass, now: number, { start, redraw, setSession }: StartCallbacks): HTMLElement {
  const change = suggestSession(pass.sessions, pass.session, now);
  const facts = [
    doorName(null, pass),
    ...(pass.sessions.length > 1 ? [textIn(currentSession(pass).title, pass.event)] : []),
  ];
  return page(
    textIn(pass.event.title, pass.event),
    h("p", { class: "where" }, facts.join(" · ")),
    change &&
      h(
        "div",
        { class: "notice" },
        h("p", {}, suggestionReason(change, pass)),
        suggestionButton(change, pass, setSession),
      ),
    h("p", { class: "hint" }, t("door.volunteer_is", { name: pass.volunteer })),
    h("p", {}, t("door.start_text")),
    h(
      "button",
      { class: "primary start", type: "button", "data-action": "start", onclick: start },
      t("door.start_button"),
    ),
    browserHint(null),
    languageSwitch(redraw),
  );
}

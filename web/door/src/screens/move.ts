/** The chosen part of the programme is not on: what is on instead, with one tap to scan for it. */

import { h } from "../dom.ts";
import { t, textIn } from "../i18n.ts";
import type { Move } from "../programme.ts";
import type { Id, Pass } from "../types.ts";

/** Why this phone should scan for another part. */
export function whyMove({ chosen, isOver }: Move, { event }: Pass): string {
  const part = textIn(chosen.title, event);
  return isOver ? t("door.session_over", { part }) : t("door.session_not_begun", { part });
}

export function moveButton({ instead }: Move, { event }: Pass, choose: (session: Id) => void): HTMLElement {
  const words = t("door.scan_for_session", { part: textIn(instead.title, event) });
  return h("button", { type: "button", "data-action": "move-on", "data-option": instead.id, onclick: () => choose(instead.id) }, words);
}

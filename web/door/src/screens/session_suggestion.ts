/** The chosen part of the programme is not on: what is on instead, with one tap to scan for it. */

import { h } from "../dom.ts";
import { t, textIn } from "../i18n.ts";
import type { Move } from "../session_choice.ts";
import type { Id, Pass } from "../types.ts";

/** Why this phone should scan for another part. */
export function whyMove({ chosen, isOver }: Move, { event }: Pass): string {
  const part = textIn(chosen.title, event);
  return isOver ? t("%(part)s is over.", { part }) : t("%(part)s has not begun yet.", { part });
}

export function moveButton({ instead }: Move, { event }: Pass, choose: (session: Id) => void): HTMLElement {
  const words = t("Scan for %(part)s", { part: textIn(instead.title, event) });
  return h("button", { type: "button", "data-action": "move-on", "data-option": instead.id, onclick: () => choose(instead.id) }, words);
}

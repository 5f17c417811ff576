/** The chosen part of the programme is not on: what is on instead, with one tap to scan for it. */

import { h } from "../dom.ts";
import { t, textIn } from "../i18n.ts";
import type { SessionChange } from "../session_choice.ts";
import type { Id, Pass } from "../types.ts";

/** Why this phone should scan for another part. */
export function suggestionReason({ current, isOver }: SessionChange, { event }: Pass): string {
  const session = textIn(current.title, event);
  return isOver ? t("%(part)s is over.", { part: session }) : t("%(part)s has not begun yet.", { part: session });
}

export function suggestionButton({ next }: SessionChange, { event }: Pass, setSession: (session: Id) => void): HTMLElement {
  const words = t("Scan for %(part)s", { part: textIn(next.title, event) });
  return h("button", { type: "button", "data-action": "move-on", "data-option": next.id, onclick: () => setSession(next.id) }, words);
}

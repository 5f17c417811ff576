/** The suggestion to scan for another session, with one tap to accept it. */

import { t, textIn } from "../lib/i18n.ts";
import type { SessionChange } from "../lib/sessions.ts";
import type { Id, Pass } from "../lib/types.ts";
import { h } from "./dom.ts";

/** The reason for scanning for another session. */
export function suggestionReason({ current, isOver }: SessionChange, { event }: Pass): string {
  const session = textIn(current.title, event);
  return isOver ? t("door.session_over", { part: session }) : t("door.session_not_begun", { part: session });
}

export function suggestionButton(
  { next }: SessionChange,
  { event }: Pass,
  setSession: (session: Id) => void,
): HTMLElement {
  const words = t("door.scan_for_session", { part: textIn(next.title, event) });
  return h(
    "button",
    { type: "button", "data-action": "move-on", "data-option": next.id, onclick: () => setSession(next.id) },
    words,
  );
}

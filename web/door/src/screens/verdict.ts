/** The verdict: the whole screen in its colour, with a word, an icon, the name and one line. */

import type { Door, Judged } from "../door.ts";
import { h, icon, replace } from "../dom.ts";
import { t } from "../i18n.ts";
import { shortCode, spellShortCode } from "../ticket.ts";
import type { OwnScan, Result } from "../types.ts";
import { detailOf, LOOKS, type ShownKind } from "../verdict_texts.ts";

export interface Shown {
  kind: ShownKind;
  /** Instead of the kind's own word. */
  word?: string;
  scan: string | null;
  person: string | null;
  name: string;
  hint: string;
  detail: string;
  confirmed: boolean;
  /** What became of the scan, where the server neither has it nor will. */
  lost?: string;
  /** What can be done about it; nothing has to be. */
  next?: { action: string; words: string; run: () => void };
}

const NOTHING: Omit<Shown, "kind"> = { scan: null, person: null, name: "", hint: "", detail: "", confirmed: false };

const STORED = new Set<Result | null>(["accepted", "replay", "conflict", "unknown"]);

/** What to show where only some of it is known. */
export function shownAs(kind: ShownKind, rest: Partial<Shown>): Shown {
  return { ...NOTHING, kind, ...rest };
}

/** A judgement as it is shown. */
export function shownOf({ verdict, own }: Judged, door: Pick<Door, "pass" | "now">): Shown {
  const { kind, entry, person } = verdict;
  const unlisted = person && kind !== "other_event" ? spellShortCode(shortCode(person)) : "";
  const detail = detailOf(verdict, door);
  return shownAs(kind, { scan: own?.id ?? null, person, name: entry?.name ?? unlisted, hint: entry?.hint ?? "", detail });
}

/** A verdict once the server has answered for its scan. */
export function answered(shown: Shown, { result }: OwnScan): Shown {
  if (result === "revoked") return { ...shown, kind: "revoked", detail: t("Ask an organizer") };
  if (result === "invalid") return { ...shown, lost: t("The server could not read this scan. It is kept on this phone; tell an organizer.") };
  return { ...shown, confirmed: STORED.has(result) };
}

/** Draw a verdict into its element; the element stays, so that a reader announces what changed. */
export function drawVerdict(element: HTMLElement, shown: Shown | null): void {
  setFact(element, "verdict", shown?.kind);
  setFact(element, "person", shown?.person);
  setFact(element, "scan", shown?.scan);
  setFact(element, "confirmed", shown && (shown.confirmed ? "true" : "false"));
  if (!shown) return replace(element);
  const look = LOOKS[shown.kind];
  replace(
    element,
    h("div", { class: "sign" }, icon(look.icon)),
    h("p", { class: "word" }, shown.word ?? look.word()),
    h("p", { class: isLong(shown.name) ? "name long" : "name" }, shown.name, shown.hint ? h("small", {}, shown.hint) : null),
    h("p", { class: "detail" }, shown.detail),
    shown.scan !== null && confirmation(shown),
    shown.next ? nextButton(shown.next) : null,
  );
}

// Broken in two, a long surname is harder to read from afar than one that is a little smaller.
function isLong(name: string): boolean {
  return name.split(/[\s-]/).some((word) => word.length > 14);
}

function confirmation({ confirmed, lost }: Shown): HTMLElement {
  if (lost) return h("p", { class: "tick lost" }, icon("warning"), lost);
  return h("p", { class: "tick" }, confirmed ? icon("check") : icon("again"), confirmed ? t("Confirmed by the server") : t("Waiting to sync"));
}

function nextButton({ action, words, run }: NonNullable<Shown["next"]>): HTMLElement {
  return h("button", { type: "button", "data-action": action, onclick: run }, words);
}

function setFact(element: HTMLElement, name: string, value: string | null | undefined): void {
  if (value) element.dataset[name] = value;
  else delete element.dataset[name];
}

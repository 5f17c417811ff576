/** The verdict: a full screen in its colour with a word, an icon, the name and one line. */

import type { Door, Judgement } from "../engine/door.ts";
import { t } from "../lib/i18n.ts";
import { shortCode, spellShortCode } from "../lib/ticket.ts";
import type { OwnScan } from "../lib/types.ts";
import { h, icon, replace } from "./dom.ts";
import { detailOf, STYLES, type ViewKind } from "./verdict_texts.ts";

export interface VerdictView {
  kind: ViewKind;
  /** Replaces the word of the kind. */
  word?: string;
  scan: string | null;
  person: string | null;
  name: string;
  hint: string;
  detail: string;
  confirmed: boolean;
  /** The problem of a scan that the server does not store. */
  problem?: string;
  /** An optional next step. */
  next?: { action: string; words: string; run: () => void };
}

const EMPTY: Omit<VerdictView, "kind"> = { scan: null, person: null, name: "", hint: "", detail: "", confirmed: false };

/** Make a view from some of its fields. */
export function makeView(kind: ViewKind, rest: Partial<VerdictView>): VerdictView {
  return { ...EMPTY, kind, ...rest };
}

/** The view of a judgement. */
export function viewOf({ verdict, own }: Judgement, door: Pick<Door, "pass" | "now">): VerdictView {
  const { kind, entry, person } = verdict;
  const unlisted = person && kind !== "other_event" ? spellShortCode(shortCode(person)) : "";
  const detail = detailOf(verdict, door);
  return makeView(kind, {
    scan: own?.id ?? null,
    person,
    name: entry?.name ?? unlisted,
    hint: entry?.hint ?? "",
    detail,
  });
}

/** The view after the server's result for its scan. */
export function withResult(view: VerdictView, { result }: OwnScan): VerdictView {
  switch (result) {
    case "revoked":
      return { ...view, kind: "revoked", detail: t("verdict.ask_organizer") };
    case "invalid":
      return { ...view, problem: t("door.scan_not_read") };
    case "accepted":
    case "replay":
    case "conflict":
    case "unknown":
      return { ...view, confirmed: true };
    case null:
      return { ...view, confirmed: false };
  }
}

/** Draw a verdict into its element; the element stays, so that a screen reader announces the change. */
export function drawVerdict(element: HTMLElement, view: VerdictView | null): void {
  setData(element, "verdict", view?.kind);
  setData(element, "person", view?.person);
  setData(element, "scan", view?.scan);
  setData(element, "confirmed", view && (view.confirmed ? "true" : "false"));
  if (!view) return replace(element);
  const style = STYLES[view.kind];
  replace(
    element,
    h("div", { class: "sign" }, icon(style.icon)),
    h("p", { class: "word" }, view.word ?? style.word()),
    h(
      "p",
      { class: isLong(view.name) ? "name long" : "name" },
      view.name,
      view.hint ? h("small", {}, view.hint) : null,
    ),
    h("p", { class: "detail" }, view.detail),
    view.scan !== null && confirmation(view),
    view.next ? nextButton(view.next) : null,
  );
}

// A long surname in two lines is harder to read from afar than a smaller one.
function isLong(name: string): boolean {
  return name.split(/[\s-]/).some((word) => word.length > 14);
}

function confirmation({ confirmed, problem }: VerdictView): HTMLElement {
  if (problem) return h("p", { class: "tick lost" }, icon("warning"), problem);
  return h(
    "p",
    { class: "tick" },
    confirmed ? icon("check") : icon("again"),
    confirmed ? t("door.confirmed_by_server") : t("door.scan_waiting_to_sync"),
  );
}

function nextButton({ action, words, run }: NonNullable<VerdictView["next"]>): HTMLElement {
  return h("button", { type: "button", "data-action": action, onclick: run }, words);
}

function setData(element: HTMLElement, name: string, value: string | null | undefined): void {
  if (value) element.dataset[name] = value;
  else delete element.dataset[name];
}

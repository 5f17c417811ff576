/** Finds an attendee by name or short code; someone who is not listed can be admitted as a walk-in. */

import { toLatin } from "../device/keyboard_scanner.ts";
import type { Door } from "../engine/door.ts";
import type { WalkInDetails } from "../engine/walk_ins.ts";
import { t } from "../lib/i18n.ts";
import { normalizeName } from "../lib/names.ts";
import { readShortCode, readTicket, spellShortCode } from "../lib/ticket.ts";
import type { Entry } from "../lib/types.ts";
import { primaryButton, sheet } from "./components.ts";
import { h, icon, replace } from "./dom.ts";
import { detailOf, STYLES, ticketTypeOf } from "./verdict_texts.ts";
import { walkInCard, walkInRow } from "./walk_in.ts";

const MAX_ROWS = 30;
/** The lengths of a name; the server accepts no more than it can print. */
const NAME_LENGTH = [2, 200] as const;

export interface SearchOptions {
  door: Door;
  admit: (entry: Entry, anyway: boolean) => void;
  admitWalkIn: (details: WalkInDetails) => void;
  judge: (code: string) => void;
  /** The text of an interrupted search. */
  typed: string;
}

interface SearchResults {
  list: HTMLElement;
  message: HTMLElement;
}

/** The text in the open search sheet; "" without one. */
export function searchText(container: HTMLElement): string {
  return container.querySelector<HTMLInputElement>("[data-sheet=search] input[name=who]")?.value ?? "";
}

export function searchSheet(options: SearchOptions): HTMLDialogElement {
  const results = { list: h("ul", { class: "results" }), message: h("p", { class: "hint", role: "status" }) };
  const field = h("input", {
    type: "search",
    name: "who",
    autocomplete: "off",
    autocapitalize: "words",
    spellcheck: "false",
    enterkeyhint: "search",
    maxlength: 500,
    value: options.typed,
    "aria-label": t("common.name_or_short_code"),
    placeholder: t("common.name_or_short_code"),
    oninput: () => showResults(options, field.value, results),
  });
  const onsubmit = (event: Event): void => {
    event.preventDefault();
    // A keyboard scanner ends with Enter.
    const typed = toLatin(field.value);
    if (readTicket(typed)) options.judge(typed);
    else results.list.querySelector("button")?.focus();
  };
  showResults(options, options.typed, results);
  return sheet(
    "search",
    t("common.search_button"),
    h("form", { onsubmit, role: "search" }, field),
    results.message,
    results.list,
  );
}

function showResults(options: SearchOptions, typed: string, results: SearchResults): void {
  const people = options.door.find(typed, MAX_ROWS + 1);
  const rows = people.slice(0, MAX_ROWS).map((entry) => entryRow(options, entry, results));
  const name = walkInName(options.door, typed);
  const walkIn = name
    ? [walkInRow(name, () => openCard(results, walkInCard(options.door, name, options.admitWalkIn)))]
    : [];
  replace(results.list, ...[...rows, ...walkIn].map((row) => h("li", {}, row)));
  replace(results.message, searchMessage(typed, people.length));
}

function searchMessage(typed: string, count: number): string {
  if (!typed.trim() || readTicket(typed)) return "";
  if (count === 0) return t("door.name_not_found");
  return count > MAX_ROWS ? t("door.too_many_found", { n: MAX_ROWS }) : "";
}

/** The typed text as the name of a walk-in; null where it is no name, or the event takes no walk-ins. */
export function walkInName(door: Pick<Door, "find" | "pass">, typed: string): string | null {
  const name = normalizeName(typed);
  const [least, most] = NAME_LENGTH;
  const isName = name.length >= least && name.length <= most && /\p{L}/u.test(name);
  return door.pass.rules.walk_ins && isName && !isCode(door, name) && !readTicket(name) ? name : null;
}

/** Some names read as a short code: letters count as a code only where an entry has it. */
function isCode(door: Pick<Door, "find">, typed: string): boolean {
  const code = readShortCode(typed);
  return (
    code !== null && (/\d/.test(typed) || door.find(typed).some(({ short }) => readShortCode(short ?? "") === code))
  );
}

function entryRow(options: SearchOptions, entry: Entry, results: SearchResults): HTMLElement {
  const style = STYLES[options.door.preview(entry).kind];
  const onclick = (): void => openCard(results, entryCard(options, entry));
  const words = h("span", {}, h("strong", {}, entry.name), h("small", {}, entryFacts(entry, options.door)));
  return h(
    "button",
    { type: "button", class: "person", "data-person": entry.id, "data-tone": style.tone, onclick },
    icon(style.icon),
    words,
  );
}

function openCard({ list, message }: SearchResults, card: HTMLElement): void {
  replace(message);
  replace(list, h("li", {}, card));
  list.querySelector<HTMLElement>("button.primary")?.focus();
}

function entryFacts(entry: Entry, { pass }: Door): string {
  const code = entry.short ? spellShortCode(entry.short) : t("door.walk_in");
  return [entry.hint, ticketTypeOf(entry, pass), code].filter(Boolean).join(" · ");
}

function entryCard(options: SearchOptions, entry: Entry): HTMLElement {
  const verdict = options.door.preview(entry);
  const style = STYLES[verdict.kind];
  const isAdmitted = verdict.kind === "admitted";
  return h(
    "article",
    { class: "card", "data-tone": style.tone },
    h("h3", {}, entry.name),
    h("p", {}, entryFacts(entry, options.door)),
    !isAdmitted && h("p", { class: "word" }, icon(style.icon), style.word()),
    !isAdmitted && h("p", {}, detailOf(verdict, options.door)),
    admitButton(options, entry, verdict.kind),
  );
}

function admitButton(options: SearchOptions, entry: Entry, kind: keyof typeof STYLES): HTMLElement | null {
  if (kind === "already_in" || kind === "revoked" || kind === "expired" || kind === "not_inside") return null;
  if (kind === "left")
    return primaryButton("admit", "leave", t("door.check_out_button"), () => options.admit(entry, false));
  const isAdmitted = kind === "admitted";
  return primaryButton("admit", "check", isAdmitted ? t("door.check_in_button") : t("door.check_in_anyway"), () =>
    options.admit(entry, !isAdmitted),
  );
}

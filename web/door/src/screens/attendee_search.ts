/** Finding a person by name or short code when the camera does not help; whoever is not found can be let in from here. */

import type { Door } from "../door.ts";
import { h, icon, replace } from "../dom.ts";
import { t } from "../i18n.ts";
import { readShortCode, readTicket, spellShortCode } from "../ticket.ts";
import type { Entry } from "../types.ts";
import { asMeant } from "../keyboard_scanner.ts";
import { tidy, type Newcomer } from "../walk_ins.ts";
import { detailOf, LOOKS, typeOf } from "../verdict_texts.ts";
import { primaryButton, sheet } from "./components.ts";
import { walkInCard, walkInRow } from "./walk_in.ts";

const SHOWN = 30;
/** As many letters make a name; the server takes no more than it can print. */
const NAME_LENGTH = [2, 200] as const;

export interface Choice {
  door: Door;
  admit: (entry: Entry, anyway: boolean) => void;
  letIn: (newcomer: Newcomer) => void;
  show: (code: string) => void;
  /** What was typed when a search was interrupted. */
  typed: string;
}

interface Findings {
  found: HTMLElement;
  said: HTMLElement;
}

/** What is typed in the sheet that is open; "" in any other. */
export function typedIn(place: HTMLElement): string {
  return place.querySelector<HTMLInputElement>("[data-sheet=search] input[name=who]")?.value ?? "";
}

export function peopleSheet(choice: Choice): HTMLDialogElement {
  const findings = { found: h("ul", { class: "found" }), said: h("p", { class: "hint", role: "status" }) };
  const field = h("input", {
    type: "search",
    name: "who",
    autocomplete: "off",
    autocapitalize: "words",
    spellcheck: "false",
    enterkeyhint: "search",
    maxlength: 500,
    value: choice.typed,
    "aria-label": t("Name or short code"),
    placeholder: t("Name or short code"),
    oninput: () => list(choice, field.value, findings),
  });
  const onsubmit = (event: Event): void => {
    event.preventDefault();
    // A scanner that types ends with Enter.
    const typed = asMeant(field.value);
    if (readTicket(typed)) choice.show(typed);
    else findings.found.querySelector("button")?.focus();
  };
  list(choice, choice.typed, findings);
  return sheet("search", t("Search"), h("form", { onsubmit, role: "search" }, field), findings.said, findings.found);
}

function list(choice: Choice, typed: string, findings: Findings): void {
  const people = choice.door.find(typed, SHOWN + 1);
  const rows = people.slice(0, SHOWN).map((entry) => personRow(choice, entry, findings));
  const name = newcomerName(choice.door, typed);
  const newcomer = name ? [walkInRow(name, () => open(findings, walkInCard(choice.door, name, choice.letIn)))] : [];
  replace(findings.found, ...[...rows, ...newcomer].map((row) => h("li", {}, row)));
  replace(findings.said, sayingOf(typed, people.length));
}

function sayingOf(typed: string, found: number): string {
  if (!typed.trim() || readTicket(typed)) return "";
  if (found === 0) return t("Nobody in the list is called that. Try fewer letters.");
  return found > SHOWN ? t("More than %(n)s found. Type more letters.", { n: SHOWN }) : "";
}

/** The typed text as the name of somebody without a registration; null where it is none, or walk-ins are not welcome. */
export function newcomerName(door: Pick<Door, "find" | "pass">, typed: string): string | null {
  const name = tidy(typed);
  const [least, most] = NAME_LENGTH;
  const isName = name.length >= least && name.length <= most && /\p{L}/u.test(name);
  return door.pass.rules.walk_ins && isName && !isCode(door, name) && !readTicket(name) ? name : null;
}

/** Some names read as a short code; only letters that are nobody's code are a name. */
function isCode(door: Pick<Door, "find">, typed: string): boolean {
  const code = readShortCode(typed);
  return code !== null && (/\d/.test(typed) || door.find(typed).some(({ short }) => readShortCode(short ?? "") === code));
}

function personRow(choice: Choice, entry: Entry, findings: Findings): HTMLElement {
  const look = LOOKS[choice.door.preview(entry).kind];
  const onclick = (): void => open(findings, personCard(choice, entry));
  const words = h("span", {}, h("strong", {}, entry.name), h("small", {}, factsOf(entry, choice.door)));
  return h("button", { type: "button", class: "person", "data-person": entry.id, "data-tone": look.tone, onclick }, icon(look.icon), words);
}

function open({ found, said }: Findings, card: HTMLElement): void {
  replace(said);
  replace(found, h("li", {}, card));
  found.querySelector<HTMLElement>("button.primary")?.focus();
}

function factsOf(entry: Entry, { pass }: Door): string {
  const code = entry.short ? spellShortCode(entry.short) : t("Without registration");
  return [entry.hint, typeOf(entry, pass), code].filter(Boolean).join(" · ");
}

function personCard(choice: Choice, entry: Entry): HTMLElement {
  const verdict = choice.door.preview(entry);
  const look = LOOKS[verdict.kind];
  const welcome = verdict.kind === "admitted";
  return h(
    "article",
    { class: "card", "data-tone": look.tone },
    h("h3", {}, entry.name),
    h("p", {}, factsOf(entry, choice.door)),
    !welcome && h("p", { class: "word" }, icon(look.icon), look.word()),
    !welcome && h("p", {}, detailOf(verdict, choice.door)),
    admitButton(choice, entry, verdict.kind),
  );
}

function admitButton(choice: Choice, entry: Entry, kind: keyof typeof LOOKS): HTMLElement | null {
  if (kind === "already_in" || kind === "revoked" || kind === "expired" || kind === "not_inside") return null;
  if (kind === "left") return primaryButton("admit", "leave", t("Check out"), () => choice.admit(entry, false));
  const welcome = kind === "admitted";
  return primaryButton("admit", "check", welcome ? t("Let them in") : t("Let them in all the same"), () => choice.admit(entry, !welcome));
}

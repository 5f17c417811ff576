/** Finding a person by name or short code when the camera does not help. */

import type { Door } from "../door.ts";
import { h, icon, replace } from "../dom.ts";
import { t } from "../i18n.ts";
import { matches, searchKey } from "../search.ts";
import { readShortCode, readTicket, spellShortCode } from "../ticket.ts";
import type { Entry } from "../types.ts";
import { detailOf, LOOKS, typeOf } from "../words.ts";
import { iconButton, sheet } from "./parts.ts";

const SHOWN = 30;

export interface Choice {
  door: Door;
  close: () => void;
  admit: (entry: Entry, anyway: boolean) => void;
  show: (code: string) => void;
}

export function peopleSheet(choice: Choice): HTMLElement {
  const found = h("ul", { class: "found" });
  const said = h("p", { class: "hint", role: "status" });
  const field = h("input", {
    type: "search",
    name: "who",
    autocomplete: "off",
    autocapitalize: "words",
    spellcheck: "false",
    enterkeyhint: "search",
    "aria-label": t("Name or short code"),
    placeholder: t("Name or short code"),
    oninput: () => list(choice, field.value, found, said),
  });
  const onsubmit = (event: Event): void => {
    event.preventDefault();
    // A scanner that types ends with Enter.
    if (readTicket(field.value)) choice.show(field.value);
  };
  list(choice, "", found, said);
  return sheet(t("Search"), choice.close, h("form", { onsubmit, role: "search" }, field), said, found);
}

function list(choice: Choice, typed: string, found: HTMLElement, said: HTMLElement): void {
  const people = find(choice.door, typed);
  replace(found, ...people.slice(0, SHOWN).map((entry) => h("li", {}, row(choice, entry, found, said))));
  const none = typed.trim() && people.length === 0 && !readTicket(typed);
  const more = people.length > SHOWN && typed.trim();
  replace(said, none ? t("Nobody found. Try fewer letters.") : more ? t("More than %(n)s found. Type more letters.", { n: SHOWN }) : "");
}

function find(door: Door, typed: string): Entry[] {
  const code = readShortCode(typed);
  const entries = [...door.ledger.entries.values()];
  if (code) {
    const named = entries.filter((entry) => entry.short.replace("-", "") === code);
    if (named.length > 0) return named;
  }
  const key = searchKey(typed);
  if (!key) return [];
  const named = entries.filter((entry) => matches(door.ledger.names.get(entry.id) ?? "", key));
  return named.sort((one, other) => one.name.localeCompare(other.name));
}

function row(choice: Choice, entry: Entry, found: HTMLElement, said: HTMLElement): HTMLElement {
  const look = LOOKS[choice.door.preview(entry).kind];
  const onclick = (): void => {
    replace(said);
    replace(found, h("li", {}, card(choice, entry)));
  };
  return h(
    "button",
    { type: "button", class: "person", "data-person": entry.id, "data-tone": look.tone, onclick },
    icon(look.icon),
    h("span", {}, h("strong", {}, entry.name), h("small", {}, factsOf(entry))),
  );
}

function factsOf(entry: Entry): string {
  return [entry.hint, typeOf(entry), spellShortCode(entry.short)].filter(Boolean).join(" · ");
}

function card(choice: Choice, entry: Entry): HTMLElement {
  const verdict = choice.door.preview(entry);
  const look = LOOKS[verdict.kind];
  const welcome = verdict.kind === "admitted";
  const admit = iconButton("admit", "check", welcome ? t("Admit") : t("Admit anyway"), () => choice.admit(entry, !welcome));
  admit.classList.add("primary");
  return h(
    "article",
    { class: "card", "data-tone": look.tone },
    h("h3", {}, entry.name),
    h("p", {}, factsOf(entry)),
    !welcome && h("p", { class: "word" }, icon(look.icon), look.word()),
    !welcome && h("p", {}, detailOf(verdict, choice.door.pass)),
    verdict.kind !== "already_in" && verdict.kind !== "revoked" && admit,
  );
}

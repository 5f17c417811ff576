/** Words in the volunteer's language; English sentences are the keys, as in shared/locale. */

import type { EventFacts, Texts } from "./types.ts";

export const LANGUAGES = { en: "English", ru: "Русский", tg: "Тоҷикӣ" } as const;
export type Language = keyof typeof LANGUAGES;
export type Catalogue = Record<string, string | string[]>;
export type Values = Record<string, string | number>;

let current: Language = "en";
let catalogues: Partial<Record<Language, Catalogue>> = {};

export function loadCatalogues(loaded: Partial<Record<Language, Catalogue>>): void {
  catalogues = loaded;
}

export function language(): Language {
  return current;
}

export function isLanguage(text: string | null | undefined): text is Language {
  return !!text && text in LANGUAGES;
}

export function speak(wanted: Language): void {
  current = wanted;
}

/** The sentence in the current language, with %(name)s filled in; English where the catalogue lacks it. */
export function t(sentence: string, values: Values = {}): string {
  const known = catalogues[current]?.[sentence];
  return fill(typeof known === "string" ? known : sentence, values);
}

/** The form of a sentence that fits n things; n is there as %(n)s. */
export function tn(one: string, many: string, n: number, values: Values = {}): string {
  const forms = catalogues[current]?.[one];
  const form = Array.isArray(forms) ? forms[pluralIndex(current, n)] : undefined;
  return fill(form ?? (n === 1 ? one : many), { n, ...values });
}

// CLDR has no plural rules for Tajik, so Intl cannot be asked; gettext's are n != 1, as in English.
function pluralIndex(spoken: Language, n: number): number {
  if (spoken !== "ru") return n === 1 ? 0 : 1;
  const tens = n % 100;
  if (n % 10 === 1 && tens !== 11) return 0;
  return n % 10 >= 2 && n % 10 <= 4 && (tens < 12 || tens > 14) ? 1 : 2;
}

function fill(text: string, values: Values): string {
  return text.replace(/%\((\w+)\)s/g, (whole, name: string) => String(values[name] ?? whole));
}

// The server's twin is shared/i18n.py; tests/shared/text_vectors.json holds the two together.
/** A text of an event in the current language, else in the event's first, else in any other; empty where there is none. */
export function textIn(texts: Texts, { languages = [] }: Pick<EventFacts, "languages">): string {
  const order = [current, ...languages, ...Object.keys(LANGUAGES), ...Object.keys(texts)];
  return order.map((code) => texts[code] ?? "").find((text) => text.trim()) ?? "";
}

/** Hours and minutes in the event's zone: "18:02". */
export function clockTime(at: number, zone: string): string {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(at);
}

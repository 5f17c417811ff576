/** Words, times and days in the volunteer's language; what each language is like says shared/locale. */

import { TABLES } from "./languages.ts";
import type { EventFacts, Texts } from "./types.ts";

export type Language = keyof typeof TABLES;
/** What each language calls itself. */
export const LANGUAGES = Object.fromEntries(Object.entries(TABLES).map(([code, { name }]) => [code, name])) as Record<
  Language,
  string
>;
export type Catalogue = Record<string, string | string[]>;
export type Values = Record<string, string | number>;

const FIRST = Object.keys(TABLES)[0] as Language;
let current = FIRST;
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

/**
 * The message of this id in the current language, with %(name)s filled in; in the first one where the catalogue lacks
 * it.
 */
export function t(id: string, values: Values = {}): string {
  const [text] = textsOf(id).map(([, known]) => known);
  return fill(typeof text === "string" ? text : id, values);
}

/** The form of a message that fits n things; n is there as %(n)s and %(num)s. */
export function tn(id: string, n: number, values: Values = {}): string {
  const [form] = textsOf(id).map(([language, forms]) => forms[TABLES[language].plural(n)]);
  return fill(form ?? id, { n, num: n, ...values });
}

function textsOf(id: string): [Language, string | string[]][] {
  return [current, FIRST].flatMap((language) =>
    catalogues[language]?.[id] ? [[language, catalogues[language][id]]] : [],
  );
}

function fill(text: string, values: Values): string {
  return text.replace(/%\((\w+)\)s/g, (whole, name: string) => String(values[name] ?? whole));
}

// The server's twin is shared/i18n/texts.py; tests/shared/text_vectors.json holds the two together.
/**
 * A text of an event in the current language, else in the event's first, else in any other; empty where there is none.
 */
export function textIn(texts: Texts, { languages = [] }: Pick<EventFacts, "languages">): string {
  const order = [current, ...languages, ...Object.keys(LANGUAGES), ...Object.keys(texts)];
  return order.map((code) => texts[code] ?? "").find((text) => text.trim()) ?? "";
}

/** Hours and minutes in the event's zone: "18:02". */
export function clockTime(at: number, zone: string): string {
  return new Intl.DateTimeFormat("en-GB", { hour: "2-digit", minute: "2-digit", timeZone: zone }).format(at);
}

/** "11 October"; null where a moment is on the same day as now. */
export function dayUnlessToday(at: number, now: number, zone: string): string | null {
  const [day, month] = dateOf(at, zone);
  if (dateOf(now, zone).join() === dateOf(at, zone).join()) return null;
  return `${day} ${TABLES[current].months.split("|")[(month ?? 1) - 1]}`;
}

function dateOf(at: number, zone: string): number[] {
  const written = new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "numeric",
    year: "numeric",
    timeZone: zone,
  }).format(at);
  return written.split("/").map(Number);
}

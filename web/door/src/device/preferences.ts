/** Language and theme, stored on this phone and read before the first screen. */

import { isLanguage, type Language, speak } from "../lib/i18n.ts";
import { TABLES } from "../lib/languages.ts";

export type Theme = "dark" | "day";

const settings = new Map<string, string>();

export function startLanguage(): void {
  const pageLanguage = document.documentElement.lang;
  // Stored from the first time on: the page in the service worker's cache may be in another language.
  chooseLanguage([readSetting("door.language"), pageLanguage, navigator.language.slice(0, 2)].find(isLanguage) ?? "en");
}

export function setLanguage(language: Language): void {
  speak(language);
  Object.assign(document.documentElement, { lang: language, dir: TABLES[language].direction });
}

export function chooseLanguage(language: Language): void {
  writeSetting("door.language", language);
  setLanguage(language);
}

export function theme(): Theme {
  const light = window.matchMedia("(prefers-color-scheme: light)").matches;
  return (readSetting("door.look") ?? (light ? "day" : "dark")) === "day" ? "day" : "dark";
}

export function setTheme(selected: Theme): void {
  writeSetting("door.look", selected);
  document.documentElement.dataset.look = selected;
}

// Some in-app browsers throw on storage.
function readSetting(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return settings.get(name) ?? null;
  }
}

function writeSetting(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    settings.set(name, value);
  }
}

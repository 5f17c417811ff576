/** Language and look: remembered on this phone, known before anything is drawn. */

import { isLanguage, speak, type Language } from "./i18n.ts";

export type Look = "dark" | "day";

const memory = new Map<string, string>();

export function startLanguage(): void {
  const page = document.documentElement.lang;
  // Remembered from the first time on: the page that the service worker keeps may be in another language.
  chooseLanguage([recall("door.language"), page, navigator.language.slice(0, 2)].find(isLanguage) ?? "en");
}

export function setLanguage(wanted: Language): void {
  speak(wanted);
  document.documentElement.lang = wanted;
}

export function chooseLanguage(wanted: Language): void {
  remember("door.language", wanted);
  setLanguage(wanted);
}

export function look(): Look {
  const light = window.matchMedia("(prefers-color-scheme: light)").matches;
  return (recall("door.look") ?? (light ? "day" : "dark")) === "day" ? "day" : "dark";
}

export function setLook(wanted: Look): void {
  remember("door.look", wanted);
  document.documentElement.dataset.look = wanted;
}

// Some in-app browsers refuse storage by throwing.
function recall(name: string): string | null {
  try {
    return localStorage.getItem(name);
  } catch {
    return memory.get(name) ?? null;
  }
}

function remember(name: string, value: string): void {
  try {
    localStorage.setItem(name, value);
  } catch {
    memory.set(name, value);
  }
}

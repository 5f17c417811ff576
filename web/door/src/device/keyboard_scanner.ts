/** Scanners that act as keyboards: they press some hundred keys a second and end with Enter. */

import { readPass, readShortCode, readTicket } from "../lib/ticket.ts";

/**
 * The longest gap between two keys of one code: every scanner is faster, and no person types eight letters so fast.
 * Milliseconds.
 */
const MAX_GAP = 80;
const MIN_LENGTH = 8;
/** From this length on it is a scanner, and keys like / or ' must not open the browser's search. */
const SCANNER_LENGTH = 4;
const TEXT_FIELDS =
  "textarea, select, [contenteditable], input:not([type=button], [type=submit], [type=checkbox], [type=radio], [type=file])";

/** The keys of a Russian or Tajik layout with their Latin equivalents. */
const LATIN = pairs(
  `йq цw уe кr еt нy гu шi щo зp фa ыs вd аf пg рh оj лk дl яz чx сc мv иb тn ьm қw ҳo ҷs ӣm`,
  `ю. б, ./ ,? ж; э' х[ ъ] ё\` Ж: Ю> Б< Э" Х{ Ъ} №# "@ ;$ :^ ?& ғ- ӯ=`,
);

/** Report texts that a scanner types while no field has the focus. Returns a function that stops listening. */
export function listenForTyping(onText: (text: string) => void, page: EventTarget = document): () => void {
  let typed = "";
  let last = -Infinity;
  const onKey = (event: Event): void => {
    const { key, timeStamp, ctrlKey, altKey, metaKey } = event as KeyboardEvent;
    if (key === "Shift" || key === "CapsLock") return;
    if (timeStamp - last > MAX_GAP || isTextField(event.target)) typed = "";
    last = timeStamp;
    if (key === "Enter" && typed.length >= MIN_LENGTH) {
      event.preventDefault();
      onText(toLatin(typed));
    }
    typed = key.length === 1 && !ctrlKey && !altKey && !metaKey && !isTextField(event.target) ? typed + key : "";
    if (typed.length >= SCANNER_LENGTH) event.preventDefault();
  };
  page.addEventListener("keydown", onKey);
  return () => page.removeEventListener("keydown", onKey);
}

/** The scanned text in Latin letters: a phone set to Russian or Tajik receives Cyrillic ones. */
export function toLatin(typed: string): string {
  if (isCode(typed)) return typed;
  const latin = Array.from(typed, (letter) => LATIN.get(letter) ?? letter).join("");
  return isCode(latin) ? latin : typed;
}

function isCode(text: string): boolean {
  return readTicket(text) !== null || readPass(text) !== null || readShortCode(text) !== null;
}

function isTextField(target: EventTarget | null): boolean {
  return target !== null && "closest" in target && (target as Element).closest(TEXT_FIELDS) !== null;
}

function pairs(letters: string, signs: string): Map<string, string> {
  const latinKeys = new Map<string, string>();
  for (const [cyrillic, latin] of letters.split(" ").map((pair) => Array.from(pair)) as [string, string][])
    latinKeys.set(cyrillic, latin).set(cyrillic.toUpperCase(), latin.toUpperCase());
  for (const [cyrillic, latin] of signs.split(" ").map((pair) => Array.from(pair)) as [string, string][])
    latinKeys.set(cyrillic, latin);
  return latinKeys;
}

/** Scanners that type: they are keyboards which press some hundred keys a second and end with Enter. */

import { readPass, readShortCode, readTicket } from "./ticket.ts";

/** Milliseconds between two keys of one code: no scanner is slower, and no person types eight letters so fast. */
const GAP = 80;
const SHORTEST = 8;
/** From here on it is no person, and keys like / or ' must not open the browser's own search. */
const SURE = 4;
const TEXT_FIELDS = "textarea, select, [contenteditable], input:not([type=button], [type=submit], [type=checkbox], [type=radio], [type=file])";

/** Keys of a keyboard set to Russian or Tajik, and what the same keys are where Latin letters are typed. */
const LATIN = pairs(
  `йq цw уe кr еt нy гu шi щo зp фa ыs вd аf пg рh оj лk дl яz чx сc мv иb тn ьm қw ҳo ҷs ӣm`,
  `ю. б, ./ ,? ж; э' х[ ъ] ё\` Ж: Ю> Б< Э" Х{ Ъ} №# "@ ;$ :^ ?& ғ- ӯ=`,
);

/** Hear texts that a scanner types while no field is focused. Returns how to stop. */
export function listenForTyping(onText: (text: string) => void, page: EventTarget = document): () => void {
  let typed = "";
  let last = -Infinity;
  const hear = (event: Event): void => {
    const { key, timeStamp, ctrlKey, altKey, metaKey } = event as KeyboardEvent;
    if (key === "Shift" || key === "CapsLock") return;
    if (timeStamp - last > GAP || isTextField(event.target)) typed = "";
    last = timeStamp;
    if (key === "Enter" && typed.length >= SHORTEST) {
      event.preventDefault();
      onText(asMeant(typed));
    }
    typed = key.length === 1 && !ctrlKey && !altKey && !metaKey && !isTextField(event.target) ? typed + key : "";
    if (typed.length >= SURE) event.preventDefault();
  };
  page.addEventListener("keydown", hear);
  return () => page.removeEventListener("keydown", hear);
}

/** The text as the scanner meant it: on a phone set to Russian or Tajik it arrives in Cyrillic letters. */
export function asMeant(typed: string): string {
  if (isOurs(typed)) return typed;
  const latin = Array.from(typed, (letter) => LATIN.get(letter) ?? letter).join("");
  return isOurs(latin) ? latin : typed;
}

function isOurs(text: string): boolean {
  return readTicket(text) !== null || readPass(text) !== null || readShortCode(text) !== null;
}

function isTextField(target: EventTarget | null): boolean {
  return target !== null && "closest" in target && (target as Element).closest(TEXT_FIELDS) !== null;
}

function pairs(letters: string, signs: string): Map<string, string> {
  const all = new Map<string, string>();
  for (const [cyrillic, latin] of letters.split(" ").map((pair) => Array.from(pair)) as [string, string][])
    all.set(cyrillic, latin).set(cyrillic.toUpperCase(), latin.toUpperCase());
  for (const [cyrillic, latin] of signs.split(" ").map((pair) => Array.from(pair)) as [string, string][]) all.set(cyrillic, latin);
  return all;
}

/** The sort key of a name; the twin of the database's name_order(), checked by tests/shared/names_in_order.json. */

import { ALPHABET } from "./search.ts";

const FIRST_POSITION = 0xe000;
const HYPHENS = /[-\u2010\u2011\u2013]/g;
const IGNORED = /['`´’‘ʼʻ"«»“”„.,()]|[\u0300-\u036f]/g;

/**
 * A key to compare as plain text: Tajik alphabetical order, which includes the Russian alphabet, with Latin letters
 * first.
 */
export function nameOrder(name: string): string {
  const plain = name.replace(/./g, sortable).replace(HYPHENS, " ").normalize("NFD").replace(IGNORED, "");
  return plain.replace(/[A-Z]/g, (letter) => letter.toLowerCase());
}

function sortable(letter: string): string {
  const position = ALPHABET.indexOf(letter.toLowerCase());
  return position < 0 ? letter : String.fromCharCode(FIRST_POSITION + position);
}

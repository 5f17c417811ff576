/** Where a name stands in a list: the twin of the database's name_order(), held to it by tests/shared/names_in_order.json. */

const ALPHABET = "аәбвгґғдеєёжзиӣіїйкқлмнңоөпрстуӯўүұфхҳһцчҷҗшщъыьэюя";
const FIRST_PLACE = 0xe000;
const PLACES = new Map(
  Array.from(ALPHABET + ALPHABET.toUpperCase(), (letter, at) => [letter, String.fromCharCode(FIRST_PLACE + (at % ALPHABET.length))]),
);
const BETWEEN = /[-\u2010\u2011\u2013]/g;
const LEFT_OUT = /['`\u00b4\u2018\u2019\u02bc\u02bb"\u00ab\u00bb\u201c\u201d\u201e.,()]/g;
const MARKS = /[\u0300-\u036f]+/g;

/** Compared as it is: by the Tajik alphabet, which holds the Russian one, and Latin before it. */
export function nameOrder(name: string): string {
  const placed = Array.from(name, (letter) => PLACES.get(letter) ?? letter).join("");
  const plain = placed.replace(BETWEEN, " ").replace(LEFT_OUT, "").normalize("NFD").replace(MARKS, "");
  return plain.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

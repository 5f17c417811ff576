/**
 * Names: how they are stored, sorted and found by their usual spellings. The twins are normalize and search_key in
 * shared/i18n/search.py and the database's name_order(); tests/shared/search_vectors.json, name_vectors.json and
 * names_in_order.json check them.
 */

const CYRILLIC = pairs(
  "a=аә,b=б,v=в,g=гґғ,d=д,e=еєё,zh=ж,z=з,i=иӣіїй,k=кқ,l=л,m=м,n=нң,o=оө,p=п,r=р,s=с,t=т,u=уӯўүұ,f=ф,h=хҳһ,ts=ц,ch=ч,j=ҷҗ,sh=шщ,=ъ,i=ы,=ь," +
    "e=э,iu=ю,ia=я",
);
const OTHERS = pairs("j=ј,k=q,o=ø,l=ł,d=đ,ae=æ,oe=œ,ss=ß,σ=ς");
const LETTERS: Record<string, string> = Object.fromEntries(
  [...CYRILLIC, ...OTHERS].flatMap(([latin, letters]) => Array.from(letters, (letter) => [letter, latin])),
);
/** The Tajik alphabet with the Russian ц щ ы ь and the letters of neighbouring languages, in the order of lists. */
const ALPHABET = CYRILLIC.map(([, letters]) => letters).join("");
/** The server's replacements, for one word at a time. */
const SPELLINGS = pairs(
  "y[eo](?!u)=e,y=i,(^|[aeou])i[eo](?!u)=$1e,io(?!u)=ie,kh=h,gh=g,shch|sch=sh,dzh=j,ch|dj|zh=j,ou|oo=u,w=v,lex=leks,maxi=maksi,oxa=oksa," +
    "x=h,([a-z])\\1+=$1",
).map(([spelling, usual]) => [RegExp(spelling, "g"), usual] as const);
/** Letters that change the end of the previous word, by the spellings above. */
const NEXT = "eiauhj";
const DROPPED = /[\p{M}\p{Cf}'`´’‘ʼʻʹʺ]/gu;
/** Normalization sorts consecutive marks in quadratic time; no script needs more than eight. */
const STACKED_MARKS = /(\p{M}{8})\p{M}+/gu;
const WORDS = /[\p{L}\p{N}]+/gu;

/** The text with at most eight consecutive marks, as the server stores it. */
export function limitMarks(text: string): string {
  return text.replace(STACKED_MARKS, "$1");
}

/** The search key of each word: "Чахонгир", "Ҷаҳонгир" and "Jahongir" have the same one. */
export function searchWords(text: string): string[] {
  return latinWords(text).map(usualSpelling);
}

/**
 * For each typed word the prefixes that a name's key may have: its own key, and each different key that one more letter
 * would give.
 */
export function prefixesOf(typed: string): string[][] {
  return latinWords(typed).map((word) => {
    const key = usualSpelling(word);
    const longer = Array.from(NEXT, (letter) => usualSpelling(word + letter));
    return [key, ...longer.filter((other) => !other.startsWith(key))];
  });
}

function latinWords(text: string): string[] {
  const plain = limitMarks(text).normalize("NFKD").toUpperCase().toLowerCase().normalize("NFKD").replace(DROPPED, "");
  return plain.replace(/./gu, (letter) => LETTERS[letter] ?? letter).match(WORDS) ?? [];
}

function usualSpelling(word: string): string {
  const shorter = SPELLINGS.reduce((text, [spelling, usual]) => text.replace(spelling, usual), word);
  return shorter === word ? word : usualSpelling(shorter);
}

function pairs(text: string): [string, string][] {
  return text.split(",").map((pair) => pair.split("=") as [string, string]);
}

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

/** Python's whitespace, as on the server; JavaScript's \s lacks the file separators and the next line character. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are blanks in Python.
const BLANKS = /[\s\u001c-\u001f\u0085]+/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: all but these are invisible.
const INVISIBLE = /(?!\u200c|\u200d|\p{VS})\p{DI}|(?![\s\u001c-\u001f\u0085])[\p{Cc}\p{Cs}]/gu;

/**
 * A name as it is stored; the twin of normalize in shared/i18n/search.py, checked by tests/shared/name_vectors.json.
 */
export function normalizeName(name: string): string {
  return limitMarks(limitMarks(name.replace(INVISIBLE, "")).normalize("NFC").replace(BLANKS, " ").trim());
}

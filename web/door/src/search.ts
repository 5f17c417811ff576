/** Finding a person by the usual spellings of the name: the twin of shared/i18n.py's search_key, held to it by tests/shared/search_vectors.json. */

const LETTERS: Record<string, string> = Object.fromEntries(
  `а=a б=b в=v г=g д=d е=e ж=zh з=z и=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f х=h ц=ts ч=ch ш=sh щ=sh ъ= ы=i ь= э=e
ю=iu я=ia ғ=g қ=k ҳ=h ҷ=j ґ=g є=e і=i ј=j ә=a ө=o ү=u ұ=u ң=n һ=h җ=j q=k ø=o ł=l đ=d æ=ae œ=oe ß=ss ς=σ`
    .split(/\s/)
    .map((pair) => pair.split("=")),
);
const SPELLINGS: [RegExp, string][] = [
  [/y[eo](?!u)/g, "e"],
  [/y/g, "i"],
  [/(^|[ aeou])i[eo](?!u)/g, "$1e"],
  [/io(?!u)/g, "ie"],
  [/kh/g, "h"],
  [/gh/g, "g"],
  [/shch|sch/g, "sh"],
  [/dzh/g, "j"],
  [/ch|dj|zh/g, "j"],
  [/ou|oo/g, "u"],
  [/w/g, "v"],
  [/lex/g, "leks"],
  [/maxi/g, "maksi"],
  [/oxa/g, "oksa"],
  [/x/g, "h"],
  [/([a-z])\1+/g, "$1"],
];
const DROPPED = /[\p{M}\p{Cf}'`´’‘ʼʻʹʺ]/gu;
/** Normal forms sort marks in a row in quadratic time; no script needs more than eight. */
const PILED = /(\p{M}{8})\p{M}+/gu;
const NO_WORD = /[^\p{L}\p{N}]+/gu;

/** The text with at most eight marks in a row, as the server keeps it. */
export function thin(text: string): string {
  return text.replace(PILED, "$1");
}

/** What two spellings of one name have in common: "Чахонгир", "Ҷаҳонгир" and "Jahongir" are one. */
export function searchKey(text: string): string {
  const plain = thin(text).normalize("NFKD").toUpperCase().toLowerCase().normalize("NFKD").replace(DROPPED, "");
  const spaced = plain.replace(NO_WORD, " ");
  let key = Array.from(spaced, (letter) => LETTERS[letter] ?? letter)
    .join("")
    .trim();
  for (let before = ""; before !== key; ) {
    before = key;
    for (const [spelling, common] of SPELLINGS) key = key.replace(spelling, common);
  }
  return key;
}
